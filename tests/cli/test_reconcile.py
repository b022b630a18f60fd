"""kouan reconcile adds columns to a table, and leaves what was there as it was, to the byte where a file has bytes to keep."""

from __future__ import annotations

import codecs
import io
import os
import subprocess
import sys
import zipfile

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from openpyxl.styles import Font

# Sockets are forbidden to the process, so that a look at the network is an error.
WITHOUT_NETWORK = """
import runpy, socket, sys
def refuse(*_, **__):
    raise SystemExit("the network was asked")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
sys.argv = ["kouan", *sys.argv[1:]]
runpy.run_module("kouan", run_name="__main__")
"""
ADDED = ["kouan_id", "kouan_label", "wikidata_id", "kouan_score", "kouan_status", "kouan_reason"]


@pytest.fixture
def reconcile(settings, snapshot):
    assert snapshot
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}

    def run(*arguments):
        command = [sys.executable, "-c", WITHOUT_NETWORK, "reconcile", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=250)

    return run


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("gbk", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_keeps_its_bytes(reconcile, tmp_path, encoding, mark, delimiter, end):
    table = tmp_path / "places.csv"
    # An idle pair of quotes, a leading zero, a break and a delimiter within quotes, an empty line, and a last line that is not ended.
    rows = ['code;"地名";note', f'007;"黑河市";"two{end}lines; and ""more"""', "", "1.50 ;满洲里; x"]
    records = [row if row.startswith("007") else row.replace(";", delimiter) for row in rows]
    records[1] = f'007{delimiter}"黑河市"{delimiter}"two{end}lines{delimiter} and ""more"""'
    written = mark + end.join(records).encode(encoding)
    table.write_bytes(written)
    answered = reconcile(table, "--column", "地名")
    assert answered.returncode == 0, answered.stderr
    assert "2 sure, 0 doubtful, 0 unmatched" in answered.stderr
    assert table.read_bytes() == written
    content = (tmp_path / "places.reconciled.csv").read_bytes()
    assert content.startswith(mark)
    lines = content.removeprefix(mark).decode(encoding if encoding != "gbk" else "gb18030").split(end)
    own = end.join(records).split(end)
    assert [line.startswith(mine) for line, mine in zip(lines, own, strict=True)] == [True] * len(own)
    assert lines[0] == own[0] + delimiter + delimiter.join(ADDED)
    assert lines[-1].startswith(
        f"{own[-1]}{delimiter}https://w3id.org/kouan/id/manzhouli{delimiter}Manzhouli{delimiter}"
    )
    assert lines[-2] == ""


@pytest.mark.parametrize("said", ["sep=;", '"sep=;"', "SEP=;"])
def test_line_that_tells_a_spreadsheet_the_delimiter_names_no_columns(reconcile, tmp_path, said):
    table = tmp_path / "places.csv"
    # By its own first row the commas would part it.
    table.write_text(f"{said}\r\nplace;a, b, c\r\nHeihe;x\r\n", encoding="utf-8", newline="")
    assert reconcile(table, "--column", "place").returncode == 0
    written = (tmp_path / "places.reconciled.csv").read_text(encoding="utf-8").splitlines()
    assert (written[0], written[1]) == (said, "place;a, b, c;" + ";".join(ADDED))
    assert written[2].startswith("Heihe;x;https://w3id.org/kouan/id/heihe;")


def test_tsv_with_short_rows_gets_its_columns_under_their_names(reconcile, tmp_path):
    table = tmp_path / "places.tsv"
    table.write_text("place\tnote\nHeihe\nSuifenhe\tx\n", encoding="utf-8")
    assert reconcile(table, "--column", "place").returncode == 0
    rows = [line.split("\t") for line in (tmp_path / "places.reconciled.tsv").read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["place", "note", *ADDED]
    assert [row[:3] for row in rows[1:]] == [
        ["Heihe", "", "https://w3id.org/kouan/id/heihe"],
        ["Suifenhe", "x", "https://w3id.org/kouan/id/suifenhe"],
    ]


def test_cell_without_a_name_is_nothing_missed_and_a_row_of_tabs_a_row(reconcile, tmp_path):
    table = tmp_path / "places.tsv"
    table.write_text("place\tcode\n\t\nHeihe\t\n\t231100\n\t999999\n", encoding="utf-8")
    answered = reconcile(table, "--column", "place", "--column", "code=id")
    assert "2 sure, 0 doubtful, 0 unmatched" in answered.stderr
    rows = [line.split("\t") for line in (tmp_path / "places.reconciled.tsv").read_text(encoding="utf-8").splitlines()]
    assert {len(row) for row in rows} == {2 + len(ADDED)}
    heihe = "https://w3id.org/kouan/id/heihe"
    assert [(row[2], row[6]) for row in rows[1:]] == [("", ""), (heihe, "sure"), (heihe, "sure"), ("", "")]


def test_column_of_formulas_that_no_program_has_worked_out_yet_stays(reconcile, tmp_path):
    book = openpyxl.Workbook()
    for row in (["place", "n", "=A1"], ["Heihe", 1, "=B2*2"]):
        book.active.append(row)
    book.save(tmp_path / "places.xlsx")
    assert reconcile(tmp_path / "places.xlsx", "--column", "place").returncode == 0
    sheet = openpyxl.load_workbook(tmp_path / "places.reconciled.xlsx").active
    assert [[cell.value for cell in row[:4]] for row in sheet.iter_rows()] == [
        ["place", "n", "=A1", "kouan_id"],
        ["Heihe", 1, "=B2*2", "https://w3id.org/kouan/id/heihe"],
    ]


def test_workbook_keeps_types_formulas_formats_and_other_sheets(reconcile, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["id", "place", "sum"], ["007", "黑河", "=1+1"], [8, None, 1.5]):
        sheet.append(row)
    sheet["B2"].font = Font(bold=True)
    book.create_sheet("other")["A1"] = "kept"
    book.save(tmp_path / "places.xlsx")
    assert reconcile(tmp_path / "places.xlsx", "--column", "place").returncode == 0
    written = openpyxl.load_workbook(tmp_path / "places.reconciled.xlsx")
    rows = [[cell.value for cell in row] for row in written.worksheets[0].iter_rows()]
    assert rows[0] == ["id", "place", "sum", *ADDED]
    assert rows[1][:4] == ["007", "黑河", "=1+1", "https://w3id.org/kouan/id/heihe"]
    assert rows[2][:3] == [8, None, 1.5]
    assert rows[2][3:] == [None] * len(ADDED)
    assert written.worksheets[0]["B2"].font.bold
    assert written["other"]["A1"].value == "kept"


def test_parquet_keeps_its_types(reconcile, tmp_path):
    table = pyarrow.table(
        {
            "n": pyarrow.array([1, 2], pyarrow.int16()),
            "place": pyarrow.array(["Heihe", "no such thing"]).dictionary_encode(),
            "tags": pyarrow.array([["a"], []], pyarrow.list_(pyarrow.string())),
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "places.parquet")
    assert reconcile(tmp_path / "places.parquet", "--column", "place").returncode == 0
    written = pyarrow.parquet.read_table(tmp_path / "places.reconciled.parquet")
    assert written.column_names == ["n", "place", "tags", *ADDED]
    assert written.select(["n", "place", "tags"]).equals(table)
    assert written["kouan_id"].to_pylist() == ["https://w3id.org/kouan/id/heihe", None]
    assert written["kouan_score"].type == pyarrow.float64()


def test_columns_of_type_parent_code_and_point_are_evidence(reconcile, tmp_path):
    table = tmp_path / "places.csv"
    rows = [
        "place,kind,parent,gb,at",
        "Heihe,Port,,,",
        "Pingxiang,City,Jiangxi,,",
        "?,,,451481,",
        "Pingxiang,,,,113.8 27.6",
    ]
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    options = ["--type-column", "kind", "--within", "parent", "--code", "gb", "--point", "at"]
    assert reconcile(table, "--column", "place", *options).returncode == 0
    written = [
        line.split(",") for line in (tmp_path / "places.reconciled.csv").read_text(encoding="utf-8").splitlines()
    ]
    assert written[1][5].endswith("/heihe-port")
    assert [row[9] for row in written[1:]] == ["sure", "doubtful", "sure", "doubtful"]
    assert written[3][5].endswith("/pingxiang")


def test_missing_column_says_which_there_are(reconcile, tmp_path):
    (tmp_path / "places.csv").write_text("name,code\nHeihe,1\n", encoding="utf-8")
    answered = reconcile(tmp_path / "places.csv", "--column", "place")
    assert answered.returncode == 1
    assert "'place'" in answered.stderr
    assert "'name', 'code'" in answered.stderr
    assert not (tmp_path / "places.reconciled.csv").exists()


def test_file_that_is_there_is_not_written_over_unasked(reconcile, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text("place\nHeihe\n", encoding="utf-8")
    refused = reconcile(table, "--column", "place", "--output", table)
    assert refused.returncode == 1
    assert "--overwrite" in refused.stderr
    assert table.read_text(encoding="utf-8") == "place\nHeihe\n"
    assert reconcile(table, "--column", "place", "--output", table, "--overwrite").returncode == 0
    assert table.read_text(encoding="utf-8").startswith("place,kouan_id")


def test_bytes_that_are_no_text_ask_for_the_encoding(reconcile, tmp_path):
    (tmp_path / "places.csv").write_bytes(b"place\n\xff\xff\n")
    answered = reconcile(tmp_path / "places.csv", "--column", "place")
    assert answered.returncode == 1
    assert "--encoding" in answered.stderr


def test_cell_may_be_as_long_as_it_likes(reconcile, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text(f'place,note\nHeihe,"{"x" * 300_000}"\n', encoding="utf-8")
    assert reconcile(table, "--column", "place").returncode == 0
    assert "/id/heihe," in (tmp_path / "places.reconciled.csv").read_text(encoding="utf-8")


def test_of_two_columns_of_one_name_it_asks_which(reconcile, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text("place,note,place\nHeihe,x,Manzhouli\n", encoding="utf-8")
    asked = reconcile(table, "--column", "place")
    assert (asked.returncode, "2 columns 'place'; say #1 or #3" in asked.stderr) == (1, True)
    for column, thing in {"#1": "heihe", "#3": "manzhouli"}.items():
        assert reconcile(table, "--column", column, "--overwrite").returncode == 0
        assert f"/id/{thing}," in (tmp_path / "places.reconciled.csv").read_text(encoding="utf-8")
    # Those that nobody asks for may be called as they like.
    assert reconcile(table, "--column", "note", "--overwrite").returncode == 0
    assert "no column '#4'" in reconcile(table, "--column", "#4", "--overwrite").stderr


@pytest.mark.parametrize("cell", ['5" pipe', '"open', '"a"b"', '"a" ', ' "a"'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quotation_mark_that_can_stand_nowhere_is_told_with_its_line(reconcile, tmp_path, cell, end):
    table = tmp_path / "places.csv"
    rows = ["place,note", f'Heihe,"two{end}lines"', f"Manzhouli,{cell}", "Suifenhe,x", "Hunchun,y"]
    table.write_bytes(end.join(rows).encode())
    answered = reconcile(table, "--column", "place")
    assert answered.returncode == 1
    assert f"{table}:4: a quotation mark stands where none can" in answered.stderr
    assert not (tmp_path / "places.reconciled.csv").exists()


ODD = '@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <urn:a> skos:prefLabel "=1+1", "一\\u0001"@zh ; skos:altLabel "Odd" .'


@pytest.fixture
def odd(reconcile, tmp_path):
    """What looks for names in data whose labels are odd."""
    (tmp_path / "odd.ttl").write_text(ODD, encoding="utf-8")
    return lambda file, *more: reconcile(file, "--column", "name", "--against", tmp_path / "odd.ttl", *more)


@pytest.mark.parametrize(
    ("written", "said"), [("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-be", "utf-16"), ("utf-16", "")]
)
def test_mark_of_an_encoding_is_written_once_whatever_is_said(odd, tmp_path, written, said):
    table = tmp_path / "p.csv"
    table.write_bytes((codecs.BOM_UTF16_BE if written == "utf-16-be" else b"") + "name\nOdd\n".encode(written))
    answered = odd(table, "--encoding", said)
    assert answered.returncode == 0, answered.stderr
    content = (tmp_path / "p.reconciled.csv").read_bytes()
    assert content.startswith(table.read_bytes()[:4])
    assert "\ufeff" not in content.decode("utf-16" if "16" in written else "utf-8-sig")


def workbook_with(part, content):
    """Return a workbook with something else in the place of one of its parts."""
    sound, broken = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["name"])
    book.save(sound)
    with zipfile.ZipFile(sound) as read, zipfile.ZipFile(broken, "w") as written:
        for name in read.namelist():
            written.writestr(name, content if name == part else read.read(name))
    return broken.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "more", "says"),
    [
        ("p.csv", "name,é\nOdd,é\n".encode("latin-1"), ("--encoding", "ascii"), "is not ascii"),
        ("p.csv", b"name\nOdd\n", ("--encoding", "undefined"), "is not undefined"),
        ("p.csv", "name\nOdd\n".encode("utf-16-le"), (), "name its encoding"),
        ("p.csv", b"name\nOdd\n", ("--output", "/proc/p.csv"), "/proc/p.csv cannot be written"),
        ("p.xlsx", b"name", (), "cannot be read as .xlsx"),
        ("p.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, (), "cannot be read as .xlsx"),
        ("p.xlsx", workbook_with("xl/worksheets/sheet1.xml", "<worksheet"), (), "cannot be read as .xlsx"),
        ("p.xlsx", workbook_with("xl/workbook.xml", "<workbook"), (), "cannot be read as .xlsx"),
        ("p.parquet", b"name", (), "cannot be read as .parquet"),
    ],
)
def test_file_that_cannot_be_read_or_written_is_told_in_words(odd, tmp_path, name, content, more, says):
    (tmp_path / name).write_bytes(content)
    answered = odd(tmp_path / name, *more)
    assert (answered.returncode, says in answered.stderr) == (1, True), answered.stderr
    assert "Traceback" not in answered.stderr


def test_name_that_the_encoding_cannot_hold_is_told(reconcile, tmp_path):
    (tmp_path / "p.csv").write_bytes("name,é\nTea,é\n".encode("latin-1"))
    named = '<urn:a> <http://xmlns.com/foaf/0.1/name> "茶" ; <https://schema.org/alternateName> "Tea" .'
    (tmp_path / "d.ttl").write_text(named, encoding="utf-8")
    told = ["--column", "name", "--against", tmp_path / "d.ttl", "--encoding", "latin-1"]
    answered = reconcile(tmp_path / "p.csv", *told)
    assert (answered.returncode, "characters that latin-1 has not" in answered.stderr) == (1, True), answered.stderr


def test_label_in_a_workbook_is_no_formula_and_a_format_no_row(odd, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["name"])
    book.active.append(["Odd"])
    # Whoever formats whole rows and columns makes a sheet of the largest size.
    book.active.cell(2, 16_384).number_format = "0.00"
    book.active.cell(40_000, 1).number_format = "0.00"
    book.save(tmp_path / "p.xlsx")
    answered = odd(tmp_path / "p.xlsx")
    assert answered.returncode == 0, answered.stderr
    assert "1 sure, 0 doubtful, 0 unmatched" in answered.stderr
    sheet = openpyxl.load_workbook(tmp_path / "p.reconciled.xlsx").active
    row = [sheet.cell(2, place) for place in (1, 2, 3)]
    assert [cell.value for cell in row] == ["Odd", "urn:a", "=1+1"]
    assert row[2].data_type == "s"


def test_who_names_no_column_is_told_which_there_are(reconcile, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text("地名,province\n黑河,HLJ\n", encoding="utf-8")
    done = reconcile(table, "--column", "province=locatedIn")
    assert done.returncode == 1
    assert done.stderr == (
        "kouan: Say which column holds the names, such as --column '地名'; places.csv has 地名, province.\n"
    )


@pytest.mark.parametrize("there", ["places.csv", "out.csv", "other.tsv"])
def test_mappings_are_written_over_no_file_unasked(reconcile, tmp_path, there):
    table, other = tmp_path / "places.csv", tmp_path / "other.tsv"
    table.write_text("place\nHunchun\n")
    other.write_text("mine\n")
    done = reconcile(table, "--column", "place", "-o", tmp_path / "out.csv", "--sssom", tmp_path / there)
    assert done.returncode == 1
    assert there in done.stderr
    assert table.read_text() == "place\nHunchun\n"
    assert other.read_text() == "mine\n"
    assert not (tmp_path / "out.csv").exists()


def test_no_match_of_one_type_is_none_of_another(reconcile, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text("place\nYichun\n")
    (tmp_path / "places.csv.decisions.csv").write_text(
        "name,evidence,decision,id,label,date\nYichun,type=Port,no match,,,2026-12-01\n"
    )
    assert "rejected" in reconcile(table, "--column", "place", "--type", "Port", "-o", "-").stdout
    assert "rejected" not in reconcile(table, "--column", "place", "--type", "City", "-o", "-").stdout


def test_refusal_names_the_line_of_the_file(reconcile, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text("place,province\n\n满洲里,内蒙古\n,\n\nRuili\nHunchun,Jilin,extra\n", encoding="utf-8")
    assert "line 7 has more values" in reconcile(table, "--column", "place", "-o", "-").stderr


def test_day_as_a_spreadsheet_writes_it_is_no_day_of_a_mapping(reconcile, tmp_path):
    table, mappings = tmp_path / "places.csv", tmp_path / "mappings.tsv"
    table.write_text("place\nYichun\n")
    (tmp_path / "places.csv.decisions.csv").write_text(
        "name;evidence;decision;id;label;date\nYichun;;match;yichun-heilongjiang;;01/12/2026\n"
    )
    done = reconcile(table, "--column", "place", "-o", "-", "--sssom", mappings)
    assert "decided" in done.stdout
    assert "01/12/2026" not in done.stdout + mappings.read_text()


def test_decisions_that_are_not_there_are_missed_and_a_column_counts_once(reconcile, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text("place\nHunchun\n")
    done = reconcile(table, "--column", "place", "-o", "-", "--decisions", tmp_path / "slip.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert "slip.csv" in done.stderr
    done = reconcile(table, "--column", "place", "--column", "place", "-o", "-")
    assert done.stdout.splitlines()[0].split(",") == ["place", *ADDED]
