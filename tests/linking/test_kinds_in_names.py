"""Words for kinds of places in the languages of the neighbours, zones by their many names, and what only sounds like a name."""

from __future__ import annotations

import pytest

from kouan.linking.evidence import Clues
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.matching import ELSEWHERE, Matcher
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
        ("Dehong Zhou", "dehong"),
        ("Yīlí Zhōu", "ili"),
        ("Xilingol Meng", "xilingol-league"),
        ("ལྷོ་ཁ་གྲོང་ཁྱེར།", "shannan"),
        ("མཁར་སྔོན་གྲོང་ཁྱེར", "hohhot"),
    ],
)
def test_word_for_a_kind_is_read_in_each_language_before_the_name_and_behind_it(matcher, name, thing):
    found = matcher.candidates(name)[0]
    assert (found.thing.identifier, found.match, found.features["kind"]) == (thing, True, True)


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("黑河陆路口岸", "heihe-road-port"),
        ("Heihe land border port", "heihe-road-port"),
        ("同江陆路口岸", "tongjiang-rail-port"),
        ("珲春陆路口岸", "hunchun-port"),
        ("Erenhot land port", "erenhot-port"),
        ("黑河港", "heihe-port"),
        ("丹东港", "dandong-sea-port"),
        ("新义州港", "sinuiju-harbour-port"),
        ("Erenhot railway border port", "erenhot-rail-port"),
        ("Manzhouli railway border port", "manzhouli-port"),
        ("Manzhouli railway border crossing", "manzhouli-port"),
        ("Fuyuan water port", "fuyuan-port"),
        ("Tongjiang water port", "tongjiang-port"),
        ("Heihe water port", "heihe-port"),
    ],
)
def test_sort_of_a_port_is_read_and_tells_the_ports_of_a_town_apart(matcher, name, thing):
    for types in ((), (KOUAN + "Port",)):
        found = matcher.candidates(name, Clues(types=types))[0]
        assert (found.thing.identifier, found.match, found.features["kind"]) == (thing, True, True)


@pytest.mark.parametrize(
    "name",
    ["抚远陆路口岸", "逊克陆路口岸", "Luobei land port", "Jiamusi dry port", "珲春港", "满洲里港", "Hunchun harbour"],
)
def test_port_by_land_is_none_by_water_nor_a_harbour_one_by_land(matcher, name):
    assert not any(each.match for types in ((), (KOUAN + "Port",)) for each in matcher.candidates(name, Clues(types)))


def test_railway_crossing_is_no_port_and_no_port_is_one(matcher):
    assert matcher.candidates("Khorgos railway crossing")[0].thing.identifier == "railway-khorgos-altynkol"
    for name in ("Khorgos railway border port", "Khorgos rail port", "霍尔果斯铁路口岸"):
        assert "railway-khorgos-altynkol" not in {each.thing.identifier for each in matcher.candidates(name)[:2]}


@pytest.mark.parametrize("name", ["Khorgos rail port", "Khorgos railway border port", "Khorgos road port"])
def test_word_for_the_sort_leaves_the_port_of_china_before_the_one_that_it_faces(matcher, name):
    for types in ((), (KOUAN + "Port",)):
        found = matcher.candidates(name, Clues(types=types))
        assert found[0].thing.identifier == "khorgos-port"
        assert not any(each.match for each in found[1:])


@pytest.mark.parametrize("name", ["Pogranichnaya port", "Пограничная КПП", "Pogranichnaya rail port"])
def test_old_name_of_a_town_is_not_its_ports_where_the_port_that_it_faces_is_called_so(matcher, name):
    found = matcher.candidates(name)
    assert found[0].thing.identifier in {"pogranichny-port", "pogranichny-rail-port"}
    assert not any(each.match for each in found)
    assert matcher.candidates("Sakhalyan port")[0].match


@pytest.mark.parametrize(
    ("name", "country", "thing"),
    [
        ("Bulgan", "Mongolia", "bulgan-port"),
        ("Константиновка", "Russia", "konstantinovka-port"),
        ("Достык", "Kazakhstan", "dostyk-port"),
        ("Tà Lùng", "Việt Nam", "ta-lung-port"),
        ("Poltavka", "Russia", "poltavka-port"),
    ],
)
def test_town_abroad_is_its_port_only_where_a_port_is_meant(matcher, name, country, thing):
    for evidence in (Clues(), Clues(within=(country,))):
        found = matcher.candidates(name, evidence)
        assert (found[0].thing.identifier, found[0].match) == (thing, False)
    for said, evidence in ((name, Clues(types=(KOUAN + "Port",))), (f"{name} port", Clues()), (f"{name} КПП", Clues())):
        found = matcher.candidates(said, evidence)
        assert (found[0].thing.identifier, found[0].match) == (thing, True)


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("the port of Khorgos", "khorgos-port"),
        ("Port of entry Khorgos", "khorgos-port"),
        ("Chinese port of Khorgos", "khorgos-port"),
        ("Horgos port of entry China", "khorgos-port"),
        ("Manzhouli Road Border Crossing China", "manzhouli-port"),
        ("Border port of Erenhot", "erenhot-port"),
        ("Border Port of Heihe", "heihe-port"),
        ("river port of Heihe", "heihe-port"),
        ("railway port of Manzhouli", "manzhouli-port"),
        ("the railway border port of Tumen", "tumen-rail-port"),
        ("满洲里铁路边境口岸", "manzhouli-port"),
        ("瑞丽市口岸", "ruili-port"),
        ("萝北县口岸", "luobei-port"),
        ("黑河市口岸", "heihe-port"),
        ("珲春市公路口岸", "hunchun-port"),
    ],
)
def test_port_is_known_by_its_town_or_county_however_its_words_stand(matcher, name, thing):
    found = matcher.candidates(name)[0]
    assert (found.thing.identifier, found.match, found.features["kind"]) == (thing, True, True)


