"""Tools find what the dataset is, and anyone can download it whole and check it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import httpx
import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from kouan.http.dcat import dcat_description
from kouan.snapshot import dumps
from kouan.snapshot.about import OWN
from kouan.snapshot.dumps import DUMPS
from kouan.vocabulary import SHAPES_GRAPH

VOID = "http://rdfs.org/ns/void#"
READ = {
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "nt": RdfFormat.N_TRIPLES,
}


PORT_CITIES = "SELECT (COUNT(DISTINCT ?t) AS ?n) { ?t a <https://w3id.org/kouan/ontology#PortCity> }"


def test_void_counts_each_class_and_property_as_the_endpoint_does(client):
    triples = [
        q.triple for q in parse(client.get("/void", headers={"Accept": "text/turtle"}).content, RdfFormat.TURTLE)
    ]
    classes = {t.subject: t.object.value for t in triples if t.predicate.value == VOID + "class"}
    counts = {t.subject: int(t.object.value) for t in triples if t.predicate.value == VOID + "entities"}
    entities = {name: counts[node] for node, name in classes.items()}
    counted = client.post("/sparql", data={"query": PORT_CITIES}).json()["results"]["bindings"][0]["n"]["value"]
    assert entities["https://w3id.org/kouan/ontology#PortCity"] == int(counted) > 20
    assert any(t.predicate.value == VOID + "propertyPartition" for t in triples)


def test_well_known_void_is_the_description_itself(client):
    answer = client.get("/.well-known/void", headers={"Accept": "application/n-triples"})
    assert answer.status_code == 200
    assert len(list(parse(answer.content, RdfFormat.N_TRIPLES))) > 100


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/void", "/.well-known/void", "/dcat"])
def test_descriptions_have_a_page_for_a_browser_and_turtle_for_a_tool(client, path):
    moved = client.get(path, headers=BROWSER)
    assert (moved.status_code, moved.headers["vary"]) == (303, "Accept")
    page = client.get(moved.headers["location"], headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert "Kouan: China&#39;s border cities" in page.text
    for accept in ("*/*", "text/turtle", "text/turtle, text/html;q=0.5"):
        assert client.get(path, headers={"Accept": accept}).headers["content-type"].startswith("text/turtle")


def test_page_of_a_description_shows_what_nodes_without_names_hold_and_leads_to_rdf(client):
    page = client.get("/page/void", headers=BROWSER).text
    assert "(unnamed)" not in page
    text = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    counted = client.get("/sparql", params={"query": PORT_CITIES, "format": "csv"}).text.split()[1]
    assert f"class port city entities {counted} " in text
    for extension, media_type in {"ttl": "text/turtle", "jsonld": "application/ld+json"}.items():
        answer = client.get(f"/doc/void.{extension}")
        assert answer.headers["content-type"].startswith(media_type)
        assert "classPartition" in answer.text


def test_page_of_a_description_calls_its_publisher_by_the_name_that_it_gives(client):
    page = client.get("/page/void", headers=BROWSER).text
    assert re.search(r"<a [^>]*>The Kouan editors</a>", page)
    assert ">publisher</a></th><td><ul><li><a " in page
    assert not re.search(r"<li><a [^>]*>publisher</a>", page)


def test_links_to_other_datasets_are_told_in_words(client):
    page = client.get("/page/void", headers=BROWSER).text
    assert "<h2>close match → Wikidata</h2>" in page
    assert ">links-" not in page
    # Of the properties of a class the most frequent are there; the RDF has them all.
    assert re.search(r"and \d+ more", page)
    assert re.search(r">skos</a>", page)
    assert "近似匹配 → Wikidata" in client.get("/page/void", params={"lang": "zh"}, headers=BROWSER).text


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
def test_download_has_the_checksum_that_is_published(client, dump):
    checksums = dict(reversed(line.split("  ")) for line in client.get("/dump/SHA256SUMS").text.splitlines())
    answer = client.get(f"/dump/{dump.name}")
    assert answer.headers["content-type"].startswith(dump.media_type)
    assert hashlib.sha256(answer.content).hexdigest() == checksums[dump.name]
    assert len(list(parse(answer.content, READ[dump.name.rsplit(".", 1)[1]]))) > 4000


def test_quads_of_the_download_hash_to_the_version(client, snapshot):
    assert hashlib.sha256(client.get("/dump/kouan.nq").content).hexdigest() == snapshot.version


def test_turtle_is_the_merge_without_the_shapes_each_triple_once(client, snapshot):
    merged = {q.triple for q in snapshot.source_quads() if q.graph_name.value != SHAPES_GRAPH}
    downloaded = list(parse(client.get("/dump/kouan.ttl").content, RdfFormat.TURTLE))
    assert len(downloaded) == len({q.triple for q in downloaded}) == len(merged)


def test_reified_download_tells_the_passage_of_each_fact(client):
    fact = "<<( <https://w3id.org/kouan/id/heihe> <https://w3id.org/kouan/ontology#hasPort> <https://w3id.org/kouan/id/heihe-port> )>>"
    passage = "<https://w3id.org/kouan/source/chen-2018/p25>"
    reifies = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies>"
    assert f"{passage} {reifies} {fact} ." in client.get("/dump/kouan-reified.nt").text


def test_unknown_download_lists_what_there_is(client):
    answer = client.get("/dump/kouan.zip")
    assert answer.status_code == 404
    assert "kouan.trig" in answer.json()["detail"]


def test_dcat_gives_each_distribution_its_checksum(client):
    text = client.get("/dcat", headers={"Accept": "text/turtle"}).text
    assert text.count("dcat:downloadURL") == len(DUMPS)
    assert text.count("spdx:checksumValue") == len(DUMPS)


def test_what_was_written_since_is_described_without_the_files_being_written_for_it(snapshot, monkeypatch):
    monkeypatch.setattr(dumps, "_write", None)
    monkeypatch.setattr(type(snapshot), "source_quads", lambda _: iter(()))
    written = replace(snapshot, number=snapshot.built_with + 1)
    said = dcat_description(None, written, "http://x.org", OWN)
    assert sum(each.predicate.value.endswith("downloadURL") for each in said) == len(DUMPS)
    assert not any(each.predicate.value.endswith("byteSize") for each in said)
    assert b'"kouan.trig"' in dumps.crate(written, OWN)


def test_checksums_of_what_was_written_since_are_made_from_quads_that_are_read_once(snapshot, monkeypatch):
    asked = []
    written = replace(snapshot, number=snapshot.built_with + 1, version="another")
    monkeypatch.setattr(type(written), "source_quads", lambda each: asked.append(each) or iter(()))
    assert dumps.digests(written).keys() == {each.name for each in DUMPS}
    assert len(asked) == 1


def test_data_of_rdf_1_2_can_be_had_and_is_described(start, tmp_path):
    (tmp_path / "data.ttl").write_text(
        "PREFIX : <urn:a#>\n<< :a :b _:x >> :said 'سلام'@ar--rtl . _:x :p ( <<( :a :b <<( _:y :c 1 )>> )>> _:y [ :k 2 ] ) .",
        encoding="utf-8",
    )
    with (
        start([str(tmp_path / "data.ttl")], {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_WORKERS": "1"}) as address,
        httpx.Client(base_url=address, timeout=30, trust_env=False) as server,
    ):
        whole = {
            name: Dataset(parse(server.get(f"/dump/kouan.{name}").content, rdf_format))
            for name, rdf_format in [("ttl", RdfFormat.TURTLE), ("trig", RdfFormat.TRIG), ("nq", RdfFormat.N_QUADS)]
        }
        for data in whole.values():
            data.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
        assert len(whole["ttl"]) == 10
        assert whole["ttl"] == whole["trig"] == whole["nq"]
        jsonld = server.get("/dump/kouan.jsonld")
        assert (jsonld.status_code, "triple terms" in jsonld.json()["detail"]) == (406, True)
        assert server.get("/dump/SHA256SUMS").text.count("\n") == 4
        for path in ("/dcat", "/void", "/dump/ro-crate-metadata.json"):
            answer = server.get(path)
            assert answer.status_code == 200, answer.text
