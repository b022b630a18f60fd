"""What the tests of evaluation share: a graph of a few statements of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kouan.library import Graph
from kouan.library import open as open_graph


@pytest.fixture(scope="module")
def graph_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Graph]:
    """What opens some Turtle, in a folder of its own."""

    def opened(turtle: str) -> Graph:
        folder = tmp_path_factory.mktemp("graph")
        file = folder / "data.ttl"
        file.write_text(turtle, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KOUAN_SNAPSHOTS", str(folder / "snapshots"))
            return open_graph(file)

    return opened
