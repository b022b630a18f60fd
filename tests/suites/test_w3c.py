"""Other people's tests, asked over HTTP: the W3C suites of SPARQL, its protocol, its graph store and its description."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
FETCHED = HERE.parents[1] / "build" / "suites"
BESIDE = HERE.parents[2] / "shared" / "suites"
SUITES = (
    Path(os.environ.get("KOUAN_SUITES") or (FETCHED if (FETCHED / "w3c-sparql").is_dir() else BESIDE)) / "w3c-sparql"
)
TOKEN = "for-the-suites"

# Where the outcomes are kept that `make conformance` writes its report from.
OUTCOMES = HERE.parents[1] / "build" / "conformance"

pytestmark = pytest.mark.skipif(
    not SUITES.is_dir(), reason="the W3C suites are not here; make suites fetches them, KOUAN_SUITES names their folder"
)


@pytest.fixture(scope="module")
def run(start, tmp_path_factory):
    """What runs a runner of a suite before an empty server that takes writes, and returns what it printed."""
    folder = tmp_path_factory.mktemp("suites")
    (folder / "empty.nt").write_text("", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TOKEN": TOKEN}

    with start([str(folder / "empty.nt")], environment) as address:

        def run(name: str, runner: str, tests: Path, *more: str) -> subprocess.CompletedProcess[str]:
            OUTCOMES.mkdir(parents=True, exist_ok=True)
            more += ("--json", str(OUTCOMES / f"{name}.json"))
            command = [sys.executable, str(HERE / runner), "--tests", str(tests)]
            command += ["--endpoint", f"{address}/sparql", "--update", f"{address}/update", "--gsp", f"{address}/data"]
            command += ["--header", f"Authorization: Bearer {TOKEN}", *more]
            return subprocess.run(command, capture_output=True, text=True, check=False)

        yield run


@pytest.mark.timeout(600)
def test_sparql_suites_pass_but_for_what_the_engine_itself_fails(run):
    ran = run(
        "sparql",
        "run_sparql_suite.py",
        SUITES,
        "--suite",
        "sparql10,sparql11",
        "--expect-fail",
        str(HERE / "known_fail.txt"),
    )
    assert ran.returncode == 0, "\n".join(line for line in ran.stdout.splitlines() if line.startswith("FAIL "))
    assert int(re.search(r"(\d+) passed", ran.stdout)[1]) >= 725


@pytest.mark.skipif(
    not (SUITES / "sparql12").is_dir(), reason="the suite of SPARQL 1.2 is not here; make suites fetches it"
)
@pytest.mark.timeout(600)
def test_sparql_12_suite_passes_but_for_what_the_engine_itself_fails(run):
    ran = run(
        "sparql12",
        "run_sparql_suite.py",
        SUITES,
        "--suite",
        "sparql12",
        "--expect-fail",
        str(HERE / "known_fail_sparql12.txt"),
    )
    assert ran.returncode == 0, "\n".join(line for line in ran.stdout.splitlines() if line.startswith("FAIL "))
    assert int(re.search(r"(\d+) passed", ran.stdout)[1]) >= 260


@pytest.mark.skipif(
    not (SUITES / "sparql11" / "service").is_dir(), reason="the suite of federation is not here; make suites fetches it"
)
@pytest.mark.timeout(300)
def test_federation_suite_passes(start, tmp_path):
    (tmp_path / "empty.nt").write_text("", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_TOKEN": TOKEN, "KOUAN_SERVICE_FRESH": "0"}
    environment |= {"KOUAN_SERVICES": "http://127.0.0.1:*", "KOUAN_SERVICES_PRIVATE": "true"}
    with start([str(tmp_path / "empty.nt")], environment) as address:
        command = [sys.executable, str(HERE / "run_sparql_suite.py"), "--tests", str(SUITES), "--suite", "sparql11"]
        command += ["--service", "--filter", "/service#", "--header", f"Authorization: Bearer {TOKEN}"]
        command += ["--endpoint", f"{address}/sparql", "--update", f"{address}/update", "--gsp", f"{address}/data"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "7 passed, 0 failed, 0 skipped" in ran.stdout, ran.stdout


@pytest.mark.timeout(300)
def test_protocol_graph_store_and_service_description_suites_pass(run):
    ran = run("protocol", "run_protocol_suite.py", SUITES / "sparql11")
    assert ran.returncode == 0, ran.stdout
    assert "51 passed, 0 failed, 0 skipped" in ran.stdout


def test_published_report_says_what_the_suites_find():
    from conformance import OUTCOMES as KNOWN
    from conformance import outcomes

    from kouan.http.conformance import findings

    assert set(KNOWN.values()) == {"passed", "failed"}
    found = {test: outcome for test, (outcome, _) in outcomes(OUTCOMES).items()}
    published = {finding.test: finding.outcome for finding in findings()}
    assert len(found) > 800
    assert {test: outcome for test, outcome in published.items() if test in found} == found
    assert all(finding.why for finding in findings() if finding.outcome == "failed")
