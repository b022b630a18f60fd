"""Who belongs to which platform, since when and until when, is what the sources say."""

from __future__ import annotations

import pytest

from kouan.vocabulary import RDF

# Member, platform, first year, last year.
KNOWN = [
    ("kazakhstan", "shanghai-cooperation-organization", "2001", None),
    ("pakistan", "shanghai-cooperation-organization", "2017", None),
    ("iran", "shanghai-cooperation-organization", "2023", None),
    ("belarus", "shanghai-cooperation-organization", "2024", None),
    ("north-korea", "greater-tumen-initiative", "1995", "2009"),
    ("turkmenistan", "central-asia-regional-economic-cooperation", "2010", None),
    ("georgia", "central-asia-regional-economic-cooperation", "2016", None),
    ("inner-mongolia", "central-asia-regional-economic-cooperation", "2008", None),
    ("thailand", "greater-mekong-subregion", "1992", None),
    ("guangxi", "greater-mekong-subregion", "2005", None),
    ("laos", "lancang-mekong-cooperation", "2015", None),
    ("brunei", "china-asean-free-trade-area", "2010", None),
    ("bangladesh", "bangladesh-china-india-myanmar-economic-corridor", "2013", None),
]


@pytest.mark.parametrize(("member", "platform", "first", "last"), KNOWN)
def test_membership_has_its_years(facts, member, platform, first, last):
    known = facts[f"membership-{member}-{platform}"]
    assert known["memberArea"] == {member}
    assert known["memberOf"] == {platform}
    assert known["fromYear"] == {first}
    assert known["untilYear"] == ({last} if last else set())


def test_observers_and_partners_have_their_years_beside_the_membership(facts):
    observed = facts["membership-belarus-shanghai-cooperation-organization-observer"]
    partnered = facts["membership-belarus-shanghai-cooperation-organization-partner"]
    assert (observed["capacity"], observed["fromYear"], observed["untilYear"]) == ({"observer"}, {"2015"}, {"2024"})
    assert (partnered["capacity"], partnered["untilYear"]) == ({"dialogue partner"}, {"2015"})


def test_every_member_of_a_platform_has_a_membership(facts):
    pairs = {
        (min(known["memberArea"]), min(known["memberOf"]))
        for known in facts.values()
        if "Membership" in known[RDF + "type"] and known["capacity"] & {"member", "participating province"}
    }
    listed = {(member, platform) for platform, known in list(facts.items()) for member in known["hasMember"]}
    assert len(pairs) >= 60
    assert listed - pairs == set()
    left = {pair for pair in pairs - listed if "Country" in facts[pair[0]][RDF + "type"]}
    assert left == {("north-korea", "greater-tumen-initiative")}


def test_provinces_take_part_for_china(facts):
    found = {area: known["takesPartIn"] for area, known in facts.items() if known["takesPartIn"]}
    assert found == {
        "guangxi": {"greater-mekong-subregion"},
        "heilongjiang": {"greater-tumen-initiative"},
        "inner-mongolia": {"central-asia-regional-economic-cooperation", "greater-tumen-initiative"},
        "jilin": {"greater-tumen-initiative"},
        "liaoning": {"greater-tumen-initiative"},
        "xinjiang": {"central-asia-regional-economic-cooperation"},
        "yunnan": {"greater-mekong-subregion"},
    }
