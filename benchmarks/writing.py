"""Measure what a write costs: beside a million of other people's data, into our own graph, after thousands of writes, on disk.

python benchmarks/writing.py --quads 1000000 --writes 5000
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from kills import TOKEN, await_answer, family

SAMPLE = 25
NOTE = """
PREFIX dct: <http://purl.org/dc/terms/> PREFIX id: <https://w3id.org/kouan/id/>
PREFIX kouan: <https://w3id.org/kouan/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX src: <https://w3id.org/kouan/source/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT DATA {
  GRAPH src:notesNUMBER {
    src:notesNUMBER a kouan:Source ; rdfs:label "Notes"@en, "笔记"@zh ; dct:title "Notes"@en ; dct:language "en" ;
      dct:issued "2026-01-01"^^xsd:date ; dct:publisher id:tsinghua-university ; dct:rights "Our own."@en, "自有。"@zh .
    <https://w3id.org/kouan/source/notesNUMBER/p01> a kouan:Passage ; rdfs:label "Notes, the text"@en, "笔记正文"@zh ;
      kouan:number 1 ; kouan:passageOf src:notesNUMBER .
  }
  GRAPH <https://w3id.org/kouan/source/notesNUMBER/p01> { id:harbin kouan:locatedIn id:heilongjiang . }
}"""


@contextlib.contextmanager
def served(arguments: list[str], snapshots: Path, port: int) -> Iterator[tuple[str, int]]:
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(snapshots), "KOUAN_TOKEN": TOKEN}
    command = [sys.executable, "-m", "kouan", "serve", "--port", str(port), *arguments]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            await_answer(address)
            yield address, server.pid
        finally:
            server.terminate()
            server.wait(20)


def write(client: httpx.Client, text: str) -> float:
    started = time.perf_counter()
    answer = client.post("/update", content=text, headers={"Content-Type": "application/sparql-update"})
    assert answer.status_code == 200, answer.text
    return time.perf_counter() - started


def told(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    median, worst = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    print(
        f"{name}: median {median * 1000:.0f} ms, 95 % under {worst * 1000:.0f} ms; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def disk(folder: Path) -> float:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file()) / 1e6


def resident(pid: int) -> float:
    pages = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            pages = max(pages, int(Path(f"/proc/{each}/statm").read_text().split()[1]))
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def imported(quads: int, writes: int, port: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "data.nt").open("w", encoding="utf-8") as file:
            file.writelines(f"<urn:s{i // 10}> <urn:p{i % 10}> <urn:o{i}> .\n" for i in range(quads))
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        for again in ("", " after a restart"):
            with (
                served([str(folder / "data.nt")], folder / "snapshots", port) as (address, pid),
                httpx.Client(base_url=address, headers=bearer, timeout=60, trust_env=False) as client,
            ):
                write(client, "INSERT DATA { <urn:n> <urn:p> 'first' }")
                texts = [f"INSERT DATA {{ <urn:n{again[-3:].strip()}> <urn:p> {i} }}" for i in range(SAMPLE)]
                told(f"one triple beside {quads:,}{again}", [write(client, text) for text in texts])
                if again:
                    break
                before, memory = disk(folder / "snapshots"), resident(pid)
                done = 0
                for step in (1000, writes):
                    for number in range(done, step):
                        write(
                            client,
                            f"INSERT DATA {{ GRAPH <urn:g{number % 50}> {{ <urn:m{number}> <urn:p> {number} }} }}",
                        )
                    done = max(done, step)
                    grown = disk(folder / "snapshots") - before
                    print(
                        f"{done:,} writes: {grown:.1f} MB of disk, largest process {memory:.0f} -> {resident(pid):.0f} MB"
                    )
                texts = [f"INSERT DATA {{ <urn:after> <urn:p> {i} }}" for i in range(SAMPLE)]
                told(f"one triple after {done:,} writes", [write(client, text) for text in texts])


def own(port: int) -> None:
    with tempfile.TemporaryDirectory() as name, served([], Path(name), port) as (address, _):
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=address, headers=bearer, timeout=60, trust_env=False) as client:
            before = disk(Path(name))
            told("into our own graph", [write(client, NOTE.replace("NUMBER", str(i))) for i in range(6)])
            print(f"6 writes to our own graph: {disk(Path(name)) - before:.2f} MB of disk")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quads", type=int, default=1_000_000)
    arguments.add_argument("--writes", type=int, default=5_000)
    arguments.add_argument("--port", type=int, default=18_764)
    given = arguments.parse_args()
    own(given.port)
    imported(given.quads, given.writes, given.port)


if __name__ == "__main__":
    main()
