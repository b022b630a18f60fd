"""The SHACL suite, its data and shapes sent to /validate, and reports that are to say the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

HERE = Path(__file__).parent
SUITE = HERE / "shacl"
OUTCOMES = HERE.parents[1] / "build" / "conformance"
KNOWN = dict(
    line.split(maxsplit=1)
    for line in (SUITE / "known_fail.txt").read_text(encoding="utf-8").splitlines()
    if line[0] != "#"
)


@pytest.fixture(scope="module")
def files():
    return json.loads((SUITE / "files.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def address(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shacl")
    (folder / "empty.nt").write_text("", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TIMEOUT": "120"}
    with start([str(folder / "empty.nt")], environment) as address:
        yield address


@pytest.mark.timeout(600)
def test_all_but_the_known_pass_and_none_of_those_does(address, files, tmp_path):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    OUTCOMES.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(HERE / "run_shacl_suite.py"), "--tests", str(tmp_path)]
    command += ["--engine", f"{HERE / 'validate_plug.py'}:validate", "--json", str(tmp_path / "shacl.json")]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"KOUAN_ADDRESS": address}
    )
    # Whoever reads the outcomes meanwhile finds all of them.
    (OUTCOMES / ".shacl").write_bytes((tmp_path / "shacl.json").read_bytes())
    (OUTCOMES / ".shacl").replace(OUTCOMES / "shacl.json")
    failed = {line.split()[1] for line in ran.stdout.splitlines() if line.startswith(("FAIL ", "PARTIAL "))}
    assert failed == KNOWN.keys(), ran.stdout
    assert "119 passed" in ran.stdout


def test_the_graph_of_shapes_is_refused_in_words(address, files):
    content = ("@base <http://example.org/> .\n" + files["sparql/pre-binding/shapesGraph-001.ttl"]).encode()
    given = {name: (f"{name}.ttl", content, "text/turtle") for name in ("data", "shapes")}
    answer = httpx.post(f"{address}/validate", files=given, headers={"Accept": "text/turtle"}, timeout=60)
    assert answer.status_code == 400
    assert "asks $shapesGraph" in answer.json()["detail"]
