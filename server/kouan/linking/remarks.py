"""Say what the brackets behind a name hold that is no area: another name of it, its countries, its division of the Corps.

What is not true of anything that is called so is no such remark. Knows names and things; scores nothing.
"""

from __future__ import annotations

import re

from kouan.graph.place_names import read_name
from kouan.linking.areas import COUNTRY, Areas
from kouan.linking.things import AREA, Thing
from kouan.vocabulary import KOUAN

# When a thing was seen, written or drawn, as labels have it: 1905, ca. 1920, 1920s, 1936年.
DATE = (
    r"(?:(?:c|ca|circa|about|around|um|before|after|early|late|mid|dated)\b\.?[\s-]*)*c?(?:1\d|20)\d\d"
    r"(?:s|年代?)?(?:\s*[-–—/~至]\s*(?:\d{2}|(?:1\d|20)\d\d)(?:s|年代?)?)?\??"
)
YEARS = re.compile(rf"[\d\s年至~–—-]+|{DATE}", re.IGNORECASE)
# What is written behind a name of whatever thing.
BEHIND = re.compile(
    rf"(?:[\s,;]+\(?(?:{DATE}|sic!?|etc\.?|et al\.?|see also\b.*)\)?|\s*\(sic!?\)|\s*等[地处]?)$", re.IGNORECASE
)
BEFORE = re.compile(r"^(?:原|旧|今|现|古|清代|民国|明代)(?=..)")
# A name of old, which stands for the same thing; and the name of today, which is the one that is meant.
FORMERLY = re.compile(
    r"(?:(?:formerly|previously|once|old(?: name)?|also(?: known as)?|a\.?k\.?a\.?|alias|or)\b[.:,]?\s*(?:called |named )?"
    r"|(?:бывш(?:ий|ая|ее|\.)|быв\.|б\.|ранее)\s*|(?:原名|原称|原|旧称|旧名|曾用名|古称|又名|又称|亦称|别名|俗称)[:：]?)(.+)",
    re.IGNORECASE,
)
TODAY = re.compile(
    r"(?:(?:now|today|present(?:-day)?|modern)\b[.:,]?\s*|ныне\s+|(?:现名|现称|现为|现|今为|今)[:：]?)(?!属)(.+)",
    re.IGNORECASE,
)
BELONGS = re.compile(r"(?:(?:今|现)?(?:隶)?属(?:于)?|(?:now )?(?:part of|in|belonging to) )(.+)", re.IGNORECASE)
# What a border is between, in one character for each country, or in words.
BETWEEN = re.compile(r"中([俄蒙朝越老缅尼巴印哈吉塔不阿])(?:两国)?(?:边境|边界|国境|界河)?")
COUNTRIES = {
    "俄": "俄罗斯", "蒙": "蒙古", "朝": "朝鲜", "越": "越南", "老": "老挝", "缅": "缅甸", "尼": "尼泊尔", "巴": "巴基斯坦",
    "印": "印度", "哈": "哈萨克斯坦", "吉": "吉尔吉斯斯坦", "塔": "塔吉克斯坦", "不": "不丹", "阿": "阿富汗",
}  # fmt: skip
BORDER = re.compile(
    r"^(?:on |at |near )?(?:the )?(?:border|boundary|frontier)(?: (?:with|to|of) (?:the )?)|\s+(?:border|boundary|frontier)$",
    re.IGNORECASE,
)
AND = re.compile(r"\s*(?:[-–—/&,]|\band\b)\s*")
TOUCHING = [KOUAN + each for each in ("bordersCountry", "facesPort", "twinnedAcrossBorder", "facesTown")]
# The Production and Construction Corps of Xinjiang is no area: its cities lie in those of others.
CORPS = re.compile(
    r"(?:新疆)?(?:生产建设)?(?:兵团)?(?:[第农]?([一二三四五六七八九十]{1,3})师)?|x\.?p\.?c\.?c\.?|bingtuan"
    r"|(?:xinjiang )?production (?:and|&) construction corps",
    re.IGNORECASE,
)
# What is smaller than a county holds no county, and tells where in a place something is: 密山口岸（当壁镇）.
SMALL = re.compile(r"[\u3400-\u9fff]{1,6}(?:镇|乡|村|街道|大桥|公路桥|铁路桥|桥头|岛|站|园区)")
OF_CORPS = KOUAN + "corpsDivision"


def is_remark(name: str, text: str, areas: Areas) -> bool:
    """Return whether a text beside a name says nothing of what holds the thing: it is true of it, or tells when it was."""
    if YEARS.fullmatch(text) or (read_name(name).kind and SMALL.fullmatch(read_name(text).text)):
        return True
    if former := FORMERLY.fullmatch(text):
        others = _called(former[1], areas)
        holders = {thing.iri for thing in _called(name, areas)}
        # Aihui became a part of Heihe.
        return not others or _is_other_name(name, former[1], areas) or any(each.within & holders for each in others)
    if corps := CORPS.fullmatch(read_name(text).text):
        return any(_is_of_corps(thing, corps[1], areas) for thing in _called(name, areas))
    countries = _countries(text, areas)
    if countries:
        return any(countries <= _touched(thing, areas) for thing in _called(name, areas))
    return _is_other_name(name, text, areas)


def _countries(text: str, areas: Areas) -> set[str]:
    """Return the countries that a text says a border is of: two by their names, or one with the word for a border."""
    if between := BETWEEN.fullmatch(read_name(text).text):
        return {*areas.named("中国"), *areas.named(COUNTRIES[between[1]])}
    bare = BORDER.sub("", text)
    named = [areas.named(part) for part in AND.split(bare)]
    things = areas.gazetteer.things
    is_told = len(named) > 1 or bare != text
    are_countries = all(
        len(each) == 1 and each <= things.keys() and COUNTRY in things[min(each)].types for each in named
    )
    return set().union(*named) if is_told and are_countries else set()


def _touched(thing: Thing, areas: Areas) -> set[str]:
    """Return the countries that a thing lies in or at the border of, as far as the data says."""
    things = areas.gazetteer.things
    beside = {value.value for each in TOUCHING for value in thing.values.get(each, ())}
    return {*thing.within, *beside}.union(*(things[each].within for each in beside if each in things))


def _is_of_corps(thing: Thing, number: str | None, areas: Areas) -> bool:
    """Return whether a city is one of the Corps, and of the division of a number where one is said."""
    divisions = {value.value for value in thing.values.get(OF_CORPS, ())}
    return bool(divisions & areas.gazetteer.keys.get(f"第{number}师", set()) if number else divisions)


def _is_other_name(name: str, text: str, areas: Areas) -> bool:
    """Return whether an area has both names, and none called by the one lies in one called by the other, as Jilin does in Jilin."""
    named, others = ({each.iri for each in _called(said, areas) if AREA in each.types} for said in (name, text))
    return bool(named & others) and not any(areas.gazetteer.things[iri].within & others for iri in named)


def _called(text: str, areas: Areas) -> list[Thing]:
    """Return the things that have a name, with the word for their kind or without it."""
    name, keys = read_name(text), areas.gazetteer.keys
    return [areas.gazetteer.things[iri] for iri in sorted({*keys.get(name.key, ()), *keys.get(name.stem, ())})]
