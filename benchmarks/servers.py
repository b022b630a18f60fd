"""Start the servers that are measured, each loaded with the same file, and end them. Knows commands, no queries."""

from __future__ import annotations

import contextlib
import getpass
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
SECONDS_TO_START = 900


@dataclass(frozen=True)
class Server:
    """A server that runs: where it takes queries, how long it took to load and to answer first."""

    name: str
    port: int
    path: str
    load_seconds: float
    start_seconds: float
    pid: int = 0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


BUILD = """
import sys
from pathlib import Path
from kouan.settings import read_settings
from kouan.snapshot import build_foreign
build_foreign([Path(sys.argv[1])], read_settings())
"""


@contextlib.contextmanager
def kouan(data: Path, folder: Path, *, name: str, is_built: bool = False, **settings: object) -> Iterator[Server]:
    """Return Kouan, serving the file from a snapshot that is built first unless it stands."""
    port = free_port()
    environment = {f"KOUAN_{key.upper()}": str(value) for key, value in settings.items()}
    environment["KOUAN_SNAPSHOTS"] = str(folder / "snapshots")
    started = time.monotonic()
    build = [sys.executable, "-c", BUILD, str(data)]
    if not is_built:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(build, env=os.environ | environment, check=True, **quiet)
    load = time.monotonic() - started if not is_built else 0.0
    command = [sys.executable, "-m", "kouan", "serve", str(data), "--port", str(port)]
    with _running(command, port, "/sparql", environment) as (start, pid):
        time.sleep(1)
        yield Server(name, port, "/sparql", load, start, pid)


@contextlib.contextmanager
def kouan_before(engine: Server, folder: Path) -> Iterator[Server]:
    """Return Kouan, which lets another server evaluate."""
    port = free_port()
    environment = {"KOUAN_ENGINE": f"http://{HOST}:{engine.port}{engine.path}", "KOUAN_SNAPSHOTS": str(folder / "own")}
    command = [sys.executable, "-m", "kouan", "serve", "--port", str(port)]
    with _running(command, port, "/sparql", environment) as (start, pid):
        yield Server(f"Kouan before {engine.name}", port, "/sparql", 0.0, start, pid)


NGINX = """daemon off;
user {user};
worker_processes auto;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    proxy_cache_path {folder}/kept keys_zone=kouan:50m max_size=1g inactive=1h;
    upstream kouan {{
        least_conn;
        {replicas}
        keepalive 64;
    }}
    server {{
        listen {host}:{port};
        location / {{
            proxy_pass http://kouan;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            {keeps}
        }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(replicas: list[Server], folder: Path, *, keeps: bool = False) -> Iterator[Server]:
    """Return nginx before some servers, keeping their answers where it is told to, as docs/scaling.md has it."""
    port = free_port()
    place = folder / f"nginx-{port}"
    place.mkdir()
    settings = NGINX.format(
        # Its workers must find the folder theirs, whoever starts it.
        user=getpass.getuser(),
        folder=place,
        host=HOST,
        port=port,
        replicas=" ".join(f"server {HOST}:{each.port};" for each in replicas),
        keeps="proxy_cache kouan; proxy_cache_revalidate on;" if keeps else "",
    )
    (place / "nginx.conf").write_text(settings, encoding="utf-8")
    command = [shutil.which("nginx") or "nginx", "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")]
    with _running(command, port, replicas[0].path, {}) as (start, pid):
        yield Server("nginx", port, replicas[0].path, 0.0, start, pid)


@contextlib.contextmanager
def oxigraph(data: Path, folder: Path, *, on_disk: bool = False) -> Iterator[Server]:
    """Return `oxigraph serve`, with its store on disk or in memory."""
    port = free_port()
    command = ["oxigraph", "serve", "--bind", f"{HOST}:{port}"]
    load = 0.0
    if on_disk:
        place = folder / "oxigraph"
        started = time.monotonic()
        loading = ["oxigraph", "load", "--location", str(place), "--file", str(data)]
        subprocess.run(loading, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        load = time.monotonic() - started
        command = ["oxigraph", "serve-read-only", "--bind", f"{HOST}:{port}", "--location", str(place)]
    with _running(command, port, "/query", {}) as (start, _):
        if not on_disk:
            started = time.monotonic()
            request = urllib.request.Request(
                f"http://{HOST}:{port}/store?default&no_transaction",
                data=data.read_bytes(),
                headers={"Content-Type": "application/n-triples"},
                method="POST",
            )
            urllib.request.urlopen(request, timeout=SECONDS_TO_START).close()
            load = time.monotonic() - started
        yield Server("oxigraph serve", port, "/query", load, start)


@contextlib.contextmanager
def rdflib_endpoint(data: Path) -> Iterator[Server]:
    """Return rdflib-endpoint; its store is in memory."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "rdflib-endpoint"), "serve", "--host", HOST, "--port", str(port)]
    with _running([*command, str(data)], port, "/", {}) as (start, _):
        yield Server("rdflib-endpoint", port, "/", 0.0, start)


