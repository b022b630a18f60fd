"""Read identifiers as people paste them: addresses of ours, of Wikidata and of GeoNames, and codes. Knows no things."""

from __future__ import annotations

import re
import unicodedata

from kouan.vocabulary import ID

GEONAMES = "geonames:"
# 2224 04, Q 128674
SPLIT = re.compile(r"(?<=\d) (?=\d)|(?<=^[Qq]) (?=\d)")
# Our own things may be named at the address of any server: https://w3id.org/kouan/id/heihe, http://localhost:8000/page/heihe.
OURS = re.compile(r"https?://[^\s?#]+/(?:id|page|doc)/([a-z0-9][a-z0-9-]*)(?:\.[a-z]+)?/?(?:[?#]\S*)?")
SHORT = re.compile(r"(?:kouan:id/|id:)([a-z0-9][a-z0-9-]*)")
ITEM = re.compile(
    r"(?:(?:https?://)?(?:[a-z]+\.)*wikidata\.org/(?:entity/|wiki/(?:Special:(?:EntityPage|EntityData)/)?)|wd:|wikidata:)?"
    r"(Q[1-9]\d*)(?:\.[a-z]+)?(?:[?#]\S*)?",
    re.IGNORECASE,
)
FEATURE = re.compile(
    r"(?:(?:https?://)?(?:[a-z]+\.)*geonames\.org/|geonames(?::\s*|\s+)|gn:)([1-9]\d*)(?:/\S*)?", re.IGNORECASE
)
# A code of a division has six digits; maps of China put the country before it, and statistics add six more digits for towns
# and villages, all 0 for the county itself. A spreadsheet may have made a number of it.
DIVISION = re.compile(r"(?:156|CN-?)?(\d{6})(?:0{6})?(?:\.0)?", re.IGNORECASE)
# UN/LOCODE: a country, a space or none, and three letters or the digits 2 to 9; a hyphen where no province has three letters.
LOCODE = re.compile(r"([A-Z]{2}) ?([A-Z2-9]{3})|(CN)-([A-Z2-9]{3})")
REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


def canonical(text: str) -> str:
    """Return the one form of an identifier, or "" for a text that is none.

    A thing of ours is its IRI, an item of Wikidata its Q, a place of GeoNames `geonames:` and its number, UN/LOCODE five
    letters together, and a code of a division its six digits.
    """
    text = _tidied(text)
    if found := ITEM.fullmatch(text):
        return found[1].upper()
    if found := FEATURE.fullmatch(text):
        return GEONAMES + found[1]
    if found := OURS.fullmatch(text):
        return ID + found[1]
    if found := SHORT.fullmatch(text):
        return ID + found[1]
    if found := DIVISION.fullmatch(text):
        return found[1]
    if found := LOCODE.fullmatch(text.upper()):
        return "".join(part for part in found.groups() if part)
    return text.upper() if REGION.fullmatch(text.upper()) else ""


def _tidied(text: str) -> str:
    """Return a text without what pages put in that nobody sees, and without the spaces within a number."""
    text = (
        "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf").strip().strip("<>")
    )
    return SPLIT.sub("", text)


def sort_of(identifier: str) -> str:
    """Return what gives out an identifier in its one form: a thing may have one of each."""
    if identifier.startswith((ID, GEONAMES)):
        return ID if identifier.startswith(ID) else GEONAMES
    for sort, pattern in {"item": ITEM, "division": DIVISION, "locode": LOCODE, "region": REGION}.items():
        if pattern.fullmatch(identifier):
            return sort
    return ""
