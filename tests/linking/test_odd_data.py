"""Data that says odd things of its points, numbers, days, classes and holders reconciles all the same."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kouan.linking.evidence import Clues
from kouan.linking.matching import Matcher
from kouan.linking.other_data import OtherData
from kouan.linking.showing import Shown
from kouan.vocabulary import SKOS

CHAIN = 1_100
CLASSES = "\n".join(f"ex:deep a ex:C{n} . ex:C{n} rdfs:subClassOf ex:C{n + 1} ." for n in range(CHAIN))
DATA = f"""
@prefix ex: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix wgs84: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:dots rdfs:label "Dots" ; geo:hasGeometry [ geo:asWKT "POINT(1.2.3 4)"^^geo:wktLiteral ] ; geo:asWKT "POINT(. .)" .
ex:far rdfs:label "Far" ; wgs84:lat "INF"^^xsd:double ; wgs84:long 5 .
ex:none rdfs:label "None of it" ; wgs84:lat "NaN"^^xsd:double ; wgs84:long "NaN"^^xsd:double .
ex:said rdfs:label "Said" ; ex:v "INF"^^xsd:double , "NaN"^^xsd:double , "1.5"^^xsd:double , "{"9" * 5000}"^^xsd:integer ,
    "2020-99-99"^^xsd:date , "2020-02-03"^^xsd:date .
ex:round rdfs:label "Round" ; skos:broader ex:about .
ex:about rdfs:label "About" ; skos:broader ex:round , ex:about .
ex:deep rdfs:label "Deep" .
{CLASSES}
"""


@pytest.fixture(scope="module")
def odd(start, tmp_path_factory):
    """A client of a server of such data."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "odd.ttl").write_text(DATA, encoding="utf-8")
    settings = {"KOUAN_SNAPSHOTS": str(tmp_path_factory.mktemp("snapshots"))}
    with (
        start([str(folder)], settings) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):
        yield client


def strictly(answer):
    """Return the JSON of an answer, of which Python alone would read more than there is."""
    assert answer.status_code == 200, answer.text

    def refuse(word):
        raise ValueError(f"{word} is no JSON")

    return json.loads(answer.text, parse_constant=refuse)


@pytest.mark.parametrize("name", ["Dots", "Far", "None of it", "Said", "Round", "Deep"])
def test_thing_is_found_by_its_name_beside_a_point(odd, name):
    query = {"query": name, "properties": [{"pid": "coordinates", "v": "5 5"}]}
    (best,) = strictly(odd.post("/reconcile", json={"q": query}))["q"]["result"]
    assert (best["name"], best["match"]) == (name, True)


def test_values_that_are_none_of_their_type_are_told_as_text(odd):
    asked = {"ids": ["http://example.org/said"], "properties": [{"id": "v"}]}
    values = strictly(odd.post("/reconcile", json={"extend": asked}))["rows"]["http://example.org/said"]["v"]
    told = [next(iter(each.items())) for each in values]
    assert sorted(told) == sorted(
        [
            ("date", "2020-02-03T00:00:00Z"),
            ("float", 1.5),
            *(("str", text) for text in ("2020-99-99", "9" * 5000, "INF", "NaN")),
        ]
    )


def test_point_that_is_none_is_no_column(odd):
    ids = [f"http://example.org/{name}" for name in ("dots", "far", "none")]
    asked = {"ids": ids, "properties": [{"id": "latitude"}, {"id": "wkt"}]}
    rows = strictly(odd.post("/reconcile", json={"extend": asked}))["rows"]
    assert rows == {each: {"latitude": [], "wkt": []} for each in ids}


@pytest.mark.alone
@pytest.mark.parametrize("is_ring", [True, False])
def test_long_chain_and_ring_of_what_holds_what_are_read_in_one_walk(is_ring):
    broader, label = NamedNode(SKOS + "broader"), NamedNode(SKOS + "prefLabel")
    concepts = [NamedNode(f"http://example.org/{number}") for number in range(2_000)]
    quads = [Quad(each, label, Literal(f"Concept {number}")) for number, each in enumerate(concepts)]
    quads += [Quad(lower, broader, higher) for lower, higher in pairwise(concepts)]
    quads += [Quad(concepts[-1], broader, concepts[0])] if is_ring else []
    begun = time.process_time()
    matcher = Matcher(OtherData(quads))
    found = matcher.candidates("Concept 5", Clues(within=("Concept 1999",)))
    assert time.process_time() - begun < 6
    assert (found[0].thing.iri, found[0].match) == (concepts[5].value, True)
    below = matcher.candidates("Concept 1999", Clues(within=("Concept 5",)))
    assert (below[0].thing.iri, below[0].match) == (concepts[1999].value, is_ring)


@pytest.mark.alone
@pytest.mark.parametrize("is_ring", [True, False])
def test_long_chain_and_ring_of_what_is_one_thing_are_read_in_one_walk(is_ring):
    same, label = NamedNode("http://www.w3.org/2002/07/owl#sameAs"), NamedNode(SKOS + "prefLabel")
    concepts = [NamedNode(f"http://example.org/{number}") for number in range(2_000)]
    quads = [Quad(each, label, Literal(f"Concept {number}")) for number, each in enumerate(concepts)]
    quads += [Quad(each, same, other) for each, other in pairwise(concepts)]
    quads += [Quad(concepts[-1], same, concepts[0])] if is_ring else []
    begun = time.process_time()
    found = Matcher(OtherData(quads)).candidates("Concept 5")
    assert time.process_time() - begun < 6
    assert found[0].thing.iri == concepts[0].value


def test_description_of_what_lies_in_thousands_of_things_tells_the_nearest_and_the_widest():
    broader, label = NamedNode(SKOS + "broader"), NamedNode(SKOS + "prefLabel")
    concepts = [NamedNode(f"http://example.org/{number}") for number in range(50)]
    quads = [Quad(each, label, Literal(f"Concept {number}")) for number, each in enumerate(concepts)]
    quads += [Quad(lower, broader, higher) for lower, higher in pairwise(concepts)]
    data = OtherData(quads)
    said = Shown(data).describe(data.things[concepts[5].value])
    assert said.endswith(
        "in Concept 6, Concept 7, Concept 8, Concept 9, Concept 10, Concept 11, Concept 12, Concept 49"
    )
