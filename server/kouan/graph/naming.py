"""By which properties things are called, and the name of them that a reader wants. Knows vocabularies, no dataset.

The same in data of anybody: RDFS, SKOS, schema.org, FOAF, vCard and Dublin Core each name things in their way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from markupsafe import Markup

from kouan.vocabulary import DC, DCT, FOAF, KOUAN, RDF, RDFS, SCHEMA, SCHEMA_HTTP, SKOS, SKOS_XL, VCARD, WD

# The first that a thing has is what it is called.
NAMED_BY = (
    RDFS + "label",
    SKOS + "prefLabel",
    SCHEMA + "name",
    SCHEMA_HTTP + "name",
    FOAF + "name",
    VCARD + "fn",
    DCT + "title",
    DC + "title",
)
# A name that is a thing itself, and a record of what a place was called, are shown as what they say; nobody looks for them.
SHOWN_BY = (*NAMED_BY, SKOS_XL + "literalForm", KOUAN + "nameThen")
ALSO_NAMED_BY = (SKOS + "altLabel", SCHEMA + "alternateName", SCHEMA_HTTP + "alternateName")
MISNAMED_BY = (SKOS + "hiddenLabel",)
DESCRIBED_BY = (
    DCT + "description",
    SCHEMA + "description",
    SCHEMA_HTTP + "description",
    SKOS + "definition",
    DC + "description",
    DCT + "abstract",
)
# A comment tells more, or other things, than what a thing is.
COMMENTED_BY = (RDFS + "comment",)
# A person may have a name in parts only; two of FOAF's are those of its older versions.
GIVEN = (
    *(FOAF + "givenName", FOAF + "firstName", FOAF + "givenname"),
    *(SCHEMA + "givenName", SCHEMA_HTTP + "givenName", VCARD + "given-name"),
)
FAMILY = (
    *(FOAF + "familyName", FOAF + "lastName", FOAF + "family_name", FOAF + "surname"),
    *(SCHEMA + "familyName", SCHEMA_HTTP + "familyName", VCARD + "family-name"),
)
NAMED_IN_PARTS_BY = (*GIVEN, *FAMILY, FOAF + "nick")
# Where the family's name comes first, and nothing stands between the two; a name in no language is told by its script.
FAMILY_FIRST = ("zh", "ja", "ko")
HAN = re.compile(r"[一-鿿㐀-䶿]+")
# What tells no more than the name and the kind: said above all else, or not for people.
NAMING = frozenset((*NAMED_BY, *ALSO_NAMED_BY, *MISNAMED_BY))

MARKED_UP = (RDF + "HTML", RDF + "XMLLiteral")
# Who keeps the names that things have elsewhere, by how their addresses start.
AUTHORITIES = {
    WD: "Wikidata",
    "https://www.wikidata.org/entity/": "Wikidata",
    "https://sws.geonames.org/": "GeoNames",
    "http://sws.geonames.org/": "GeoNames",
    "https://www.openstreetmap.org/": "OpenStreetMap",
    "http://dbpedia.org/resource/": "DBpedia",
    "http://viaf.org/viaf/": "VIAF",
    "https://viaf.org/viaf/": "VIAF",
    "http://id.loc.gov/": "Library of Congress",
    "https://d-nb.info/gnd/": "GND",
    "https://orcid.org/": "ORCID",
}

CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")


def personal_names(parts: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return what a person is called by language: both parts of a name, else the one that there is, else a nickname.

    Of each part the property, the text and its language are given; a part in no language serves every one.
    """
    given: dict[str, str] = {}
    family: dict[str, str] = {}
    nick: dict[str, str] = {}
    for by, text, tag in sorted(parts, key=lambda part: (NAMED_IN_PARTS_BY.index(part[0]), part[1])):
        (given if by in GIVEN else family if by in FAMILY else nick).setdefault(tag.casefold(), text)
    whole: dict[str, str] = {}
    for tag in given | family:
        first, last = given.get(tag) or given.get(""), family.get(tag) or family.get("")
        if first and last:
            whole[tag] = _whole_name(first, last, tag)
    return whole or family | given or nick


def _whole_name(given: str, family: str, language: str) -> str:
    is_read_so = language.split("-")[0] in FAMILY_FIRST if language else bool(HAN.fullmatch(given + family))
    is_written_together = is_read_so and not (given + family).isascii()
    return family + given if is_written_together else f"{given} {family}"


def in_language(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return the text that a reader of a language understands best, and its own language; ("", "") where there is none.

    `texts` are by their language tags in lower case, "" where they have none. The very language comes first, then a
    variety of it, no language, English, and any other (as lookup in RFC 4647, section 3.4, would have it).
    """
    wanted = language.casefold()
    base = wanted.partition("-")[0]
    for choice in (wanted, base):
        if choice in texts:
            return texts[choice], choice
    varieties = sorted(tag for tag in texts if tag.partition("-")[0] == base and "latn" not in tag)
    for choice in (*varieties, "", "en", *sorted(tag for tag in texts if tag.startswith("en-")), *sorted(texts)):
        if choice in texts:
            return texts[choice], choice
    return "", ""


def plain_text(text: str, datatype: str) -> str:
    """Return a text as it is read: one in HTML or XML without its marks."""
    return Markup(text).striptags() if datatype in MARKED_UP else text


def local_name(iri: str) -> str:
    """Return the end of an IRI, which is what it is called where nothing names it."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1] or iri


def telling_end(iri: str) -> str:
    """Return the end of an IRI that tells it from others: with what stands before it where it is a number or a letter."""
    short = local_name(iri)
    if len(short) > 1 and any(sign.isalpha() for sign in short):
        return short
    before, sign, _ = iri.rstrip("/#").rpartition(short)[0].rstrip("/#").rpartition("/")
    return iri.rstrip("/#").removeprefix(before + sign) if "://" in before else iri.partition("://")[2] or short


def spoken_name(iri: str) -> str:
    """Return the end of an IRI in words: same as, of owl:sameAs."""
    words = CAPITAL.split(telling_end(iri).replace("_", " "))
    return " ".join([words[0], *(word.lower() for word in words[1:])])
