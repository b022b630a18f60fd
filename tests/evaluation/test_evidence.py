"""A row of an answer shows the passages that state the triples behind it, and nothing that another row rests on."""

from __future__ import annotations

import re

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


def rows(client, query):
    """Return the local name of the first value of each row."""
    document = asked(client, query).json()
    [first, *_] = document["head"]["vars"]
    return [row[first]["value"].rpartition("/")[2] for row in document["results"]["bindings"]]


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


def test_rows_of_groups_rest_on_the_solutions_of_their_group(client):
    query = "SELECT ?city (COUNT(?zone) AS ?zones) { ?city kouan:hostsZone ?zone } GROUP BY ?city HAVING (?zones > 1)"
    shown = dict(zip(rows(client, query), facts(client, query), strict=True))
    one = facts(client, "SELECT DISTINCT ?city { VALUES ?city { id:ruili } ?city kouan:hostsZone ?zone }")
    assert shown["ruili"] == one[0]
    assert all(len(each) > 1 for each in shown.values())
    [all_of_them] = facts(client, "SELECT (COUNT(?zone) AS ?zones) { ?city kouan:hostsZone ?zone }")
    assert set().union(*shown.values()) < all_of_them


def test_groups_by_what_is_no_column_are_told_apart(client):
    query = "SELECT (COUNT(?zone) AS ?zones) { ?city kouan:hostsZone ?zone } GROUP BY ?city ORDER BY ?city LIMIT 3"
    document = asked(client, query).json()
    assert document["head"] == {"vars": ["zones"]}
    assert all(row.keys() == {"zones"} for row in document["results"]["bindings"])
    assert [int(row["zones"]["value"]) for row in document["results"]["bindings"]] == [
        len(each) for each in facts(client, query)
    ]


def test_group_by_an_expression_with_a_name_is_told(client):
    [counted] = facts(
        client, "SELECT ?kind (COUNT(*) AS ?n) { ?x kouan:zoneIn id:dongxing } GROUP BY (STRLEN('zone') AS ?kind)"
    )
    assert ("dongxing-pilot-zone", "ontology#zoneIn", "dongxing") in counted


def test_sub_selects_are_looked_into(client):
    plain = "?city kouan:hostsZone ?zone ; kouan:locatedIn id:yunnan"
    inner = f"{{ SELECT DISTINCT ?city (STR(?zone) AS ?said) {{ {plain} }} ORDER BY ?city LIMIT 100 }}"
    found = passages(client, f"SELECT DISTINCT ?city {{ {inner} }}")
    assert found == passages(client, f"SELECT DISTINCT ?city {{ {plain} }}")
    most = "{ SELECT ?city (COUNT(?zone) AS ?n) { ?city kouan:hostsZone ?zone } GROUP BY ?city HAVING (?n > 1) }"
    query = f"SELECT ?city ?n ?zone {{ VALUES ?zone {{ 1 }} {most} FILTER(?city = id:ruili) }}"
    assert all(fact[:2] == ("ruili", "ontology#hostsZone") for fact in facts(client, query)[0])
    assert len(facts(client, query)[0]) > 1


def test_what_is_not_stated_adds_nothing_to_what_is(client):
    for absent in ("MINUS { ?x kouan:inSector ?any }", "FILTER NOT EXISTS { ?x kouan:inSector ?any }"):
        query = f"SELECT ?x {{ ?x a kouan:PortCity {absent} }}"
        assert all(len(each) == 1 for each in facts(client, query))
        assert rows(client, query)


def test_what_exists_is_evidence(client):
    [found] = facts(
        client, "SELECT ?x { VALUES ?x { id:erenhot } FILTER EXISTS { ?x kouan:locatedIn ?any } ?x a kouan:City }"
    )
    assert ("erenhot", "ontology#locatedIn", "inner-mongolia") in found
    assert ("erenhot", "22-rdf-syntax-ns#type", "ontology#City") in found


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("kouan:locatedIn|kouan:borders", ("erenhot", "ontology#locatedIn", "inner-mongolia")),
        ("kouan:locatedIn?", ("erenhot", "ontology#locatedIn", "inner-mongolia")),
        ("^kouan:hostsCity|(kouan:locatedIn/rdf:type?)", ("erenhot", "ontology#locatedIn", "inner-mongolia")),
        ("!(rdf:type|^kouan:borders)", ("erenhot", "ontology#locatedIn", "inner-mongolia")),
    ],
)
def test_each_way_of_a_path_is_followed(client, path, step):
    query = f"PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> SELECT ?x {{ id:erenhot {path} ?x FILTER(?x = id:inner-mongolia) }}"
    assert step in facts(client, query)[0]


def test_each_step_of_a_path_that_repeats_is_told(client):
    query = "SELECT ?kind { id:ruili-pilot-zone a/rdfs:subClassOf* ?kind FILTER(?kind = kouan:CooperationZone) }"
    steps = facts(client, query)[0]
    assert any(fact[1] == "22-rdf-syntax-ns#type" for fact in steps)
    assert any(fact[1:] == ("rdf-schema#subClassOf", "ontology#CooperationZone") for fact in steps)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY STR(?p)", "without a name"),
        ("SELECT ?x { ?x rdfs:label ( 1 2 ) }", "lists"),
        ("SELECT ?x FROM <urn:g> { ?x a kouan:City }", "FROM"),
        ("ASK { ?x a kouan:City }", "SELECT"),
    ],
)
def test_form_that_has_no_evidence_is_told_so_with_its_place(client, query, says):
    answer = asked(client, query)
    assert answer.status_code == 400
    assert says in answer.json()["detail"]
    assert answer.json()["title"] == "There is no evidence for this query"
    assert says == "SELECT" or answer.json()["line"] == 2


def test_evidence_comes_as_json_or_as_a_page(client):
    query = "SELECT ?city { ?city kouan:hostsZone id:ruili-pilot-zone }"
    assert asked(client, query, format="csv").status_code == 406
    assert asked(client, query, infer="false").status_code == 400
    assert asked(client, query, evidence="perhaps").status_code == 400
    page = client.get(
        "/sparql", params={"query": PREFIXES + query, "evidence": "true"}, headers={"Accept": "text/html"}
    )
    assert re.search(r'<a href="/source/chen-2018/p32"[^>]*>Chen Wei 2018, paragraph 32</a>', page.text)


def test_evidence_has_an_entity_tag_of_its_own(client):
    query = "SELECT ?city { ?city kouan:hostsZone id:ruili-pilot-zone }"
    plain = client.get("/sparql", params={"query": PREFIXES + query}).headers["etag"]
    assert asked(client, query).headers["etag"] != plain
