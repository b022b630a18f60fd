"""What is truly said of a thing beside its name never takes a match away, and keeps or raises its rank."""

from __future__ import annotations

import random
import time
from itertools import combinations

import pytest

from kouan.linking.evidence import Clues
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.matching import Matcher
from kouan.linking.things import AREA
from kouan.vocabulary import ID, KOUAN

AREAS = {
    "inner-mongolia": (
        "内蒙古",
        "内蒙",
        "Nei Mongol",
        "Nei Menggu",
        "NMG",
        "CN-NM",
        "150000",
        "Inner Mongolia A.R.",
        "蒙",
    ),
    "guangxi": (
        "Kwangsi",
        "广西壮族自治区",
        "桂",
        "Guangxi Zhuang Autonomous Region",
        "GX",
        "Guanxi",
        "Guangxi Province",
        "广西区",
        "Quảng Tây",
    ),
    "heilongjiang": (
        "Heilungkiang",
        "Heilungkiang Province",
        "HLJ",
        "黑",
        "黑龙江省",
        "Heilongjang",
        "провинция Хэйлунцзян",
    ),
    "jilin": ("Kirin", "Kirin Province", "吉", "吉林省", "Jilin Sheng", "Jilin Prov.", "지린성", "길림성"),
    "xinjiang": (
        "Sinkiang",
        "XJ",
        "新",
        "XUAR",
        "Xinjiang Uyghur Autonomous Region",
        "新疆维吾尔自治区",
        "Xinjiang, China",
    ),
    "tibet": ("Xizang", "西藏", "藏", "Tibet AR", "XZ", "TAR"),
    "yunnan": ("Yünnan", "滇", "云", "YN", "Yunnan Sheng", "Yunnan / 云南"),
}
ABSENT = ("N/A", "n.a.", "unknown", "-", "—", "?", "未知", "不详", " ")


@pytest.fixture(scope="module")
def matcher(snapshot):
    return Matcher(Gazetteer(snapshot.source_quads()))


def rank(matcher, text, evidence, iri):
    """Return the place of a thing among the candidates, its lead and whether it is the match."""
    found = matcher.candidates(text, evidence, None)
    place = next((i for i, c in enumerate(found) if c.thing.iri == iri), len(found))
    return place, bool(found) and found[0].thing.iri == iri and found[0].match


def truths(matcher, thing):
    """Return pieces of evidence that are true of a thing, each a field of Clues and a value."""
    things = matcher.gazetteer.things
    said = []
    for place in sorted(thing.within & set(things)):
        said += [("within", name) for name in AREAS.get(things[place].identifier, (things[place].label, place))]
    said += [("identifiers", each) for each in sorted(thing.identifiers)]
    said += [("point", thing.point)] if thing.point else []
    said += [("facts", (predicate, (values[0].value,))) for predicate, values in thing.values.items() if values]
    return said


def evidence(pieces):
    given = {}
    for field, value in pieces:
        given[field] = value if field == "point" else (*given.get(field, ()), value)
    return Clues(**given)


def test_true_evidence_keeps_or_raises_rank_and_match(matcher):
    chosen = random.Random(18)
    things = [
        thing for thing in matcher.gazetteer.things.values() if AREA in thing.types or KOUAN + "Port" in thing.types
    ]
    for thing in chosen.sample(sorted(things, key=lambda t: t.iri), 100):
        pieces = truths(matcher, thing)
        kind = ("types", chosen.choice(sorted(thing.types)))
        for text in chosen.sample(names := [text for text, _, _ in thing.names], min(2, len(names))):
            told = []
            before = rank(matcher, text, Clues(), thing.iri)
            for piece in chosen.sample([kind, *pieces], min(5, len(pieces))):
                told.append(piece)
                after = rank(matcher, text, evidence(told), thing.iri)
                assert after[0] <= before[0], (text, told)
                assert after[1] >= before[1], (text, told)
                before = after


def test_type_and_province_together_are_no_less_than_each_alone(matcher):
    for province, spellings in AREAS.items():
        inside = [
            t for t in matcher.gazetteer.things.values() if ID + province in t.within and KOUAN + "City" in t.types
        ]
        for thing in sorted(inside, key=lambda t: t.iri)[:4]:
            for settings in combinations([("types", KOUAN + "Place"), ("types", KOUAN + "City")], 1):
                for spelling in spellings:
                    told = evidence([*settings, ("within", spelling)])
                    assert rank(matcher, thing.label, told, thing.iri) == (0, True), (thing.label, spelling)


def test_query_of_the_issue_is_a_match_with_both(matcher):
    found = matcher.candidates("满洲里", Clues(types=(KOUAN + "Place",), within=("内蒙古",)))
    assert (found[0].thing.identifier, found[0].match) == ("manzhouli", True)
    assert found[0].score > found[1].score


