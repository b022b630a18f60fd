"""What the tests share: one built snapshot, one graph to ask, one running server, and a server that answers as it is told."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import http.client
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from free_ports import free_port

from kouan.graph.dataset import SourceDataset, read_home
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot, build_own

CHROMIUM = shutil.which("chromium") or ""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--disable-gpu"]
HOME = Path(__file__).parent.parent
# Each client of httpx reads all that browsers trust, in 40 ms of work; no test needs it read anew.
httpx._transports.default.create_ssl_context = functools.cache(httpx.create_ssl_context)
Answer = Callable[["Spoken", str], None]
Start = Callable[[list[str], dict[str, str]], contextlib.AbstractContextManager[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files whose tests may take longest, so that no test process is left with one of them at the end."""
    longest: dict[Path, float] = {}
    for item in items:
        limit = item.get_closest_marker("timeout")
        longest[item.path] = max(longest.get(item.path, 0), limit.args[0] if limit else 0)
    items.sort(key=lambda item: -longest[item.path])


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The default settings, with snapshots in a folder of this test process's own."""
    return replace(read_settings({}), snapshots=tmp_path_factory.mktemp("snapshots"))


@pytest.fixture(scope="session")
def dataset(settings: Settings) -> SourceDataset:
    """The graph's files, read."""
    return read_home(settings.home)


@pytest.fixture(scope="session")
def snapshot(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The graph, built from its files by the first test process that needs it, and copied by each.

    A folder that KOUAN_TEST_SNAPSHOTS names keeps it for the next run, as long as the graph's files stay as they are.
    """
    everyones = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        everyones = everyones.parent
    built = Path(os.environ.get("KOUAN_TEST_SNAPSHOTS") or everyones / "built")
    built.mkdir(parents=True, exist_ok=True)
    turn = os.open(built, os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        one = build_own(replace(settings, snapshots=built), progress=lambda _: None)
        shutil.copytree(one.folder, settings.snapshots / one.version)
    finally:
        os.close(turn)
    return build_own(settings, progress=lambda _: None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium; a test process has one, for its driver lives in a loop of its own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def small_home(settings: Settings, tmp_path: Path) -> Path:
    """A home folder of the test's own: the ontology, the shapes and a few facts, which are built in a fifth of the time."""
    home = tmp_path / "home"
    for folder in ("ontology", "shapes", "questions"):
        shutil.copytree(settings.home / folder, home / folder)
    shutil.copytree(HOME / "tests" / "fixtures" / "home", home, dirs_exist_ok=True)
    # What the ontology itself speaks of.
    for file in ("triples/chen-2018/source.ttl", "triples/kouan/things/units.ttl"):
        (home / file).parent.mkdir(exist_ok=True)
        shutil.copy(settings.home / file, home / file)
    return home


@contextlib.contextmanager
def running(arguments: list[str], environment: dict[str, str]) -> Iterator[str]:
    """Run `kouan serve` on a free port until the context ends; the value is its address."""
    port = free_port()
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
    for _ in range(1200):
        assert process.poll() is None, "the server ended before it served"
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=2)
            with contextlib.closing(connection):
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return
        time.sleep(0.05)
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
