"""Requests that say less than they should get what is meant, or are told what to add."""

from __future__ import annotations

import bz2
import gzip
import lzma
from urllib.parse import quote

import httpx
import pytest
import zstandard

BEARER = {"Authorization": "Bearer a-secret-token"}
TWO_SORTS = """<urn:a> a <http://a.example/Survey>, <http://b.example/Survey> . <urn:b> a <http://b.example/Survey> .
GRAPH <urn:g> { <urn:c> <urn:p> 1 }"""
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def surveys(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("surveys")
    (folder / "data.trig").write_text(TWO_SORTS, encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "s"), "KOUAN_TOKEN": "a-secret-token", "KOUAN_WORKERS": "1"}
    with (
        start([str(folder / "data.trig")], environment) as address,
        httpx.Client(base_url=address, headers=BEARER, timeout=30, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize("charset", ["gb18030", "iso-8859-1", "windows-1251", "utf-8"])
def test_percent_signs_of_a_form_stand_for_its_charset(surveys, charset):
    value = {"iso-8859-1": "é", "windows-1251": "порт"}.get(charset, "口岸")
    headers = {"Content-Type": f"{FORM}; charset={charset}"}
    for encoded in (quote(f"SELECT ('{value}' AS ?x) {{}}", encoding=each) for each in (charset, "utf-8")):
        answer = surveys.post("/sparql", content=f"query={encoded}", headers=headers)
        assert answer.json()["results"]["bindings"][0]["x"]["value"] == value


def test_percent_signs_that_are_neither_are_told_so(surveys):
    answer = surveys.post("/sparql", content="query=%FF%FE", headers={"Content-Type": f"{FORM}; charset=gb18030"})
    assert (answer.status_code, "percent signs" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("coding", "coded", "advice"),
    [
        ("gzip", gzip.compress, "Content-Encoding: gzip"),
        ("zstd", zstandard.ZstdCompressor().compress, "Content-Encoding: zstd"),
        ("bzip2", bz2.compress, "as it is or with gzip"),
        ("xz", lzma.compress, "as it is or with gzip"),
    ],
)
@pytest.mark.parametrize("media_type", ["text/turtle", "application/gzip"])
def test_file_that_is_compressed_and_does_not_say_so_is_told_how(surveys, coding, coded, advice, media_type):
    body = coded("<urn:d> <urn:p> '口岸' .".encode())
    answer = surveys.post("/data?graph=urn:z", content=body, headers={"Content-Type": media_type})
    detail = answer.json()["detail"]
    assert (answer.status_code, f"compressed with {coding}" in detail, advice in detail) == (400, True, True)


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": ""}])
def test_all_that_is_served_comes_to_who_names_no_format(surveys, headers):
    answer = surveys.get("/data", headers=headers)
    assert answer.headers["content-type"].startswith("application/trig")
    assert ("<urn:g>" in answer.text, "<urn:b>" in answer.text) == (True, True)


def test_of_two_classes_of_one_name_the_one_that_has_all_things_of_the_other_is_meant(surveys):
    asked = ({}, {"class": "http://a.example/Survey"})
    tables = [surveys.get("/surveys.csv", params=each).text.splitlines()[1:] for each in asked]
    assert [[row.partition(",")[0] for row in table] for table in tables] == [["urn:a", "urn:b"], ["urn:a"]]
    page = surveys.get("/surveys", headers={"Accept": "text/html"})
    assert (page.status_code, "b.example" in page.headers["location"]) == (303, True)


def test_observations_are_a_table(client):
    assert len(client.get("/observations.csv").text.splitlines()) > 500
