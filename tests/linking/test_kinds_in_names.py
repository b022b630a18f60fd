"""Words for kinds of places in the languages of the neighbours, zones by their many names, and what only sounds like a name."""

from __future__ import annotations

import pytest

from kouan.linking.gazetteer import Gazetteer
from kouan.linking.matching import ELSEWHERE, Clues, Matcher
from kouan.vocabulary import KOUAN


@pytest.fixture(scope="module")
def matcher(snapshot):
    return Matcher(Gazetteer(snapshot.source_quads()))


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("городской уезд Суйфэньхэ", "suifenhe"),
        ("уезд Хума", "huma"),
        ("ж/д пункт пропуска Пограничный", "pogranichny-rail-port"),
        ("Погранпереход Достык", "dostyk-port"),
        ("Забайкальск КПП", "zabaykalsk-port"),
        ("Гашуунсухайт боомт", "gashuunsukhait-port"),
        ("훈춘통상구", "hunchun-port"),
        ("단둥 시", "dandong"),
        ("چۆچەك شەھىرى", "tacheng"),
        ("قەشقەر ۋىلايىتى", "kashgar-prefecture"),
        ("ئۇلۇغچات ناھىيىسى", "wuqia"),
        ("Qorghas shehiri", "khorgos"),
        ("Lào Cai (cửa khẩu)", "lao-cai-port"),
        ("Huu Nghi International Border Gate", "huu-nghi-port"),
        ("Baketu Land Port of Entry", "baketu-port"),
        ("Erenhot Railway Border Crossing", "erenhot-rail-port"),
        ("满洲里国际公路口岸", "manzhouli-port"),
        ("满洲里边境口岸", "manzhouli-port"),
        ("东兴市 (县级市)", "dongxing"),
        ("Kyirong Dzong", "gyirong"),
    ],
)
def test_word_for_a_kind_is_read_in_each_language_before_the_name_and_behind_it(matcher, name, thing):
    found = matcher.candidates(name)[0]
    assert (found.thing.identifier, found.match, found.features["kind"]) == (thing, True, True)


@pytest.mark.parametrize(
    ("name", "thing"),
    [("портал Дуннин", "dongning-port"), ("районХума", "huma"), ("хотСуйфэньхэ", "suifenhe")],
)
def test_word_that_only_begins_like_one_for_a_kind_is_none(matcher, name, thing):
    assert not any(found.match for found in matcher.candidates(name) if found.thing.identifier == thing)


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("云南瑞丽国家重点开发开放试验区", "ruili-pilot-zone"),
        ("瑞丽沿边重点开发开放试验区", "ruili-pilot-zone"),
        ("Dongxing Key Development and Opening-up Pilot Zone", "dongxing-pilot-zone"),
        ("丹东边境合作区", "dandong-border-economic-cooperation-zone"),
        ("广西自贸区崇左片区", "chongzuo-free-trade-zone"),
        ("中国（云南）自由贸易试验区红河片区", "honghe-free-trade-zone"),
        ("Heihe Area of the China (Heilongjiang) Pilot Free Trade Zone", "heihe-free-trade-zone"),
        ("China (Guangxi) Pilot Free Trade Zone Chongzuo Area", "chongzuo-free-trade-zone"),
        ("Horgos Free Trade Zone", "khorgos-free-trade-zone"),
        ("磨憨-磨丁经济合作区", "mohan-boten-economic-cooperation-zone"),
        ("中老磨憨—磨丁经济合作区", "mohan-boten-economic-cooperation-zone"),
        ("Erenhot-Zamyn-Uud Economic Cooperation Zone", "erenhot-zamyn-uud-economic-cooperation-zone"),
        ("霍尔果斯国际边境合作中心", "khorgos-cooperation-center"),
        ("Khorgos International Centre for Boundary Cooperation", "khorgos-cooperation-center"),
        ("Suifenhe Border Economic Cooperation Area", "suifenhe-border-economic-cooperation-zone"),
    ],
)
def test_zone_is_known_by_its_town_and_its_kind(matcher, name, thing):
    found = matcher.candidates(name)[0]
    assert (found.thing.identifier, found.match) == (thing, True)


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("도문시", "tumen"),
        ("집안시", "ji-an-jilin"),
        ("림강시", "linjiang"),
        ("임강시", "linjiang"),
        ("룡정", "longjing"),
        ("용정시", "longjing"),
        ("안도현", "antu"),
        ("만주리", "manzhouli"),
    ],
)
def test_name_is_read_as_korean_reads_its_characters(matcher, name, thing):
    found = matcher.candidates(name, Clues(within=("중국",)))[0]
    assert (found.thing.identifier, found.match) == (thing, True)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        # The seats of these prefectures, which are called as they are, lack.
        ("Aksu", "阿克苏市 (652901)"),
        ("خوتەن", "和田市 (653201)"),
        ("文山", "文山市 (532601)"),
        # A spelling of what a thing was called before is another's now.
        ("Yen-chi", "延吉市 (222401)"),
        ("Yenki", "延吉市 (222401)"),
        ("연길", "延吉市 (222401)"),
        ("港口", "港口区 (450602)"),
    ],
)
def test_name_that_is_rather_another_places_is_no_match(matcher, name, other):
    found = matcher.candidates(name)[0]
    assert not found.match
    assert f"{ELSEWHERE}{other}" in found.features


