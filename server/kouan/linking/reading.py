"""Read what a cell of a table says: a name, and the areas that it names beside it. Knows names; scores nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from urllib.parse import unquote

from rapidfuzz import fuzz, process

from kouan.graph.place_names import HAN, PROPOSED, Name, read_name
from kouan.graph.place_words import CHINESE_ENDINGS
from kouan.linking.areas import Areas, is_unknown
from kouan.linking.identifiers import canonical
from kouan.linking.remarks import BEFORE, BEHIND, BELONGS, TODAY, is_remark

BRACKETED = re.compile(r"^([^(]+?)\s*\(([^()]+)\)$")
# Laiza (Kachin) border gate: the rest of a name may stand behind.
WITHIN_BRACKETS = re.compile(r"^([^(]*[^(\s])\s*\(([^()]+)\)\s*([^()]+)$")
# Cataloguers put what they supply in square brackets, and others in the brackets of their own script.
BRACKETS = str.maketrans("[]<>{}〔〕【】〈〉［］", "()" * 7)
# A name in Chinese and in letters, one behind the other, whatever parts them.
BOTH = re.compile(
    r"^((?:[^\u3400-\u9fff]*[^\W\d_\u3400-\u9fff]|[\u3400-\u9fff]+))[\s(/|=,，、-]+"
    r"([\u3400-\u9fff]+|[^\u3400-\u9fff()]*[^\W\d_\u3400-\u9fff])\s*\)?$"
)
# What parts a name from an identifier beside it, which may have such signs in itself: Q128674 Hunchun, 珲春市(222404), CN-HL: Heilongjiang.
SIGNS = " ,;:|/()[]–—-"
BETWEEN = (re.compile(r"[\s,;|()\[\]]+"), re.compile(rf"[\s{re.escape(SIGNS)}]+"))
# A code that nothing parts from its name.
JOINED = re.compile(r"(?P<code>\d{6})(?P<name>\D+)|(?P<before>\D+)(?P<behind>\d{6})")
# An article of Wikipedia is called as what it is about.
ARTICLE = re.compile(r"(?:https?://)?(?:[\w-]+\.)+wikipedia\.org/[\w-]+/([^?#]+)\S*", re.IGNORECASE)
# A comma parts a name from its area, and so do other signs where one of two parts is known to hold the other.
COMMA, PARTED = (
    re.compile("[,，]"),
    re.compile(r"\s*[;；:：·|/=]\s*|\s+[-–—]\s+|(?<=[\u3400-\u9fff])[-–—](?=[\u3400-\u9fff])"),
)
# A port of China is one of two that have one name: the Chinese port of Khorgos, Khorgos port of entry China.
OF_CHINA = re.compile(
    r"(?:the )?chinese ((?:[\w-]+ )*port (?:of|at|in) .+)|(.+ (?:port(?: of entry)?|border crossing)) china",
    re.IGNORECASE,
)
# 江西省 and 内江市 before the name of a place say where it lies, whether the graph knows them or not.
PROVINCE_BEFORE = re.compile(r"^(.{2,8}?(?:自治区|省))(.{2,})$")
CITY_BEFORE = re.compile(r"^(.{2,10}?(?:自治州|地区|[市州盟]))(.{2,}[市县区旗])$")


# A text so long that is so alike to a name is that name.
LONG, NEARLY = 24, 92
YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class ReadName:
    """A name, the areas that the text puts it in, and the identifier that the text is, if it is one."""

    name: Name
    within: tuple[str, ...] = ()
    identifier: str = ""


def read_cell(text: str, areas: Areas) -> ReadName:
    """Return the reading of a cell; a text that is a thing's own name is never taken apart."""
    keys = areas.gazetteer.keys
    text = unicodedata.normalize("NFKC", text).strip().strip("\"'“”‘’「」《》.;；。").strip()
    if article := ARTICLE.fullmatch(text):
        text = unquote(article[1]).replace("_", " ")
    whole = read_name(text)
    if is_unknown(text):
        return ReadName(read_name(""))
    if whole.key in keys:
        return ReadName(whole)
    if not areas.gazetteer.is_own and areas.gazetteer.find(text):
        return ReadName(whole, identifier=text)
    if identifier := canonical(text):
        # Five letters may be a name and no code: a code is one where the graph has it.
        is_code = areas.gazetteer.find(identifier) is not None or not text.isalpha()
        return ReadName(whole, identifier=identifier if is_code else "")
    if areas.gazetteer.is_own and (beside := _identified(text, areas)):
        return beside
    text = text.translate(BRACKETS)
    if areas.gazetteer.is_own and _is_nearly_written(whole, areas):
        return ReadName(whole)
    rest = BEFORE.sub("", BEHIND.sub("", text))
    if areas.gazetteer.is_own and rest != text and len(rest) > 1 and (known := _if_known(rest, areas)):
        return known
    if (both := BOTH.match(text)) and (name := _said_twice(both[1], both[2], areas)):
        return ReadName(name)
    bracketed = BRACKETED.match(PROPOSED.sub("", text))
    if not bracketed and (split := WITHIN_BRACKETS.match(text)):
        joined = read_cell(f"{split[1]} {split[3]}", areas)
        is_true = is_remark(split[1], split[2], areas)
        return joined if is_true else replace(joined, within=(*joined.within, split[2]))
    if bracketed and areas.gazetteer.is_own:
        if today := _known(TODAY.fullmatch(bracketed[2]), areas):
            return today
        if is_remark(bracketed[1], bracketed[2], areas):
            return ReadName(read_name(bracketed[1]))
        if belongs := BELONGS.fullmatch(bracketed[2]):
            return ReadName(read_name(bracketed[1]), (belongs[1],))
    if bracketed and COMMA.search(bracketed[1]):
        # An area may stand before the one in brackets, as in "Dongxing, Fangchenggang (Guangxi)".
        parted = read_cell(bracketed[1], areas)
        return replace(parted, within=(*parted.within, bracketed[2]))
    if bracketed:
        bare, kind = read_name(bracketed[1]), read_name(f"{bracketed[1]} {bracketed[2]}")
        if kind.kind and kind.stem in {bare.key, bare.stem}:
            # 东兴市 (县级市) says its kind twice; 牡丹江市 (黑龙江省) says none behind it, but an area.
            return ReadName(bare if bare.kind == kind.kind else kind)
        return ReadName(bare, (bracketed[2],))
    parts = [part.strip() for part in COMMA.split(text) if part.strip()]
    ends = PARTED.split(text) if len(parts) < 2 else []
    if len(ends) == 2 and (_holds(ends[0], ends[1], areas) or _holds(ends[1], ends[0], areas)):
        parts = ends
    elif len(ends) == 2 and areas.gazetteer.is_own and is_remark(ends[0], ends[1], areas):
        return ReadName(read_name(ends[0]))
    if len(parts) > 1:
        # 广西，凭祥 goes from the large to the small.
        ordered = parts[::-1] if _holds(parts[0], parts[-1], areas) else parts
        within = [part for part in ordered[1:] if not (areas.gazetteer.is_own and is_remark(ordered[0], part, areas))]
        return ReadName(read_name(ordered[0]), tuple(within))
    if of_china := OF_CHINA.fullmatch(text):
        return ReadName(read_name(of_china[1] or of_china[2]), ("China",))
    if HAN.search(text):
        rest, within = whole.text, []
        while cut := _area_before(rest, areas):
            within.append(cut[0])
            rest = cut[1]
        return ReadName(read_name(rest), tuple(within))
    return ReadName(whole)


