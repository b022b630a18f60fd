"""What the tests share: one built snapshot, one graph to ask, one running server, and a server that answers as it is told."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from kouan.graph.dataset import SourceDataset, read_home
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot, build_own

HOME = Path(__file__).parent.parent
Answer = Callable[["Spoken", str], None]
Start = Callable[[list[str], dict[str, str]], contextlib.AbstractContextManager[str]]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The default settings, with snapshots in a folder of the session's own, or in that which KOUAN_TEST_SNAPSHOTS names.

    A folder that is named keeps the built graph for the next run, as long as the graph's files stay as they are.
    """
    named = os.environ.get("KOUAN_TEST_SNAPSHOTS")
    return replace(read_settings({}), snapshots=Path(named) if named else tmp_path_factory.mktemp("snapshots"))


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


class Spoken(BaseHTTPRequestHandler):
    """One request to it; `asked` of the server holds the queries and `agents` who asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        query = parse_qs(body)["query"][0]
        self.server.asked.append(query)
        self.server.agents.append(self.headers.get("User-Agent"))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.server.answer(self, query)

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def speaker() -> Iterator[ThreadingHTTPServer]:
    """A server whose `answer` a test sets; `url` is its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Spoken)
    server.daemon_threads = True
    server.asked, server.agents = [], []
    server.url = f"http://127.0.0.1:{server.server_address[1]}/sparql"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("a disk of a size of its own can be had by root only")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this machine lets nobody mount")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def read_only(small_disk: Path) -> Path:
    """A folder on a disk that nothing can be written to, not even by root."""
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    return small_disk
