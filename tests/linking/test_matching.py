"""Names in many spellings lead to the thing they mean, and to no other."""

from __future__ import annotations

import time

import pytest

from kouan.graph.romanisation import from_wade_giles, palladius, wade_giles
from kouan.linking.evidence import Clues
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.matching import Matcher
from kouan.vocabulary import ID, KOUAN


@pytest.fixture(scope="module")
def matcher(snapshot):
    return Matcher(Gazetteer(snapshot.source_quads()))


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("Heihe", "heihe"),
        ("heihe", "heihe"),
        ("Heihe City", "heihe"),
        ("Heihe Shi", "heihe"),
        ("黑河市", "heihe"),
        ("Hēihé", "heihe"),
        ("Kiamusze", "jiamusi"),
        ("Kashi", "kashgar"),
        ("Tsitsihar", "qiqihar"),
        ("滿洲里", "manzhouli"),
        ("滿洲里市", "manzhouli"),
        ("Man Zhou Li", "manzhouli"),
        ("Èrliánhàotè", "erenhot"),
        ("Забайкальск", "zabaykalsk"),
        ("Heihe Port", "heihe-port"),
        ("黑河口岸", "heihe-port"),
        ("Dongxing pilot zone", "dongxing-pilot-zone"),
        ("Mengla County", "mengla"),
        ("SCO", "shanghai-cooperation-organization"),
        ("BCIM corridor", "bangladesh-china-india-myanmar-economic-corridor"),
        ("中巴走廊", "china-pakistan-economic-corridor"),
        ("Lao Cai kou’an", "lao-cai-port"),
        ("Jinghung", "jinghong"),
        ("Chongtso", "chongzuo"),
        ("Dandong Rail Port", "dandong-rail-port"),
        ("Friendship Gate", "youyiguan-port"),
        # GeoNames has Erh-lien.
        ("Erlian", "erenhot"),
        ("新疆维吾尔自治区", "xinjiang"),
        ("珲春市", "hunchun"),
        ("Hunchun City", "hunchun"),
        ("喀什地区", "kashgar-prefecture"),
        ("Kashgar Prefecture", "kashgar-prefecture"),
        ("塔城市", "tacheng"),
        ("Tacheng Prefecture", "tacheng-prefecture"),
        ("延边", "yanbian"),
        ("额济纳旗", "ejin"),
        ("Qapqal", "qapqal"),
        ("黑河公路口岸", "heihe-road-port"),
        ("二连浩特市口岸", "erenhot-port"),
        ("Manzhouli Customs", "manzhouli-customs"),
        ("黑河海关", "heihe-customs"),
        ("Heihe City Port", "heihe-port"),
        ("满洲里市边境经济合作区", "manzhouli-border-economic-cooperation-zone"),
        ("满洲里综保区", "manzhouli-bonded-zone"),
        ("Manzhouli bonded zone", "manzhouli-bonded-zone"),
        ("Horgos Pass", "khorgos-port"),
        ("자무쓰", "jiamusi"),
        ("치치하얼시", "qiqihar"),
        ("쑤이펀허", "suifenhe"),
        ("Alataw Pass", "alashankou"),
        ("Alataw Pass Port", "alashankou-port"),
        ("Kiamusze Port", "jiamusi-port"),
        ("国家新型城镇化规划（2014-2020年）", "national-new-urbanization-plan"),
        ("Gantsmod", "ganqimaodu-port"),
        ("Казахстан", "kazakhstan"),
        ("Қазақстан", "kazakhstan"),
        ("မြန်မာ", "myanmar"),
        ("대한민국", "south-korea"),
        ("Trung Quốc", "china"),
        ("قەشقەر ۋىلايىتى", "kashgar-prefecture"),
    ],
)
def test_name_matches_the_thing_it_means(matcher, name, thing):
    found = matcher.candidates(name)
    assert [(c.thing.identifier, c.match) for c in found[:1]] == [(thing, True)]


@pytest.mark.parametrize(
    ("name", "thing"), [("Manzhouly", "manzhouli"), ("Erenhoht", "erenhot"), ("Jiamsi", "jiamusi")]
)
def test_slip_is_found_first(matcher, name, thing):
    assert matcher.candidates(name)[0].thing.identifier == thing