@contextlib.contextmanager
def same_bytes(body: bytes, folder: Path, workers: int) -> Iterator[Server]:
    """Return the HTTP server that Kouan runs in, answering everything with the same bytes."""
    port = free_port()
    (folder / "bytes").write_bytes(body)
    command = [
        sys.executable,
        str(Path(__file__).with_name("limits.py")),
        str(folder / "bytes"),
        str(port),
        str(workers),
    ]
    with _running(command, port, "/", {}) as (start, _):
        yield Server("the same bytes, no query", port, "/", 0.0, start)


VIRTUOSO = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[Parameters]
ServerPort = {host}:{server}
DirsAllowed = {data}
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
ServerThreads = 20
[HTTPServer]
ServerPort = {host}:{port}
ServerThreads = 20
[SPARQL]
ResultSetMaxRows = 200000
"""


@contextlib.contextmanager
def virtuoso(data: Path, folder: Path) -> Iterator[Server]:
    """Return Virtuoso 7, where it is installed."""
    port, server = free_port(), free_port()
    place = folder / "virtuoso"
    place.mkdir()
    settings = VIRTUOSO.format(folder=place, data=data.parent, host=HOST, port=port, server=server)
    (place / "virtuoso.ini").write_text(settings, encoding="utf-8")
    command = ["virtuoso-t", "-f", "-c", str(place / "virtuoso.ini")]
    with _running(command, port, "/sparql", {}) as (start, _):
        started = time.monotonic()
        # One default graph, as the others have it.
        statement = f"log_enable(2); ttlp_mt(file_to_string_output('{data}'), '', 'urn:data', 255); checkpoint;"
        isql = [shutil.which("isql-vt") or "isql-v", f"{HOST}:{server}", "dba", "dba", f"exec={statement}"]
        subprocess.run(isql, check=True, stdout=subprocess.DEVNULL)
        yield Server("Virtuoso 7", port, "/sparql", time.monotonic() - started, start)


def running_processes(root: int) -> dict[int, int]:
    """Return the processor ticks of a process and of all that come from it, by their numbers."""
    found: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            said = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            found[int(entry.name)] = (int(said[1]), int(said[11]) + int(said[12]))
    family = {root}
    while more := {pid for pid, (parent, _) in found.items() if parent in family} - family:
        family |= more
    return {pid: found[pid][1] for pid in family if pid in found}


def has(name: str) -> bool:
    """Return whether a server is installed."""
    if name == "rdflib-endpoint":
        return importlib.util.find_spec("rdflib_endpoint") is not None
    return shutil.which({"virtuoso": "virtuoso-t"}.get(name, name)) is not None


@contextlib.contextmanager
def _running(command: list[str], port: int, path: str, environment: dict[str, str]) -> Iterator[tuple[float, int]]:
    started = time.monotonic()
    log = subprocess.DEVNULL
    with subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log) as process:
        try:
            address = f"http://{HOST}:{port}{path}?query=ASK%20%7B%7D"
            while not _answers(address):
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended before it served")
                if time.monotonic() - started > SECONDS_TO_START:
                    raise RuntimeError(f"{command[0]} does not serve")
                time.sleep(0.02)
            yield time.monotonic() - started, process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": "*/*"}), timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
