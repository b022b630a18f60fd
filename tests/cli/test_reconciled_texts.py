"""kouan reconcile finds out the encoding and the delimiter of a table of text, or says in words what it needs to be told."""

from __future__ import annotations

import csv

import pytest

DATA = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:tea> skos:prefLabel "Tea", "茶" . <urn:coffee> skos:prefLabel "Coffee", "咖啡" .
<urn:heihe> skos:prefLabel "Heihe", "Хэйхэ"@ru ; skos:altLabel "黑龍江黑河"@zh-Hant , "黑龙江黑河"@zh .
"""


@pytest.fixture
def drinks(reconcile, tmp_path):
    """What looks for drinks in a small file, and gives the lines that are written in an encoding."""
    (tmp_path / "drinks.ttl").write_text(DATA, encoding="utf-8")

    def run(content, *more, column="drink", name="d.csv", encoding="utf-8"):
        (tmp_path / name).write_bytes(content.encode(encoding))
        told = ["--column", column, "--against", tmp_path / "drinks.ttl", "--overwrite"]
        answered = reconcile(tmp_path / name, *told, *more)
        written = tmp_path / name.replace(".", ".reconciled.")
        return answered, written.read_bytes().decode(encoding).splitlines() if answered.returncode == 0 else []

    return run


CHINESE = "飲料,數\n黑龍江黑河,1\n咖啡,2\n"
SIMPLIFIED = "饮料,数\n黑龙江黑河,1\n咖啡,2\n"


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        (CHINESE, "cp950", "read as Big5"),
        (CHINESE, "gb18030", "read as GB 18030"),
        (SIMPLIFIED, "gbk", "read as GB 18030"),
        (CHINESE, "utf-8", ""),
        (
            "Хэйхэ,место\nХэйхэ,в Китае\nCoffee,кофе\n".replace("Хэйхэ,место", "饮料,место"),
            "gb18030",
            "read as GB 18030",
        ),
    ],
)
def test_encoding_in_which_the_text_is_meant_is_taken_and_said(drinks, content, encoding, said):
    answered, lines = drinks(content, column=content.partition(",")[0], encoding=encoding)
    assert answered.returncode == 0, answered.stderr
    assert "2 sure" in answered.stderr
    assert ("--encoding" in answered.stderr, said in answered.stderr) == (bool(said), True)
    assert [line[: len(own)] for line, own in zip(lines, content.splitlines(), strict=True)] == content.splitlines()


def test_remark_that_the_encoding_has_no_characters_for_is_told_by_numbers(reconcile, tmp_path):
    (tmp_path / "p.csv").write_bytes("地名\n琿春市\n".encode("cp950"))
    done = reconcile(tmp_path / "p.csv", "--column", "地名")
    assert done.returncode == 0, done.stderr
    assert "/id/hunchun,Hunchun," in (tmp_path / "p.reconciled.csv").read_bytes().decode("cp950")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("drink,land\nZürich,é\nKöln,x\n", "latin-1"), ("drink\n黒河\n満洲里\n大阪\n", "shift_jis")],
)
def test_text_in_no_encoding_that_is_known_is_not_read_as_one_by_chance(drinks, content, encoding):
    answered, _ = drinks(content, encoding=encoding)
    assert (answered.returncode, "neither UTF-8 nor GB 18030 nor Big5" in answered.stderr) == (1, True)
    assert drinks(content, "--encoding", encoding, encoding=encoding)[0].returncode == 0


@pytest.mark.parametrize(
    ("rows", "more", "first"),
    [
        (("drink;note, long, and so on", "Tea;x", "Coffee;y, z"), (), "Tea;x;urn:tea;"),
        (("drink|a;b", "Tea|x", "Coffee|y"), (), "Tea|x|urn:tea|"),
        (("drink", "Tea; green", "Coffee"), (), "Tea; green,"),
        (("drink,n;m", "Tea,1;2", "Coffee,3;4"), ("--delimiter", ","), "Tea,1;2,urn:tea,"),
        (("n!drink", "1!Tea", "2!Coffee"), ("--delimiter", "!"), "1!Tea!urn:tea!"),
        (("drink\tn,m", "Tea\t1,2", "Coffee\t3,4"), ("--delimiter", "tab"), "Tea\t1,2\turn:tea\t"),
    ],
)
def test_delimiter_is_the_one_that_parts_all_rows_alike(drinks, rows, more, first):
    answered, lines = drinks("\n".join(rows), *more)
    assert answered.returncode == 0, answered.stderr
    assert lines[1].startswith(first)


@pytest.mark.parametrize(
    ("rows", "more", "says"),
    [
        (("drink,n;m", "Tea,1;2", "Coffee,3;4"), (), "',' and ';' part its rows alike"),
        (("drink", "Tea, green", "Coffee, black"), (), "line 2 has more values than there are columns"),
        (("drink,n", "Tea,1", "Coffee,2,3"), (), "line 3 has more values than there are columns, where ',' parts them"),
        (("drink", "Tea"), ("--delimiter", "::"), "'::' parts no columns"),
        (("drink", "Tea"), ("--header-row", "4"), "is empty"),
    ],
)
def test_rows_that_nothing_parts_alike_are_told_in_words(drinks, rows, more, says):
    answered, _ = drinks("\n".join(rows), *more)
    assert (answered.returncode, says in answered.stderr) == (1, True), answered.stderr


@pytest.mark.parametrize("first", ["", "sep=;\n"])
def test_lines_before_the_one_that_names_the_columns_stay(drinks, first):
    head = [*first.splitlines(), 'Drinks, of the "world', "as of 2024", ""]
    content = "\n".join([*head, "drink;n", "Tea;1", "Coffee;2"])
    answered, lines = drinks(content, "--header-row", len(head) + 1)
    assert "2 sure" in answered.stderr, answered.stderr
    assert lines[: len(head)] == head
    assert lines[len(head) + 1].startswith("Tea;1;urn:tea;")


def test_character_that_an_encoding_has_twice_keeps_its_bytes(reconcile, tmp_path):
    # 十 and 卅 have two codes each in Big5, of which a program writes but one.
    table = "地名,數\n黑河,".encode("cp950") + b"\xa2\xcc\xa2\xce\r\n" + "琿春,二\r\n".encode("cp950")
    (tmp_path / "p.csv").write_bytes(table)
    answered = reconcile(tmp_path / "p.csv", "--column", "地名")
    assert answered.returncode == 0, answered.stderr
    rows = (tmp_path / "p.reconciled.csv").read_bytes().splitlines()
    assert [row[: len(own)] for row, own in zip(rows, table.splitlines(), strict=True)] == table.splitlines()
    assert "/id/heihe," in rows[1].decode("cp950")


def test_mark_is_added_to_no_table_that_had_none(drinks):
    answered, lines = drinks("drink\nTea\n", "--encoding", "utf-8-sig")
    assert answered.returncode == 0, answered.stderr
    assert lines[0].startswith("drink,")


@pytest.mark.parametrize("encoding", ["idna", "unicode_escape"])
def test_encoding_that_the_table_cannot_be_written_in_is_refused(reconcile, tmp_path, encoding):
    (tmp_path / "p.csv").write_bytes(b"place\\n\nHeihe\n")
    answered = reconcile(tmp_path / "p.csv", "--column", "place", "--encoding", encoding)
    assert (answered.returncode, "save the table as UTF-8" in answered.stderr) == (1, True), answered.stderr


def test_end_of_a_line_in_a_name_or_in_a_label_makes_no_rows(reconcile, tmp_path):
    (tmp_path / "t.ttl").write_text(
        '<urn:tea> <http://www.w3.org/2000/01/rdf-schema#label> "Green\\nTea" .', encoding="utf-8"
    )
    (tmp_path / "t.csv").write_bytes(b'drink,note\n"Green Tea",x\n"Green\rTea",y\n')
    asked = ("--column", "drink", "--against", tmp_path / "t.ttl", "--overwrite", "--output", tmp_path / "out.csv")
    assert reconcile(tmp_path / "t.csv", *asked).returncode == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:3] for row in rows[1:]] == [["Green Tea", "x", "urn:tea"], ["Green\rTea", "y", "urn:tea"]]