@pytest.mark.parametrize("province", list(AREAS))
def test_province_is_known_however_it_is_written(matcher, province):
    for spelling in AREAS[province]:
        parts = matcher.areas.split(spelling)
        assert parts, spelling
        assert any(ID + province in matcher.areas.named(part) for part in parts), spelling


@pytest.mark.parametrize("text", ABSENT)
def test_cell_that_says_nothing_is_no_evidence(matcher, text):
    assert matcher.areas.split(text) == []
    assert rank(matcher, "Heihe", Clues(within=(text,)), ID + "heihe") == (0, True)


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("Yichun", "Jiangxi"),
        ("Fuyuan", "云南省"),
        ("Pingxiang", "Jiangxi, China"),
        ("Dongxing", "Sichuan"),
        ("Heihe", "Hunan"),
        ("Tumen", "吉林市"),
    ],
)
def test_other_area_leaves_the_name_doubtful(matcher, name, area):
    assert not any(c.match for c in matcher.candidates(name, Clues(within=(area,))))


@pytest.mark.parametrize(
    ("name", "kind"), [("Hunchun", "County"), ("Hunchun", "City"), ("Heihe", "City"), ("Manzhouli", "County")]
)
def test_exact_name_comes_before_one_that_is_only_alike(matcher, name, kind):
    found = matcher.candidates(name, Clues(types=(KOUAN + kind,)))
    assert (found[0].thing.label, found[0].match) == (name, True)


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("Hei Ho Shih", "heihe"),
        ("Lung-chou Hsien", "longzhou"),
        ("東寧縣", "dongning"),
        ("额尔古纳右旗", "ergun"),
        ("Pa-k'o-t'u Port", "baketu-port"),
        ("Kuldja", "yining"),
        ("Tihwa", "urumqi"),
        # A county that became two divisions, of which one goes on with it.
        ("东沟县", "donggang"),
    ],
)
def test_older_spelling_and_former_name_are_known(matcher, name, thing):
    found = matcher.candidates(name)
    assert (found[0].thing.identifier, found[0].match) == (thing, True)


SLIPS = "Nanping|Khasa, Tibet|Tongjiang County|臨江區|Fuyuan County|Hetian|黑河县|Dongxing 2"
# Лан is Lang in Russian only, and what is Wade-Giles to the letter is no slip for another name.
SPELLINGS = "Nan Xian|Lan County|Hsin-kang|Li-chiang|Tung-hsiang|Ch'iung-hai"


@pytest.mark.parametrize("name", [*SLIPS.split("|"), *SPELLINGS.split("|")])
def test_name_that_another_place_may_have_is_no_match(matcher, name):
    assert not any(c.match and c.thing.identifier != "zhangmu-port" for c in matcher.candidates(name))


@pytest.mark.parametrize(
    ("area", "place"),
    [
        ("Lạng Sơn", "vietnam"),
        ("Amur Oblast", "russia"),
        ("North Hamgyong", "north-korea"),
        ("PRC", "china"),
        ("KAZ", "kazakhstan"),
        ("45", "guangxi"),
        ("Prov. of Yunnan", "yunnan"),
        ("中国云南", "yunnan"),
        ("NM", "inner-mongolia"),
        ("Xinjiang UAR", "xinjiang"),
        ("Shǎnxī", "shaanxi"),
        ("Shānxī Shěng", "shanxi"),
        ("평안북도", "north-korea"),
        ("谅山省", "vietnam"),
        ("tỉnh Lạng Sơn", "vietnam"),
        ("Жетісу облысы", "kazakhstan"),
        ("Jewish Autonomous Oblast", "russia"),
        ("Nei Mongol A.R.", "inner-mongolia"),
        ("新疆维吾尔", "xinjiang"),
        ("Шыңжаң", "xinjiang"),
        ("N. Korea", "north-korea"),
        ("Korea, North", "north-korea"),
        ("Korea (Democratic People's Republic of)", "north-korea"),
        ("Outer Mongolia", "mongolia"),
        ("Lao PDR", "laos"),
        ("Kyrgyz Republic", "kyrgyzstan"),
    ],
)
def test_area_is_known_by_other_ways_to_say_it(matcher, area, place):
    assert ID + place in matcher.areas.named(area)


@pytest.mark.parametrize(
    ("name", "area", "place"),
    [
        ("同江市", "黑龙江省佳木斯市", "tongjiang"),
        ("Hulin", "黑龙江鸡西", "hulin"),
        ("Dongxing", "中国广西防城港市", "dongxing"),
    ],
)
def test_areas_that_stand_one_behind_the_other_are_each_read(matcher, name, area, place):
    assert rank(matcher, name, Clues(within=(area,)), ID + place) == (0, True)


