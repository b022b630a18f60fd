"""Read where a thing is said to lie, as people write provinces, prefectures and countries. Knows names of areas; scores nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from kouan.graph.place_names import HAN, read_name
from kouan.graph.romanisation import syllables
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.naming import CALLED_SO, MAIN
from kouan.linking.provinces import CHARACTERS, other_names, provinces_abroad, regions_of
from kouan.linking.things import AREA, CODE, CODES, ISO, PORT, TOWN, Thing
from kouan.vocabulary import KOUAN

PROVINCE, COUNTRY, COUNTY, CITY = (KOUAN + kind for kind in ("Province", "Country", "County", "City"))
# What stands in a table where nothing is known.
UNKNOWN = re.compile(
    r"[\[(<]?(?:#?n/?a|n\.a\.?|nan|nil|none|null|undefined|unknown|(?:not |un)(?:known|available|specified|stated)|n\.k\.|blank|missing|"
    r"other|various|tbd|tba|#ref!|#value!|неизвестно|未知|不详|不明|无|暂无|无数据|待定|其他|缺失?|0)[\])>]?|[-–—―_?？*./\\\s]*",
    re.IGNORECASE,
)
# Words behind the name of an area; the longest first, so that none is left over.
ENDING = re.compile(
    r"(?:\s+(?:(?:zhuang|chuang|uy?ghur|uigh?ur|uygur|hui)\s+)?(?:autonomous\s+region|auton?\.?\s*reg(?:ion)?\.?|(?:[zhmu]\.?)?a\.?r\.?)"
    r"|\s+(?:ئۇيغۇر\s+)?(?:ئاپتونوم رايونى|aptonom rayoni)|\s+(?:автономный район|ар|өөртөө засах орон)"
    r"|\s+(?:zhuang|chuang|uy?ghur|uigh?ur|uygur|hui)|\s+(?:province|prov\.?|sheng|state|region|zizhiqu|(?:auton(?:omous|\.)?\s+)?oblast|krai|kray|aimag|aymag|oblysy|область|обл\.?|облысы|облусу|край|аймаг)"
    r"|\s*자치구|성|省|自治区|(?<=..)区)$",
    re.IGNORECASE,
)
# What stands before the name of a province: Prov. of Yunnan, 中国云南.
BEFORE = re.compile(
    r"^(?:the\s+)?prov(?:ince|\.)?\s+of\s+|^t[ỉi]nh\s+|^(?:провинция|пров\.|ар)\s*(?=\S{4})|^中国(?=.{2})",
    re.IGNORECASE,
)
CHINA = re.compile(
    r"(?:p\.?\s?r\.?\s?(?:of\s)?c(?:hina|\.?)|mainland china|中华人民共和国|中国(?:大陆|内地)|кнр|китай"
    # As the statistics of the United Nations have it, and by their number.
    r"|china[\s,(]+(?:p\.?\s?r\.?(?:\s?c\.?)?|mainland|(?:the )?people['’]?s rep(?:ublic|\.)(?: of)?)\)?|156)",
    re.IGNORECASE,
)
# Statistics name a province by the two digits that its code begins with.
TWO_DIGITS = re.compile(r"(?:CN-?)?([1-8]\d)")
PARTS = re.compile(r"\s*(?:[,，、;；/|>()（）\[\]·:：]|--)\s*|\s+-\s+")
# An area whose name is as alike as this, and five letters long or more, is meant with a slip.
SLIP, LONG = 88, 5
# No area has a longer name in Chinese: 双江拉祜族佤族布朗族傣族自治县.
LONGEST = 15
# Names of areas that are remembered; a table has the same few in every row.
KEPT = 4096
# Among fewer things an area that holds most of them may still be what tells one from another.
MANY = 20
# A value, or several of which one is meant.
Said = str | tuple[str, ...]
# For each area that is said, what holds the things in it: one for each way to understand it.
Held = list[list[frozenset[str]]]


def is_unknown(text: str) -> bool:
    """Return whether a cell says that nothing is known."""
    return bool(UNKNOWN.fullmatch(text.strip()))


class Areas:
    """The areas of one gazetteer, by every way in which they are written."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._called = self._calls()
        self._toned = self._tones()
        self._long = [key for key in self._called if len(key) >= LONG]
        self._found: dict[str, frozenset[str]] = {}
        self.wide = self._hold_most()
        self._countries = {iri for iri, thing in gazetteer.things.items() if COUNTRY in thing.types}

    def _hold_most(self) -> frozenset[str]:
        """Return the areas that hold more than half of all that lies in any, such as China: that a thing lies there says little."""
        placed = [thing.within for thing in self.gazetteer.things.values() if thing.within]
        held = Counter(area for within in placed for area in set(within))
        return frozenset(area for area, count in held.items() if len(placed) >= MANY and count * 2 > len(placed))

    def named(self, text: str) -> frozenset[str]:
        """Return the areas that a name or an identifier may mean; an empty set where none is known."""
        if text not in self._found:
            if len(self._found) > KEPT:
                self._found.clear()
            self._found[text] = frozenset(self._read(text))
        return self._found[text]

    def held(self, within: Iterable[Said]) -> Held:
        """Return the areas of each piece of evidence, by the names of which one is meant."""
        held = []
        for said in within:
            if isinstance(said, str):
                held += [[self.named(part)] for part in self.split(said)]
            else:
                parts = [part for text in said for part in self.split(text)]
                held += [[self.named(part) for part in parts]] if len(said) > 1 and parts else []
                held += [[self.named(part)] for part in parts] if len(said) == 1 else []
        return held

    def with_beside(self, within: Iterable[Said], beside: Iterable[str]) -> tuple[Said, ...]:
        """Return areas with those that stand beside a name; what is none says nothing against a column that has one."""
        is_told = any(known for alternatives in self.held(within) for known in alternatives)
        return (*within, *(each for each in beside if not is_told or any(map(any, self.held([each])))))

    def is_itself(self, thing: Thing, held: Held) -> bool:
        """Return whether the areas that are said to hold a thing are the thing alone, and none that it lies in."""
        known = frozenset().union(*(areas for alternatives in held for areas in alternatives))
        return thing.iri in known and not known & set(thing.within)

    def is_former_self(self, thing: Thing, known: frozenset[str]) -> bool:
        """Return whether a thing is what a prefecture became that is said to hold it: 哈密市 in 哈密地区 was another Hami."""
        former = self.gazetteer.former_areas.became
        return thing.iri not in known and any(thing.iri in former.get(area, ()) for area in known)

    def tell_apart(self, thing: Thing, held: Held) -> bool:
        """Return whether an area that is said to hold a thing holds few enough things to tell it from others.

        China holds nearly all, and stands in the column of many a table whose rows lie abroad. Nor does a country tell a port
        from the town that it is called after: the graph has all ports of the neighbours, and few of their towns.
        """
        around = {*thing.within, *thing.former_within, thing.iri} - self.wide
        if PORT in thing.types:
            around -= self._countries
        return any(known & around for alternatives in held for known in alternatives)

    def split(self, text: str) -> list[str]:
        """Return the areas that a text names, such as a prefecture and its province; of two spellings the one that is known."""
        text = " ".join(unicodedata.normalize("NFKC", text).split())
        if is_unknown(text):
            return []
        if self.named(text):
            return [text]
        parts = [part for part in PARTS.split(text) if not is_unknown(part)]
        known = [part for part in parts if self.named(part)]
        if known and re.search("[/|]", text):
            return known
        return [each for part in parts for each in self._cut(part)]

    def _cut(self, text: str) -> list[str]:
        """Return the areas of a text in Chinese that has them one behind the other, such as 黑龙江省佳木斯市; else the text."""
        if HAN.search(text) and (len(text) > LONGEST or not self.named(text)):
            for length in range(min(len(text) - 2, LONGEST), 1, -1):
                if self.named(text[:length]):
                    # The longest is meant: to try the shorter ones, too, would take for ever in a text that repeats itself.
                    rest = self._cut(text[length:])
                    return [text[:length], *rest] if all(self.named(each) for each in rest) else [text]
        return [text]

    def _read(self, text: str) -> set[str]:
        text = text.strip()
        if CHINA.fullmatch(text):
            text = "China"
        elif found := TWO_DIGITS.fullmatch(text):
            text = found[1] + "0000"
        if thing := self.gazetteer.find(text):
            return {thing.iri}
        if former := self.gazetteer.former_areas.named(text):
            # 哈密地区 is no more: it became the city of today, and held another of that name.
            return former | self._areas(self.gazetteer.keys.get(read_name(text).key, set()))
        text = BEFORE.sub("", text)
        bare = ENDING.sub("", text)
        if toned := self._toned.get(bare.casefold()):
            return toned
        return (
            self._called.get(read_name(bare).key, set())
            or self._named(text)
            or self._named(bare)
            or self._with_slip(bare)
        )

    def _tones(self) -> dict[str, set[str]]:
        """Return the areas by their names in pinyin with tones, which tell Shǎnxī from Shānxī."""
        found: dict[str, set[str]] = {}
        for iri, thing in self.gazetteer.things.items():
            for text in (text for text, language, _ in thing.names if language == "zh-latn" and AREA in thing.types):
                found.setdefault(ENDING.sub("", text).casefold(), set()).add(iri)
        return {text: iris for text, iris in found.items() if not text.isascii()}

    def _calls(self) -> dict[str, set[str]]:
        """Return the provinces by what they are called: a short form, initials, a former spelling, their main names.

        A province abroad stands for its country.
        """
        found: dict[str, set[str]] = {}
        for iri, thing in self.gazetteer.things.items():
            for name in provinces_abroad(thing.identifier):
                found.setdefault(read_name(ENDING.sub("", name)).key, set()).add(iri)
            for code in (value for each in CODES[2:] for value in thing.values.get(each, []) if COUNTRY in thing.types):
                found.setdefault(read_name(code.value).key, set()).add(iri)
            for code in thing.values.get(CODE, []) if AREA in thing.types else []:
                for name in (*other_names(code.value), *regions_of(code.value)):
                    found.setdefault(read_name(ENDING.sub("", name)).key, set()).add(iri)
            if PROVINCE not in thing.types:
                continue
            names = [character for value in thing.values.get(CODE, []) for character in CHARACTERS.get(value.value, "")]
            names += [known.name.text for known in self.gazetteer.names[iri] if known.weight in {MAIN, CALLED_SO}]
            # NM of CN-NM stands alone where the country is clear.
            names += [value.value.partition("-")[2] for value in thing.values.get(ISO, [])]
            for text, language, _ in thing.names:
                spoken = syllables(text) if language == "zh-latn" else ()
                names += ["".join(syllable[0] for syllable in spoken)] if spoken else []
            for name in names:
                found.setdefault(read_name(name).key, set()).add(iri)
        return found

    def _named(self, text: str) -> set[str]:
        name = read_name(text)
        keys = self.gazetteer.keys
        found = keys.get(name.key, set())
        if not found and name.kind != TOWN:
            # 吉林市 is a city and not the province, whose name it has.
            taken = {PROVINCE, COUNTRY} if name.kind in {CITY, COUNTY} else set()
            found = {iri for iri in keys.get(name.stem, set()) if not taken & self.gazetteer.things[iri].types}
        return self._areas(found)

    def _areas(self, iris: set[str]) -> set[str]:
        return {iri for iri in iris if AREA in self.gazetteer.things[iri].types}

    def _with_slip(self, text: str) -> set[str]:
        name = read_name(text)
        if len(name.key) < LONG or name.is_chinese:
            return set()
        near = process.extractOne(name.key, self._long, scorer=fuzz.ratio, score_cutoff=SLIP)
        return self._called[near[0]] if near else set()
