"""Ask a graph from Python: the packaged one, RDF files, or an endpoint. Knows one process and no server of its own."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kouan.engine.standalone import Standalone
from kouan.errors import BadGateway, QueryError
from kouan.evaluation.question import Question
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot, build_foreign, build_own
from kouan.snapshot.opening import at_number
from kouan.sparql.door import know
from kouan.vocabulary import INFERRED_GRAPH, INTEGERS, PREFIXES, REALS, XSD

T = TypeVar("T")
SOLUTIONS, TRIPLES = "application/sparql-results+json", "application/n-triples"
READ = (
    dict.fromkeys(INTEGERS, int)
    | dict.fromkeys(REALS, float)
    | {XSD + "boolean": {"true": True, "1": True, "false": False, "0": False}.__getitem__}
)
NAMED = re.compile(r"([A-Za-z][\w.-]*):")
DECLARED = re.compile(r"\bPREFIX\s+([\w.-]*):", re.IGNORECASE)
LINE = re.compile(r"\bline (\d+)")
# More rows than that are no reading, and slow a notebook down.
SHOWN = 100
# What pandas calls the columns of these, which may have gaps.
NULLABLE = {int: "Int64", bool: "boolean"}


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
        """Return the rows as a pandas data frame; ImportError where pandas is not installed.

        Columns of whole numbers, and of truths, are of pandas' types that have gaps, so that a gap makes nothing else of them.
        """
        import pandas  # type: ignore[import-untyped, unused-ignore]

        return pandas.DataFrame({name: pandas.Series(*self._column(name)) for name in self.variables})

    def _column(self, name: str) -> tuple[list[Any], None, str | None]:
        """Return the values of a variable, no index and what pandas calls their type, None where pandas is to say."""
        values = [row.values[name] for row in self.rows]
        kinds = {type(value) for value in values if value is not None}
        is_large = any(isinstance(value, int) and abs(value) >= 1 << 63 for value in values)
        return (
            values,
            None,
            "object" if is_large or not kinds else NULLABLE.get(kinds.pop()) if len(kinds) == 1 else None,
        )

    def _repr_html_(self) -> str:
        """Return the rows as a table, which a notebook shows."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.variables)
        cells = ((("" if v is None else escape(str(v))) for v in row.values.values()) for row in self.rows[:SHOWN])
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
        rest = f"<p>{len(self.rows)} rows, of which {SHOWN} are shown</p>" if len(self.rows) > SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


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
    """A graph to ask in SPARQL. Prefixes that it knows need no declaration, those of the data before Kouan's own."""

    def __init__(self, asked: _Asked, version: str = "", prefixes: Mapping[str, str] = PREFIXES) -> None:
        self._asked = asked
        self.version = version
        self.prefixes = dict(prefixes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what the last query named in vain: a sentence for each IRI that stands nowhere in the data."""
        return self._asked.warnings

    def answer(self, query: str, media_type: str) -> bytes:
        """Return the answer to any query as a media type; raises QueryError where it is at fault."""
        return self._with_prefixes(query, lambda text: self._asked.ask(text, media_type))

    def form(self, query: str) -> str:
        """Return SELECT, ASK, CONSTRUCT or DESCRIBE; raises QueryError where the query is at fault."""
        return self._with_prefixes(query, lambda text: know(text, form=True).form)

    def _with_prefixes(self, query: str, use: Callable[[str], T]) -> T:
        lacking = {*NAMED.findall(query)} - {*DECLARED.findall(query)}
        # They stand in a line of their own, which nobody wrote.
        head = " ".join(f"PREFIX {name}: <{self.prefixes[name]}>" for name in sorted(lacking & self.prefixes.keys()))
        try:
            return use(f"{head}\n{query}" if head else query)
        except QueryError as error:
            if not head or error.line is None:
                raise
            said = LINE.sub(lambda found: f"line {int(found[1]) - 1}", error.message)
            raise type(error)(said, error.line - 1, error.column) from error

    def select(self, query: str) -> Rows:
        """Return the solutions of a SELECT query; raises QueryError where it is at fault."""
        document = json.loads(self.answer(query, SOLUTIONS))
        if "results" not in document:
            raise QueryError("This is no SELECT query; use ask() for ASK.")
        names = tuple(document["head"]["vars"])
        solutions = document["results"]["bindings"]
        return Rows(names, tuple(Row({n: _value(s[n]) if n in s else None for n in names}) for s in solutions))

    def ask(self, query: str) -> bool:
        """Return the verdict of an ASK query; raises QueryError where it is at fault."""
        document = json.loads(self.answer(query, SOLUTIONS))
        if "boolean" not in document:
            raise QueryError("This is no ASK query; use select() for SELECT.")
        return bool(document["boolean"])

    def construct(self, query: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query; raises QueryError where it is at fault."""
        quads = parse(self.answer(query, TRIPLES), format=RdfFormat.N_TRIPLES)
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
        self.standalone = Standalone(snapshot, settings)

    def ask(self, query: str, media_type: str) -> bytes:
        return self.standalone.answer(Question(query), media_type, self.settings.timeout)

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
    return Graph(_Local(snapshot, settings), snapshot.version, PREFIXES | snapshot.prefixes)


def _value(term: dict[str, str]) -> Any:
    try:
        return READ.get(term.get("datatype", ""), str)(term["value"])
    except (ValueError, KeyError):
        # What is no value of its type is the text that was written.
        return term["value"]


def _term(value: object) -> str:
    if isinstance(value, bool | int | float):
        return str(Literal(value))
    text = str(value)
    prefix, _, local = text.partition(":")
    if "://" in text:
        return str(NamedNode(text))
    return str(NamedNode(PREFIXES[prefix] + local)) if prefix in PREFIXES and local else str(Literal(text))
