"""Tools that ask an endpoint what it holds find it there, with the queries that they send."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, Store, parse

from kouan.evaluation.geometry import functions_for
from kouan.vocabulary import BASE, KOUAN, PREFIXES, RDFS, VOID, XSD

SD = "http://www.w3.org/ns/sparql-service-description#"
# What completion in an editor and prompts for language models are made of: partitions reached from the default graph.
PARTITIONS = """PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
SELECT DISTINCT ?graph ?subjectClass ?prop ?objectClass ?objectDatatype ?triples ?subjectClassLabel WHERE {
  {
    OPTIONAL { ?graph sd:graph ?graphDescription . ?graphDescription void:classPartition ?partition }
    ?partition void:class ?subjectClass ; void:propertyPartition ?propertyPartition .
    ?propertyPartition void:property ?prop .
    OPTIONAL { ?subjectClass rdfs:label ?subjectClassLabel }
    OPTIONAL { ?propertyPartition void:triples ?triples }
    OPTIONAL {
      { ?propertyPartition void:classPartition [ void:class ?objectClass ] }
      UNION { ?propertyPartition void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] }
    }
  } UNION {
    ?linkset void:subjectsTarget [ void:class ?subjectClass ] ; void:linkPredicate ?prop ;
             void:objectsTarget [ void:class ?objectClass ] .
  }
}"""
DECLARED = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix"""
EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX spex: <https://purl.expasy.org/sparql-examples/ontology#>
SELECT DISTINCT ?sq ?comment ?query WHERE {
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|spex:describe ?query .
} ORDER BY ?sq"""


@pytest.fixture(scope="module")
def rows(client):
    def ask(query):
        answer = client.post("/sparql", data={"query": query}, headers={"Accept": "application/sparql-results+json"})
        assert answer.status_code == 200, answer.text
        return [{n: t["value"] for n, t in row.items()} for row in answer.json()["results"]["bindings"]]

    return ask


def test_partitions_say_which_properties_a_class_has_and_what_they_lead_to(rows):
    found = rows(PARTITIONS)
    said = {(r["subjectClass"], r["prop"], r.get("objectClass") or r.get("objectDatatype")) for r in found}
    assert (KOUAN + "BorderCity", KOUAN + "hasPort", KOUAN + "Port") in said
    assert (KOUAN + "Policy", KOUAN + "issuedYear", XSD + "integer") in said
    assert any(r.get("subjectClassLabel") for r in found)


def test_partitions_count_what_a_query_counts(rows):
    said = {
        (r["subjectClass"], r["prop"]): r["triples"] for r in rows(PARTITIONS) if r["subjectClass"].startswith(KOUAN)
    }
    counted = rows(f"SELECT ?p (COUNT(*) AS ?n) WHERE {{ ?s a <{KOUAN}PortCity> ; ?p ?o }} GROUP BY ?p ORDER BY ?p")
    assert len(counted) > 5
    assert all(said[KOUAN + "PortCity", row["p"]] == row["n"] for row in counted)


def test_prefixes_are_declared(rows):
    declared = {row["prefix"]: row["namespace"] for row in rows(DECLARED)}
    assert PREFIXES.items() <= declared.items()


def test_every_question_is_an_example_that_runs(rows, settings):
    found = rows(EXAMPLES)
    files = list((settings.home / "questions").glob("*.rq"))
    assert len({row["sq"] for row in found}) == len(files)
    assert rows(next(row["query"] for row in found if "PortCity" in row["query"] or "SELECT" in row["query"]))


def test_description_is_of_the_facts_and_not_of_itself(rows):
    assert not [r for r in rows(PARTITIONS) if not r["subjectClass"].startswith(KOUAN)]
    assert not [
        r
        for r in rows(PARTITIONS)
        if r["prop"] == RDFS + "comment" and r["subjectClass"].startswith("http://www.w3.org/ns/shacl")
    ]


def test_every_function_that_the_service_describes_is_one_that_there_is(ports):
    answer = ports.get("/sparql", headers={"Accept": "application/n-triples"})
    described = {
        quad.object.value
        for quad in parse(answer.content, RdfFormat.N_TRIPLES)
        if quad.predicate.value.endswith("#extensionFunction")
    }
    assert len(described) > 30
    for function in sorted(described):
        # The engine refuses a function that neither it nor we have.
        Store().query(f"SELECT (<{function}>(1) AS ?x) {{}}", custom_functions=functions_for([function]))
    with pytest.raises(RuntimeError):
        Store().query("SELECT (<urn:none>(1) AS ?x) {}")


def described(client, path):
    answer = client.get(path, headers={"Accept": "application/n-triples"}, follow_redirects=True)
    return [quad.triple for quad in parse(answer.content, RdfFormat.N_TRIPLES)]


@pytest.mark.parametrize("path", ["/", "/void"])
def test_who_is_given_the_address_of_the_server_finds_its_endpoint(client, path):
    found = [each.object.value for each in described(client, path) if each.predicate.value == f"{SD}endpoint"]
    assert found == [str(client.base_url).rstrip("/") + "/sparql"]


def test_things_are_counted_that_say_no_type_too(client, ports):
    counted = "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o FILTER(%s) }"
    for each, filtered in ((client, f"STRSTARTS(STR(?s), '{BASE}')"), (ports, "isIRI(?s)")):
        told = {(str(t.subject)[-9:], t.predicate.value): t.object.value for t in described(each, "/void")}
        answer = each.get("/sparql", params={"query": counted % filtered, "format": "csv"})
        assert answer.text.split() == ["n", told["#dataset>", VOID + "entities"]]


def test_ro_crate_lists_every_download_with_its_checksum(client):
    crate = client.get("/dump/ro-crate-metadata.json").json()
    files = {each["@id"]: each for each in crate["@graph"] if each["@type"] == "File"}
    sums = dict(reversed(line.split("  ")) for line in client.get("/dump/SHA256SUMS").text.splitlines())
    assert {name: each["sha256"] for name, each in files.items()} == sums
    geonames = next(each for each in crate["@graph"] if each["@id"].endswith("/source/geonames"))
    assert (geonames["name"], geonames["license"]) == (
        "GeoNames",
        {"@id": "https://creativecommons.org/licenses/by/4.0/"},
    )
    assert {"@id": geonames["@id"]} in next(each for each in crate["@graph"] if each["@id"] == "./")["isBasedOn"]
    assert client.get("/dump/ro-crate-metadata.json").content == client.get("/dump/ro-crate-metadata.json").content


def test_json_ld_download_is_compact_and_holds_every_quad(client, snapshot):
    body = client.get("/dump/kouan.jsonld").content
    assert "kouan" in json.loads(body)["@context"]
    read, wanted = (Dataset(quads) for quads in (parse(body, RdfFormat.JSON_LD), snapshot.source_quads()))
    read.canonicalize(CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    wanted.canonicalize(CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    assert read == wanted
