"""What the tests share: one built snapshot, one graph to ask, one running server."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from kouan.dataset import SourceDataset, read_home
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot, build_own

HOME = Path(__file__).parent.parent
Start = Callable[[list[str], dict[str, str]], contextlib.AbstractContextManager[str]]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The default settings, with snapshots in a folder of the session's own."""
    return replace(read_settings({}), snapshots=tmp_path_factory.mktemp("snapshots"))


@pytest.fixture(scope="session")
def dataset(settings: Settings) -> SourceDataset:
    """The graph's files, read."""
    return read_home(settings.home)


@pytest.fixture(scope="session")
def snapshot(settings: Settings) -> Snapshot:
    """The graph, built from its files."""
    return build_own(settings, progress=lambda _: None)


@contextlib.contextmanager
def running(arguments: list[str], environment: dict[str, str]) -> Iterator[str]:
    """Run `kouan serve` on a free port until the context ends; the value is its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kouan", "serve", "--port", str(port), *arguments]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL) as process:
        try:
            _await(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended before it served"
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}/health", timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the server does not serve after a minute")


@pytest.fixture(scope="session")
def start() -> Start:
    """What runs a server of one's own: takes arguments of `kouan serve` and an environment."""
    return running


@pytest.fixture(scope="session")
def server(snapshot: Snapshot, settings: Settings) -> Iterator[str]:
    """The address of a server of the graph."""
    assert snapshot
    with running([], {"KOUAN_SNAPSHOTS": str(settings.snapshots), "KOUAN_TIMEOUT": "20"}) as address:
        yield address


@pytest.fixture(scope="session")
def client(server: str) -> Iterator[httpx.Client]:
    """A client of the server of the graph."""
    with httpx.Client(base_url=server, timeout=60, trust_env=False) as client:
        yield client
