"""Ask a graph from Python: the packaged one, RDF files, or an endpoint. Knows one process and no server of its own."""

from __future__ import annotations

import csv
import io
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kouan.engine.standalone import Standalone
from kouan.errors import BadGateway, QueryError
from kouan.evaluation.question import Question
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot, build_foreign, build_own
from kouan.snapshot.opening import at_number
from kouan.vocabulary import INFERRED_GRAPH, PREFIXES, XSD

SOLUTIONS, TRIPLES = "application/sparql-results+json", "application/n-triples"
NUMBERS = {XSD + "integer": int, XSD + "decimal": float, XSD + "double": float, XSD + "float": float}


@dataclass(frozen=True)
class Row:
    """One solution: `row.city` and `row["city"]` are the Python value of ?city, None where it is unbound; `dict(row)` has all."""

    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError as error:
            raise AttributeError(f"The query has no variable ?{name}; it has {', '.join(self.values)}.") from error

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def keys(self) -> Iterable[str]:
        """Return the names of the variables."""
        return self.values.keys()


@dataclass(frozen=True)
class Rows:
    """The answer to a SELECT query."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> Row:
        return self.rows[place]

    def to_csv(self) -> str:
        """Return the rows as CSV, with a line of names."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.variables)
        writer.writerows([["" if v is None else v for v in row.values.values()] for row in self.rows])
        return text.getvalue()

    def to_pandas(self) -> Any:
        """Return the rows as a pandas data frame; ImportError where pandas is not installed."""
        import pandas  # type: ignore[import-untyped, unused-ignore]

        return pandas.DataFrame([row.values for row in self.rows], columns=list(self.variables))


@dataclass(frozen=True)
class Evidence:
    """Who says a fact: the passages that state it, or, where it is inferred, that no passage does."""

    passages: tuple[str, ...]
    is_inferred: bool


class _Asked(Protocol):
    @property
    def warnings(self) -> tuple[str, ...]: ...

    def ask(self, query: str, media_type: str) -> bytes: ...


class Graph:
    """A graph to ask in SPARQL."""

    def __init__(self, asked: _Asked, version: str = "") -> None:
        self._asked = asked
        self.version = version

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what the last query named in vain: a sentence for each IRI that stands nowhere in the data."""
        return self._asked.warnings

    def select(self, query: str) -> Rows:
        """Return the solutions of a SELECT query; raises QueryError where it is at fault."""
        document = json.loads(self._asked.ask(query, SOLUTIONS))
        if "results" not in document:
            raise QueryError("This is no SELECT query; use ask() for ASK.")
        names = tuple(document["head"]["vars"])
        solutions = document["results"]["bindings"]
        return Rows(names, tuple(Row({n: _value(s[n]) if n in s else None for n in names}) for s in solutions))

    def ask(self, query: str) -> bool:
        """Return the verdict of an ASK query; raises QueryError where it is at fault."""
        document = json.loads(self._asked.ask(query, SOLUTIONS))
        if "boolean" not in document:
            raise QueryError("This is no ASK query; use select() for SELECT.")
        return bool(document["boolean"])

    def construct(self, query: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query; raises QueryError where it is at fault."""
        quads = parse(self._asked.ask(query, TRIPLES), format=RdfFormat.N_TRIPLES)
        return [quad.triple for quad in quads]

    def describe(self, thing: str) -> list[Triple]:
        """Return the triples that describe a thing, named by its IRI or as id:heihe."""
        return self.construct(f"DESCRIBE {_term(thing)}")

    def evidence(self, subject: str, predicate: str, value: object) -> Evidence:
        """Return who says a fact; things are named by their IRIs or as id:heihe, other values are Python's."""
        fact = f"{_term(subject)} {_term(predicate)} {_term(value)}"
        rows = self.select(f"SELECT DISTINCT ?passage WHERE {{ GRAPH ?passage {{ {fact} }} }} ORDER BY ?passage")
        found = [str(row.passage) for row in rows]
        return Evidence(tuple(p for p in found if p != INFERRED_GRAPH), found == [INFERRED_GRAPH])


class _Local:
    """A snapshot of this machine, asked in a process that can do no harm."""

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        self.settings = settings
        self.prefixes = "".join(f"PREFIX {p}: <{iri}> " for p, iri in snapshot.prefixes.items())
        self.standalone = Standalone(snapshot, settings)

    def ask(self, query: str, media_type: str) -> bytes:
        # As on the command line: who declares nothing may use the prefixes of the data.
        text = query if "prefix" in query.lower() else self.prefixes + query
        return self.standalone.answer(Question(text), media_type, self.settings.timeout)

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.standalone.warnings


class _Endpoint:
    def __init__(self, address: str, settings: Settings) -> None:
        self.address = address
        self.settings = settings
        self.warnings: tuple[str, ...] = ()

    def ask(self, query: str, media_type: str) -> bytes:
        body = urllib.parse.urlencode({"query": query}).encode()
        asked = urllib.request.Request(self.address, body, {"Accept": media_type})
        try:
            with urllib.request.urlopen(asked, timeout=self.settings.timeout) as answered:
                content: bytes = answered.read()
                self.warnings = tuple(answered.headers.get_all("Kouan-Warning") or ())
        except urllib.error.HTTPError as error:
            with error:
                said = error.read().decode(errors="replace")[:500]
            raise QueryError(f"{self.address} answered {error.code}: {said}") from error
        except OSError as error:
            raise BadGateway(f"{self.address} cannot be reached: {error}.") from error
        return content


def open(source: str | Path | None = None) -> Graph:
    """Return a graph: the packaged one, that of RDF files or a folder, or that of an endpoint's address.

    A snapshot is built where none is fresh. Raises SourceError where a file cannot be read.
    """
    settings = read_settings()
    if source is None:
        snapshot = build_own(settings, progress=lambda _: None)
    elif str(source).startswith(("http://", "https://")):
        return Graph(_Endpoint(str(source), settings))
    else:
        paths = [Path(source)]
        snapshot = build_foreign(paths, settings, progress=lambda _: None)
    snapshot = at_number(snapshot, max(snapshot.writes.check().number, snapshot.built_with))
    return Graph(_Local(snapshot, settings), snapshot.version)


def _value(term: dict[str, str]) -> Any:
    convert = NUMBERS.get(term.get("datatype", ""))
    if convert:
        return convert(term["value"])
    return term["value"] == "true" if term.get("datatype") == XSD + "boolean" else term["value"]


def _term(value: object) -> str:
    if isinstance(value, bool | int | float):
        return str(Literal(value))
    text = str(value)
    prefix, _, local = text.partition(":")
    if "://" in text:
        return str(NamedNode(text))
    return str(NamedNode(PREFIXES[prefix] + local)) if prefix in PREFIXES and local else str(Literal(text))
