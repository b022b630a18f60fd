"""Other people's data is introduced by what it says of itself, or its operator says of it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
VOID = "http://rdfs.org/ns/void#"
HTML = {"Accept": "text/html"}
OTHERS = Path(__file__).parents[1] / "fixtures" / "others"


def described(client, address):
    store = Store()
    store.load(client.get(address, headers={"Accept": "text/turtle"}).content, RdfFormat.TURTLE)
    return store


def values(store, predicate, subject=None):
    found = store.quads_for_pattern(subject, NamedNode(predicate), None)
    return {(quad.object.value, getattr(quad.object, "language", None)) for quad in found}


def dataset_of(store):
    """Return the one dataset that is described; the description, and each service and file, has a title of its own."""
    kinds = {NamedNode(VOID + "Dataset"), NamedNode(DCAT + "Dataset")}
    [dataset] = {q.subject for q in store.quads_for_pattern(None, NamedNode(RDF + "type"), None) if q.object in kinds}
    return dataset


@pytest.mark.parametrize("address", ["/void", "/dcat", "/sparql"])
def test_schema_org_header_is_the_title_and_the_licence_of_the_dataset(museums, address):
    store = described(museums, address)
    assert values(store, DCT + "title", dataset_of(store)) == {("Museums of three islands", "en"), ("三岛博物馆", "zh")}
    assert values(store, DCT + "license") >= {("https://creativecommons.org/publicdomain/zero/1.0/", None)}
    publisher = values(store, FOAF + "name", NamedNode("https://museums.example/society"))
    # A service's own description says no more of its dataset.
    assert publisher == (set() if address == "/sparql" else {("The Society of Island Museums", "en")})


def test_the_catalogue_is_the_header_and_not_one_of_its_datasets(catalogue):
    store = described(catalogue, "/void")
    assert values(store, DCT + "title", dataset_of(store)) == {
        ("Open data of a small town", "en"),
        ("小镇开放数据", "zh"),
    }
    assert values(store, FOAF + "name") == {("The town council", "en")}


def test_rights_in_words_are_no_address_of_a_licence(thesaurus):
    store = described(thesaurus, "/void")
    assert values(store, DCT + "license") == set()
    rights = next(store.quads_for_pattern(None, NamedNode(DCT + "rights"), None)).object
    assert [q.object for q in store.quads_for_pattern(rights, None, None) if isinstance(q.object, Literal)] == [
        Literal("For anyone, for anything")
    ]
    assert ("A tea house", None) in values(store, FOAF + "name")


@pytest.mark.parametrize(
    ("language", "title", "description"),
    [("en", "Thesaurus of tea", "Kinds of tea"), ("zh", "茶叶词表", "Kinds of tea"), ("fr", "Thesaurus of tea", "")],
)
def test_pages_are_called_what_the_data_is_called_in_the_readers_language(thesaurus, language, title, description):
    page = thesaurus.get("/", headers=HTML | {"Accept-Language": language}).text
    assert title in page
    assert "border cities" not in page


def test_what_the_operator_says_goes_before_what_the_data_says(start, tmp_path):
    said = {"KOUAN_TITLE": "Tea for all", "KOUAN_PUBLISHER": "We", "KOUAN_LICENCE": "https://licence.example/"}
    said["KOUAN_SNAPSHOTS"] = str(tmp_path)
    with start([str(OTHERS / "thesaurus.ttl")], said) as address, httpx.Client(base_url=address) as client:
        store = described(client, "/void")
    assert values(store, DCT + "title", dataset_of(store)) == {("Tea for all", None)}
    assert values(store, FOAF + "name") == {("We", None)}
    assert values(store, DCT + "license") == {("https://licence.example/", None)}


def test_data_without_a_header_is_called_after_its_file(start, tmp_path):
    (tmp_path / "bread-and-salt.nt").write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    with start([str(tmp_path / "bread-and-salt.nt")], {"KOUAN_SNAPSHOTS": str(tmp_path / "s")}) as address:
        answer = httpx.get(f"{address}/", headers=HTML)
    assert "bread and salt" in answer.text


def test_the_downloads_are_called_what_the_data_is_called(museums):
    crate = museums.get("/dump/ro-crate-metadata.json").json()
    root = next(each for each in crate["@graph"] if each["@id"] == "./")
    assert root["name"] == "Museums of three islands"
    assert root["license"] == {"@id": "https://creativecommons.org/publicdomain/zero/1.0/"}