def test_short_form_is_not_made_sure_by_its_province(matcher):
    assert rank(matcher, "Suifen", Clues(within=("Heilongjiang",)), ID + "suifenhe") == (0, False)


def test_exact_name_of_another_type_still_comes_before_one_that_is_only_alike(matcher):
    found = matcher.candidates("Hunchun", Clues(types=(KOUAN + "Prefecture",)))
    assert found[0].thing.identifier == "hunchun"
    assert not found[0].match


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("https://w3id.org/kouan/id/heihe", "heihe"),
        ("http://localhost:8000/id/heihe", "heihe"),
        ("<https://w3id.org/kouan/id/heihe>", "heihe"),
        ("http://www.wikidata.org/entity/Q128674", "hunchun"),
        ("https://www.wikidata.org/wiki/Q128674", "hunchun"),
        ("https://www.wikidata.org/wiki/Special:EntityPage/Q128674", "hunchun"),
        ("https://www.wikidata.org/wiki/Special:EntityData/Q128674.json", "hunchun"),
        ("https://m.wikidata.org/wiki/Q128674#P31", "hunchun"),
        ("wd:Q128674", "hunchun"),
        ("q128674", "hunchun"),
        ("https://www.geonames.org/2036653/hunchun.html", "hunchun"),
        ("https://sws.geonames.org/2036653/", "hunchun"),
        ("geonames:2036653", "hunchun"),
        ("222404", "hunchun"),
        ("222404000000", "hunchun"),
        ("2224 04", "hunchun"),
        ("222404.0", "hunchun"),
        ("156222404", "hunchun"),
        ("CN222404", "hunchun"),
        ("Q 128674", "hunchun"),
        ("Q128674\u200b", "hunchun"),
        ("wikidata:Q128674", "hunchun"),
        ("geonames 2036653", "hunchun"),
        ("https://www.geonames.org/2036653/hun-chun-shi.html?lang=zh", "hunchun"),
        ("id:heihe", "heihe"),
        ("CN-HEK", "heihe-port"),
        ("CNHEK", "heihe-port"),
        ("CN HEK", "heihe-port"),
        ("cn-nm", "inner-mongolia"),
    ],
)
def test_identifier_stands_for_its_thing(matcher, text, thing):
    found = matcher.candidates(text)
    assert [(c.thing.identifier, c.match) for c in found[:1]] == [(thing, True)]
    told = matcher.candidates(matcher.gazetteer.find(text).label, Clues(identifiers=(text,)))
    assert (told[0].thing.identifier, told[0].match) == (thing, True)


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Q128674 Hunchun", "hunchun"),
        ("珲春 (Q128674)", "hunchun"),
        ("Hunchun - Q128674", "hunchun"),
        ("Q128674|珲春", "hunchun"),
        ("http://www.wikidata.org/entity/Q128674 (Hunchun)", "hunchun"),
        ("222404 珲春市", "hunchun"),
        ("珲春市222404", "hunchun"),
        ("Heihe Port (CNHEK)", "heihe-port"),
        ("CN-HL Heilongjiang", "heilongjiang"),
    ],
)
def test_name_with_its_identifier_beside_it_is_both(matcher, text, thing):
    found = matcher.candidates(text)[0]
    assert (found.thing.identifier, found.match, found.features["identifier"]) == (thing, True, True)


@pytest.mark.parametrize("text", ["Heihe (Q128674)", "Q999999999 Hunchun", "341824 Jixi", "133300 Yanji"])
def test_name_with_the_identifier_of_another_is_no_match(matcher, text):
    assert not any(c.match for c in matcher.candidates(text))


@pytest.mark.alone
def test_name_of_nothing_but_signs_is_read_at_once(matcher):
    began = time.process_time()
    for number in range(20):
        assert not any(c.match for c in matcher.candidates(f"{number}{'-' * 297}"))
    # Where three runs give way to each other each takes a third of a second, and a thousand may be asked at once.
    assert time.process_time() - began < 1


def test_identifier_of_nothing_is_no_match(matcher):
    for text in (
        "Q999999999",
        "999999",
        "XXYYY",
        "https://www.geonames.org/1/",
        "https://example.org/id/nowhere-at-all",
    ):
        assert not any(c.match for c in matcher.candidates(text)), text


def test_every_fact_speaks_for_its_thing_by_every_name_of_its_value(matcher):
    things, terms = matcher.gazetteer.things, matcher.gazetteer.terms
    against = []
    for thing in things.values():
        for predicate, values in thing.values.items():
            for value in values[:2]:
                said = {value.value}
                if value.value in things:
                    said |= {text for text, _, _ in things[value.value].names[:3]}
                elif value.value in terms:
                    said |= {*terms[value.value].labels.values()}
                facts = [Clues(facts=((predicate, (text,)),)) for text in said if text]
                against += [
                    (thing.iri, each.facts) for each in facts if matcher.testimony.confirms(thing, each) is False
                ]
    assert against == []