def _is_nearly_written(name: Name, areas: Areas) -> bool:
    """Return whether a long text with a year in it is a thing's whole name but for a slip: "cost of crossing the border, 2020"."""
    if len(name.key) < LONG or not YEAR.search(name.text):
        return False
    keys = areas.gazetteer.written
    return process.extractOne(name.key, keys, scorer=fuzz.ratio, score_cutoff=NEARLY) is not None


def _known(said: re.Match[str] | None, areas: Areas) -> ReadName | None:
    """Return the reading of the name that a text says, where something is called so."""
    return _if_known(said[1], areas) if said else None


def _if_known(text: str, areas: Areas) -> ReadName | None:
    """Return the reading of a text, where something is called by the name in it."""
    reading = read_cell(text, areas)
    return reading if {reading.name.key, reading.name.stem} & areas.gazetteer.keys.keys() else None


def _identified(text: str, areas: Areas) -> ReadName | None:
    """Return the reading of a name that has its identifier beside it: an item, six digits, or a code that the graph has; else None.

    Six digits may be a code of mail, too: they are no name, and what does not have them for its code is doubtful.
    """
    for written, name in _beside(text):
        identifier = canonical(written)
        # Five letters with a Q before them, as Qibin, are no item.
        is_number = identifier.removeprefix("Q").isdigit()
        if is_number or (identifier and areas.gazetteer.find(identifier)):
            return replace(read_cell(name.strip(SIGNS), areas), identifier=identifier)
    return None


def _beside(text: str) -> list[tuple[str, str]]:
    """Return the ways to take a text for an identifier and a name; each is found in one pass, however long the text is."""
    joined, ways = JOINED.fullmatch(text), []
    text = text.strip("()[]")
    for pattern in BETWEEN:
        if parts := list(pattern.finditer(text)):
            ways.append((text[: parts[0].start()], text[parts[0].end() :]))
            ways.append((text[parts[-1].end() :], text[: parts[-1].start()]))
    if joined:
        # After the others, as the digits of an item are no code.
        ways.append((joined["code"] or joined["behind"], joined["name"] or joined["before"]))
    return [(written, name) for written, name in ways if any(map(str.isalpha, name))]


def _said_twice(one: str, other: str, areas: Areas) -> Name | None:
    """Return the Chinese one of two names where the other says the same in letters, as in 虎林市 (Hulin City); else None."""
    if bool(HAN.search(one)) == bool(HAN.search(other)):
        return None
    keys, names = areas.gazetteer.keys, [read_name(one), read_name(other)]
    first, second = ({*keys.get(name.key, ()), *keys.get(name.stem, ())} for name in names)
    return next(name for name in names if name.is_chinese) if first & second else None


def _holds(area: str, name: str, areas: Areas) -> bool:
    things = areas.gazetteer.things
    found = areas.named(area)
    return any(
        found & (things[iri].within | things[iri].former_within)
        for iri in areas.gazetteer.keys.get(read_name(name).key, ())
    )


def _area_before(text: str, areas: Areas) -> tuple[str, str] | None:
    if {read_name(text).key, read_name(text).stem} & areas.gazetteer.keys.keys():
        return None
    for length in range(min(len(text) - 2, 12), 1, -1):
        # 满洲里边合区 is the zone of the city, not a thing in it.
        if text[length:] not in CHINESE_ENDINGS and areas.named(text[:length]):
            return text[:length], text[length:]
    written = PROVINCE_BEFORE.match(text) or CITY_BEFORE.match(text)
    return (written[1], written[2]) if written else None
