"""The cubes are well formed by the W3C's integrity constraints; that of populations is whole, and says what the tables say."""

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
# The RDF Data Cube Vocabulary, section 11.1, the whole of it; each asks for what breaks the constraint. No cube has a dimension
# of measure types or a code list, which IC-15 to IC-17 and IC-19 to IC-21 are about.
CONSTRAINTS = {
    "IC-1": "?obs a qb:Observation OPTIONAL { SELECT ?obs (COUNT(DISTINCT ?set) AS ?sets) { ?obs qb:dataSet ?set } "
    "GROUP BY ?obs } FILTER(COALESCE(?sets, 0) != 1)",
    "IC-2": "?set a qb:DataSet OPTIONAL { SELECT ?set (COUNT(DISTINCT ?dsd) AS ?dsds) { ?set qb:structure ?dsd } "
    "GROUP BY ?set } FILTER(COALESCE(?dsds, 0) != 1)",
    "IC-3": "?dsd a qb:DataStructureDefinition FILTER NOT EXISTS { "
    "?dsd qb:component/qb:componentProperty ?measure . ?measure a qb:MeasureProperty }",
    "IC-4": "?dimension a qb:DimensionProperty FILTER NOT EXISTS { ?dimension rdfs:range ?range }",
    "IC-5": "?dimension a qb:DimensionProperty ; rdfs:range skos:Concept FILTER NOT EXISTS { ?dimension qb:codeList ?codes }",
    "IC-6": "?spec qb:componentRequired false ; qb:componentProperty ?one FILTER NOT EXISTS { ?one a qb:AttributeProperty }",
    "IC-7": "?key a qb:SliceKey FILTER NOT EXISTS { ?dsd a qb:DataStructureDefinition ; qb:sliceKey ?key }",
    "IC-8": "?dsd qb:sliceKey ?key . ?key qb:componentProperty ?one "
    "FILTER NOT EXISTS { ?dsd qb:component/qb:componentProperty ?one }",
    "IC-9": "?slice a qb:Slice OPTIONAL { SELECT ?slice (COUNT(DISTINCT ?key) AS ?keys) { ?slice qb:sliceStructure ?key } "
    "GROUP BY ?slice } FILTER(COALESCE(?keys, 0) != 1)",
    "IC-10": "?slice qb:sliceStructure/qb:componentProperty ?one FILTER NOT EXISTS { ?slice ?one ?value }",
    "IC-11": "?obs qb:dataSet/qb:structure/qb:component/qb:dimension ?one FILTER NOT EXISTS { ?obs ?one ?value }",
    "IC-12 of populations": "?obs kouan:refArea ?area ; kouan:refYear ?year . "
    "?other kouan:refArea ?area ; kouan:refYear ?year . FILTER(?obs != ?other)",
    "IC-12 of flows": "?obs kouan:refPort ?port ; kouan:refYear ?year ; kouan:flowKind ?kind . "
    "?other kouan:refPort ?port ; kouan:refYear ?year ; kouan:flowKind ?kind FILTER(?obs != ?other)",
    "IC-12 of statistics": "?obs kouan:about ?thing ; kouan:measures ?measure ; qb:dataSet ?set . "
    "?other kouan:about ?thing ; kouan:measures ?measure ; qb:dataSet ?set . "
    "OPTIONAL { ?obs kouan:year ?year } OPTIONAL { ?other kouan:year ?second } "
    "FILTER(?obs != ?other && COALESCE(?year, 0) = COALESCE(?second, 0))",
    "IC-13": "?obs qb:dataSet/qb:structure/qb:component ?spec . ?spec qb:componentRequired true ; qb:componentProperty ?one "
    "FILTER NOT EXISTS { ?obs ?one ?value }",
    "IC-14": "?obs qb:dataSet/qb:structure/qb:component/qb:measure ?one FILTER NOT EXISTS { ?obs ?one ?value }",
    "IC-15 to IC-17": "?dsd qb:component/qb:componentProperty qb:measureType",
    "IC-18": "?set qb:slice ?slice . ?slice qb:observation ?obs FILTER NOT EXISTS { ?obs qb:dataSet ?set }",
    "IC-19 to IC-21": "?dsd qb:component/qb:componentProperty ?one . ?one qb:codeList ?codes",
    "slices of flows": "?obs a kouan:PortFlow FILTER NOT EXISTS { ?slice qb:observation ?obs ; qb:sliceStructure ?key }",
    # Section 10: who reads the normal form only finds every component by one property, and each is of its kind.
    "normal form": "?spec qb:dimension|qb:measure|qb:attribute ?one FILTER NOT EXISTS { ?spec qb:componentProperty ?one }",
    "kinds of components": "{ ?spec qb:dimension ?one FILTER NOT EXISTS { ?one a qb:DimensionProperty } } UNION "
    "{ ?spec qb:measure ?one FILTER NOT EXISTS { ?one a qb:MeasureProperty } } UNION "
    "{ ?spec qb:attribute ?one FILTER NOT EXISTS { ?one a qb:AttributeProperty } }",
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
