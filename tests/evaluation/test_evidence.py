"""A row of an answer shows the passages that state the triples behind it, and nothing that another row rests on."""

from __future__ import annotations

import pytest

CHEN = "https://w3id.org/kouan/source/chen-2018/p"
THINGS = "https://w3id.org/kouan/source/kouan/things/"
PREFIXES = """PREFIX kouan: <https://w3id.org/kouan/ontology#> PREFIX id: <https://w3id.org/kouan/id/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> """


def asked(client, query, **more):
    return client.get("/sparql", params={"query": PREFIXES + query, "evidence": "true"} | more)


def passages(client, query):
    """Return the passages of each row, by the first value of the row."""
    document = asked(client, query).json()
    [first, *_] = document["head"]["vars"]
    rows = zip(document["results"]["bindings"], document["evidence"], strict=True)
    return {row.get(first, {}).get("value", "").rpartition("/")[2]: said["passages"] for row, said in rows}


def facts(client, query):
    """Return, for each row, its facts as local names."""
    return [
        {
            tuple(fact[part]["value"].rpartition("/")[2] for part in ("subject", "predicate", "object"))
            for fact in row["facts"]
        }
        for row in asked(client, query).json()["evidence"]
    ]


def test_each_triple_of_a_basic_graph_pattern_is_shown_with_who_states_it(client):
    found = passages(client, "SELECT ?city { ?city kouan:hostsZone ?zone ; kouan:locatedIn id:yunnan }")
    assert f"{CHEN}32" in found["ruili"]
    assert f"{CHEN}32" in found["mengla"]
    assert f"{CHEN}25" not in found["ruili"]


def test_optional_adds_evidence_only_to_rows_where_it_matched(client):
    found = passages(client, "SELECT ?city { ?city a kouan:PortCity OPTIONAL { ?city kouan:inSector ?sector } }")
    assert found["erenhot"] == [f"{CHEN}15", f"{CHEN}25"]
    assert found["heihe"] == [f"{CHEN}25"]


def test_union_shows_the_branch_that_gave_the_row(client):
    port, axis = (f"{{ ?x a kouan:{kind} BIND('{kind}' AS ?role) }}" for kind in ("PortCity", "AxisCity"))
    query = f"SELECT ?x ?role {{ {port} UNION {axis} FILTER(?x = id:manzhouli) }}"
    shown = dict(zip(("port", "axis"), facts(client, query + " ORDER BY DESC(?role)"), strict=True))
    assert shown["port"] == {("manzhouli", "22-rdf-syntax-ns#type", "ontology#PortCity")}
    assert shown["axis"] == {("manzhouli", "22-rdf-syntax-ns#type", "ontology#AxisCity")}


def test_rows_that_are_made_one_show_the_evidence_of_all(client):
    found = passages(
        client, "SELECT DISTINCT ?country { ?zone kouan:partnerCountry ?country . ?country a kouan:Country }"
    )
    assert {f"{CHEN}05", f"{CHEN}34"} <= set(found["kazakhstan"])


def test_expressions_filters_values_blank_nodes_and_paths_are_followed(client):
    found = passages(
        client,
        "SELECT (STR(?label) AS ?name) { VALUES ?city { id:kashgar } [] kouan:portOf ?city . "
        "?city rdfs:label ?label FILTER(LANG(?label) = 'en') }",
    )
    assert {f"{CHEN}25", f"{THINGS}cities"} <= set(found["Kashgar"])
    found = passages(client, "SELECT ?where { id:dongxing-pilot-zone kouan:zoneIn/kouan:locatedIn ?where }")
    assert f"{CHEN}32" in found["guangxi"]
    found = passages(client, "SELECT ?zone { id:dongxing ^kouan:zoneIn ?zone }")
    assert found["dongxing-pilot-zone"] == [f"{CHEN}32"]


def test_graph_is_the_evidence_where_the_query_names_it(client):
    found = passages(client, "SELECT ?passage { GRAPH ?passage { id:erenhot kouan:locatedIn id:inner-mongolia } }")
    assert {f"p{number}": [f"{CHEN}{number}"] for number in (15, 25, 32)}.items() <= found.items()
    assert all(len(passages) == 1 for passages in found.values())


def test_inferred_triple_shows_what_it_follows_from(client):
    [row] = asked(client, "SELECT ?city { id:dongxing-pilot-zone kouan:zoneIn ?city }").json()["evidence"]
    [fact] = row["facts"]
    assert (fact["inferred"], fact["passages"]) == (True, [])
    assert [reason["passages"] for reason in fact["follows_from"]] == [[f"{CHEN}32"]]
    assert row["passages"] == [f"{CHEN}32"]


def test_answer_itself_is_the_same_as_without_evidence(client):
    query = "SELECT ?city ?label { ?city a kouan:City ; rdfs:label ?label } ORDER BY ?city ?label LIMIT 7 OFFSET 2"
    plain = client.get("/sparql", params={"query": PREFIXES + query}).json()
    told = asked(client, query).json()
    assert told["results"] == plain["results"]
    assert told["head"] == plain["head"]
    assert len(told["evidence"]) == 7


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "aggregates"),
        ("SELECT ?p { ?s ?p ?o } GROUP BY ?p", "GROUP BY"),
        ("SELECT ?x { ?x kouan:locatedIn+ id:china }", "paths"),
        ("SELECT ?x { ?x kouan:locatedIn|kouan:borders id:china }", "paths"),
        ("SELECT ?x { ?x a kouan:City MINUS { ?x a kouan:PortCity } }", "MINUS"),
        ("SELECT ?x { ?x a kouan:City FILTER NOT EXISTS { ?x a kouan:PortCity } }", "EXISTS"),
        ("SELECT ?x { ?x a kouan:City FILTER(EXISTS { ?x a kouan:PortCity }) }", "EXISTS"),
        ("SELECT ?x { { SELECT ?x { ?x a kouan:City } } }", "sub-selects"),
        ("SELECT ?x FROM <urn:g> { ?x a kouan:City }", "FROM"),
        ("ASK { ?x a kouan:City }", "SELECT"),
    ],
)
def test_form_that_has_no_evidence_is_told_so_with_its_place(client, query, says):
    answer = asked(client, query)
    assert answer.status_code == 400
    assert says in answer.json()["detail"]
    assert says == "SELECT" or answer.json()["line"] == 2


def test_evidence_comes_as_json_or_as_a_page(client):
    query = "SELECT ?city { ?city kouan:hostsZone id:ruili-pilot-zone }"
    assert asked(client, query, format="csv").status_code == 406
    assert asked(client, query, infer="false").status_code == 400
    assert asked(client, query, evidence="perhaps").status_code == 400
    page = client.get(
        "/sparql", params={"query": PREFIXES + query, "evidence": "true"}, headers={"Accept": "text/html"}
    )
    assert '<a href="/source/chen-2018/p32">chen-2018/p32</a>' in page.text


def test_evidence_has_an_entity_tag_of_its_own(client):
    query = "SELECT ?city { ?city kouan:hostsZone id:ruili-pilot-zone }"
    plain = client.get("/sparql", params={"query": PREFIXES + query}).headers["etag"]
    assert asked(client, query).headers["etag"] != plain
