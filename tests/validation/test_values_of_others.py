"""Values of anybody's are held against datatypes and patterns as XML Schema and SPARQL have them (SHACL, sections 4.1.2 and 4.4.3)."""

from __future__ import annotations

import pytest

from kouan.vocabulary import XSD

PREFIXES = f"@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <https://example.org/> . @prefix xsd: <{XSD}> .\n"
TURTLE = {"Content-Type": "text/turtle", "Accept": "application/json"}
NONE_OF_THEIRS = {
    "decimal": ["5e0", "INF", "NaN", "", "."],
    "integer": ["1_0", "１２", " 5", "5\\n", "5.0"],
    "double": ["1_000", "inf", "nan", "infinity", "1e"],
    "dateTime": [
        *("2020-01-01 00:00:00", "2020-01-01T00:00", "20200101T000000", "2020-01-01T00:00:00+0100"),
        *("2021-02-29T00:00:00", "2020-01-01T24:00:01"),
    ],
    "date": ["2020-W01-1", "2020-01-01+15:00", "2020-04-31", "1900-02-29"],
    "time": ["12:00", "120000"],
    "long": ["9223372036854775808"],
    "unsignedLong": ["18446744073709551616", "-1"],
    "negativeInteger": ["9", "0"],
    "gYear": ["20"],
    "gYearMonth": ["2020-13"],
    "gMonthDay": ["--13-01", "--02-30"],
    "duration": ["P1W", "P", "PT"],
    "dayTimeDuration": ["P1Y"],
    "dateTimeStamp": ["2020-01-01T00:00:00"],
    "language": ["123"],
    "NCName": ["a:b"],
    "base64Binary": ["a"],
}
THEIRS = {
    "decimal": ["+5.", "-.5"],
    "integer": ["-0", "007", "9" * 4301],
    "double": ["INF", "NaN", "1e0"],
    "dateTime": ["2020-01-01T24:00:00", "-2020-01-01T00:00:00", "99999-01-01T00:00:00", "2000-01-01T00:00:00-14:00"],
    "date": ["-0001-01-01", "0000-02-29", "12020-01-01"],
    "time": ["24:00:00", "12:00:00.5Z"],
    "long": ["-9223372036854775808"],
    "gMonthDay": ["--02-29"],
    "duration": ["P1Y2M3DT4H5M6.7S", "-PT1S"],
    "NCName": ["北-1"],
    "base64Binary": ["TQ==", "TWE=", ""],
    "string": ["any"],
}


def wrong(client, values, asked):
    """Return the values that a property is told of."""
    said = ", ".join(values)
    shapes = PREFIXES + f":S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; {asked} ] ."
    answer = client.post("/validate", content=PREFIXES + f":a :p {said} .", headers=TURTLE, params={"shapes": shapes})
    assert answer.status_code == 200, answer.text
    return sorted(finding["value"] for finding in answer.json()["findings"])


@pytest.mark.parametrize("datatype", NONE_OF_THEIRS)
def test_literal_that_is_not_written_as_its_datatype_asks_has_none(client, datatype):
    values = [f'"{text}"^^xsd:{datatype}' for text in NONE_OF_THEIRS[datatype]]
    found = wrong(client, values, f"sh:datatype xsd:{datatype}")
    assert found == sorted(text.replace("\\n", "\n") for text in NONE_OF_THEIRS[datatype])


@pytest.mark.parametrize("datatype", THEIRS)
def test_literal_that_is_written_so_has_it(client, datatype):
    assert (
        wrong(client, [f'"{text}"^^xsd:{datatype}' for text in THEIRS[datatype]], f"sh:datatype xsd:{datatype}") == []
    )


@pytest.mark.parametrize(
    ("pattern", "flags", "values", "found"),
    [
        ("a.b", "s", [r'"a\nb"', '"acb"', '"ab"'], ["ab"]),
        ("a.b", "", [r'"a\nb"', '"acb"'], ["a\nb"]),
        ("a b c", "x", ['"abc"', '"a b c"'], ["a b c"]),
        ("5.", "q", ['"5."', '"50"'], ["50"]),
        ("^b$", "m", [r'"a\nb"', '"ab"'], ["ab"]),
        ("^a$", "", [r'"a\n"', '"a"'], ["a\n"]),
        ("^[a-z-[c]]+$", "", ['"abd"', '"abc"'], ["abc"]),
        (r"^\\\\p{Lu}\\\\p{L}*$", "", ['"Ürümqi"', '"ürümqi"'], ["ürümqi"]),
        ("^(?!x)", "", ['"ax"', '"xa"'], ["xa"]),
        ("^B", "i", ['"b"', "<https://example.org/b>"], ["https://example.org/b"]),
    ],
)
def test_pattern_is_that_of_sparql(client, pattern, flags, values, found):
    said = f'sh:pattern "{pattern}"'.replace("\\\\\\\\", "\\\\")
    assert wrong(client, values, f'{said} ; sh:flags "{flags}"' if flags else said) == found


@pytest.mark.parametrize(
    ("asked", "words"),
    [('sh:pattern "a" ; sh:flags "ig"', "'g'"), ('sh:pattern "(a"', "cannot be read")],
)
def test_pattern_that_cannot_be_read_is_refused_in_words(client, asked, words):
    shapes = PREFIXES + f":S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; {asked} ] ."
    answer = client.post("/validate", content=PREFIXES + ':a :p "a" .', headers=TURTLE, params={"shapes": shapes})
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


def test_query_that_says_that_it_failed_is_no_violation(client):
    shapes = PREFIXES + (
        ":S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:sparql [ sh:select 'SELECT $this (true AS ?failure) { }' ] ."
    )
    answer = client.post("/validate", content=PREFIXES + ':a :p "a" .', headers=TURTLE, params={"shapes": shapes})
    assert answer.status_code == 400
    assert "says that it failed" in answer.json()["detail"]
