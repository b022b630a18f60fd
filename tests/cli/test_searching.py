"""What was not found in GeoNames is searched again by a command, which writes where, when and by which rule."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from kouan import library
from kouan.cli import searching
from kouan.cli.commands import main

# A settlement of a port's name near its gate, one of a county's name far away, and one of another name near.
ENTRIES = (
    ("1", "Arihashate", "48.61", "115.88", "2024-01-02"),
    ("2", "Abag", "10.0", "10.0", "2025-03-04"),
    ("3", "Elsewhere", "48.61", "115.88", "2020-01-01"),
)


@pytest.fixture
def dump(tmp_path):
    file = tmp_path / "cities.txt"
    with file.open("w", encoding="utf-8", newline="") as lines:
        for identifier, name, north, east, changed in ENTRIES:
            csv.writer(lines, delimiter="\t").writerow([identifier, name, name, "", north, east, *[""] * 12, changed])
    return file


@pytest.fixture
def found(dump, snapshot, settings):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOUAN_SNAPSHOTS", str(settings.snapshots))
        yield searching.search_again(library.open(), dump)


def test_a_settlement_of_the_name_near_the_place_is_told(found):
    assert (found.entries, found.latest) == (3, "2025-03-04")
    assert found.found["arihashate-port"] == ["1 Arihashate, 1 km"]
    assert found.found["abag"] == []


def test_rows_say_where_when_and_by_which_rule_was_searched(found, settings):
    table = (settings.home / "triples" / "links" / "kouan.sssom.tsv").read_text(encoding="utf-8").splitlines()
    rows = list(searching.rewritten(table, found))
    assert len(rows) == len(table)
    changed = [row.split("\t") for row in rows if row not in set(table)]
    assert {cells[7] for cells in changed} == {"src:geonames"}
    abag = next(cells for cells in changed if cells[0] == "id:abag")
    assert abag[9] == datetime.now(UTC).date().isoformat()
    assert abag[12].startswith("Searched in GeoNames, cities.txt, 3 entries, the latest of 2025-03-04, by the rule: ")
    assert abag[12].endswith("Found: none")


def test_a_table_of_a_package_is_searched_and_called_by_its_name_and_date(tmp_path, settings, snapshot):
    file = tmp_path / "cities.json"
    places = {
        identifier: {
            "geonameid": int(identifier),
            "name": name,
            "alternatenames": [],
            "latitude": north,
            "longitude": east,
        }
        for identifier, name, north, east, _ in ENTRIES
    }
    file.write_text(json.dumps(places), encoding="utf-8")
    told = ["audit", "--geonames", str(file), "--called", "a package of 2026-07"]
    result = CliRunner().invoke(main, told, env={"KOUAN_SNAPSHOTS": str(settings.snapshots)})
    assert result.exit_code == 0, result.output
    assert "a package of 2026-07, 3 entries" in result.output
    assert "id:arihashate-port (1 Arihashate, 1 km)" in result.output


def test_another_table_is_refused(tmp_path, settings, snapshot):
    other = tmp_path / "other.txt"
    shutil.copy(settings.home / "triples" / "links" / "kouan.sssom.tsv", other)
    result = CliRunner().invoke(
        main, ["audit", "--geonames", str(other)], env={"KOUAN_SNAPSHOTS": str(settings.snapshots)}
    )
    assert result.exit_code != 0
    assert "is no dump of GeoNames" in result.output
