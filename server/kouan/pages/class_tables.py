"""Make the query for a table of all things of a class: a row for each, a column for each property. Knows no requests.

What a class is called in an address comes of its name: kouan:Port is `ports`, kouan:PilotZone is `pilot-zones`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from rapidfuzz import fuzz, process

from kouan.errors import BadRequest, NotFound
from kouan.vocabulary import GEO, INFERRED_GRAPH, KOUAN, RDFS, SKOS

Answer = Callable[[str, str], bytes]
MOST_COLUMNS = 100
# How alike a name is that may be meant, of 100, and how many are told.
ALIKE, MOST_NEAR = 70, 3
WGS = "http://www.w3.org/2003/01/geo/wgs84_pos#"
NAME = re.compile(r"[A-Za-z][\w-]*\Z")
LOCAL = re.compile(r"[^#/:]*\Z")
FIRST = (RDFS + "label", SKOS + "prefLabel")
BETWEEN = "; "
# The column of what a thing's place is.
WKT = "?wkt"

CLASSES = """SELECT ?class (COUNT(DISTINCT ?thing) AS ?n) { ?thing a ?class FILTER(isIRI(?class) && isIRI(?thing)) }
GROUP BY ?class ORDER BY DESC(?n) ?class"""
# Where a thing has several values, they stand in one cell.
COLUMNS = """SELECT ?property ?language (MAX(?n) AS ?most) (COUNT(?thing) AS ?used) {
  { SELECT ?thing ?property ?language (COUNT(DISTINCT ?value) AS ?n) {
      ?thing a <%s> ; ?property ?value FILTER(isIRI(?thing) && (isIRI(?value) || isLiteral(?value)))
      BIND(IF(isLiteral(?value), LANG(?value), "") AS ?language) } GROUP BY ?thing ?property ?language }
} GROUP BY ?property ?language ORDER BY DESC(?used) ?property ?language"""
# Which graphs say something of a thing, but for the one of what follows from the others.
HAS_SOURCES = "ASK { GRAPH ?graph { ?thing a <%s> } }"
SOURCES = """OPTIONAL { SELECT ?iri (GROUP_CONCAT(DISTINCT STR(?graph); separator="%s") AS ?sources) {
    ?iri a <%s> . GRAPH ?graph { ?iri ?said ?value } FILTER(?graph != <%s>) } GROUP BY ?iri }"""
HAS_WKT = f"ASK {{ ?thing a <%s> ; <{GEO}hasGeometry>/<{GEO}asWKT> ?wkt }}"


@dataclass(frozen=True)
class PropertyColumn:
    """A column of a table: a property in a language, "" for values of none."""

    name: str
    property: str
    language: str
    is_single: bool


class ClassTables:
    """The tables that one version of a dataset has."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.classes = [row["class"] for row in self.rows(CLASSES)]
        self.names = names_of(self.classes)

    def class_of(self, name: str, given: str = "") -> str:
        """Return the class that a name stands for, or the one that is given by its IRI; raises NotFound or BadRequest.

        Of several classes of one name it is the one that has all the things of the others.
        """
        known = self.names.get(name, []) if not given else [given]
        if not known or not set(known) <= set(self.classes):
            near = [
                each
                for each, _, _ in process.extract(
                    name, self.listed(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=MOST_NEAR
                )
            ]
            if near:
                raise NotFound(
                    f"Nothing stands at /{name}; of the classes of the data {', '.join(near)} are near to it."
                )
            raise NotFound(
                f"Nothing stands at /{name}; of the classes of the data there are {', '.join(self.listed())}."
            )
        if len(known) > 1 and self._holds(f"ASK {{ {beyond_first(known)} }}"):
            raise BadRequest(several(name, known))
        return known[0]

    def listed(self) -> list[str]:
        """Return a name for each class, those with the most things first."""
        seen: set[str] = set()
        found = []
        for name, classes in self.names.items():
            if not seen.issuperset(classes):
                found.append(name)
                seen.update(classes)
        return found

    def query(self, iri: str) -> str:
        """Return the query for all things of a class."""
        selected, patterns = ["?iri"], [f"?iri a <{iri}> FILTER(isIRI(?iri))"]
        columns = self._columns(iri)
        for column in columns:
            selected.append(f"?{column.name}")
            patterns.append(_pattern(iri, column))
        if self._holds(HAS_SOURCES % iri):
            selected.append("?sources")
            patterns.append(SOURCES % (BETWEEN, iri, INFERRED_GRAPH))
        has_wkt = self._holds(HAS_WKT % iri)
        if has_wkt:
            selected.append(WKT)
            patterns.append(
                f"OPTIONAL {{ SELECT ?iri (SAMPLE(?each) AS ?wkt) {{ ?iri a <{iri}> ; <{GEO}hasGeometry>/<{GEO}asWKT> ?each }} "
                "GROUP BY ?iri }"
            )
        by_property = {column.property: column.name for column in columns}
        if not has_wkt and {WGS + "lat", WGS + "long"} <= by_property.keys():
            selected.append(WKT)
            point = f'CONCAT("POINT(", STR(?{by_property[WGS + "long"]}), " ", STR(?{by_property[WGS + "lat"]}), ")")'
            patterns.append(f"BIND(STRDT({point}, <{GEO}wktLiteral>) AS ?wkt)")
        return f"SELECT {' '.join(selected)} {{\n  " + "\n  ".join(patterns) + "\n} ORDER BY ?iri"

    def _columns(self, iri: str) -> list[PropertyColumn]:
        taken = {"iri", "wkt", "sources"}
        columns = []
        rows = self.rows(COLUMNS % iri)
        # The names of a thing come first.
        for row in sorted(rows, key=lambda row: row["property"] not in FIRST)[:MOST_COLUMNS]:
            language = row.get("language", "")
            name = _variable(row["property"], language, taken)
            columns.append(PropertyColumn(name, row["property"], language, row["most"] == "1"))
        return columns

    def _holds(self, question: str) -> bool:
        return bool(json.loads(self.answer(question, "application/sparql-results+json"))["boolean"])

    def rows(self, query: str) -> list[dict[str, str]]:
        """Return the rows of an answer, each value as a text."""
        bindings = json.loads(self.answer(query, "application/sparql-results+json"))["results"]["bindings"]
        return [{name: term["value"] for name, term in binding.items()} for binding in bindings]


def _pattern(iri: str, column: PropertyColumn) -> str:
    if column.language:
        kept = f'FILTER(LANG(?each) = "{column.language}")'
    else:
        kept = 'FILTER(isIRI(?each) || (isLiteral(?each) && LANG(?each) = ""))'
    if column.is_single:
        each = kept.replace("?each", f"?{column.name}")
        return f"OPTIONAL {{ ?iri <{column.property}> ?{column.name} {each} }}"
    joined = f'GROUP_CONCAT(DISTINCT STR(?each); separator="{BETWEEN}")'
    return f"OPTIONAL {{ SELECT ?iri ({joined} AS ?{column.name}) {{ ?iri a <{iri}> ; <{column.property}> ?each {kept} }} GROUP BY ?iri }}"


def names_of(classes: Iterable[str]) -> dict[str, list[str]]:
    """Return the classes by their names; one that is named by the last of its words is called so where no other is."""
    found: dict[str, list[str]] = {}
    short: dict[str, list[str]] = {}
    for iri in classes:
        local = _local(iri)
        if NAME.match(local):
            *words, last = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", local).lower().split("-")
            found.setdefault("-".join([*words, _plural(last)]), []).append(iri)
            if words:
                short.setdefault(_plural(last), [iri])
    for name, iris in found.items():
        # Our own classes are the same things as those of others that have their names.
        own = [iri for iri in iris if iri.startswith(KOUAN)]
        found[name] = own or iris
    return found | {name: iris for name, iris in short.items() if name not in found}


def beyond_first(classes: list[str]) -> str:
    """Return the pattern of what is a member of one of some classes and not of the first."""
    others = " ".join(f"<{each}>" for each in classes[1:])
    return f"VALUES ?other {{ {others} }} ?s a ?other FILTER(isIRI(?s)) FILTER NOT EXISTS {{ ?s a <{classes[0]}> }}"


def several(name: str, classes: list[str]) -> str:
    """Return what is said to who names several classes at once."""
    which = " or ".join(f"?class={quote(each, safe=':/')}" for each in classes)
    return f"{len(classes)} classes are called {name}; say {which}."


def _plural(word: str) -> str:
    if re.search(r"[^aeiou]y\Z", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(?:s|x|z|ch|sh)\Z", word) else "s")


def _local(iri: str) -> str:
    found = LOCAL.search(iri)
    return found[0] if found else ""


def _variable(iri: str, language: str, taken: set[str]) -> str:
    """Return a variable for a property that no other has."""
    local = re.sub(r"\W", "_", _local(iri) or "value", flags=re.ASCII)
    plain = "_".join([local, *([re.sub(r"\W", "_", language, flags=re.ASCII)] if language else [])])
    name, number = plain, 2
    while name.casefold() in taken:
        name, number = f"{plain}_{number}", number + 1
    taken.add(name.casefold())
    return name
