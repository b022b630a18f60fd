"""What the tests of linking share: the command line, and a SPARQL server that plays Wikidata's part with what was seen of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from kouan.linking.wikidata.statements import Facts

HOME = Path(__file__).parents[2]
OXIGRAPH = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or "oxigraph"


@pytest.fixture
def kouan(settings, snapshot):
    """What runs a command of the command line."""

    def run(*arguments, **environment):
        return subprocess.run(
            [sys.executable, "-m", "kouan", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)} | environment,
            check=False,
            timeout=250,
        )

    return run


@pytest.fixture(scope="session")
def facts(snapshot):
    """The graph in Wikidata's terms."""
    return Facts(snapshot.source_quads())


@pytest.fixture(scope="session")
def wikidata():
    """The address of a SPARQL server that holds the statements of Wikidata that were seen."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    command = [OXIGRAPH, "serve", "--bind", address.removeprefix("http://")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                try:
                    httpx.get(address, timeout=2)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            for file in sorted((HOME / "triples" / "wikidata").glob("*.ttl")):
                if file.name != "source.ttl":
                    sent = httpx.post(
                        f"{address}/store?default", content=file.read_bytes(), headers={"Content-Type": "text/turtle"}
                    )
                    assert sent.is_success, sent.text
            yield f"{address}/query"
        finally:
            process.terminate()
            process.wait(timeout=20)