@pytest.mark.parametrize("name", ["Atlantis", "Paris", "東京", "Heilbronn", "x", ""])
def test_name_of_nothing_matches_nothing(matcher, name):
    assert not any(c.match for c in matcher.candidates(name))


@pytest.mark.parametrize(("name", "thing"), [("丹东港", "dandong-sea-port"), ("新义州港", "sinuiju-harbour-port")])
def test_word_for_a_kind_that_a_name_has_before_its_own_is_told_from_others(matcher, name, thing):
    found = matcher.candidates(name)
    assert found[0].thing.identifier == thing
    assert [c.thing.identifier for c in found if c.match] in ([], [thing])


def test_kind_in_the_name_that_disagrees_is_no_match(matcher):
    found = matcher.candidates("Heihe County")
    assert not any(c.match for c in found)
    assert found[0].features["kind"] is False


def test_type_that_was_asked_for_decides_between_city_and_port(matcher):
    found = matcher.candidates("Heihe", Clues(types=(KOUAN + "Port",)))
    assert found[0].thing.identifier == "heihe-port"


def test_province_that_disagrees_is_no_match(matcher):
    found = matcher.candidates("Heihe", Clues(within=("Yunnan",)))
    [city] = [each for each in found if each.thing.identifier == "heihe"]
    assert city.features["within"] is False
    assert not any(each.match for each in found)


def test_scores_fall_and_every_score_has_its_reasons(matcher):
    found = matcher.candidates("Manzhoul", limit=5)
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert all("name" in c.features for c in found)


def test_suggestions_start_with_what_was_typed(matcher):
    assert [t.iri for t in matcher.suggestions("Heih")][:1] == [ID + "heihe"]
    assert [t.iri for t in matcher.suggestions("满")][:1] == [ID + "manzhouli"]


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("Dongxing, Guangxi", "dongxing"),
        ("广西，凭祥", "pingxiang"),
        ("广西凭祥市", "pingxiang"),
        ("云南省德宏州瑞丽市", "ruili"),
        ("Heihe (Heilongjiang)", "heihe"),
        ("Hulin City (虎林市)", "hulin"),
        ("虎林 Hulin City", "hulin"),
        ("Khorgos（霍尔果斯市）", "khorgos"),
        ("Mohan 磨憨口岸", "mohan-port"),
        ("Tongjiang - Heilongjiang", "tongjiang"),
        ("Heilongjiang: Heihe", "heihe"),
        ("黑龙江·黑河市", "heihe"),
        ("https://zh.wikipedia.org/wiki/珲春市", "hunchun"),
        ("https://zh.m.wikipedia.org/zh-cn/%E7%8F%B2%E6%98%A5%E5%B8%82#地理", "hunchun"),
        ("en.wikipedia.org/wiki/Jixi,_Heilongjiang", "jixi-heilongjiang"),
        ("Port of Manzhouli", "manzhouli-port"),
        ("man3 zhou1 li3", "manzhouli"),
        ("Hun-ch'un", "hunchun"),
        ("Суйфэньхэ", "suifenhe"),
        ("451481", "pingxiang"),
        ("Ruili", "ruili"),
        ("满洲里边合区", "manzhouli-border-economic-cooperation-zone"),
    ],
)
def test_name_with_more_in_it_is_read(matcher, name, thing):
    found = matcher.candidates(name)
    assert [(c.thing.identifier, c.match) for c in found[:1]] == [(thing, True)]


@pytest.mark.parametrize(
    "name",
    [
        "Pingxiang, Jiangxi",
        "江西省萍乡市",
        "萍乡",
        "东兴区",
        "Dongxing District",
        "河口区",
        "富源县",
        "Lijiang",
        "玉林市",
        "Pingxiang (萍乡)",
        "Fuyuan 富源县",
    ],
)
def test_other_place_of_the_same_sound_or_name_is_no_match(matcher, name):
    assert not any(c.match for c in matcher.candidates(name))


def test_point_far_away_is_no_match(matcher):
    near, far = Clues(point=(106.76, 22.10)), Clues(point=(113.85, 27.62))
    assert matcher.candidates("Pingxiang", near)[0].match
    assert not any(c.match for c in matcher.candidates("Pingxiang", far))


