"""Read what a cell of a table says: a name, and the areas that it names beside it. Knows names; scores nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kouan.graph.place_names import CHINESE_ENDINGS, HAN, Name, read_name
from kouan.linking.areas import Areas, is_unknown
from kouan.linking.identifiers import canonical

BRACKETED = re.compile(r"^([^(]+?)\s*\(([^()]+)\)$")
# A name in Chinese and in letters, one behind the other, whatever parts them.
BOTH = re.compile(
    r"^((?:[^\u3400-\u9fff]*[^\W\d_\u3400-\u9fff]|[\u3400-\u9fff]+))[\s(/|,，、-]+"
    r"([\u3400-\u9fff]+|[^\u3400-\u9fff()]*[^\W\d_\u3400-\u9fff])\s*\)?$"
)
# 江西省 and 内江市 before the name of a place say where it lies, whether the graph knows them or not.
PROVINCE_BEFORE = re.compile(r"^(.{2,8}?(?:自治区|省))(.{2,})$")
CITY_BEFORE = re.compile(r"^(.{2,10}?(?:自治州|地区|[市州盟]))(.{2,}[市县区旗])$")


@dataclass(frozen=True)
class Reading:
    """A name, the areas that the text puts it in, and the identifier that the text is, if it is one."""

    name: Name
    within: tuple[str, ...] = ()
    identifier: str = ""


def read_cell(text: str, areas: Areas) -> Reading:
    """Return the reading of a cell; a text that is a thing's own name is never taken apart."""
    keys = areas.gazetteer.keys
    text = unicodedata.normalize("NFKC", text).strip().strip("\"'“”‘’「」《》.;；。").strip()
    whole = read_name(text)
    if is_unknown(text):
        return Reading(read_name(""))
    if whole.key in keys:
        return Reading(whole)
    if identifier := canonical(text):
        # Five letters may be a name and no code: a code is one where the graph has it.
        is_code = areas.gazetteer.find(identifier) is not None or not text.isalpha()
        return Reading(whole, identifier=identifier if is_code else "")
    if (both := BOTH.match(text)) and (name := _said_twice(both[1], both[2], areas)):
        return Reading(name)
    bracketed = BRACKETED.match(text)
    if bracketed:
        kind = read_name(f"{bracketed[1]} {bracketed[2]}")
        return Reading(kind) if kind.kind else Reading(read_name(bracketed[1]), (bracketed[2],))
    parts = [part.strip() for part in re.split("[,，]", text) if part.strip()]
    if len(parts) > 1:
        # 广西，凭祥 goes from the large to the small.
        ordered = parts[::-1] if _holds(parts[0], parts[-1], areas) else parts
        return Reading(read_name(ordered[0]), tuple(ordered[1:]))
    if HAN.search(text):
        rest, within = whole.text, []
        while cut := _area_before(rest, areas):
            within.append(cut[0])
            rest = cut[1]
        return Reading(read_name(rest), tuple(within))
    return Reading(whole)


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
    return any(found & things[iri].within for iri in areas.gazetteer.keys.get(read_name(name).key, ()))


def _area_before(text: str, areas: Areas) -> tuple[str, str] | None:
    if read_name(text).key in areas.gazetteer.keys:
        return None
    for length in range(min(len(text) - 2, 12), 1, -1):
        # 满洲里边合区 is the zone of the city, not a thing in it.
        if text[length:] not in CHINESE_ENDINGS and areas.named(text[:length]):
            return text[:length], text[length:]
    written = PROVINCE_BEFORE.match(text) or CITY_BEFORE.match(text)
    return (written[1], written[2]) if written else None
