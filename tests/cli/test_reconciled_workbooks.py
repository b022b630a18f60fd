"""kouan reconcile adds cells to one sheet of a workbook, and every other part, byte and value is as it was."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import Font

DATA = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:tea> skos:prefLabel "Tea" . <urn:coffee> skos:prefLabel "Coffee" . <urn:milk> skos:prefLabel "Milk & <more>"; skos:altLabel "Milk" .
"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def drinks(reconcile, tmp_path):
    """What looks for drinks in a small file."""
    (tmp_path / "drinks.ttl").write_text(DATA, encoding="utf-8")
    return lambda file, *more: reconcile(file, "--column", "drink", "--against", tmp_path / "drinks.ttl", *more)


def picture():
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")


def rich(path):
    """Write a workbook with what libraries that read cells lose."""
    book = xlsxwriter.Workbook(path)
    sheet, bold = book.add_worksheet("drinks"), book.add_format({"bold": True})
    book.add_worksheet("other").write(0, 0, "kept")
    for place, name in enumerate(("drink", "n", "double")):
        sheet.write(0, place, name)
    sheet.write_formula(1, 0, '="Te"&"a"', None, "Tea")
    sheet.write(1, 1, 3)
    sheet.write_formula(1, 2, "=B2*2", None, 6)
    sheet.write_rich_string(2, 0, bold, "Cof", "fee")
    sheet.write(3, 0, "Milk")
    sheet.write_comment(3, 0, "a note")
    sheet.insert_image("K5", "x.png", {"image_data": io.BytesIO(picture())})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=drinks!$B$2:$B$3"})
    sheet.insert_chart("L5", chart)
    sheet.insert_textbox("N5", "a text")
    sheet.insert_button("P5", {"macro": "m"})
    sheet.data_validation("B2:B9", {"validate": "integer", "criteria": ">", "value": 0})
    sheet.conditional_format("B2:B9", {"type": "data_bar", "data_bar_2010": True})
    sheet.add_sparkline("M9", {"range": "drinks!B2:B3"})
    if path.suffix == ".xlsm":
        macros = path.with_name("macros.bin")
        macros.write_bytes(b"macros")
        book.add_vba_project(str(macros))
    book.close()


@pytest.mark.filterwarnings("ignore:.*will be removed:UserWarning")
@pytest.mark.parametrize("ending", ["xlsx", "xlsm"])
def test_pictures_charts_macros_runs_and_values_of_formulas_stay(drinks, tmp_path, ending):
    rich(tmp_path / f"d.{ending}")
    answered = drinks(tmp_path / f"d.{ending}", "--sheet", "drinks")
    assert answered.returncode == 0, answered.stderr
    assert "3 sure, 0 doubtful, 0 unmatched" in answered.stderr
    assert "warn" not in answered.stderr
    with (
        zipfile.ZipFile(tmp_path / f"d.{ending}") as before,
        zipfile.ZipFile(tmp_path / f"d.reconciled.{ending}") as after,
    ):
        assert after.testzip() is None
        assert after.namelist() == before.namelist()
        changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
        assert changed == ["xl/worksheets/sheet1.xml"]
        own, written = (book.read(changed[0]) for book in (before, after))
    # Of the sheet nothing but what is said of its size and its rows', and what stands behind the cells, is new.
    own = re.sub(rb' spans="[^"]*"', b"", own)
    for part in re.split(rb'<dimension ref="[^"]*"/>|</row>', own):
        assert part in written
    values = openpyxl.load_workbook(tmp_path / f"d.reconciled.{ending}", data_only=True).worksheets[0]
    assert [cell.value for cell in values[2]][:5] == ["Tea", 3, 6, "urn:tea", "Tea"]
    assert [row[4].value for row in values["A2:E4"]] == ["Tea", "Coffee", "Milk & <more>"]


def test_sheet_without_the_column_is_named_and_another_sheet_and_row_can_be(drinks, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "About"
    book.active.append(["what", "by"])
    sheet = book.create_sheet("Data 2024")
    for row in (["Drinks of the world"], [], ["drink", "n"], ["Tea", 1], ["Coffee", 2]):
        sheet.append(row)
    # A title over more columns than there are hides no cell of the table.
    sheet.merge_cells("A1:F1")
    book.save(tmp_path / "d.xlsx")
    refused = drinks(tmp_path / "d.xlsx")
    assert refused.returncode == 1
    assert "reading the sheet 'About'" in refused.stderr
    assert "The sheet 'About' has no column 'drink'; it has 'what', 'by'" in refused.stderr
    assert "'Data 2024'; --sheet names one" in refused.stderr
    assert "--header-row" in drinks(tmp_path / "d.xlsx", "--sheet", "Data 2024").stderr
    assert "has no sheet 'Data'" in drinks(tmp_path / "d.xlsx", "--sheet", "Data").stderr
    done = drinks(tmp_path / "d.xlsx", "--sheet", "Data 2024", "--header-row", 3)
    assert "2 sure, 0 doubtful, 0 unmatched" in done.stderr
    written = openpyxl.load_workbook(tmp_path / "d.reconciled.xlsx")["Data 2024"]
    assert [[cell.value for cell in row][:3] for row in written.iter_rows(min_row=3)] == [
        ["drink", "n", "kouan_id"],
        ["Tea", 1, "urn:tea"],
        ["Coffee", 2, "urn:coffee"],
    ]


def test_what_is_added_stands_behind_merged_cells_and_keeps_the_formats_there(drinks, tmp_path):
    book = openpyxl.Workbook()
    for row in (["drink"], ["Tea"], ["Coffee"]):
        book.active.append(row)
    book.active.merge_cells("A3:C3")
    book.active["D2"].font = Font(bold=True)
    book.active["Z2"].font = Font(bold=True)
    book.save(tmp_path / "d.xlsx")
    assert drinks(tmp_path / "d.xlsx").returncode == 0
    sheet = openpyxl.load_workbook(tmp_path / "d.reconciled.xlsx").active
    assert [cell.value for cell in sheet["D"]] == ["kouan_id", "urn:tea", "urn:coffee"]
    assert (sheet["D2"].font.bold, sheet["Z2"].font.bold) == (True, True)


def test_formula_without_a_value_is_told_of(drinks, tmp_path):
    book = openpyxl.Workbook()
    for row in (["drink"], ['="Te"&"a"'], ["Coffee"]):
        book.active.append(row)
    book.save(tmp_path / "d.xlsx")
    assert "1 formula has no value yet" in drinks(tmp_path / "d.xlsx").stderr


def test_sheet_of_another_program_with_prefixes_and_without_places_is_added_to(drinks, tmp_path):
    def cell(text):
        return f'<x:c t="inlineStr"><x:is><x:t>{text}</x:t></x:is></x:c>'

    rows = f'<x:row spans="1:1">{cell("drink")}</x:row><x:row ht="9"/><x:row>{cell("茶")}</x:row><x:row>{cell("Tea")}</x:row>'
    book = openpyxl.Workbook()
    book.save(tmp_path / "empty.xlsx")
    with zipfile.ZipFile(tmp_path / "empty.xlsx") as read, zipfile.ZipFile(tmp_path / "d.xlsx", "w") as written:
        for name in read.namelist():
            sheet = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
            written.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else read.read(name))
    answered = drinks(tmp_path / "d.xlsx")
    assert answered.returncode == 0, answered.stderr
    found = openpyxl.load_workbook(tmp_path / "d.reconciled.xlsx").active
    assert [[cell.value for cell in row][:2] for row in found.iter_rows()] == [
        ["drink", "kouan_id"],
        [None, None],
        ["茶", None],
        ["Tea", "urn:tea"],
    ]


@pytest.mark.parametrize(
    ("name", "option", "says"),
    [
        ("d.csv", ("--sheet", "x"), "has no sheets"),
        ("d.xlsx", ("--delimiter", ";"), "is no text"),
        ("d.xlsx", ("--header-row", "9"), "row 9 of the sheet"),
    ],
)
def test_option_that_the_file_has_no_use_for_is_refused(drinks, tmp_path, name, option, says):
    book = openpyxl.Workbook()
    book.active.append(["drink"])
    book.save(tmp_path / "d.xlsx")
    (tmp_path / "d.csv").write_text("drink\nTea\n", encoding="utf-8")
    answered = drinks(tmp_path / name, *option)
    assert (answered.returncode, says in answered.stderr) == (1, True), answered.stderr


def altered(path, change):
    """Change the XML of the first sheet of a workbook of drinks."""
    book = openpyxl.Workbook()
    for row in (["drink"], ["Tea"], ["Coffee"], ["Milk"]):
        book.active.append(row)
    book.save(path)
    parts = {}
    with zipfile.ZipFile(path) as read:
        parts = {name: read.read(name) for name in read.namelist()}
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"].decode()).encode()
    with zipfile.ZipFile(path, "w") as written:
        for name, content in parts.items():
            written.writestr(name, content)


def out_of_order(sheet):
    first, *rows = re.findall(r"<row .*?</row>", sheet)
    return sheet.replace("".join([first, *rows]), "".join([first, rows[2], rows[0], rows[1]]))


@pytest.mark.parametrize(
    "change",
    [
        out_of_order,
        lambda sheet: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A:C"', sheet),
        lambda sheet: re.sub(r'<dimension ref="[^"]*"', '<dimension ref=""', sheet),
    ],
    ids=["rows out of order", "size of whole columns", "no size"],
)
def test_sheet_that_programs_open_is_read_whole_however_it_is_written(drinks, tmp_path, change):
    altered(tmp_path / "d.xlsx", change)
    answered = drinks(tmp_path / "d.xlsx")
    assert answered.returncode == 0, answered.stderr
    assert "3 sure, 0 doubtful, 0 unmatched" in answered.stderr
    rows = openpyxl.load_workbook(tmp_path / "d.reconciled.xlsx").active.iter_rows(
        min_row=2, max_col=2, values_only=True
    )
    assert sorted(rows) == [("Coffee", "urn:coffee"), ("Milk", "urn:milk"), ("Tea", "urn:tea")]


def test_cell_far_below_the_others_is_a_row_and_those_between_are_none(drinks, tmp_path):
    book = openpyxl.Workbook()
    for row in (["drink"], ["Tea"]):
        book.active.append(row)
    book.active.cell(1_048_576, 1).value = "Coffee"
    book.save(tmp_path / "d.xlsx")
    answered = drinks(tmp_path / "d.xlsx")
    assert answered.returncode == 0, answered.stderr
    assert "2 sure, 0 doubtful, 0 unmatched" in answered.stderr


def test_row_beyond_the_last_that_a_sheet_may_have_is_refused(drinks, tmp_path):
    altered(tmp_path / "d.xlsx", lambda sheet: sheet.replace('r="4"', 'r="99999999"'))
    answered = drinks(tmp_path / "d.xlsx")
    assert (answered.returncode, "has a row 99999999" in answered.stderr) == (1, True), answered.stderr
