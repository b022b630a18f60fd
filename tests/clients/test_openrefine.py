"""OpenRefine itself reconciles a table in each setting of its dialog, matches, adds columns and exports.

The program is Debian's package `openrefine`; where it is not installed these tests are skipped.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from openrefine import PROGRAM, openrefine

from kouan.vocabulary import ID, RDFS

NAMES = Path(__file__).parents[1] / "fixtures" / "reconciliation" / "openrefine-names.csv"
LABEL = RDFS + "label"
PROVINCE = [("province", "locatedIn")]
# A setting of the dialog: the type, the columns that are sent with the names, how many are right at least and wrong at most.
SETTINGS = {
    "as it proposes": ("proposed", [], 50, 2),
    "no type": ("", [], 50, 2),
    "Place": ("Place", [], 50, 2),
    "no type, province": ("", PROVINCE, 54, 0),
    "Place, province": ("Place", PROVINCE, 54, 0),
    "City, province": ("City", PROVINCE, 38, 0),
}
ROWS, SURE, SECONDS = 5000, 4500, 20

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="openrefine is not on this machine (Debian's package openrefine)"
)


@pytest.fixture(scope="module")
def refine(server, tmp_path_factory):
    """An OpenRefine that asks the server of the graph."""
    with openrefine(tmp_path_factory.mktemp("refine"), f"{server}/reconcile") as running:
        yield running


@pytest.fixture(scope="module")
def rows():
    with NAMES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("setting", list(SETTINGS))
def test_messy_names_are_matched_in_each_setting_of_the_dialog(refine, rows, setting):
    kind, details, least, most = SETTINGS[setting]
    project = refine.import_table(["place", "province"], [[row["query"], row["province"]] for row in rows])
    if kind == "proposed":
        kind = refine.proposed_types(project, "place")[0]
        assert kind == "Place"
    refine.reconcile(project, "place", kind, details)
    matched = [
        (row["query"], cell["id"], row["expected"])
        for row, cell in zip(rows, refine.cells(project), strict=True)
        if cell["judgment"] == "matched"
    ]
    wrong = [each for each in matched if each[1] != each[2]]
    assert len(wrong) <= most, wrong
    assert len(matched) - len(wrong) >= least


@pytest.mark.alone
def test_five_thousand_labels_of_the_graph_are_matched_in_time(refine, snapshot):
    meant: dict[str, set[str]] = {}
    for quad in snapshot.source_quads():
        if quad.predicate.value == LABEL and str(quad.subject.value).startswith(ID):
            meant.setdefault(quad.object.value, set()).add(quad.subject.value.removeprefix(ID))
    labels = sorted(meant)
    table = [labels[number % len(labels)] for number in range(ROWS)]
    # Most of the time is OpenRefine's own, which is slow before Java is warm: the better of two counts.
    for _ in range(2):
        project = refine.import_table(["place"], [[label] for label in table])
        start = time.perf_counter()
        refine.reconcile(project, "place")
        took = time.perf_counter() - start
        if took < SECONDS:
            break
    matched = [
        (label, cell["id"])
        for label, cell in zip(table, refine.cells(project), strict=True)
        if cell["judgment"] == "matched"
    ]
    assert [each for each in matched if each[1] not in meant[each[0]]] == []
    assert len(matched) >= SURE
    assert took < SECONDS


def test_matches_get_columns_and_are_exported(refine):
    places = [["Hunchun", "Jilin"], ["黑河口岸", "黑龙江"], ["Atlantis", ""], ["Kinghung", "Yunnan"]]
    project = refine.import_table(["place", "province"], places)
    refine.reconcile(project, "place", "Place", PROVINCE)
    # A curator chooses for a row that is doubtful.
    refine.judge(project, 2, "khorgos")
    columns = ["wikidata", "latitude", "labelZh", "province", "prefecture", "adminCode", "unlocode"]
    refine.extend(project, "place", columns)
    head, *written = refine.export(project)
    assert head[1:-1] == [
        "Wikidata item", "latitude", "label in Chinese", "province2", "prefecture", "administrative code", "UN/LOCODE",
    ]  # fmt: skip
    assert len(written) == len(places)
    hunchun, heihe, chosen, jinghong = (dict(zip(head, row, strict=True)) for row in written)
    assert (hunchun["Wikidata item"], hunchun["prefecture"]) == ("Q128674", "Yanbian Korean Autonomous Prefecture")
    assert hunchun["administrative code"] == "222404"
    assert hunchun["latitude"].startswith("42.8")
    assert (heihe["UN/LOCODE"], heihe["label in Chinese"]) == ("CNHEK", "黑河口岸")
    assert chosen["label in Chinese"] == "霍尔果斯"
    assert jinghong["label in Chinese"] == "景洪"


def test_best_candidates_are_matched_by_the_menu_of_the_column(refine):
    project = refine.import_table(["place"], [["Manzhuoli"], ["Suifehne"]])
    refine.reconcile(project, "place", "Place")
    assert [cell["judgment"] for cell in refine.cells(project)] == ["none", "none"]
    refine.match_best(project, "place")
    assert [cell["id"] for cell in refine.cells(project)] == ["manzhouli", "suifenhe"]


def test_edits_for_wikidata_are_understood_as_a_schema(refine, settings):
    def export(form):
        command = [sys.executable, "-m", "kouan", "wikidata", "export", "--format", form]
        environment = os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=True, timeout=100).stdout

    project = refine.import_table(["place"], [["Hunchun"]])
    refine.save_schema(project, export("openrefine"))
    understood = Counter(tuple(line.split("\t")[:2]) for line in refine.quickstatements(project).splitlines())
    assert understood == Counter(tuple(line.split("\t")[:2]) for line in export("quickstatements").splitlines())
    assert understood
