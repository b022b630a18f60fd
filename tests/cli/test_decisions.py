"""kouan reconcile with several columns, a person who decides, SSSOM of what was decided, and other data to look in."""

from __future__ import annotations

import contextlib
import csv
import os
import select
import subprocess
import sys
from pathlib import Path

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


def test_what_lies_nowhere_is_not_offered_where_the_row_says_where_the_thing_lies(reconcile, tmp_path):
    places = table(tmp_path / "p.csv", "place,land", "Heihe,Jilin", "Belt and Road,China")
    offered = reconcile(places, "--column", "place", "--column", "land=locatedIn", "-i", keys="ss").stderr
    assert "Heihe: border city" in offered
    assert "Customs" not in offered
    # Unless nothing else is called so.
    assert rows_of(tmp_path / "p.reconciled.csv")[1]["kouan_label"] == "Belt and Road Initiative"


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
        (HEAD, " Teaa ,, Match ,http://example.org/c/tea,,", "utf-8"),
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


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (HEAD, "Teaa,,match,http://example.org/c/te"),
        (HEAD, "Teaa,,match,http://example.org/c/tea,Te"),
        ("name,evidence,decision,label,date,id", "Teaa,,match,Tea,2026-01-02,http://example.org/c/te"),
    ],
)
def test_last_line_that_may_be_cut_is_told_with_its_number(teas, head, row):
    answered, _ = teas(f"{head}\nCofffee,,no match,,,\n{row}".encode())
    assert (answered.returncode, "line 3 has no end and may be cut short" in answered.stderr) == (1, True), (
        answered.stderr
    )


def test_decision_that_finds_no_room_on_the_disk_leaves_nothing_of_it(reconcile, tmp_path, small_disk):
    (tmp_path / "teas.ttl").write_text(TEAS, encoding="utf-8")
    names, kept = table(tmp_path / "d.csv", "drink", "Teaa", "Cofffee"), small_disk / "mine.csv"
    # The end of a block is near, and there is no other: of the next row no more than its beginning has room.
    begun, left = f"{HEAD}\nTeaa,,match,http://example.org/c/tea,Tea,2026-01-02\nx,,no match,,", 20
    whole = begun + "y" * (os.statvfs(small_disk).f_bsize - left - len(begun) - 2) + ",\n"
    kept.write_text(whole, encoding="utf-8")
    with contextlib.suppress(OSError), (small_disk / "full").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    told = ["--column", "drink", "--against", tmp_path / "teas.ttl", "--decisions", kept, "-i", "-o", "-"]
    answered = reconcile(names, *told, keys="1")
    assert (answered.returncode, "mine.csv cannot be written" in answered.stderr) == (1, True), answered.stderr
    assert kept.read_text(encoding="utf-8") == whole


def test_person_goes_back_takes_back_and_is_told_how_many_there_are(teas, tmp_path):
    answered, rows = teas(f"{HEAD}\n".encode(), "-i", keys="?b1bs1")
    assert [row["kouan_status"] for row in rows] == ["doubtful", "decided"], answered.stderr
    said = answered.stderr
    places = [
        said.index(each) for each in ("1 of 2: Teaa", "the name means this", "This is the first.", "2 of 2: Cofffee")
    ]
    assert places == sorted(places)
    assert said.count("1 of 2: Teaa") == 2
    assert "You said: Tea" in said
    kept = [(row["name"], row["decision"]) for row in rows_of(tmp_path / "mine.csv")]
    assert kept == [("Teaa", "match"), ("Teaa", ""), ("Cofffee", "match")]
    again, rows = teas((tmp_path / "mine.csv").read_bytes(), "-i", keys="n")
    assert "1 of 1: Teaa" in again.stderr
    assert [row["kouan_status"] for row in rows] == ["rejected", "decided"]


def test_keys_of_a_terminal_are_heard_one_by_one(settings, snapshot, tmp_path):
    (tmp_path / "teas.ttl").write_text(TEAS, encoding="utf-8")
    names = table(tmp_path / "d.csv", "drink", "Teaa", "Cofffee")
    told = ["--column", "drink", "--against", tmp_path / "teas.ttl", "-i"]
    command = [sys.executable, "-m", "kouan", "reconcile", str(names), *map(str, told)]
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}
    mine, its = os.openpty()
    with subprocess.Popen(command, stdin=its, stderr=subprocess.PIPE, bufsize=0, env=environment) as process:
        for shown, key in [("? help", "?"), ("row says.", "1"), ("? help", "b"), ("? help", "n"), ("? help", "1")]:
            seen = ""
            while shown not in seen:
                seen += (told := process.stderr.read(10_000).decode("utf-8", "replace"))
                assert told, seen
            os.write(mine, key.encode())
            # What is typed before the terminal listens is lost, and is typed again.
            while not select.select([process.stderr], [], [], 2)[0]:
                os.write(mine, key.encode())
        process.stderr.read()
    os.close(mine)
    os.close(its)
    assert process.returncode == 0
    assert [row["kouan_status"] for row in rows_of(tmp_path / "d.reconciled.csv")] == ["rejected", "decided"]


def test_mapping_set_has_a_title_in_yaml_and_no_mapping_of_a_code_alone(reconcile, tmp_path):
    (tmp_path / "teas.ttl").write_text(TEAS, encoding="utf-8")
    drinks = table(tmp_path / "tea: a list #2.csv", "drink,address", "Tea,", ",http://example.org/c/coffee")
    told = ["--column", "drink", "--code", "address", "--against", tmp_path / "teas.ttl", "--sssom", "-"]
    answered = reconcile(drinks, *told)
    assert "2 sure" in answered.stderr
    lines = answered.stdout.splitlines()
    assert '#mapping_set_title: "Names of tea: a list #2.csv"' in lines
    assert [line.partition("\t")[0] for line in lines if "skos:exactMatch" in line] == ["Tea"]


def test_file_of_decisions_that_a_full_disk_left_empty_is_none(reconcile, tmp_path):
    (tmp_path / "p.csv").write_text("place\nHeihe\n", encoding="utf-8")
    (tmp_path / "d.csv").write_bytes(b"")
    answered = reconcile(tmp_path / "p.csv", "--column", "place", "--decisions", tmp_path / "d.csv")
    assert answered.returncode == 0, answered.stderr


def test_standard_output_that_is_full_is_told(settings, snapshot, tmp_path):
    assert snapshot
    (tmp_path / "p.csv").write_text("place\nHeihe\n", encoding="utf-8")
    command = [sys.executable, "-m", "kouan", "reconcile", tmp_path / "p.csv", "--column", "place", "--output", "-"]
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}
    with Path("/dev/full").open("w") as full:
        answered = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment, check=False)
    assert (answered.returncode, "Traceback" in answered.stderr) == (1, False)
    assert "The standard output cannot be written: No space left" in answered.stderr


@pytest.mark.parametrize("option", ["--sssom", "-o"])
@pytest.mark.parametrize("decisions", ["mine.csv", "p.csv.decisions.csv"])
@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_decisions_are_written_over_by_nothing(reconcile, tmp_path, option, decisions, more):
    places = table(tmp_path / "p.csv", "place", "Khorgas", "Pingxiang")
    kept = tmp_path / decisions
    asked = ["--column", "place", "--interactive", *more]
    asked += ["--decisions", kept] if decisions == "mine.csv" else []
    answered = reconcile(places, *asked, option, kept, keys="11")
    assert (answered.returncode, "would hold the decisions" in answered.stderr) == (1, True), answered.stderr
    assert not kept.exists()
