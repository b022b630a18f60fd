"""The document of a thing tells all that belongs to it, the same in every format, and names sources that answer."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, RdfFormat, parse

from kouan.vocabulary import BASE, DCT

FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
OA = "http://www.w3.org/ns/oa#"
ODD = (
    """
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix : <http://odd.example/> .
:empty :p [], [ :q [] ] .
:lists :p (1 2 [] (3)), [ rdf:first 1 ], [ rdf:first 1, 2 ; rdf:rest () ], [ a rdf:List ; rdf:first 1 ; rdf:rest () ] ,
  [ rdf:first 1 ; rdf:rest [] ], [ rdf:first 1 ; rdf:rest :elsewhere ], _:shared .
_:shared rdf:first 1 ; rdf:rest _:later . _:later rdf:first 2 ; rdf:rest () . :lists :q _:later .
:ring :p _:one . _:one :p _:two . _:two :p _:one .
:round :p _:first . _:first rdf:first 1 ; rdf:rest _:second . _:second rdf:first 2 ; rdf:rest _:first .
:deep :p """
    + f"{'[ :p ' * 300}1{' ]' * 300} .\n:long :p ( {' '.join(map(str, range(400)))} ) .\n"
)


def said(answer, extension):
    assert answer.status_code == 200, answer.text[:500]
    dataset = Dataset(parse(answer.content, FORMATS[extension], base_iri=str(answer.url)))
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


@pytest.fixture(scope="module")
def odd(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    (folder / "odd.ttl").write_text(ODD, encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path_factory.mktemp("kept")), "KOUAN_WORKERS": "1"}
    with start([str(folder)], environment) as address, httpx.Client(base_url=address, timeout=30, trust_env=False) as c:
        yield c


@pytest.mark.parametrize("name", ["empty", "lists", "ring", "round", "deep", "long"])
def test_nodes_without_names_are_the_same_in_every_format_however_they_hang_together(odd, name):
    thing = {"iri": f"http://odd.example/{name}"}
    plain = said(odd.get("/thing", params=thing | {"format": "nt"}), "nt")
    assert said(odd.get("/thing", params=thing | {"format": "ttl"}), "ttl") == plain


@pytest.mark.parametrize("name", ["empty", "lists"])
def test_thing_without_a_name_is_cited_by_the_addresses_on_its_page(odd, name):
    page = odd.get("/thing", params={"iri": f"http://odd.example/{name}"}, headers={"Accept": "text/html"}).text
    offered = [unescape(address) for address in re.findall(r'href="(/cite[^"]*)"', page)]
    assert offered
    for address in offered:
        assert f"http://odd.example/{name}" in odd.get(address).raise_for_status().text
    assert odd.get("/cite", params={"iri": "http://odd.example/nothing"}).status_code == 404


@pytest.mark.parametrize("extension", FORMATS)
def test_document_holds_what_its_nodes_without_names_say(client, extension):
    document = said(client.get(f"/doc/border-population-structure.{extension}"), extension)
    within = [quad.object for quad in document if isinstance(quad.object, BlankNode)]
    assert within
    assert all(list(document.quads_for_subject(node)) for node in within)


def test_document_holds_what_is_said_of_its_parts(client):
    document = said(client.get("/doc/source/chen-2018/p24.ttl"), "ttl")
    position = NamedNode(f"{BASE}source/chen-2018/p24#position")
    assert OA + "start" in {quad.predicate.value for quad in document.quads_for_subject(position)}


@pytest.mark.parametrize("name", ["heihe", "unit-person", "source/chen-2018", "ontology"])
def test_sources_of_a_document_answer(client, name):
    document = said(client.get(f"/doc/{name}.ttl"), "ttl")
    sources = {
        q.object.value for q in document.quads_for_predicate(NamedNode(DCT + "source")) if "/doc/" in str(q.subject)
    }
    for source in sources:
        assert client.head(source.removeprefix(BASE.rstrip("/"))).status_code == 303, source
