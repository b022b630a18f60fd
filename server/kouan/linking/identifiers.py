"""Read identifiers as people paste them: addresses of ours, of Wikidata and of GeoNames, and codes. Knows no things."""

from __future__ import annotations

import re

from kouan.vocabulary import ID

GEONAMES = "geonames:"
# Our own things may be named at the address of any server: https://w3id.org/kouan/id/heihe, http://localhost:8000/page/heihe.
OURS = re.compile(r"https?://\S+?/(?:id|page|doc)/([a-z0-9][a-z0-9-]*)(?:\.[a-z]+)?/?(?:[?#]\S*)?")
ITEM = re.compile(
    r"(?:(?:https?://)?(?:[a-z]+\.)*wikidata\.org/(?:entity/|wiki/(?:Special:(?:EntityPage|EntityData)/)?)|wd:)?"
    r"(Q[1-9]\d*)(?:\.[a-z]+)?(?:[?#]\S*)?",
    re.IGNORECASE,
)
FEATURE = re.compile(
    r"(?:(?:https?://)?(?:[a-z]+\.)*geonames\.org/|geonames:\s*|gn:)([1-9]\d*)(?:/\S*)?", re.IGNORECASE
)
# A code of a division has six digits; statistics add six more for towns and villages, all 0 for the county itself.
DIVISION = re.compile(r"(\d{6})(?:0{6})?")
# UN/LOCODE: a country, a space or none, and three letters or the digits 2 to 9.
LOCODE = re.compile(r"([A-Z]{2}) ?([A-Z2-9]{3})")
REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


def canonical(text: str) -> str:
    """Return the one form of an identifier, or "" for a text that is none.

    A thing of ours is its IRI, an item of Wikidata its Q, a place of GeoNames `geonames:` and its number, UN/LOCODE five
    letters together, and a code of a division its six digits.
    """
    text = text.strip().strip("<>")
    if found := ITEM.fullmatch(text):
        return found[1].upper()
    if found := FEATURE.fullmatch(text):
        return GEONAMES + found[1]
    if found := OURS.fullmatch(text):
        return ID + found[1]
    if text.startswith("kouan:id/"):
        return ID + text.removeprefix("kouan:id/")
    if found := DIVISION.fullmatch(text):
        return found[1]
    if found := LOCODE.fullmatch(text.upper()):
        return found[1] + found[2]
    return text.upper() if REGION.fullmatch(text.upper()) else ""


def sort_of(identifier: str) -> str:
    """Return what gives out an identifier in its one form: a thing may have one of each."""
    if identifier.startswith((ID, GEONAMES)):
        return ID if identifier.startswith(ID) else GEONAMES
    for sort, pattern in {"item": ITEM, "division": DIVISION, "locode": LOCODE, "region": REGION}.items():
        if pattern.fullmatch(identifier):
            return sort
    return ""
