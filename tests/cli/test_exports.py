"""Tables come as CSV, GeoJSON and GeoPackage and all together as a package, each row with its sources; the audit holds."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
import sys

import pytest
from click.testing import CliRunner

from kouan.cli.commands import main
from kouan.cli.exports import TABLES
from kouan.graph.tables import read_tables
from kouan.settings import read_settings

PLACED = {"ports", "counties", "zones", "observations", "flows"}


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module", autouse=True)
def built(settings, snapshot):
    """Let the commands find the snapshot that the tests share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOUAN_SNAPSHOTS", str(settings.snapshots))
        yield


@pytest.fixture(scope="module")
def package(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    run("export", "package", "-o", str(folder))
    return folder


def rows_of(package, name):
    with (package / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_ports_name_the_customs_district_that_they_lie_in(package):
    districts = {row["name"]: row["customs_district"].rpartition("/")[2] for row in rows_of(package, "ports")}
    assert districts["Hekou port of entry"] == "kunming-customs"
    assert districts["Arxan port of entry"] == "manzhouli-customs"
    assert districts["Zuun Khatavch port of entry"] == "hohhot-customs"
    assert districts["Blagoveshchensk port of entry"] == ""


def test_every_table_of_the_home_folder_can_be_exported():
    assert set(read_tables(read_settings().home)) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_names_its_sources_and_stands_once(package, name):
    rows = rows_of(package, name)
    assert rows
    assert all(row["sources"].startswith("https://w3id.org/kouan/source/") for row in rows)
    keys = [tuple(row.values())[:4] for row in rows]
    assert len(set(keys)) == len(keys)


def test_ports_come_as_csv_with_what_is_known_of_each():
    rows = {row["port"].rsplit("/", 1)[1]: row for row in csv.DictReader(run("export", "ports").splitlines())}
    assert len(rows) > 160
    manzhouli = rows["manzhouli-port"]
    assert manzhouli["name_zh"] == "满洲里口岸"
    assert set(manzhouli["kinds"].split()) == {"rail", "road"}
    assert manzhouli["unlocode"] == "CNMLX"
    assert manzhouli["faces"].endswith("/zabaykalsk-port")


def test_counties_have_their_populations_and_points(package):
    rows = {row["code"]: row for row in rows_of(package, "counties")}
    assert rows["150781"]["population_2020"] == "150508"
    features = json.loads((package / "counties.geojson").read_text(encoding="utf-8"))["features"]
    assert len(features) == len(rows)


def test_geopackage_has_a_layer_for_each_table(package):
    with sqlite3.connect(package / "kouan.gpkg") as layers:
        assert layers.execute("PRAGMA application_id").fetchone()[0] == int.from_bytes(b"GPKG")
        kinds = dict(layers.execute("SELECT table_name, data_type FROM gpkg_contents"))
        assert kinds == {name: "features" if name in PLACED else "attributes" for name in TABLES}
        assert layers.execute("SELECT population FROM observations WHERE name = 'Manzhouli'").fetchall() == [
            (249472,),
            (150508,),
        ]
        (first,) = layers.execute("SELECT geom FROM ports WHERE geom IS NOT NULL").fetchone()
        assert first[:2] == b"GP"


def test_package_describes_every_column_of_every_table(package):
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    assert described["licenses"][0]["name"] == "CC-BY-4.0"
    assert len(described["sources"]) > 100
    for resource in described["resources"]:
        with (package / resource["path"]).open(encoding="utf-8") as file:
            assert next(csv.reader(file)) == [field["name"] for field in resource["schema"]["fields"]]
    [counted] = [each for each in described["resources"] if each["name"] == "observations"]
    types = {field["name"]: field["type"] for field in counted["schema"]["fields"]}
    assert (types["population"], types["minority_per_cent"], types["name"]) == ("integer", "number", "string")


def test_package_passes_its_own_validator(package):
    beside = read_settings().home / ".audit" / "bin" / "frictionless"
    validator = str(beside) if beside.exists() else shutil.which("frictionless")
    if validator is None:
        pytest.skip("frictionless is not installed; make audit installs it")
    told = subprocess.run(
        [validator, "validate", "--json", "datapackage.json"], cwd=package, capture_output=True, text=True, timeout=60
    )
    report = json.loads(told.stdout)
    assert (report["valid"], report["stats"]["tasks"]) == (True, len(TABLES)), told.stdout


def test_package_is_read_by_geopandas(package):
    geopandas = pytest.importorskip("geopandas", reason="geopandas is not installed")
    ports = geopandas.read_file(package / "kouan.gpkg", layer="ports")
    assert ports.crs.to_epsg() == 4326
    assert ports.geometry.notna().sum() > 80


@pytest.mark.parametrize("name", ["zones", "policies"])
def test_every_table_is_geojson_too(name):
    features = json.loads(run("export", name, "--format", "geojson"))["features"]
    assert len(features) > 5
    assert any(feature["geometry"] for feature in features) == (name in PLACED)
    assert all("sources" in feature["properties"] for feature in features)


def test_geopackage_needs_a_file():
    result = CliRunner().invoke(main, ["export", "ports", "--format", "gpkg"])
    assert result.exit_code == 1
    assert "name one with --output" in result.output


def test_each_designated_list_has_a_template_with_what_is_known(tmp_path):
    run("export", "templates", "-o", str(tmp_path))
    rows = {file.stem: file.read_text(encoding="utf-8").splitlines() for file in tmp_path.glob("*.csv")}
    assert (len(rows), len(rows["annex-2015-ports"])) == (10, 73)
    assert "黑河,heihe,1992," in rows["open-border-cities-1992"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["黑河市,,1992,", "绥芬河,,,", ",pingxiang,1992,"], ""),
        (["黑河市,,,", "无此地,,,"], "无此地: nothing is called so"),
        (["黑河市,,,", "黑河,,,"], "each once; the table names 2"),
        (["黑河市,,then,"], "'then' of 黑河市 is no year"),
    ],
)
def test_template_that_was_filled_in_becomes_a_passage(tmp_path, rows, told):
    table, passage = tmp_path / "open-border-cities-1992.csv", tmp_path / "passage.ttl"
    table.write_text("\n".join(["place,thing,from_year,until_year", *rows]), encoding="utf-8")
    made = CliRunner().invoke(
        main, ["fill", str(table), "--passage", "open-border-cities-1996/p01", "-o", str(passage)]
    )
    assert (made.exit_code, told in made.output) == (1 if told else 0, True), made.output
    if not told:
        text = passage.read_text(encoding="utf-8")
        assert "id:list-open-border-cities-1992-heihe\n    a kouan:ListEntry" in text
        assert text.count("kouan:fromYear 1992") == 2
        assert 'kouan:asWritten "绥芬河"@zh' in text