@pytest.mark.parametrize(
    ("name", "port", "country"),
    [("Lao Cai", "Lao Cai port", "Vietnam"), ("老街", "老街口岸", "越南"), ("Hyesan", "Hyesan port", "North Korea")],
)
def test_country_does_not_make_a_town_abroad_its_port(matcher, name, port, country):
    found = matcher.candidates(name, Clues(within=(country,)))
    assert found[0].thing.identifier.endswith("-port")
    assert not found[0].match
    assert matcher.candidates(port, Clues(within=(country,)))[0].match
    assert matcher.candidates(name, Clues(types=(KOUAN + "Port",), within=(country,)))[0].match


@pytest.mark.parametrize("name", ["Blagoveshchenka", "Blagoveshchensky", "Zabaykalsky"])
def test_name_with_another_ending_is_no_slip(matcher, name):
    found = matcher.candidates(name)
    assert found
    assert not any(each.match for each in found)


@pytest.mark.parametrize(("name", "thing"), [("Yichun", "伊春"), ("Fuyuan", "抚远"), ("Tongjiang", "同江")])
def test_name_that_a_namesake_has_too_is_no_evidence_beside_the_name(matcher, name, thing):
    for said in (name, name.upper()):
        assert not any(each.match for each in matcher.candidates(name, Clues(names=(said,))))
    assert matcher.candidates(name, Clues(names=(thing,)))[0].match


@pytest.mark.parametrize("text", ["畹町镇", "畹町市", "533101"])
def test_what_was_merged_into_a_division_is_not_the_division(matcher, text):
    assert not any(each.match for each in matcher.candidates(text))


@pytest.mark.parametrize(("name", "area"), [("Hailar", "Hulunbuir"), ("Samzhubze", "Xigaze"), ("Bamiantong", "Muling")])
def test_seat_that_is_said_to_lie_in_an_area_is_not_the_area(matcher, name, area):
    assert not any(each.match for each in matcher.candidates(name, Clues(within=(area,))))
    own = matcher.candidates(area, Clues(within=(area,)))
    assert own[0].match


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Tumen", "土门"),
        ("Heihe", "珲春"),
        ("Mishan", "米山"),
        ("Linjiang", "临汾"),
        ("Yining", "伊宁县"),
        ("黑河", "Hunchun"),
    ],
)
def test_name_of_another_beside_the_name_makes_it_doubtful(matcher, name, other):
    assert matcher.candidates(name, Clues(names=(other,)))[0].features["property"] is False
    assert not any(found.match for found in matcher.candidates(name, Clues(names=(other,))))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Heihe", "黑河市"),
        ("Manzhouli", "滿洲里"),
        ("Heihe", "黑龙江省黑河市"),
        ("Manzhouli port", "满洲里"),
        ("Ruili", "Shweli"),
    ],
)
def test_own_name_in_another_writing_beside_the_name_leaves_it_a_match(matcher, name, other):
    assert matcher.candidates(name, Clues(names=(other,)))[0].match


@pytest.mark.parametrize(
    ("name", "within", "thing"),
    [
        ("Mohe", "Da Hinggan Ling", "mohe"),
        ("Erenhot", "锡盟", "erenhot"),
        ("Heihe", "China, People's Republic of", "heihe"),
        ("Heihe", "China (mainland)", "heihe"),
        ("Heihe", "156", "heihe"),
        ("Fuyuan County", "Heilongjiang", "fuyuan"),
        ("满洲里海关", "内蒙古", "manzhouli-customs"),
        ("昆明海关", "云南", "kunming-customs"),
    ],
)
def test_true_area_in_whatever_writing_leaves_it_a_match(matcher, name, within, thing):
    found = matcher.candidates(name, Clues(within=(within,)))[0]
    assert (found.thing.identifier, found.match) == (thing, True)


def test_customs_office_of_a_town_elsewhere_is_no_match(matcher):
    assert not matcher.candidates("满洲里海关", Clues(within=("新疆",)))[0].match


def test_what_lies_nowhere_stands_behind_no_wrong_area(matcher):
    assert matcher.candidates("Heihe", Clues(within=("Russia",)))[0].thing.identifier == "heihe"


def test_prefecture_that_became_a_part_of_its_namesake_is_doubtful(matcher):
    found = matcher.candidates("伊犁地区")[0]
    assert (found.thing.identifier, found.match) == ("ili", False)
    assert matcher.candidates("阿勒泰地区")[0].match
