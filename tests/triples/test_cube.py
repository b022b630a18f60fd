"""The cube of populations is well formed by the W3C's integrity constraints, whole, and says what the tables say."""

from __future__ import annotations

import pytest

from kouan.vocabulary import PREFIXES

# Set up between the two.
LATE = {"alashankou", "jalai-nur", "khorgos", "kokdala"}
# Numbers as the tables have them: 2010 and 2020.
KNOWN = {
    "manzhouli": (249472, 150508),
    "inner-mongolia": (24706291, 24049155),
    "guangxi": (46023761, 50126804),
    "xigaze": (703292, 798153),
}
# The RDF Data Cube Vocabulary, section 11.1; each asks for what breaks the constraint.
CONSTRAINTS = {
    "IC-1": "?obs a qb:Observation ; kouan:refArea ?area . FILTER NOT EXISTS { ?obs qb:dataSet ?set }",
    "IC-2": "?set a qb:DataSet FILTER NOT EXISTS { ?set qb:structure ?dsd }",
    "IC-3": "?dsd a qb:DataStructureDefinition FILTER NOT EXISTS { ?dsd qb:component/qb:measure ?measure }",
    "IC-4": "?dimension a qb:DimensionProperty FILTER NOT EXISTS { ?dimension rdfs:range ?range }",
    "IC-7": "?key a qb:SliceKey FILTER NOT EXISTS { ?dsd a qb:DataStructureDefinition ; qb:sliceKey ?key }",
    "IC-8": "?dsd qb:sliceKey/qb:componentProperty ?one FILTER NOT EXISTS { ?dsd qb:component/qb:dimension ?one }",
    "IC-9": "?slice a qb:Slice FILTER NOT EXISTS { ?slice qb:sliceStructure ?key }",
    "IC-10": "?slice qb:sliceStructure/qb:componentProperty ?one FILTER NOT EXISTS { ?slice ?one ?value }",
    "IC-11": "?obs qb:dataSet/qb:structure/qb:component/qb:dimension ?one FILTER NOT EXISTS { ?obs ?one ?value }",
    "IC-12": "?obs qb:dataSet ?set ; kouan:refArea ?area ; kouan:refYear ?year . "
    "?other qb:dataSet ?set ; kouan:refArea ?area ; kouan:refYear ?year . FILTER(?obs != ?other)",
    "IC-12 of flows": "?obs kouan:refPort ?port ; kouan:refYear ?year ; kouan:flowKind ?kind . "
    "?other kouan:refPort ?port ; kouan:refYear ?year ; kouan:flowKind ?kind ; kouan:flow ?flow . "
    "?obs kouan:flow ?one FILTER(?obs != ?other)",
    "IC-13": "?obs qb:dataSet/qb:structure/qb:component ?spec . ?spec qb:componentRequired true ; qb:attribute ?one "
    "FILTER NOT EXISTS { ?obs ?one ?value }",
    "IC-14": "?obs qb:dataSet/qb:structure/qb:component/qb:measure ?one FILTER NOT EXISTS { ?obs ?one ?value }",
    "slices of flows": "?obs qb:dataSet ?set ; a kouan:PortFlow FILTER NOT EXISTS { ?slice qb:observation ?obs ; qb:sliceStructure ?key }",
    "IC-18": "?set qb:slice ?slice . ?slice qb:observation ?obs FILTER NOT EXISTS { ?obs qb:dataSet ?set }",
}
DECLARED = "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in PREFIXES.items())


def asked(client, query):
    answer = client.post("/sparql", data={"query": DECLARED + query}, headers={"Accept": "application/json"})
    return answer.json()


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_cube_keeps_the_constraint(client, constraint):
    assert asked(client, f"ASK {{ {CONSTRAINTS[constraint]} }}")["boolean"] is False


def test_every_county_at_the_border_is_counted_in_both_years_or_was_set_up_between(client):
    rows = asked(
        client,
        "SELECT ?area ?year { ?area a kouan:County ; kouan:bordersCountry ?country VALUES ?year { 2010 2020 } "
        "FILTER NOT EXISTS { ?obs kouan:refArea ?area ; kouan:refYear ?year } } GROUP BY ?area ?year",
    )["results"]["bindings"]
    missing = {(row["area"]["value"].rsplit("/", 1)[1], int(row["year"]["value"])) for row in rows}
    assert missing == {(area, 2010) for area in LATE}


@pytest.mark.parametrize("area", KNOWN)
def test_population_is_that_of_the_table(client, area):
    rows = asked(
        client,
        f"SELECT ?population {{ ?obs kouan:refArea id:{area} ; kouan:refYear ?year ; kouan:population ?population }} "
        "ORDER BY ?year",
    )["results"]["bindings"]
    assert tuple(int(row["population"]["value"]) for row in rows) == KNOWN[area]


def test_what_does_not_add_up_is_marked(client):
    rows = asked(client, "SELECT DISTINCT ?area { ?obs kouan:doesNotAddUp ?why ; kouan:refArea ?area }")
    marked = {row["area"]["value"].rsplit("/", 1)[1] for row in rows["results"]["bindings"]}
    assert marked == {"daxinganling", "lhasa"}
