"""Editors of both sides get what they can review: candidates from Wikidata, and edits as a schema that OpenRefine imports."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter

from kouan.vocabulary import ID, KOUAN


def test_what_wikidata_has_and_kouan_lacks_is_listed_with_its_reference(kouan, tmp_path):
    entity = {
        "id": "Q128674",
        "labels": {"en": {"language": "en", "value": "Hunchun"}},
        "modified": "2026-11-02T00:00:00Z",
        "claims": {
            "P190": [
                {
                    "rank": "normal",
                    "mainsnak": {
                        "snaktype": "value",
                        "property": "P190",
                        "datavalue": {"type": "wikibase-entityid", "value": {"id": "Q349983"}},
                    },
                }
            ]
        },
    }
    slice = tmp_path / "Q128674.json"
    slice.write_text(json.dumps({"entities": {"Q128674": entity}}), encoding="utf-8")
    done = kouan("wikidata", "candidates", "--slice", slice, "--related", "--format", "csv")
    assert done.returncode == 0, done.stderr
    (row,) = list(csv.DictReader(io.StringIO(done.stdout)))
    assert (row["thing"], row["value"]) == (ID + "hunchun", "Heihe (Q349983)")
    assert row["Kouan property"].startswith(KOUAN)
    assert row["value in Kouan"] == ID + "heihe"
    assert row["Wikidata reference"] == "https://www.wikidata.org/wiki/Q128674#P190"
    assert row["slice"] == "2026-11-02"
    assert "1 candidates for 1 things" in done.stderr
    later = kouan("wikidata", "candidates", "--slice", slice, "--related", "--format", "csv", "--since", "2026-11-03")
    assert list(csv.DictReader(io.StringIO(later.stdout))) == []


def test_edits_are_grouped_by_item_and_property_with_their_references(kouan):
    schema = json.loads(kouan("wikidata", "export", "--format", "openrefine").stdout)
    edits = {edit["subject"]["id"]: edit for edit in schema["entityEdits"]}
    assert len(edits) == len(schema["entityEdits"])
    found: Counter[tuple[str, str]] = Counter()
    for item, edit in edits.items():
        groups = edit["statementGroups"]
        assert len({group["property"]["pid"] for group in groups}) == len(groups)
        for group in groups:
            for statement in group["statements"]:
                assert statement["references"]
                found[item, group["property"]["pid"]] += len(statement["references"])
    commands = kouan("wikidata", "export").stdout.splitlines()
    assert found == Counter(tuple(line.split("\t")[:2]) for line in commands)


def test_new_items_are_refused_in_a_schema(kouan):
    done = kouan("wikidata", "export", "--format", "openrefine", "--create", "khorgos-port")
    assert done.returncode == 1
    assert "QuickStatements" in done.stderr
