"""Files of an answer hold what is no value of its datatype as the text that it is: nothing is guessed, nothing is cut."""

from __future__ import annotations

import io

import pytest

ODD = [
    ("1_000", "integer"),
    ("²", "integer"),
    ("yes", "boolean"),
    ("1_0.5", "decimal"),
    ("0.12345678901234567890123", "decimal"),
    ("20200101", "date"),
    ("2020-W01-1", "date"),
    ("2020-01-01T00:00:00.1234567Z", "dateTime"),
    ("2020-01-01 00:00:00Z", "dateTime"),
]


def ask(client, query, form):
    answer = client.get("/sparql", params={"query": query, "format": form})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize(("text", "datatype"), ODD)
def test_what_is_no_value_of_its_datatype_stays_the_text_that_it_is(ports, text, datatype):
    parquet, openpyxl = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("openpyxl")
    value = f'"{text}"^^<http://www.w3.org/2001/XMLSchema#{datatype}>'
    query = f'SELECT ?x ?wkt {{ VALUES (?x ?wkt) {{ ({value} "POINT(1 2)"^^geo:wktLiteral) }} }}'
    query = "PREFIX geo: <http://www.opengis.net/ont/geosparql#>\n" + query
    assert ask(ports, query, "geojson").json()["features"][0]["properties"]["x"] == text
    sheet = openpyxl.load_workbook(io.BytesIO(ask(ports, query, "xlsx").content)).active
    assert sheet["A2"].value == text
    [held] = parquet.read_table(io.BytesIO(ask(ports, query, "parquet").content)).column("x").to_pylist()
    assert str(held) == text


@pytest.mark.parametrize(
    ("text", "datatype", "is_date"),
    [
        ("1689-08-27", "date", False),
        ("1858-05-28T12:00:00", "dateTime", False),
        ("1900-02-28", "date", False),
        ("1900-03-01", "date", True),
        ("1900-03-01T12:00:00", "dateTime", True),
    ],
)
def test_day_that_sheets_count_unlike_is_a_text(ports, text, datatype, is_date):
    openpyxl = pytest.importorskip("openpyxl")
    query = f'SELECT ("{text}"^^<http://www.w3.org/2001/XMLSchema#{datatype}> AS ?x) {{}}'
    cell = openpyxl.load_workbook(io.BytesIO(ask(ports, query, "xlsx").content)).active["A2"]
    assert (cell.is_date, cell.value.isoformat()[: len(text)] if is_date else cell.value) == (is_date, text)
