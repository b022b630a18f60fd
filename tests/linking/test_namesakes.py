"""A name that another division of China bears as well, which the graph lacks, is no match until more is said."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kouan.linking.evidence import Clues
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.matching import ELSEWHERE, Matcher
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
    ("name", "thing", "other"),
    [
        # By a slip, and in Russian by н for нь.
        ("Лицзян", "linjiang", "丽江市 (530700)"),
        ("Лицзян City", "linjiang", "丽江市 (530700)"),
        ("Ляньчжоу", "lanzhou", "连州市 (441882)"),
        ("Luanchow", "lanzhou", "滦州市 (130284)"),
        ("Pingchiang", "harbin", "平江县 (430626)"),
        ("linhiang City", "linjiang", "临湘市 (430682)"),
        ("Лунлинь", "longling", "隆林各族自治县 (451031)"),
        ("уезд Лун-линь", "longling", "隆林各族自治县 (451031)"),
        ("Хунцзян", "hunjiang", "洪江市 (431281)"),
        # To the letter.
        ("Ch’i-tung", "jidong", "启东市 (320681)"),
        ("Sha-ho City", "dandong", "沙河市 (130582)"),
        ("Wenchwan County", "wenquan", "汶川县 (513221)"),
        ("Ho-cheng", "huocheng", "和政县 (622925)"),
        ("미산 시", "mishan", "眉山市 (511400)"),
        ("미산시", "mishan", "眉山市 (511400)"),
        # One slip from 萍乡, and two from 凭祥.
        ("Pnghsiang", "pingxiang", "萍乡市 (360300)"),
    ],
)
@pytest.mark.parametrize("within", [(), ("China",)])
def test_older_russian_or_korean_spelling_of_another_division_is_no_match(matcher, name, thing, other, within):
    found = matcher.candidates(name, Clues(within=within))
    assert (found[0].thing.identifier, found[0].match) == (thing, False)
    assert elsewhere(found[0]) == [other]


@pytest.mark.parametrize(
    ("name", "within", "thing"),
    [
        # The pinyin of a thing is no Wade-Giles of another: 大城 is Ta-ch'eng, and 塔城 is T'a-ch'eng.
        ("Tacheng", (), "tacheng"),
        ("T'a-ch'eng", (), "tacheng"),
        ("Huo-ch'eng", (), "huocheng"),
        ("Лунлин", (), "longling"),
        ("밀산시", (), "mishan"),
        # A district of Tianjin, which is spelled so too, is none of a province.
        ("Tsinghai", (), "qinghai"),
        # Its province holds none that is spelled so.
        ("Wenchwan", ("Xinjiang",), "wenquan"),
        ("미산", ("Heilongjiang",), "mishan"),
        # 精河, in Xinjiang as well, is Ching-ho.
        ("Ch'ing-ho", ("Xinjiang",), "qinghe-xinjiang"),
    ],
)
def test_spelling_that_is_rather_the_things_own_is_a_match(matcher, name, within, thing):
    found = matcher.candidates(name, Clues(within=within))
    assert (found[0].thing.identifier, found[0].match, elsewhere(found[0])) == (thing, True, [])


@pytest.mark.parametrize("name", ["Аньдо", "동강", "Ta-ch'eng"])
def test_name_in_one_script_is_no_others_that_only_looks_so_in_latin_letters(matcher, name):
    assert not any(each.match for each in matcher.candidates(name))


def test_russian_n_is_no_ng(matcher):
    found = {each.thing.identifier: each for each in matcher.candidates("Лунлинь")}
    assert not found["longling"].features["exact"]


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


@pytest.mark.parametrize(
    ("name", "kind", "first"),
    [
        ("Mengla port", (), "mong-la-port"),
        ("Mengla", ("Port",), "mong-la-port"),
        ("Dōnggǎng", ("Port",), "donggang"),
        ("Sui-fen-ho", ("CooperationZone",), "suifenhe-border-economic-cooperation-zone"),
        ("Pogranichnaya", ("CooperationZone",), "suifenhe-border-economic-cooperation-zone"),
    ],
)
def test_name_that_is_rather_an_areas_elsewhere_or_of_several_zones_is_no_match(matcher, name, kind, first):
    found = matcher.candidates(name, Clues(types=tuple(KOUAN + each for each in kind)))
    assert (found[0].thing.identifier, found[0].match) == (first, False)


@pytest.mark.parametrize(("name", "thing"), [("Sinuiju", "sinuiju-port"), ("Zamiin-Uud", "zamyn-uud-port")])
def test_port_of_a_town_of_its_name_is_a_match(matcher, name, thing):
    found = matcher.candidates(name, Clues(types=(KOUAN + "Port",)))
    assert (found[0].thing.identifier, found[0].match) == (thing, True)


@pytest.mark.parametrize(
    "name", ["Yichunshi", "Fuyuanxian", "Pingxiangshi", "P'ing-hsiang-hsien", "Guanghexian", "Luxixian"]
)
def test_pinyin_with_its_kind_written_together_has_the_namesakes_of_both(matcher, name):
    assert not any(found.match for found in matcher.candidates(name))


@pytest.mark.parametrize(("name", "thing"), [("Kashi", "kashgar"), ("Heiheshi", "heihe"), ("Humaxian", "huma")])
def test_pinyin_with_its_kind_written_together_is_a_match_where_nobody_else_has_it(matcher, name, thing):
    found = matcher.candidates(name)[0]
    assert (found.thing.identifier, found.match) == (thing, True)


@pytest.mark.parametrize("name", ["Hsinking", "Hsin-ching", "Hsinking City"])
def test_spelling_of_a_seats_name_is_no_name_of_what_has_its_seat_there(matcher, name):
    assert not any(found.match for found in matcher.candidates(name))