def test_prefecture_is_meant_where_its_type_or_its_kind_is_said(matcher):
    for name, kinds in (("Aksu", (KOUAN + "Prefecture",)), ("Aksu Prefecture", ()), ("阿克苏地区", ())):
        found = matcher.candidates(name, Clues(types=kinds))[0]
        assert (found.thing.identifier, found.match) == ("aksu-prefecture", True)


def test_area_in_brackets_is_no_word_for_a_kind(matcher):
    found = matcher.candidates("牡丹江市 (黑龙江省)")[0]
    assert (found.thing.identifier, found.match, found.features["within"]) == ("mudanjiang", True, True)


@pytest.mark.parametrize("name", ["Te-ko", "Ando", "Kil-lim"])
def test_letters_that_spell_nothing_in_china_are_no_match(matcher, name):
    assert not any(found.match for found in matcher.candidates(name))


@pytest.mark.parametrize("name", ["133300 Hunchun", "Hunchun, 133300", "珲春133300"])
def test_six_digits_that_are_no_code_of_the_graph_leave_the_name_to_a_person(matcher, name):
    found = matcher.candidates(name)[0]
    assert (found.thing.identifier, found.match, found.features["identifier"]) == ("hunchun", False, False)


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("Kashgar", "СУАР"),
        ("Kashgar", "Синьцзян-Уйгурский АР"),
        ("Manzhouli", "АР Внутренняя Монголия"),
        ("Erenhot", "Өвөр Монголын өөртөө засах орон"),
        ("Khorgos", "شىنجاڭ ئۇيغۇر ئاپتونوم رايونى"),
        ("Dandong", "료녕성"),
        ("Tumen", "길림성"),
        ("Dongxing", "Kwangsi Chuang A.R."),
    ],
)
def test_province_is_known_as_the_neighbours_write_it(matcher, name, within):
    found = matcher.candidates(name, Clues(within=(within,)))[0]
    assert (found.match, found.features["within"]) == (True, True)


@pytest.mark.parametrize("name", ["Jichang", "Cheng", "满洲里机场", "Qibin District", "Qilin District"])
def test_place_elsewhere_is_no_concept_whose_name_it_sounds_like_or_ends_in(matcher, name):
    assert not any(found.match for found in matcher.candidates(name))


@pytest.mark.parametrize(("name", "within"), [("港口", "新疆"), ("容", "广西"), ("Yi", "辽宁省")])
def test_what_is_no_place_lies_in_no_province(matcher, name, within):
    found = matcher.candidates(name, Clues(within=(within,)))
    assert found[0].features["within"] is False
    assert not any(each.match for each in found)