@pytest.mark.parametrize(
    ("name", "thing", "within"), [("Long Zhou", "longzhou", "Guangxi"), ("Xi Meng", "ximeng", "Yunnan")]
)
def test_one_syllable_and_a_word_for_a_prefecture_are_one_name(matcher, name, thing, within):
    found = matcher.candidates(name, Clues(within=(within,)))[0]
    assert (found.thing.identifier, found.match) == (thing, True)


@pytest.mark.parametrize(
    ("name", "thing", "within"),
    [
        ("Samzhubzê District", "xigaze", "Tibet"),
        ("Dongning Zhen", "dongning", "Heilongjiang"),
        ("东宁镇", "dongning", "黑龙江"),
        ("Hei-ho-chen", "heihe", "Heilongjiang"),
        ("Wulan Jiedao", "erenhot", "Inner Mongolia"),
        ("Tashkurgan Town", "taxkorgan", "Xinjiang"),
        ("قاغىلىق بازىرى", "yecheng", "Xinjiang"),
        ("瑞丽街道", "ruili", "云南"),
    ],
)
def test_town_or_district_that_is_a_seat_is_not_what_has_its_seat_there(matcher, name, thing, within):
    for evidence in (Clues(), Clues(within=(within,))):
        found = matcher.candidates(name, evidence)
        assert found[0].thing.identifier == thing
        assert found[0].features["kind"] is False
        assert not any(each.match for each in found)


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
        ("黑河自贸区", "heihe-free-trade-zone"),
        ("绥芬河自贸片区", "suifenhe-free-trade-zone"),
        ("红河自由贸易试验区", "honghe-free-trade-zone"),
        ("霍尔果斯合作中心", "khorgos-cooperation-center"),
        ("Khorgos Cooperation Centre", "khorgos-cooperation-center"),
        ("东兴试验区", "dongxing-pilot-zone"),
        ("Suifenhe Border Economic Cooperation Area", "suifenhe-border-economic-cooperation-zone"),
        ("瑞丽国家级边境经济合作区", "ruili-border-economic-cooperation-zone"),
        ("东兴—芒街跨境经济合作区", "dongxing-mong-cai-proposed-zone"),
        ("东兴-芒街跨境经济合作区(拟设)", "dongxing-mong-cai-proposed-zone"),
        ("中越凭祥-同登跨境经济合作区", "pingxiang-dong-dang-proposed-zone"),
        ("河口–老街跨境经济合作区", "hekou-lao-cai-proposed-zone"),
        ("中国河口–老街跨境经济合作区", "hekou-lao-cai-proposed-zone"),
        ("中缅瑞丽—木姐跨境经济合作区", "ruili-muse-proposed-zone"),
        ("Ruili-Muse cross-border zone", "ruili-muse-proposed-zone"),
    ],
)
def test_zone_is_known_by_its_town_and_its_kind(matcher, name, thing):
    found = matcher.candidates(name)[0]
    assert (found.thing.identifier, found.match) == (thing, True)


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("东兴跨境经济合作区", "dongxing-mong-cai-proposed-zone"),
        ("中越凭祥跨境经济合作区", "pingxiang-dong-dang-proposed-zone"),
    ],
)
def test_zone_across_the_border_by_one_of_its_towns_comes_first(matcher, name, thing):
    assert matcher.candidates(name)[0].thing.identifier == thing


@pytest.mark.parametrize("name", ["黑龙江自贸区", "云南自贸试验区", "广西自由贸易试验区", "磨憨合作中心", "凭祥自贸区"])
def test_zone_of_a_province_is_none_of_its_areas_and_a_zone_of_another_kind_is_none(matcher, name):
    assert not any(each.match for each in matcher.candidates(name))


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


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("Lushui County", "lushui"),
        ("Lu shui xian", "lushui"),
        ("Tengchong County", "tengchong"),
        ("Dongning Xian", "dongning"),
        ("Mohe County", "mohe"),
        ("Fuyuan County", ""),
        ("Luxi County", ""),
        ("Heihe District", ""),
    ],
)
def test_county_of_old_is_what_it_became_where_no_other_is_called_so(matcher, name, thing):
    first = matcher.candidates(name)[0]
    assert (first.thing.identifier if first.match else "") == thing


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("Ximeng Wa Autonomous County", "ximeng"),
        ("Menglian Dai, Lahu and Wa Autonomous County", "menglian"),
        ("Urad Rear Banner", "urat-rear"),
        ("Urad Middle Banner", "urat-middle"),
        ("Kashgar Integrated Bonded Zone", "kashgar-bonded-zone"),
        ("Dongxing Key Experimental Zone for Development and Opening-up", "dongxing-pilot-zone"),
    ],
)
def test_word_that_is_written_in_two_ways_is_one(matcher, name, thing):
    first = matcher.candidates(name)[0]
    assert (first.thing.identifier, first.match) == (thing, True)


def test_korean_word_for_a_kind_is_heeded_before_how_another_is_spelled(matcher):
    first = matcher.candidates("신의주시", Clues(within=("평안북도",)))[0]
    assert (first.thing.identifier, first.match) == ("sinuiju", True)


@pytest.mark.parametrize(("name", "within"), [("Jilin", "Jilin"), ("吉林", "吉林省"), ("Jilin", "Kirin")])
def test_province_does_not_lie_in_itself(matcher, name, within):
    assert not any(each.match for each in matcher.candidates(name, Clues(within=(within,))))
