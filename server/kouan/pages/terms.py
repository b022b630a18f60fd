"""RDF terms as a page shows them, by their names in the reader's language. Knows what things are called; asks nothing itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from kouan.graph.naming import AUTHORITIES, in_language, local_name, plain_text, telling_end
from kouan.graph.place_names import alphabetical
from kouan.http.languages import CHINESE, ENGLISH, in_chinese, language, say, words
from kouan.linking.wikidata.references import licence_name
from kouan.vocabulary import BASE, INFERRED_GRAPH, XSD

LICENCES = (
    *("https://creativecommons.org/", "http://creativecommons.org/", "https://opensource.org/license"),
    *("https://spdx.org/licenses/", "http://www.wtfpl.net/"),
)
IN_ONE_WORD = re.compile(r"[A-Za-z]?[a-z]+(?:[A-Z][a-z]+)+")
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
WEB = ("http://", "https://")
# What is no year is read in groups.
MANY = re.compile(r"-?(?:[3-9]\d{3}|[1-9]\d{4,})")
TONGUES = {
    "en": "English",
    "zh": "Chinese",
    "ru": "Russian",
    "mn": "Mongolian",
    "kk": "Kazakh",
    "ja": "Japanese",
    "ko": "Korean",
    "vi": "Vietnamese",
    "de": "German",
    "fr": "French",
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def shorten(iri: str) -> str:
    """Return the part of an IRI that a reader recognises."""
    return licence_name(iri) if iri.startswith(LICENCES) else local_name(iri)


def spelled(iri: str) -> str:
    """Return what a thing without a name is called: the end of its IRI, in words where it is written in one."""
    short = shorten(iri) if iri.startswith(LICENCES) else telling_end(iri).replace("_", " ")
    if not IN_ONE_WORD.fullmatch(short):
        return short
    split = CAPITAL.sub(" ", short)
    return split[0] + split[1:].lower()


@dataclass(frozen=True)
class Value:
    """An RDF term. `names` are what it is called by language, "" for a name in none; `is_here` says whether it has a page."""

    text: str
    kind: str = "uri"
    language: str = ""
    datatype: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    is_here: bool = False
    parts: tuple[PropertyValues, ...] = ()
    """What is said of a node without a name of its own."""

    @property
    def _called(self) -> tuple[str, str]:
        """Return the name in the language of the page, else in any, and its language; the end of the IRI where there is none."""
        if self.names:
            return in_language(self.names, language())
        short = spelled(self.text)
        # Properties of everybody have no labels here; what the common ones are called is among our words.
        chinese = in_chinese(self.text, short) if language() == CHINESE else ""
        return (chinese, CHINESE) if chinese else (short, "")

    @property
    def name(self) -> str:
        """Return what a reader sees: the name, or the end of the IRI, or the literal's text."""
        if self.kind == "uri":
            return self._called[0]
        if self.kind == "literal":
            return self.names.get(language()) or told(self.text, self.datatype)
        return self.text

    @property
    def in_order(self) -> tuple[str, str]:
        """Return what lists are put in order by: the name's letters, and how a Chinese one sounds."""
        return alphabetical(self.name)

    @property
    def tongue(self) -> str:
        """Return the language of the name where it is not that of the page, else ""."""
        tag = self._called[1] if self.kind == "uri" else self.language
        return tag if tag and tag.partition("-")[0].lower() != language() else ""

    @property
    def other(self) -> tuple[str, str]:
        """Return the name in the other of our two languages and that language; two times "" where there is none."""
        wanted = ENGLISH if language() == CHINESE else CHINESE
        text, tag = in_language(self.names, wanted)
        return (text, tag) if tag.partition("-")[0] == wanted and text != self.name else ("", "")

    @property
    def authority(self) -> str:
        """Return who keeps this name, "" for one that is not known: Wikidata, GeoNames."""
        return next((name for start, name in AUTHORITIES.items() if self.text.startswith(start)), "")

    @property
    def is_linked(self) -> bool:
        """Return whether the IRI is an address that a browser may be sent to."""
        return self.kind == "uri" and self.text.startswith(WEB)

    @property
    def short(self) -> str:
        """Return the end of the IRI."""
        return shorten(self.text)


def told(text: str, datatype: str) -> str:
    """Return a literal's text as people write it: dates in words, yes and no."""
    if datatype == XSD + "boolean":
        return str(say("yes") if text in {"true", "1"} else say("no"))
    if datatype in {XSD + "date", XSD + "dateTime"}:
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            return text
        if language() == CHINESE:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    whole, point, rest = text.partition(".") if datatype == XSD + "decimal" else (text, "", "")
    return (
        f"{int(whole):,}{point}{rest}"
        if datatype in {XSD + "integer", XSD + "decimal"} and MANY.fullmatch(whole)
        else text
    )


def worded(value: Value) -> Value:
    """Return a value with what it is called in words: one of a few that a property takes, or the tag of a language."""
    if value.kind != "literal" or value.language or value.datatype not in {"", XSD + "string"}:
        return value
    english = TONGUES.get(value.text, value.text)
    return replace(value, names={ENGLISH: english, CHINESE: words().get(f"value: {english}", english)})


def in_one_language(properties: Iterable[PropertyValues]) -> list[PropertyValues]:
    """Return properties without the values that say the same in our other language: who says so says both."""
    return [replace(each, statements=_readable(each.statements)) for each in properties]


def _readable(statements: list[Statement]) -> list[Statement]:
    read = {tuple(sorted(s.graphs)) for s in statements if s.value.language.partition("-")[0].lower() == language()}
    other = ENGLISH if language() == CHINESE else CHINESE
    return [s for s in statements if s.value.language != other or tuple(sorted(s.graphs)) not in read]


@dataclass
class Statement:
    """One fact and the graphs that say it."""

    value: Value
    graphs: list[str] = field(default_factory=list)

    @property
    def stated(self) -> list[str]:
        """Return the graphs that state it, without what the reasoner adds."""
        return sorted({graph for graph in self.graphs if graph != INFERRED_GRAPH})

    @property
    def is_inferred(self) -> bool:
        """Return whether only the reasoner says it."""
        return bool(self.graphs) and not self.stated


@dataclass(frozen=True)
class PropertyValues:
    """A property and its values; `count` says how many there are where not all are here."""

    term: Value
    statements: list[Statement]
    count: int = 0


def value_of(term: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], here: set[str]) -> Value:
    """Return a term of a SPARQL 1.1 JSON result, with what it is called."""
    if term["type"] == "triple":
        parts = (value_of(term["value"][place], names, here).text for place in ("subject", "predicate", "object"))
        return Value(f"<<( {' '.join(parts)} )>>", "triple")
    text = plain_text(term["value"], term.get("datatype", ""))
    return Value(
        text,
        term["type"],
        term.get("xml:lang", ""),
        term.get("datatype", ""),
        names.get(text, {}),
        text in here,
    )


def ordered(term: Mapping[str, Any]) -> str:
    """Return what tells a term of a result from every other."""
    return json.dumps(term, sort_keys=True)


def is_ours(iri: str) -> bool:
    """Return whether an IRI is one of Kouan's own."""
    return iri.startswith(BASE)
