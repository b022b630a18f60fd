"""kouan reconcile with several columns, a person who decides, SSSOM of what was decided, and other data to look in."""

from __future__ import annotations

import csv
import os
import subprocess
import sys

import openpyxl
import pytest

MUSEUMS = """
@prefix schema: <https://schema.org/> .
@prefix wgs84: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
<http://example.org/1> schema:name "Museum" ; schema:geo [ schema:latitude 30.2 ; schema:longitude "120.1" ] ;
    schema:identifier [ a schema:PropertyValue ; schema:value "M-77" ] .
<http://example.org/2> schema:name "Museum" ; wgs84:lat 10.5 ; wgs84:long 20 .
"""
TEAS = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://example.org/c/tea> a skos:Concept ; skos:prefLabel "Tea"@en, "茶"@zh .
<http://example.org/c/coffee> a skos:Concept ; skos:prefLabel "Coffee"@en .
"""


@pytest.fixture
def reconcile(settings, snapshot):
    assert snapshot
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}

    def run(*arguments, keys=""):
        command = [sys.executable, "-m", "kouan", "reconcile", *map(str, arguments)]
        return subprocess.run(
            command, input=keys, capture_output=True, text=True, env=environment, check=False, timeout=250
        )

    return run


def table(path, *rows):
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def rows_of(path, delimiter=","):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter=delimiter))


def test_column_with_a_property_says_more_of_the_names(reconcile, tmp_path):
    places = table(tmp_path / "p.csv", "place,prov,kind", "Yichun,Jiangxi,", "Yichun,HLJ,City", "Heihe,,Port")
    told = ["--column", "place", "--column", "prov=locatedIn", "--column", "kind=type"]
    assert reconcile(places, *told).returncode == 0
    written = rows_of(tmp_path / "p.reconciled.csv")
    assert [row["kouan_status"] for row in written] == ["doubtful", "sure", "sure"]
    assert written[2]["kouan_id"].endswith("/heihe-port")


def test_several_columns_of_names_get_columns_of_their_own(reconcile, tmp_path):
    places = table(tmp_path / "p.csv", "from,to", "Manzhouli,Zabaykalsk", "Heihe,Atlantis")
    answered = reconcile(places, "--column", "from", "--column", "to")
    assert "3 sure, 0 doubtful, 1 unmatched" in answered.stderr
    written = rows_of(tmp_path / "p.reconciled.csv")
    assert written[0]["from_kouan_id"].endswith("/manzhouli")
    assert written[0]["to_kouan_id"].endswith("/zabaykalsk")
    assert written[1]["to_kouan_status"] == "unmatched"


def test_what_stands_between_two_columns_of_names_speaks_of_the_first(reconcile, tmp_path):
    places = table(
        tmp_path / "p.csv", "from,prov,to,land", "Heihe,HLJ,Zamyn Uud,Mongolia", "Yichun,Jiangxi,Tung-hsing,桂"
    )
    told = ["--column", "from", "--column", "prov=locatedIn", "--column", "to", "--column", "land=locatedIn"]
    assert reconcile(places, *told).returncode == 0
    rows = rows_of(tmp_path / "p.reconciled.csv")
    assert [row["from_kouan_status"] for row in rows] == ["sure", "doubtful"]
    assert [row["to_kouan_status"] for row in rows] == ["sure", "sure"]


def test_person_decides_about_doubtful_names_and_is_not_asked_again(reconcile, tmp_path):
    places = table(tmp_path / "p.csv", "place", "Manzhuoli", "Suifehne", "Heihe", "Jaimusi", "Manzhuoli")
    first = reconcile(places, "--column", "place", "--interactive", keys="1\nn\nq\n")
    assert first.returncode == 0, first.stderr
    assert "exact" in first.stderr
    written = rows_of(tmp_path / "p.reconciled.csv")
    assert [row["kouan_status"] for row in written] == ["decided", "rejected", "sure", "doubtful", "decided"]
    assert written[0]["kouan_id"].endswith("/manzhouli")
    kept = rows_of(tmp_path / "p.csv.decisions.csv")
    assert [(row["name"], row["decision"]) for row in kept] == [("Manzhuoli", "match"), ("Suifehne", "no match")]
    again = reconcile(places, "--column", "place", "--interactive", "--overwrite", keys="1\n")
    assert "Manzhuoli" not in again.stderr
    assert "Jaimusi" in again.stderr
    statuses = [row["kouan_status"] for row in rows_of(tmp_path / "p.reconciled.csv")]
    assert statuses == ["decided", "rejected", "sure", "decided", "decided"]


def test_decisions_are_read_where_nobody_is_asked(reconcile, tmp_path):
    places = table(tmp_path / "p.csv", "place", "Manzhuoli")
    decided = tmp_path / "mine.csv"
    thing = "https://w3id.org/kouan/id/manzhouli"
    table(decided, "name,evidence,decision,id,label,date", f"Manzhuoli,,match,{thing},Manzhouli,2026-01-02")
    assert reconcile(places, "--column", "place", "--decisions", decided).returncode == 0
    assert rows_of(tmp_path / "p.reconciled.csv")[0]["kouan_id"] == thing
    table(decided, "name,what", "x,y")
    answered = reconcile(places, "--column", "place", "--decisions", decided, "--overwrite")
    assert (answered.returncode, "holds no decisions" in answered.stderr) == (1, True)


def test_sssom_says_what_is_sure_and_what_was_decided(reconcile, tmp_path):
    places = table(tmp_path / "p.csv", "place,prov", "Heihe,HLJ", "Manzhuoli,", "Suifehne,", "Jaimusi,")
    told = ["--column", "place", "--column", "prov=locatedIn", "-i", "--sssom", tmp_path / "links.tsv"]
    assert reconcile(places, *told, keys="1ns").returncode == 0
    found = {row["subject_label"]: row for row in rows_of(tmp_path / "links.tsv", "\t")}
    assert set(found) == {"Heihe", "Manzhuoli", "Suifehne"}
    assert found["Heihe"]["object_id"] == "id:heihe"
    assert found["Heihe"]["mapping_justification"] == "semapv:LexicalMatching"
    assert found["Heihe"]["comment"] == "locatedIn=HLJ"
    assert found["Manzhuoli"]["mapping_justification"] == "semapv:ManualMappingCuration"
    assert found["Suifehne"]["object_id"] == "sssom:NoTermFound"
    assert {row["subject_type"] for row in found.values()} == {"rdfs literal"}
    assert (tmp_path / "links.tsv").read_text(encoding="utf-8").startswith("#curie_map:\n")
    head = [line for line in (tmp_path / "links.tsv").read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert {line.partition(":")[0] for line in head} >= {"#mapping_set_id", "#mapping_set_title", "#license"}


def test_workbook_gets_columns_of_each_column_of_names(reconcile, tmp_path):
    book = openpyxl.Workbook()
    for row in (["from", "to", "n"], ["Heihe", "Khorgos", 1]):
        book.active.append(row)
    book.save(tmp_path / "p.xlsx")
    assert reconcile(tmp_path / "p.xlsx", "--column", "from", "--column", "to").returncode == 0
    sheet = openpyxl.load_workbook(tmp_path / "p.reconciled.xlsx").active
    head = [cell.value for cell in sheet[1]]
    values = dict(zip(head, [cell.value for cell in sheet[2]], strict=True))
    assert (values["n"], values["to_kouan_label"]) == (1, "Khorgos")


@pytest.mark.parametrize("way", ["file", "folder", "endpoint"])
def test_names_are_looked_up_in_anybodys_data(reconcile, start, tmp_path, tmp_path_factory, way):
    folder = tmp_path / "teas"
    folder.mkdir()
    (folder / "teas.ttl").write_text(TEAS, encoding="utf-8")
    drinks = table(tmp_path / "d.csv", "drink", "茶", "coffee", "water")
    if way == "endpoint":
        with start([str(folder)], {"KOUAN_SNAPSHOTS": str(tmp_path_factory.mktemp("s"))}) as address:
            answered = reconcile(drinks, "--column", "drink", "--against", f"{address}/sparql")
    else:
        answered = reconcile(
            drinks, "--column", "drink", "--against", folder if way == "folder" else folder / "teas.ttl"
        )
    assert answered.returncode == 0, answered.stderr
    written = rows_of(tmp_path / "d.reconciled.csv")
    assert [row["kouan_id"].rpartition("/")[2] for row in written] == ["tea", "coffee", ""]


def test_files_say_where_things_are_and_which_numbers_they_have_as_a_server_of_them_does(reconcile, tmp_path):
    (tmp_path / "m.ttl").write_text(MUSEUMS, encoding="utf-8")
    museums = table(
        tmp_path / "m.csv", "name,no,point", "Museum,M-77,", 'Museum,,"30.2,120.1"', 'Museum,,"10.5,20"', "Museum,,"
    )
    told = ["--column", "name", "--column", "no=id", "--column", "point=point", "--against", tmp_path / "m.ttl"]
    assert reconcile(museums, *told).returncode == 0
    found = [
        (row["kouan_id"].rpartition("/")[2], row["kouan_status"]) for row in rows_of(tmp_path / "m.reconciled.csv")
    ]
    assert found[:3] == [("1", "sure"), ("1", "sure"), ("2", "sure")]
    assert found[3][1] == "doubtful"


def test_data_that_is_not_there_is_told(reconcile, tmp_path):
    drinks = table(tmp_path / "d.csv", "drink", "tea")
    answered = reconcile(drinks, "--column", "drink", "--against", tmp_path / "nowhere")
    assert (answered.returncode, "There is no file or folder" in answered.stderr) == (1, True)


HEAD = "name,evidence,decision,id,label,date"


@pytest.fixture
def teas(reconcile, tmp_path):
    """What looks for two names with slips in the teas, and gives the rows."""
    (tmp_path / "teas.ttl").write_text(TEAS, encoding="utf-8")

    def run(decided, *arguments, keys=""):
        (tmp_path / "mine.csv").write_bytes(decided)
        names = table(tmp_path / "drinks.csv", "drink", "Teaa", "Cofffee")
        told = ["--column", "drink", "--against", tmp_path / "teas.ttl", "--decisions", tmp_path / "mine.csv"]
        answered = reconcile(names, *told, "--overwrite", *arguments, keys=keys)
        return answered, rows_of(tmp_path / "drinks.reconciled.csv") if answered.returncode == 0 else []

    return run


@pytest.mark.parametrize(
    ("head", "row", "encoding"),
    [
        (HEAD, "Teaa,,match,http://example.org/c/tea,茶,2026-01-02", "utf-8-sig"),
        (HEAD, "Teaa,,match,http://example.org/c/tea,茶,2026-01-02", "gbk"),
        (HEAD, "Teaa,,match,http://example.org/c/tea,茶,2026-01-02", "utf-16"),
        (HEAD, " Teaa ,, Match ,http://example.org/c/tea", "utf-8"),
        (HEAD.replace(",", ";"), "Teaa;;match;http://example.org/c/tea;;", "utf-8"),
        ("note,id,decision,name,evidence,label,date", "mine,http://example.org/c/tea,match,Teaa,,,2026-01-02", "utf-8"),
    ],
)
def test_decisions_that_a_spreadsheet_has_saved_are_read_and_added_to(teas, tmp_path, head, row, encoding):
    answered, rows = teas(f"{head}\r\n{row}".encode(encoding), "--interactive", keys="1")
    assert answered.returncode == 0, answered.stderr
    assert [each["kouan_status"] for each in rows] == ["decided", "decided"]
    assert rows[0]["kouan_id"] == "http://example.org/c/tea"
    kept = (tmp_path / "mine.csv").read_bytes().decode(encoding).split("\r\n")
    assert kept[:2] == [head, row]
    added = dict(zip(*csv.reader([head, kept[2]], delimiter=";" if ";" in head else ","), strict=True))
    assert (added["name"], added["decision"], added["id"]) == ("Cofffee", "match", "http://example.org/c/coffee")
    assert kept[3:] == [""]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Teaa,,yes,http://example.org/c/tea,,", "row 2 must have 'match'"),
        ("Teaa,,match,,,", "row 2 must have 'match' and the id of a thing"),
        ("Teaa,,match,http://example.org/c/gone,Gone,", "which the data does not have"),
    ],
)
def test_decision_that_is_none_is_told_with_its_row(teas, row, says):
    answered, _ = teas(f"{HEAD}\n{row}\n".encode())
    assert (answered.returncode, says in answered.stderr) == (1, True), answered.stderr
    assert "Traceback" not in answered.stderr


def test_mapping_set_has_a_title_in_yaml_and_no_mapping_of_a_code_alone(reconcile, tmp_path):
    (tmp_path / "teas.ttl").write_text(TEAS, encoding="utf-8")
    drinks = table(tmp_path / "tea: a list #2.csv", "drink,address", "Tea,", ",http://example.org/c/coffee")
    told = ["--column", "drink", "--code", "address", "--against", tmp_path / "teas.ttl", "--sssom", "-"]
    answered = reconcile(drinks, *told)
    assert "2 sure" in answered.stderr
    lines = answered.stdout.splitlines()
    assert '#mapping_set_title: "Names of tea: a list #2.csv"' in lines
    assert [line.partition("\t")[0] for line in lines if "skos:exactMatch" in line] == ["Tea"]
