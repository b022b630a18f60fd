"""By which properties things are called, and the name of them that a reader wants. Knows vocabularies, no dataset.

The same in data of anybody: RDFS, SKOS, schema.org, FOAF, vCard and Dublin Core each name things in their way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kouan.vocabulary import DC, DCT, FOAF, KOUAN, RDFS, SCHEMA, SCHEMA_HTTP, SKOS, SKOS_XL, VCARD, WD

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
# What tells no more than the name and the kind: said above all else, or not for people.
NAMING = frozenset((*NAMED_BY, *ALSO_NAMED_BY, *MISNAMED_BY))

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


def local_name(iri: str) -> str:
    """Return the end of an IRI, which is what it is called where nothing names it."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1] or iri


def spoken_name(iri: str) -> str:
    """Return the end of an IRI in words: same as, of owl:sameAs."""
    words = CAPITAL.split(local_name(iri).replace("_", " "))
    return " ".join([words[0], *(word.lower() for word in words[1:])])
