"""What the editor asks besides answers: the words of the data, what is amiss in a query, and why an answer is empty."""

from __future__ import annotations

import pytest

PREFIXES = """PREFIX kouan: <https://w3id.org/kouan/ontology#>
PREFIX id: <https://w3id.org/kouan/id/>
"""
CITY = "https://w3id.org/kouan/ontology#BorderCity"


def findings(client, query):
    return client.post("/sparql/check", data={"query": query}).json()["findings"]


def parts(client, pattern):
    return client.post("/sparql/why", data={"query": PREFIXES + "SELECT * " + pattern}).json()["parts"]


def test_vocabulary_names_prefixes_classes_and_the_properties_that_go_with_them(client):
    told = client.get("/sparql/vocabulary").json()
    assert told["prefixes"]["kouan"] == "https://w3id.org/kouan/ontology#"
    [city] = [each for each in told["classes"] if each["iri"] == CITY]
    assert (city["en"], city["zh"], city["sound"]) == ("border city", "边境城市", "bianjingchengshi")
    used = [told["properties"][place]["iri"] for place in told["used"][CITY]]
    assert "https://w3id.org/kouan/ontology#hasPort" in used


def test_query_that_cannot_be_read_is_a_finding_at_its_place(client):
    query = "SELECT * {\n  ?s kouan:hasPort ?o }"
    [found] = findings(client, query)
    assert found["kind"] == "error"
    assert query[found["start"] : found["end"]] == "kouan:hasPort"


def test_term_that_the_data_lacks_is_a_finding_with_the_nearest(client):
    query = PREFIXES + "SELECT * { ?s a kouan:BorderCitty ; kouan:hasPrt id:manzhoulli }"
    found = {each["term"]: each["nearest"] for each in findings(client, query)}
    assert found == {
        "kouan:BorderCitty": "kouan:BorderCity",
        "kouan:hasPrt": "kouan:hasPort",
        "id:manzhoulli": "id:manzhouli",
    }


@pytest.mark.parametrize(
    ("pattern", "apart"),
    [
        ("{ ?a kouan:hasPort ?b . ?c kouan:portOf ?d }", ["?c kouan:portOf ?d"]),
        ("{ ?a kouan:hasPort ?b . ?c kouan:portOf ?d FILTER(?a != ?c) }", []),
        ("{ ?a kouan:hasPort ?b . ?c kouan:portOf ?d OPTIONAL { ?a kouan:locatedIn ?c } }", []),
        ("{ ?a kouan:hasPort ?b . ?b kouan:openedYear ?y }", []),
        ("{ ?a kouan:hasPort ?b . ?c kouan:portOf ?d . ?d kouan:locatedIn ?e }", ["?c kouan:portOf ?d"]),
    ],
)
def test_triples_that_share_no_variable_with_the_rest_are_a_finding(client, pattern, apart):
    query = PREFIXES + "SELECT * " + pattern
    found = [query[each["start"] : each["end"]] for each in findings(client, query) if each["kind"] == "apart"]
    assert found == apart


@pytest.mark.parametrize(
    ("pattern", "kind", "text"),
    [
        ("{ ?a a kouan:City ; kouan:nothing ?b }", "alone", "?a kouan:nothing ?b ."),
        ("{ ?a a kouan:BorderCity ; kouan:hasPort ?p . ?a a kouan:Country }", "together", "?a a kouan:Country ."),
        ("{ ?p kouan:openedYear ?y FILTER(?y > 3000) }", "filter", "FILTER(?y > 3000)"),
        ("{ ?a a kouan:BorderCity MINUS { ?a a kouan:City } }", "filter", "MINUS { ?a a kouan:City }"),
        ("{ ?a a kouan:BorderCity OPTIONAL { ?a kouan:nothing ?n } FILTER(BOUND(?n)) }", "filter", "FILTER(BOUND(?n))"),
        ("{ GRAPH ?g { ?a kouan:hasPort ?p . ?a kouan:nothing ?p } }", "alone", "GRAPH ?g { ?a kouan:nothing ?p . }"),
        ("{ ?a a kouan:BorderCity } OFFSET 5000", "modifier", None),
    ],
)
def test_part_that_empties_an_answer_is_found(client, pattern, kind, text):
    found = parts(client, pattern)
    assert [(each["kind"], each.get("text")) for each in found] == [(kind, text)]


def test_query_without_what_empties_it_has_answers(client):
    [part] = parts(client, "{\n  ?a a kouan:BorderCity ;\n     kouan:hasPort ?p .\n  ?a a kouan:Country .\n}")
    assert part["line"] == 6
    answer = client.post("/sparql", data={"query": part["without"]}, headers={"Accept": "text/csv"})
    assert len(answer.text.splitlines()) > 5


def test_address_of_others_leads_to_the_editor(client):
    answer = client.get("/sparql-ui?query=ASK%20%7B%7D")
    assert (answer.status_code, answer.headers["location"]) == (302, "/sparql?query=ASK+%7B%7D")


def test_only_the_result_may_stand_in_pages_of_others(client):
    policy = client.get("/embed").headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "unsafe" not in policy
    assert (
        "frame-ancestors 'self'"
        in client.get("/sparql", headers={"Accept": "text/html"}).headers["content-security-policy"]
    )


def test_vocabulary_for_a_page_has_each_definition_in_one_language_and_both_names(client):
    chinese = client.get("/sparql/vocabulary", params={"lang": "zh"}).json()
    city = next(each for each in chinese["classes"] if each["iri"].endswith("ontology#BorderCity"))
    assert (city["en"], city["zh"]) == ("border city", "边境城市")
    assert "says_zh" in city
    assert not any({"says_en", "says_zh"} <= each.keys() for each in [*chinese["classes"], *chinese["properties"]])


def test_a_pattern_that_shares_its_subject_is_found_in_its_own_line(client):
    [part] = parts(client, "{\n  ?c a kouan:BorderCity ;\n    kouan:hasPorts ?p .\n}")
    assert (part["text"], part["line"]) == ("?c kouan:hasPorts ?p .", 5)


def test_a_text_that_is_there_in_a_language_only_is_offered_in_it(client):
    [part] = parts(client, '{ ?c <http://www.w3.org/2000/01/rdf-schema#label> "Hunchun" }')
    assert (part["term"], part["nearest"]) == ('"Hunchun"', '"Hunchun"@en')
    assert part["instead"].endswith('"Hunchun"@en }')
    [part] = parts(client, '{ ?c <http://www.w3.org/2000/01/rdf-schema#label> "Huntschun" }')
    assert "nearest" not in part
