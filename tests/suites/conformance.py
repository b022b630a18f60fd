"""Write what the suites found as a table into the package, where /conformance serves it as EARL (`make conformance`).

The tests of the suites write one JSON file each into a folder; this reads them and knows no test itself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kouan.http.conformance import TABLE, TestOutcome, table

SUITES = "https://w3c.github.io/rdf-tests/sparql/"
SHACL = "https://w3c.github.io/data-shapes/data-shapes-test-suite/tests/"
FOLDERS = {
    "protocol": "sparql11/protocol/manifest",
    "gsp-direct": "sparql11/graph-store-protocol/manifest-direct",
    "gsp-indirect": "sparql11/graph-store-protocol/manifest-indirect",
    "service-description": "sparql11/service-description/manifest",
}
OUTCOMES = {"pass": "passed", "lenient": "passed", "full": "passed", "fail": "failed", "partial": "failed"}


def outcomes(folder: Path) -> dict[str, tuple[str, str]]:
    """Return each test's outcome and, where it failed, the reason, by the test's IRI."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            if row["verdict"] in OUTCOMES:
                found[_iri(path.stem, row)] = (OUTCOMES[row["verdict"]], row["why"] or "")
    return dict(sorted(found.items()))


def _iri(suite: str, row: dict[str, str]) -> str:
    if "iri" in row:
        return row["iri"]
    if suite == "shacl":
        return SHACL + row["id"]
    group, _, name = row["id"].partition("#")
    return f"{SUITES}{FOLDERS[group]}#{name}"


if __name__ == "__main__":
    found = outcomes(Path(sys.argv[1]))
    TABLE.write_text(table(TestOutcome(test, why) for test, (_, why) in found.items()), encoding="utf-8")
