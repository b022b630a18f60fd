"""Every place lies where the graph says: in its province, in its outline, at the boundary of the country it borders."""

from __future__ import annotations

from geometry import distance_km, is_inside

from kouan.vocabulary import GEO, RDF, RDFS, SKOS

TYPE, LABEL, ALTERNATIVE = RDF + "type", RDFS + "label", SKOS + "altLabel"
# The outlines are simplified: a point at the edge may fall this far outside.
EDGE_KM = 5
# How far a county's outline may stay from the boundary of a country that it borders; the rule of the source is 3 km.
BORDER_KM = 6
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


def test_every_county_lies_in_its_outline(points, outlines):
    outside = {
        county: round(distance_km(points[county], rings))
        for county, rings in outlines["counties"].items()
        if not is_inside(points[county], rings) and distance_km(points[county], rings) > EDGE_KM
    }
    # The graph's point of Dongxing is the town; the outline is that of the city.
    assert outside == {}


def test_every_prefecture_has_its_point_and_no_county_of_another_holds_it(facts, points, outlines):
    prefectures = of_class(facts, "Prefecture")
    astray, held = {}, 0
    for prefecture in prefectures & set(points):
        for county, rings in outlines["counties"].items():
            if is_inside(points[prefecture], rings):
                held += 1
                if prefecture not in facts[county]["locatedIn"]:
                    astray[prefecture] = county
    assert prefectures - set(points) == set()
    assert astray == {}
    assert held >= 9


def test_every_county_that_borders_a_country_reaches_its_boundary(facts, outlines):
    apart = {}
    for county, rings in outlines["counties"].items():
        for country in facts[county]["bordersCountry"]:
            gap = min(
                distance_km(tuple(corner), lines)
                for lines in [outlines["boundaries"][country]]
                for ring in rings
                for corner in ring
            )
            if gap > BORDER_KM:
                apart[county, country] = round(gap, 1)
    assert apart == {}


def test_every_county_of_the_border_has_an_outline_to_be_held_against(facts, outlines):
    bordering = {c for c in of_class(facts, "County") if facts[c]["bordersCountry"]}
    assert bordering <= set(outlines["counties"])
    assert len(bordering) > 135


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
    assert held >= 45


def test_every_port_with_a_point_lies_in_the_county_that_its_town_is_in(facts, points, outlines):
    outside, held = {}, 0
    for port in of_class(facts, "Port") & set(points):
        for county in facts[port]["locatedIn"] & set(outlines["counties"]):
            rings = outlines["counties"][county]
            held += 1
            if not is_inside(points[port], rings) and distance_km(points[port], rings) > EDGE_KM:
                outside[port] = county
    assert outside == {}
    assert held >= 10


def test_every_port_of_china_whose_county_is_known_opens_to_a_country_that_the_county_borders(facts):
    wrong = {}
    for port in of_class(facts, "Port"):
        for county in facts[port]["locatedIn"] & of_class(facts, "County"):
            for other in facts[port]["facesPort"]:
                if not facts[other]["locatedIn"] & facts[county]["bordersCountry"]:
                    wrong[port] = county
    assert wrong == {}
