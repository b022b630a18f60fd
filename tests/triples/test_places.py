"""Every place lies where the graph says: in its province, in its outline, at the boundary of the country it borders."""

from __future__ import annotations

from geometry import distance_km, is_inside

from kouan.vocabulary import GEO, RDF, RDFS, SKOS, SRC

TYPE, LABEL, ALTERNATIVE = RDF + "type", RDFS + "label", SKOS + "altLabel"
# The outlines are simplified: a point at the edge may fall this far outside.
EDGE_KM = 5
# How far the seat of a county may lie from a boundary that the county reaches; Subei's is the farthest.
SEAT_KM = 380
# How far a port may stand from the boundary: Grodekovo, the station of Pogranichny rail port, is 18 km from it.
PORT_KM = 20
NEIGHBOURS = {
    *("afghanistan", "bhutan", "india", "kazakhstan", "kyrgyzstan", "laos", "mongolia"),
    *("myanmar", "nepal", "north-korea", "pakistan", "russia", "tajikistan", "vietnam"),
}
BORDER_PROVINCES = {
    "gansu": {"mongolia"},
    "guangxi": {"vietnam"},
    "heilongjiang": {"russia"},
    "inner-mongolia": {"mongolia", "russia"},
    "jilin": {"north-korea", "russia"},
    "liaoning": {"north-korea"},
    "tibet": {"bhutan", "india", "myanmar", "nepal"},
    "xinjiang": {
        "afghanistan",
        "india",
        "kazakhstan",
        "kyrgyzstan",
        "mongolia",
        "pakistan",
        "russia",
        "tajikistan",
    },
    "yunnan": {"laos", "myanmar", "vietnam"},
}


def of_class(facts, name):
    return {thing for thing, known in facts.items() if name in known[TYPE]}


def test_china_borders_its_fourteen_neighbours(facts):
    assert facts["china"]["borders"] == NEIGHBOURS


def test_each_border_province_borders_its_countries_and_no_other_province_borders_any(facts):
    found = {p: facts[p]["bordersCountry"] for p in of_class(facts, "Province") if facts[p]["bordersCountry"]}
    assert found == BORDER_PROVINCES


def test_every_point_in_china_lies_in_its_province(facts, points, outlines):
    outside = {}
    for thing, point in points.items():
        for province in facts[thing]["locatedIn"] & set(outlines["provinces"]):
            rings = outlines["provinces"][province]
            if not is_inside(point, rings) and distance_km(point, rings) > EDGE_KM:
                outside[thing] = province, round(distance_km(point, rings))
    assert outside == {}
    assert sum(1 for thing in points if facts[thing]["locatedIn"] & set(outlines["provinces"])) > 180


def test_every_county_has_a_point_from_a_free_source(facts, points):
    counties = of_class(facts, "County")
    assert counties - set(points) == {"cenling", "lhozhag", "nagarze"}
    sources = {
        min(facts[g]["http://purl.org/dc/terms/source"]) for c in counties for g in facts[c][GEO + "hasGeometry"]
    }
    assert {source.removeprefix(SRC).split("/")[0] for source in sources} <= {
        "geonames",
        "openstreetmap",
        "wikidata-divisions",
    }


def test_every_prefecture_has_its_point(facts, points):
    assert of_class(facts, "Prefecture") - set(points) == set()


def test_every_county_that_borders_a_country_lies_within_reach_of_its_boundary(facts, points, outlines):
    apart, held = {}, 0
    for county in of_class(facts, "County") & set(points):
        for country in facts[county]["bordersCountry"]:
            gap = distance_km(points[county], outlines["boundaries"][country])
            held += 1
            if gap > SEAT_KM:
                apart[county, country] = round(gap)
    assert apart == {}
    assert held >= 150


def test_every_neighbour_of_a_county_is_said_by_a_text_or_by_a_rule_that_is_stated(dataset):
    said = {
        (quad.subject.value, quad.graph_name.value.removeprefix(SRC).split("/")[0])
        for quad in dataset.asserted()
        if quad.predicate.value.endswith("#bordersCountry")
    }
    computed = {county for county, source in said if source == "county-neighbours"}
    assert len(computed) > 110
    assert len({county for county, _ in said}) >= 140


def test_codes_say_the_same_parents_as_the_graph(facts):
    coded = {thing: min(known["administrativeCode"]) for thing, known in facts.items() if known["administrativeCode"]}
    holders = {code: thing for thing, code in coded.items()}
    assert len(holders) == len(coded), "a code stands for one area"
    for thing, code in coded.items():
        for length, rest in ((2, "0000"), (4, "00")):
            parent = holders.get(code[:length] + rest)
            if parent and parent != thing:
                assert parent in facts[thing]["locatedIn"], (thing, parent)


def test_every_area_of_china_has_a_code_and_every_country_its_iso_codes(facts):
    for name in ("Province", "Prefecture", "County"):
        assert [area for area in of_class(facts, name) if not facts[area]["administrativeCode"]] == []
    for country in of_class(facts, "Country"):
        assert len(min(facts[country]["isoCode"])) == 2
        assert len(min(facts[country]["isoAlpha3"])) == 3


def test_every_named_place_of_the_border_has_chinese_pinyin_and_english_names(dataset):
    names = {}
    for quad in dataset.asserted():
        if quad.predicate.value in (LABEL, ALTERNATIVE) and "/things/" in quad.graph_name.value:
            names.setdefault((quad.graph_name.value.rsplit("/", 1)[1], quad.subject.value), set()).add(
                quad.object.language
            )
    for (kind, thing), languages in names.items():
        if kind in {"cities", "counties", "countries", "prefectures", "provinces"}:
            assert {"en", "zh", "zh-latn"} <= {language.lower() for language in languages}, thing


def test_every_geometry_names_the_passage_it_comes_from(facts):
    geometries = {g for known in facts.values() for g in known[GEO + "hasGeometry"] | known[GEO + "hasBoundingBox"]}
    assert geometries
    assert [g for g in geometries if len(facts[g]["http://purl.org/dc/terms/source"]) != 1] == []


def test_every_point_of_a_port_says_what_it_is_a_point_of(facts):
    for port in of_class(facts, "Port"):
        for geometry in facts[port][GEO + "hasGeometry"]:
            assert len(facts[geometry]["precision"]) == 1, port


def test_every_port_with_a_point_lies_at_the_boundary_that_it_opens(facts, points, outlines):
    apart, held = {}, 0
    for port in of_class(facts, "Port") & set(points):
        lands = {land for known in (port, *facts[port]["facesPort"]) for land in facts[known]["locatedIn"]}
        countries = lands & set(outlines["boundaries"]) or set(outlines["boundaries"])
        gap = min(distance_km(points[port], outlines["boundaries"][country]) for country in countries)
        held += 1
        if gap > PORT_KM:
            apart[port] = round(gap)
    assert apart == {}
    assert held >= 70


def test_every_port_of_china_whose_county_is_known_opens_to_a_country_that_the_county_borders(facts):
    wrong = {}
    for port in of_class(facts, "Port"):
        for county in facts[port]["locatedIn"] & of_class(facts, "County"):
            for other in facts[port]["facesPort"]:
                if not facts[other]["locatedIn"] & facts[county]["bordersCountry"]:
                    wrong[port] = county
    assert wrong == {}
