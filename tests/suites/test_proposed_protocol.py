"""Tests of the SPARQL protocol that were proposed to the W3C and are not approved, asked over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SUITE = HERE / "protocol"
TOKEN = "for-the-suites"


@pytest.mark.timeout(300)
def test_all_but_the_known_pass_and_none_of_those_does(start, tmp_path):
    (tmp_path / "empty.nt").write_text("", encoding="utf-8")
    known = (SUITE / "known_fail.txt").read_text(encoding="utf-8").splitlines()
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_TOKEN": TOKEN}
    with start([str(tmp_path / "empty.nt")], environment) as address:
        command = [sys.executable, str(HERE / "run_protocol_suite.py"), "--pr324", str(SUITE)]
        command += ["--endpoint", f"{address}/sparql", "--update", f"{address}/update", "--gsp", f"{address}/data"]
        command += ["--header", f"Authorization: Bearer {TOKEN}", "--json", str(tmp_path / "found.json")]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    failed = {each["id"] for each in found if each["verdict"] != "pass"}
    assert len(found) == 48
    assert failed == {line.split()[0] for line in known if not line.startswith("#")}, ran.stdout
