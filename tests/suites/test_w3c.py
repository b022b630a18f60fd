"""Other people's tests: the W3C suites of SPARQL, its protocol and its service description."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
SUITES = Path(os.environ.get("KOUAN_SUITES") or HERE.parents[2] / "shared" / "suites") / "w3c-sparql"
sys.path.insert(0, str(HERE))

pytestmark = pytest.mark.skipif(
    not SUITES.is_dir(), reason="the W3C suites are not beside the checkout; set KOUAN_SUITES"
)

# The updates and the graph store need writes, which this server does not take yet.
WRITES = re.compile(r"update|#bad_(?:multiple_|update)|-update")


@pytest.mark.timeout(600)
def test_sparql_suites_pass_but_for_what_the_engine_itself_fails():
    command = [sys.executable, str(HERE / "run_sparql_suite.py"), "--engine", f"{HERE / 'kouan_plug.py'}:KouanEngine"]
    command += ["--tests", str(SUITES), "--expect-fail", str(HERE / "known_fail.txt")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, "\n".join(line for line in run.stdout.splitlines() if line.startswith("FAIL "))
    passed = int(re.search(r"(\d+) passed", run.stdout)[1])
    assert passed >= 725


@pytest.fixture(scope="module")
def protocol(start, tmp_path_factory):
    """The runner of the protocol suite, before a server that holds the graphs of all its tests."""
    import run_protocol_suite as suite

    folder = tmp_path_factory.mktemp("protocol")
    data = SUITES / "sparql11" / "protocol"
    lines = []
    for number in (1, 2, 3):
        graph = f"http://kasei.us/2009/09/sparql/data/data{number}.rdf"
        triples = (line.strip() for line in (data / f"data{number}.nt").read_text(encoding="utf-8").splitlines())
        lines += [re.sub(r"\s*\.$", f" <{graph}> .", line) for line in triples if line and not line.startswith("#")]
    (folder / "data.nq").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with start([str(folder / "data.nq")], {"KOUAN_SNAPSHOTS": str(folder / "snapshots")}) as address:
        options = SimpleNamespace(
            endpoint=f"{address}/sparql", update=None, gsp=None, header=None, timeout=20, no_direct=False
        )
        runner = suite.Runner(options)
        runner.put = lambda *_: None
        yield SimpleNamespace(suite=suite, runner=runner, manifest=data / "manifest.ttl", folder=data)
        runner.c.close()


def test_protocol_suite_passes_for_queries(protocol):
    suite = protocol.suite
    manifest = suite.read_manifest(str(protocol.manifest))
    failed, passed, skipped = [], 0, 0
    for test in list(manifest):
        if not any(kind[1] == suite.MF + "ProtocolTest" for kind in manifest[test].get(suite.RDF + "type", [])):
            continue
        name = test[1].rpartition("#")[2]
        protocol.runner.fresh()
        try:
            protocol.runner.run(manifest, test, name, str(protocol.folder), False)
            passed += 1
        except suite.Skip:
            skipped += 1
        except suite.Fail as error:
            failed.append(f"{name}: {error}")
    assert failed == []
    assert passed >= 19, (passed, skipped)


def test_service_description_suite_passes(protocol):
    results = protocol.suite.service_description(protocol.runner)
    assert [(name, why) for name, verdict, why in results if verdict != "pass"] == []
    assert len(results) == 3
