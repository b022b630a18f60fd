"""The graph holds as much as its sources give, and keeps what the article says apart from what came later."""

from __future__ import annotations

import pytest

from kouan.vocabulary import RDF

TYPE = RDF + "type"
# Classes that the reference layer fills, with the least that its sources give.
LEAST = {
    "Country": 25,
    "Province": 14,
    "BorderProvince": 9,
    "Prefecture": 20,
    "County": 140,
    "City": 53,
    "Port": 160,
    "RoadPort": 60,
    "WaterPort": 15,
    "PilotZone": 9,
    "BorderEconomicCooperationZone": 16,
    "CrossBorderEconomicCooperationZone": 3,
    "CooperationPlatform": 8,
    "EconomicCorridor": 6,
}


def of_class(facts, name):
    return {thing for thing, known in facts.items() if name in known[TYPE]}


@pytest.mark.parametrize("name", LEAST)
def test_class_holds_at_least_what_its_sources_give(facts, name):
    assert len(of_class(facts, name)) >= LEAST[name]


def test_the_seven_pilot_zones_of_the_article_are_those_approved_by_2016(facts):
    later = {zone for zone in of_class(facts, "PilotZone") if any(int(y) > 2016 for y in facts[zone]["approvedYear"])}
    assert later == {"baise-pilot-zone", "tacheng-pilot-zone"}
    assert len(of_class(facts, "PilotZone") - later) == 7


def test_every_pilot_zone_has_the_year_of_its_approval(facts):
    undated = {zone for zone in of_class(facts, "PilotZone") if not facts[zone]["approvedYear"]}
    assert undated == set()
    for zone in of_class(facts, "PilotZone"):
        assert {day[:4] for day in facts[zone]["approvedOn"]} <= facts[zone]["approvedYear"], zone


def test_cities_of_county_rank_at_the_border_are_border_cities(facts):
    found = of_class(facts, "BorderCity")
    assert len(found) >= 34
    assert {"dandong", "heihe", "hunchun", "tumen", "tongjiang", "hulin", "mishan", "muling", "tacheng"} <= found
    assert "mengla" not in of_class(facts, "City")
    for city in found:
        assert city in of_class(facts, "County") | {"dandong", "heihe"}, city


def test_cities_with_ports_are_port_cities(facts):
    assert {"erenhot", "heihe", "jiamusi", "kashgar", "khorgos", "manzhouli"} < of_class(facts, "PortCity")
    assert len(of_class(facts, "PortCity")) >= 20


def chinese_ports(facts):
    return {port for port in of_class(facts, "Port") if "china" in facts[port]["locatedIn"]}


def test_every_port_of_china_has_what_the_scheme_asks_or_says_that_it_was_not_found(facts):
    ports = chinese_ports(facts)
    assert len(ports) >= 100
    kinds = {"AirPort", "RailPort", "RoadPort", "WaterPort"}
    for port in ports:
        known, missing = facts[port], facts[port]["notRecorded"]
        assert bool(known[TYPE] & kinds) != ("kind" in missing), port
        assert bool(known["portClass"]) != ("class" in missing), port
        assert bool(known["status"]) != ("status" in missing), port
        assert bool(known["facesPort"]) != ("counterpart" in missing), port
        assert bool(known["unlocode"]) != ("unlocode" in missing), port


def test_a_code_of_un_locode_stands_for_one_place(facts):
    codes = [min(known["unlocode"]) for known in facts.values() if known["unlocode"]]
    assert len(codes) == len(set(codes))
    assert len(codes) >= 90


def test_ports_that_face_each_other_are_one_in_china_and_one_in_a_neighbour(facts):
    facing = {port: facts[port]["facesPort"] for port in of_class(facts, "Port") if facts[port]["facesPort"]}
    assert len(facing) > 100
    for port, others in facing.items():
        for other in others:
            lands = {*(facts[port]["locatedIn"]), *(facts[other]["locatedIn"])}
            assert "china" in lands
            assert lands & facts["china"]["borders"], (port, other)


def test_every_cross_border_zone_lies_at_the_border_of_its_partner(facts):
    for zone in of_class(facts, "CrossBorderEconomicCooperationZone"):
        hosts = facts[zone]["zoneIn"]
        assert any(facts[zone]["partnerCountry"] <= facts[host]["bordersCountry"] for host in hosts), zone


def test_platforms_have_china_among_their_members_and_none_twice(facts):
    assert len(facts["shanghai-cooperation-organization"]["hasMember"]) == 10
    assert len(facts["central-asia-regional-economic-cooperation"]["hasMember"]) == 11
    assert len(facts["greater-tumen-initiative"]["hasMember"]) == 4
    for platform in of_class(facts, "CooperationPlatform"):
        members = facts[platform]["hasMember"]
        assert not members or "china" in members


def test_cities_that_face_each_other_across_the_border_lie_in_two_countries_that_meet_there(facts):
    twins = {city: facts[city]["twinnedAcrossBorder"] for city in facts if facts[city]["twinnedAcrossBorder"]}
    assert len(twins) >= 16
    for city, others in twins.items():
        for other in others:
            lands = {*(facts[city]["locatedIn"]), *(facts[other]["locatedIn"])}
            assert "china" in lands
            assert lands & facts["china"]["borders"], (city, other)


def test_six_economic_corridors_connect_china_with_others(facts):
    corridors = of_class(facts, "EconomicCorridor")
    assert len(corridors) == 6
    connected = {c: facts[c]["connectsCountry"] for c in corridors if facts[c]["connectsCountry"]}
    assert all("china" in countries for countries in connected.values())
    assert len(connected) >= 4