def test_country_that_holds_the_thing_agrees_and_another_does_not(matcher):
    assert matcher.candidates("Heihe", Clues(within=("China",)))[0].match
    assert not matcher.candidates("Heihe", Clues(within=("Kazakhstan",)))[0].match


@pytest.mark.parametrize(
    ("pinyin", "western", "russian"),
    [
        ("Mǎnzhōulǐ", "man-chou-li", "Маньчжоули"),
        ("Húnchūn", "hun-ch'un", "Хуньчунь"),
        ("Jiāmùsī", "chia-mu-ssu", "Цзямусы"),
        ("Píngxiáng", "p'ing-hsiang", "Пинсян"),
        ("Lǜchūn", "lü-ch'un", "Люйчунь"),
        ("Gansu", "kan-su", "Ганьсу"),
        ("Heihe", "hei-ho", "Хэйхэ"),
        ("Kuwait x", "", ""),
    ],
)
def test_pinyin_is_spelled_as_others_do(pinyin, western, russian):
    assert (wade_giles(pinyin), palladius(pinyin)) == (western, russian)


@pytest.mark.parametrize(
    ("western", "pinyin"),
    [
        ("Erh-lien", "erlian"),
        ("Hei-ho", "heihe"),
        ("Ch‘i-ch‘i-ha-erh", "qiqihaer"),
        ("Lü-ch'un", "lvchun"),
        ("Kulja", ""),
    ],
)
def test_wade_giles_is_read_back(western, pinyin):
    assert from_wade_giles(western) == pinyin


def test_name_of_a_city_and_of_a_prefecture_that_is_not_called_after_it_is_either_s(matcher):
    found = matcher.candidates("Bortala")
    assert {c.thing.identifier for c in found[:2]} == {"bole", "bortala"}
    assert not found[0].match


def test_other_characters_of_the_same_sound_stay_doubtful_even_in_the_right_province(matcher):
    found = matcher.candidates("阜宁县", Clues(within=("Yunnan",)))
    assert found[0].thing.identifier == "funing-yunnan"
    assert not found[0].match


def test_text_that_is_no_name_costs_no_time(matcher):
    start = time.process_time()
    assert matcher.candidates("中国" * 5000) == []
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("塔城市", "tacheng"),
        ("裕民县", "yumin"),
        ("Jeminay", "jeminay"),
        ("巴克图口岸", "baketu-port"),
        ("阿勒泰地区", "altay-prefecture"),
    ],
)
def test_prefecture_that_holds_prefectures_holds_what_they_hold(matcher, name, thing):
    for area in ("伊犁州", "伊犁哈萨克自治州", "Ili"):
        found = matcher.candidates(name, Clues(within=(area,)))[0]
        assert (found.thing.identifier, found.match) == (thing, True)


@pytest.mark.parametrize("name", ["乌恰县", "Bole", "阿拉山口", "Hami"])
def test_prefecture_that_holds_prefectures_does_not_hold_their_neighbours(matcher, name):
    assert not any(each.match for each in matcher.candidates(name, Clues(within=("伊犁哈萨克自治州",))))


@pytest.mark.parametrize(
    ("name", "country", "thing"),
    [
        ("Torugart Port", "Kyrgyzstan", "torugart-kyrgyzstan-port"),
        ("吐尔尕特口岸", "吉尔吉斯斯坦", "torugart-kyrgyzstan-port"),
        ("Irkeshtam border crossing", "Kyrgyzstan", "irkeshtam-kyrgyzstan-port"),
        ("清水河口岸", "缅甸", "chinshwehaw-port"),
        ("Torugart Port", "China", "torugart-port"),
        ("Torugart Port", "", "torugart-port"),
        ("吐尔尕特口岸", "", "torugart-port"),
    ],
)
def test_port_is_the_one_on_the_side_of_the_border_that_is_said(matcher, name, country, thing):
    found = matcher.candidates(name, Clues(within=(country,) if country else ()))[0]
    assert (found.thing.identifier, found.match) == (thing, True)


def test_bare_name_of_two_ports_that_face_each_other_is_doubtful_abroad_and_the_right_one_is_first(matcher):
    found = matcher.candidates("Torugart", Clues(within=("Kyrgyzstan",)))
    assert found[0].thing.identifier == "torugart-kyrgyzstan-port"
    assert not any(each.match for each in found)
