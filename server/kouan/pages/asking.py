"""Ask a dataset of anybody's in SPARQL, and call what it answers by names. Knows queries and names, no page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kouan.graph.naming import SHOWN_BY, in_language, plain_text, spoken_name
from kouan.http.languages import CHINESE, in_chinese
from kouan.pages.composed import compose, people
from kouan.pages.terms import value_of
from kouan.pages.ways import Names

Answer = Callable[[str, str], bytes]
Row = dict[str, dict[str, str]]
JSON_RESULTS = "application/sparql-results+json"
NAMES_AT_ONCE = 300
MOST_KNOWN = 50_000


@dataclass(frozen=True)
class Named:
    """A term of RDF as a page shows it: `text` in `language`, "" where that is not known."""

    text: str
    language: str = ""
    iri: str = ""
    datatype: str = ""


class Asking:
    """The questions that pages ask of one version of a dataset."""

    def __init__(self, answer: Answer, prefixes: Names) -> None:
        """Take what answers, and the prefixes that queries may use without declaring them."""
        self._answer = answer
        self._prefixes = prefixes
        self._known: dict[str, dict[str, str]] = {}

    def rows(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query (SPARQL 1.1 Query Results JSON Format, section 3.2.2)."""
        found: list[Row] = json.loads(self._answer(self._prefixes.declared(query), JSON_RESULTS))["results"]["bindings"]
        return found

    def number(self, query: str) -> int:
        """Return the one number that a query answers with, as ?n."""
        return int(self.rows(query)[0]["n"]["value"])

    def names(self, iris: Iterable[str], language: str) -> dict[str, Named]:
        """Return what things are called for a reader of a language; the end of its IRI for one that nothing names."""
        wanted = list(dict.fromkeys(iris))
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._learn([iri for iri in wanted if iri not in self._known])
        return {iri: self._name(iri, language) for iri in wanted}

    def texts(self, iri: str) -> dict[str, str]:
        """Return what a thing is called in every language, by its tag in lower case, "" where it has none."""
        self.names([iri], "")
        return dict(self._known[iri])

    def named(self, terms: Iterable[dict[str, str]], language: str) -> list[Named]:
        """Return terms as a page shows them, things by their names."""
        terms = list(terms)
        names = self.names((term["value"] for term in terms if term["type"] == "uri"), language)
        return [names[term["value"]] if term["type"] == "uri" else _plain(term) for term in terms]

    def _name(self, iri: str, language: str) -> Named:
        text, spoken = in_language(self._known.get(iri, {}), language)
        if text:
            return Named(text, spoken, iri)
        told = spoken_name(iri)
        chinese = in_chinese(iri, told) if language == CHINESE else ""
        return Named(chinese or told, language if chinese else "", iri)

    def _learn(self, iris: list[str]) -> None:
        for start in range(0, len(iris), NAMES_AT_ONCE):
            some = iris[start : start + NAMES_AT_ONCE]
            for iri in some:
                self._known[iri] = {}
            for row in self.rows(_names_query(some)):
                known = self._known[row["thing"]["value"]]
                known.setdefault(row["name"].get("xml:lang", "").casefold(), row["name"]["value"])
            nameless = [iri for iri in some if not self._known[iri]]
            if nameless:
                self._known |= people(nameless, self.rows)
            self._known |= compose(nameless, self.rows, lambda iris: {iri: self.texts(iri) for iri in iris})


def _names_query(iris: list[str]) -> str:
    things = " ".join(f"<{iri}>" for iri in iris)
    by = " ".join(f"(<{iri}> {rank})" for rank, iri in enumerate(SHOWN_BY))
    return (
        f"SELECT ?thing ?name {{ VALUES ?thing {{ {things} }} VALUES (?by ?rank) {{ {by} }} ?thing ?by ?name "
        f"FILTER(isLiteral(?name)) }} ORDER BY ?rank ?name"
    )


def _plain(term: dict[str, str]) -> Named:
    if term["type"] == "bnode":
        return Named("")
    if term["type"] == "triple":
        return Named(value_of(term, {}, set()).text)
    datatype = term.get("datatype", "")
    return Named(plain_text(term["value"], datatype), term.get("xml:lang", ""), "", datatype)