def test_passage_that_fills_a_list_is_described_first(tmp_path):
    table = tmp_path / "annex-2015-ports.csv"
    table.write_text("place,thing\n黑河口岸,\n", encoding="utf-8")
    made = CliRunner().invoke(main, ["fill", str(table), "--passage", "opinion-2015-72/annex"])
    assert "describe it there first" in made.output


def test_audit_prints_each_check_and_what_differs():
    lines = run("audit").splitlines()
    table = {line.split("  ")[0]: line.split()[-2:] for line in lines[2:14]}
    assert {"codes of divisions", "UN/LOCODEs", "sums of the census", "labels"} <= set(table)
    for what, least in (("designated lists", 9), ("flows through ports", 39), ("names", 1000)):
        assert int(table[what][0]) >= least
        assert table[what][1] == "0"
    assert table["codes of divisions"][1] == "0"
    assert table["sums of the census"] == ["416", "2"]
    assert any(line.startswith("sums of the census: id:population-daxinganling-2010") for line in lines)


def test_data_sheet_is_up_to_date():
    page = read_settings().home / "docs" / "data-sheet.md"
    assert run("export", "datasheet") == page.read_text(encoding="utf-8"), "run make docs"


def test_file_that_cannot_be_written_whole_is_kept_as_it_was(tmp_path):
    kept = tmp_path / "ports.csv"
    kept.write_text("mine\n")
    # No file of the process may be longer than this, as on a disk that is full.
    script = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))"
    script += "; sys.argv[0] = 'kouan'; runpy.run_module('kouan', run_name='__main__')"
    command = [sys.executable, "-c", script, "export", "ports", "--format", "csv", "-o", str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (1, f"kouan: {kept} cannot be written: File too large.\n")
    assert kept.read_text() == "mine\n"
    assert [path.name for path in tmp_path.iterdir()] == ["ports.csv"]
