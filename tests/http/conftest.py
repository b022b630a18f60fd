"""Servers of small datasets that are not ours, for the tests of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

Start = Callable[[list[str], dict[str, str]], AbstractContextManager[str]]
TOKEN = "let-me-write"
PORTS = Path(__file__).parents[1] / "fixtures" / "engine" / "ports.trig"


@pytest.fixture(scope="session")
def ports_server(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the small dataset, with one HTTP process so that its cache is one."""
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path_factory.mktemp("ports")), "KOUAN_WORKERS": "1"}
    with start([str(PORTS)], environment) as address:
        yield address


@pytest.fixture
def ports(ports_server: str) -> Iterator[httpx.Client]:
    """A client of its own for each test, on a connection that is kept alive."""
    with httpx.Client(base_url=ports_server, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def store(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server that takes writes, with one HTTP process so that its cache is one."""
    folder = tmp_path_factory.mktemp("store")
    (folder / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TOKEN": TOKEN, "KOUAN_WORKERS": "1"}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with (
        start([str(folder / "data.ttl")], environment) as address,
        httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False) as client,
    ):
        yield client
