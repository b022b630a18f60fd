"""Servers of other people's data, which the pages are tried with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

OTHERS = Path(__file__).parents[1] / "fixtures" / "others"


def _served(start, tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[httpx.Client]:
    snapshots = tmp_path_factory.mktemp("snapshots-of-others")
    settings = {"KOUAN_SNAPSHOTS": str(snapshots), "KOUAN_WORKERS": "1", "KOUAN_EVALUATORS": "1"}
    with start([str(OTHERS / name)], settings) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def museums(start, tmp_path_factory):
    """A server of data in schema.org's terms."""
    yield from _served(start, tmp_path_factory, "museums.ttl")


@pytest.fixture(scope="session")
def catalogue(start, tmp_path_factory):
    """A server of a catalogue in DCAT."""
    yield from _served(start, tmp_path_factory, "catalogue.ttl")


@pytest.fixture(scope="session")
def thesaurus(start, tmp_path_factory):
    """A server of a thesaurus in SKOS."""
    yield from _served(start, tmp_path_factory, "thesaurus.ttl")


@pytest.fixture(scope="session")
def oddments(start, tmp_path_factory):
    """A server of what else others' data may be like."""
    yield from _served(start, tmp_path_factory, "oddments.ttl")


@pytest.fixture(scope="session")
def statements(start, tmp_path_factory):
    """A server of data with statements about statements."""
    yield from _served(start, tmp_path_factory, "statements.ttl")
