"""A name that another division of China bears as well, which the graph lacks, is no match until more is said."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kouan.linking.gazetteer import Gazetteer
from kouan.linking.matching import ELSEWHERE, Clues, Matcher
from kouan.linking.namesakes import divisions
from kouan.linking.other_data import OtherData
from kouan.vocabulary import KOUAN, RDFS


@pytest.fixture(scope="module")
def matcher(snapshot):
    return Matcher(Gazetteer(snapshot.source_quads()))


def elsewhere(candidate):
    return [name.removeprefix(ELSEWHERE) for name in candidate.features if name.startswith(ELSEWHERE)]


@pytest.mark.parametrize(
    ("name", "thing", "other"),
    [
        ("Yichun", "yichun-heilongjiang", "宜春市 (360900)"),
        ("Yichun City", "yichun-heilongjiang", "宜春市 (360900)"),
        ("Pingxiang", "pingxiang", "萍乡市 (360300)"),
        ("P'ing-hsiang", "pingxiang", "萍乡市 (360300)"),
        ("Ji'an", "ji-an-jilin", "吉安市 (360800)"),
        ("Funing County", "funing-yunnan", "阜宁县 (320923)"),
        # Another name of a thing yields to any division that has it.
        ("Longjiang", "qiqihar", "龙江县 (230221)"),
        ("Chi-ning", "jixi-heilongjiang", "济宁市 (370800)"),
        ("Luxi", "mangshi", "芦溪县 (360323)"),
        ("Wenchuan", "wenquan", "汶川县 (513221)"),
        # A county is looked for as a city is, unless it lies beside it and is written alike, as that of Yining is.
        ("Fuyuan", "fuyuan", "富源县 (530325)"),
        ("Tungkiang", "tongjiang", "通江县 (511921)"),
        ("Jixi", "jixi-heilongjiang", "绩溪县 (341824)"),
        ("푸위안", "fuyuan", "富源县 (530325)"),
        # 长 sounds as in names of places, and what is only alike yields to all that are called so, whatever their kind.
        ("Changyuan", "cangyuan", "长垣市 (410783)"),
        ("Changyuan County", "cangyuan", "长垣市 (410783)"),
        # What lies abroad yields to all.
        ("东方", "dornod", "东方市 (469007)"),
        # The bare name of a port is a town's before.
        ("Nanping", "nanping-port", "南平市 (350700)"),
        ("会宁", "hoeryong-port", "会宁县 (620422)"),
    ],
)
def test_name_of_an_equal_elsewhere_is_no_match_and_says_whose_it_is(matcher, name, thing, other):
    found = matcher.candidates(name)
    assert (found[0].thing.identifier, found[0].match) == (thing, False)
    assert elsewhere(found[0]) == [other]


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("Dongxing", "dongxing"),
        ("Tongjiang City", "tongjiang"),
        ("同江", "tongjiang"),
        ("Hekou", "hekou-yunnan"),
        ("Yining", "yining"),
        ("Xinjiang", "xinjiang"),
        ("Yanbian", "yanbian"),
        # In characters the names differ.
        ("伊春", "yichun-heilongjiang"),
        ("凭祥", "pingxiang"),
        ("集安市", "ji-an-jilin"),
        # No division has the name of these ports.
        ("策克", "ceke-port"),
        ("Houqiao", "houqiao-port"),
        ("Wanting", "wanding-port"),
    ],
)
def test_name_of_none_or_of_a_district_elsewhere_is_a_match(matcher, name, thing):
    found = matcher.candidates(name)
    assert (found[0].thing.identifier, found[0].match) == (thing, True)
    assert elsewhere(found[0]) == []


@pytest.mark.parametrize(
    "evidence",
    [
        Clues(within=("Guangxi",)),
        Clues(types=(KOUAN + "PortCity",)),
        Clues(identifiers=("451481",)),
        Clues(point=(106.75, 22.1)),
    ],
)
def test_what_tells_it_from_its_namesake_makes_it_a_match(matcher, evidence):
    assert not matcher.candidates("Pingxiang")[0].match
    found = matcher.candidates("Pingxiang", evidence)
    assert (found[0].thing.identifier, found[0].match, elsewhere(found[0])) == ("pingxiang", True, [])


@pytest.mark.parametrize(
    ("name", "within", "thing", "other"),
    [
        # The country is the namesake's, too, and the province may be.
        ("Pingxiang", ("China",), "pingxiang", "萍乡市 (360300)"),
        ("Ji'an", ("中国",), "ji-an-jilin", "吉安市 (360800)"),
        ("延吉市", ("吉林",), "longjing", "延吉市 (222401)"),
        ("延吉市", ("China", "Yanbian"), "longjing", "延吉市 (222401)"),
        ("Simao", ("Yunnan", "Pu'er"), "pu-er", "思茅区 (530802)"),
    ],
)
def test_area_that_holds_the_namesake_too_tells_nothing(matcher, name, within, thing, other):
    found = matcher.candidates(name, Clues(within=within))
    assert (found[0].thing.identifier, found[0].match, elsewhere(found[0])) == (thing, False, [other])


@pytest.mark.parametrize("within", [("China", "Guangxi"), ("Chongzuo",), (("Guangxi", "Yunnan"),)])
def test_area_that_holds_no_namesake_makes_it_a_match(matcher, within):
    found = matcher.candidates("Pingxiang", Clues(within=within))
    assert (found[0].thing.identifier, found[0].match, elsewhere(found[0])) == ("pingxiang", True, [])


@pytest.mark.parametrize("name", ["Pingliang", "Pingliang City"])
def test_area_makes_no_slip_of_the_very_name_of_a_place_elsewhere(matcher, name):
    found = matcher.candidates(name, Clues(within=("Guangxi",)))
    assert (found[0].thing.identifier, found[0].match, elsewhere(found[0])) == ("pingxiang", False, ["平凉市 (620800)"])


@pytest.mark.parametrize("kind", ["Place", "City", "County"])
def test_type_that_both_have_tells_nothing(matcher, kind):
    assert not matcher.candidates("Pingxiang", Clues(types=(KOUAN + kind,)))[0].match


def test_divisions_are_those_of_the_whole_country():
    provinces = {division.code for division in divisions() if division.rank == 4}
    assert len(provinces) == 34
    assert {division.stem for division in divisions()} >= {"宜春", "长阳", "东兴", "萍乡"}


def test_other_data_has_no_namesakes():
    label = NamedNode(RDFS + "label")
    matcher = Matcher(
        OtherData([Quad(NamedNode("http://example.org/p"), label, Literal("Pingxiang", language="en"))], ())
    )
    assert matcher.candidates("Pingxiang")[0].match


@pytest.mark.parametrize(
    ("name", "thing"),
    [("Тюмень", "tumen"), ("Lai Châu", "lanzhou"), ("Kengtung", "jinghong"), ("Sansing", "xining")],
)
def test_country_that_holds_nearly_all_makes_no_match_of_a_slip(matcher, name, thing):
    found = matcher.candidates(name, Clues(within=("China",)))
    assert (found[0].thing.identifier, found[0].features["exact"], found[0].match) == (thing, False, False)


def test_country_that_holds_few_and_a_province_make_a_match_of_a_slip(matcher):
    for name, within, thing in (("Zamyn-Udd", "Mongolia", "zamyn-uud"), ("Manzouli", "Inner Mongolia", "manzhouli")):
        [found] = [each for each in matcher.candidates(name, Clues(within=(within,))) if each.match]
        assert (found.thing.identifier, found.features["exact"]) == (thing, False)


@pytest.mark.parametrize(("name", "thing"), [("Lichiang", "linjiang"), ("Hsinping", "xining")])
def test_other_name_in_wade_giles_is_no_slip(matcher, name, thing):
    found = {each.thing.identifier: each for each in matcher.candidates(name)}
    assert thing in found
    assert not any(each.match for each in found.values())


def test_bare_name_with_a_slip_is_no_ports(matcher):
    assert [each.match for each in matcher.candidates("Uliastai")] == [False]
    port = matcher.candidates("Uliastai port")[0]
    assert (port.thing.identifier, port.match) == ("wulasitai-port", True)
