"""What stands beside a name in a cell and is true of it takes no match away; what is not true does."""

from __future__ import annotations

import pytest

from kouan.linking.evidence import Clues
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.matching import Matcher


@pytest.fixture(scope="module")
def matcher(snapshot):
    return Matcher(Gazetteer(snapshot.source_quads()))


def sure(matcher, text, *within, types=()):
    """Return the identifier of the match, or ""."""
    found = matcher.candidates(text, Clues(within=within, types=types))
    return next((each.thing.identifier for each in found if each.match), "")


@pytest.mark.parametrize(
    ("text", "within", "right"),
    [
        ("Daluo Port (China-Myanmar)", "Yunnan", "daluo-port"),
        ("Daluo Port (China–Myanmar border)", "", "daluo-port"),
        ("瑞丽口岸（中缅）", "云南", "ruili-port"),
        ("Erenhot (on the border with Mongolia)", "", "erenhot"),
        ("五家渠市（農六師）", "新疆", "wujiaqu"),
        ("昆玉市（兵团第十四师）", "", "kunyu"),
        ("Shuanghe, XPCC", "", "shuanghe"),
        ("Manzhouli (Manchuli)", "Inner Mongolia", "manzhouli"),
        ("Erenhot / Erlianhaote", "", "erenhot"),
        ("Erenhot = 二连浩特", "", "erenhot"),
        ("Heihe [formerly Aihui]", "Heilongjiang", "heihe"),
        ("珲春市（原珲春县）", "", "hunchun"),
        ("珲春县 (现珲春市)", "", "hunchun"),
        ("安东（今丹东）", "", "dandong"),
        ("珲春市（今属吉林省延边州）", "", "hunchun"),
        ("Hunchun [Jilin]", "", "hunchun"),
        ("Laiza (Kachin) border gate", "", "laiza-port"),
        ("Heihe, ca. 1920", "", "heihe"),
        ("霍尔果斯口岸, 1905", "", "khorgos-port"),
        ("南宁市 [sic]", "", "nanning"),
        ("阿拉山口等地", "", "alashankou"),
        ("Dongxing, Fangchenggang (Guangxi)", "", "dongxing"),
        ("Shannan (Lhokha)", "Tibet", "shannan"),
        ("密山口岸（当壁镇）", "黑龙江鸡西", "mishan-road-port"),
        ("今珲春市", "", "hunchun"),
    ],
)
def test_what_is_true_of_a_thing_may_stand_beside_its_name(matcher, text, within, right):
    assert sure(matcher, text, *filter(None, [within])) == right


@pytest.mark.parametrize(
    "text",
    [
        "Daluo Port (China-Vietnam)",
        "瑞丽口岸（中越）",
        "昆玉市（第六师）",
        "Hunchun, XPCC",
        "Heihe (Antung)",
        "Heihe [formerly Antung]",
        "Hunchun [Yunnan]",
        "hours to cross the border by road, Mongolia, 2035",
    ],
)
def test_what_is_not_true_of_a_thing_makes_it_doubtful(matcher, text):
    assert not sure(matcher, text)


@pytest.mark.parametrize(
    ("text", "within", "right"),
    [
        ("满洲里", ["满洲里市"], "manzhouli"),
        ("满洲里", ["满洲里市", "内蒙古"], "manzhouli"),
        ("满洲里口岸", ["满洲里市"], "manzhouli-port"),
        ("Heihe", ["Heihe"], "heihe"),
        ("德宏", ["德宏州"], "dehong"),
        ("文山州", ["文山壮族苗族自治州"], "wenshan-prefecture"),
        ("Russian Federation", ["Russian Federation"], "russia"),
        ("甘肃省", ["甘肃省"], "gansu"),
        ("Цзямусы", ["Jiamusi"], "jiamusi"),
        ("Sakhalyan", ["Heihe"], "heihe"),
    ],
)
def test_name_again_in_the_column_of_an_area_takes_no_match_away(matcher, text, within, right):
    assert sure(matcher, text, *within) == right


@pytest.mark.parametrize("text", ["Jilin", "吉林"])
def test_province_in_itself_is_its_city(matcher, text):
    assert not sure(matcher, text, "吉林省")


@pytest.mark.parametrize(
    "text",
    [
        "Chin",
        "Xicang",
        "ka shen",
        "Suar",
        "K'uei-chou",
        "Ch'ing-hsi",
        "Ta-ch'eng-hsien",
        "Pujang",
        "Donghuang",
        "Jiancheng",
        "Zhengxing",
        "Lingjiang",
        "I-čchun",
        "Tây Ninh",
        "Бугат",
        "Mandal",
        "Хоргос",
        "Nu Jiang",
        "Tonnghua",
        "Bayannuur",
        "Kochow",
        "Fušun",
        "စီအင်",
        "شین یانگ",
        "ئاقتاو",
        "Jilong",
        "Hei He",
        "Алтай",
    ],
)
def test_name_that_is_another_places_is_not_sure(matcher, text):
    assert not sure(matcher, text)


@pytest.mark.parametrize(
    ("text", "within", "right"),
    [
        ("Hun-ch'un", "", "hunchun"),
        ("Ch'ang-ch'un", "", "changchun"),
        ("Qumul", "", "hami"),
        ("Heiheshi", "", "heihe"),
        ("신의주", "북한", "sinuiju"),
        ("Chinghil", "Xinjiang", "qinghe-xinjiang"),
        ("密山口岸", "", "mishan-road-port"),
        ("CUA KHAU LY VAN", "Cao Bang", "ly-van-port"),
        ("cua khau quoc te Mong Cai", "", "mong-cai-port"),
        ("中国东兴-越南芒街跨境经济合作区", "", "dongxing-mong-cai-proposed-zone"),
        ("China Mohan – Laos Boten Economic Cooperation Zone", "", "mohan-boten-economic-cooperation-zone"),
        ("云南天保国家一类口岸", "", "tianbao-port"),
        ("珲春边经区", "", "hunchun-border-economic-cooperation-zone"),
        ("Zhenan Dist., Dandong", "LN", "zhen-an-dandong"),
        ("Yining Border Economic Coop. Zone", "", "yining-border-economic-cooperation-zone"),
        ("станция Маньчжурия", "", "manzhouli"),
        ("г. Хэйхэ, КНР", "", "heihe"),
        ("Harbin", "Manchuria", "harbin"),
        ("丹东", "东北", "dandong"),
        ("Hunchun", "China--Jilin", "hunchun"),
        ("Благовещенск", "Амурская обл.", "blagoveshchensk"),
        ("Владивосток", "СССР", "vladivostok"),
        ("Ningxia Hui A.R.", "", "ningxia"),
        ("Poltavka port", "РФ", "poltavka-port"),
        ("Khotan Prefecture", "", "hotan-prefecture"),
        ("中老磨憨-磨丁合作区", "", "mohan-boten-economic-cooperation-zone"),
        ("Hei-ho", "", "heihe"),
        ("Hei He", "Heilongjiang", "heihe"),
        ("克州", "新疆", "kizilsu"),
    ],
)
def test_names_and_areas_as_papers_write_them(matcher, text, within, right):
    assert sure(matcher, text, *filter(None, [within])) == right


def test_cell_that_no_name_begins_with_is_suggested_what_it_means(matcher):
    assert matcher.suggestions("Dongxing (Tunghing)")[0].identifier == "dongxing"
