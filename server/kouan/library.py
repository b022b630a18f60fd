"""Ask a graph from Python: the packaged one, RDF files, or an endpoint. Knows one process and no server of its own."""

from __future__ import annotations

import csv
import http.client
import io
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from math import isfinite
from pathlib import Path
from traceback import walk_stack
from typing import Any, Protocol, TypeVar

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kouan.engine.standalone import Standalone
from kouan.errors import BadGateway, NotAcceptable, QueryError
from kouan.evaluation.question import Question
from kouan.formats.negotiation import HTML, accepted_as
from kouan.formats.values import read_value
from kouan.release import VERSION
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot, build_foreign, build_own
from kouan.snapshot.opening import at_number
from kouan.sparql.door import know
from kouan.sparql.parser import parse_query
from kouan.sparql.wikidata import PRESET
from kouan.vocabulary import BASE, INFERRED_GRAPH, INTEGERS, PREFIXES, REALS, XSD

T = TypeVar("T")
SOLUTIONS, TRIPLES = "application/sparql-results+json", "application/n-triples"
READ_HERE = INTEGERS | REALS | {XSD + "boolean"}
OTHER_FORM = "This query has an answer of another kind; use select() for SELECT, ask() for ASK, construct() for CONSTRUCT and DESCRIBE."
LINE = re.compile(r"\bline (\d+)")
SHOWN_OF_REFUSAL = 500
# More rows than that are no reading, and slow a notebook down.
SHOWN = 100
# What fits an address that every server takes; a query in one is asked again wherever the server leads to.
LONGEST_ADDRESS = 4_000
# What pandas calls the columns of these, which may have gaps.
NULLABLE = {int: "Int64", bool: "boolean"}


class UnknownTermWarning(UserWarning):
    """A query names an IRI that stands nowhere in the data, or has a pattern that is not read, and so finds nothing there."""


@dataclass(frozen=True)
class Row:
    """One solution: `row.city` and `row["city"]` are the Python value of ?city, None where it is unbound; `dict(row)` has all."""

    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        # Who copies or unpickles a row asks it before it has any values.
        values = self.__dict__.get("values", {})
        if name not in values:
            raise AttributeError(f"The query has no variable ?{name}; it has {', '.join(values)}.")
        return values[name]

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

    def ask(self, query: str, form: str) -> bytes: ...


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

    def answer(self, query: str, form: str) -> bytes:
        """Return the answer to any query in a format, by its name or media type.

        Raises QueryError where it is at fault, NotAcceptable where its answer has no such format.
        """
        return self._with_prefixes(query, lambda text: self._asked.ask(text, form))

    def form(self, query: str) -> str:
        """Return SELECT, ASK, CONSTRUCT or DESCRIBE; raises QueryError where the query is at fault."""
        return self._with_prefixes(query, lambda text: know(text, form=True).form)

    def _with_prefixes(self, query: str, use: Callable[[str], T]) -> T:
        borrowed = parse_query(query, base=BASE, prefixes=PRESET | self.prefixes).prologue.borrowed
        # They stand in a line of their own, which nobody wrote.
        head = " ".join(f"PREFIX {name}: <{self.prefixes[name]}>" for name in sorted(borrowed & self.prefixes.keys()))
        try:
            return use(f"{head}\n{query}" if head else query)
        except QueryError as error:
            if not head or error.line is None:
                raise
            said = LINE.sub(lambda found: f"line {int(found[1]) - 1}", error.message)
            raise type(error)(said, error.line - 1, error.column) from error

    def select(self, query: str) -> Rows:
        """Return the solutions of a SELECT query; raises QueryError where it is at fault."""
        document = _json(self._told(query, SOLUTIONS))
        if "results" not in document:
            raise QueryError(OTHER_FORM)
        names = tuple(document["head"]["vars"])
        solutions = document["results"]["bindings"]
        return Rows(names, tuple(Row({n: _value(s[n]) if n in s else None for n in names}) for s in solutions))

    def ask(self, query: str) -> bool:
        """Return the verdict of an ASK query; raises QueryError where it is at fault."""
        document = _json(self._told(query, SOLUTIONS))
        if "boolean" not in document:
            raise QueryError(OTHER_FORM)
        return bool(document["boolean"])

    def construct(self, query: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query; raises QueryError where it is at fault."""
        quads = parse(self._told(query, TRIPLES), format=RdfFormat.N_TRIPLES)
        return [quad.triple for quad in quads]

    def _told(self, query: str, media_type: str) -> bytes:
        """Return an answer, after what the query names in vain was told at the line of the program that asks."""
        try:
            body = self.answer(query, media_type)
        except NotAcceptable as error:
            raise QueryError(OTHER_FORM) from error
        within = sum(frame.f_globals is globals() for frame, _ in walk_stack(sys._getframe()))
        for warning in self.warnings:
            warnings.warn(warning, UnknownTermWarning, stacklevel=within + 1)
        return body

    def describe(self, thing: str) -> list[Triple]:
        """Return the triples that describe a thing, named by its IRI or as id:heihe."""
        return self.construct(f"DESCRIBE {_named(thing, 'thing')}")

    def evidence(self, subject: str, predicate: str, value: object) -> Evidence:
        """Return who says a fact; things are named by their IRIs or as id:heihe, other values are Python's, as rows have them.

        A number is of whatever datatype, and a text of whatever datatype or language.
        """
        fact = f"{_named(subject, 'subject')} {_named(predicate, 'predicate')} ?value FILTER({_is_value(value)})"
        rows = self.select(f"SELECT DISTINCT ?passage WHERE {{ GRAPH ?passage {{ {fact} }} }} ORDER BY ?passage")
        found = [str(row.passage) for row in rows]
        return Evidence(tuple(p for p in found if p != INFERRED_GRAPH), found == [INFERRED_GRAPH])


class _Local:
    """A snapshot of this machine, asked in a process that can do no harm."""

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        self.settings = settings
        self.standalone = Standalone(snapshot, settings)

    def ask(self, query: str, form: str) -> bytes:
        return self.standalone.answer(Question(query), form, self.settings.timeout)

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.standalone.warnings


class _Endpoint:
    def __init__(self, address: str, settings: Settings) -> None:
        self.address = address
        self.settings = settings
        self.warnings: tuple[str, ...] = ()

    def ask(self, query: str, form: str) -> bytes:
        accept = accepted_as(form) or form
        try:
            with urllib.request.urlopen(self._request(query, accept), timeout=self.settings.timeout) as answered:
                content: bytes = answered.read()
                said = answered.headers
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error.code, error.read()) from error
        except (OSError, http.client.HTTPException) as error:
            raise BadGateway(f"{self.address} cannot be reached: {error}.") from error
        if said.get_content_type() == HTML and HTML not in accept:
            raise BadGateway(f"{self.address} answered with a page for people: it is no endpoint's address.")
        self.warnings = tuple(urllib.parse.unquote(each) for each in said.get_all("Kouan-Warning") or ())
        return content

    def _request(self, query: str, accept: str) -> urllib.request.Request:
        fields = urllib.parse.urlencode({"query": query})
        address = f"{self.address}{'&' if '?' in self.address else '?'}{fields}"
        headers = {"Accept": accept, "User-Agent": f"Kouan/{VERSION}"}
        if len(address) <= LONGEST_ADDRESS:
            return urllib.request.Request(address, headers=headers)
        return urllib.request.Request(self.address, fields.encode(), headers)

    def _refusal(self, status: int, body: bytes) -> QueryError:
        """Return why the endpoint refuses: a problem's own words and place (RFC 9457), or what it sent instead."""
        try:
            problem = json.loads(body)
            said, line, column = str(problem["detail"]), problem.get("line"), problem.get("column")
        except (ValueError, TypeError, KeyError):
            said, line, column = body.decode(errors="replace")[:SHOWN_OF_REFUSAL], None, None
        return QueryError(f"{self.address} answered {status}: {said}", line, column)


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


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise BadGateway(f"The endpoint's answer is no JSON: {error}.") from error


def _value(term: dict[str, str]) -> Any:
    datatype = term.get("datatype", "")
    try:
        value = read_value(datatype, term["value"]) if datatype in READ_HERE else term["value"]
    except (ValueError, ArithmeticError):
        # What is no value of its type is the text that was written.
        return term["value"]
    return float(value) if isinstance(value, Decimal) else value


def _node(name: str) -> str | None:
    """Return the IRI that an IRI or a name such as id:heihe stands for, None where the text is neither."""
    prefix, _, local = name.partition(":")
    is_short = prefix in PREFIXES and local and "://" not in name
    try:
        iri = NamedNode(PREFIXES[prefix] + local if is_short else name)
        return str(iri) if ":" in name and not any(map(str.isspace, name)) else None
    except ValueError:
        return None


def _named(name: str, what: str) -> str:
    node = _node(name)
    if node is None:
        raise QueryError(f"The {what} {name!r} is no IRI, and no name such as id:heihe.")
    return node


def _is_value(value: object) -> str:
    """Return the condition that ?value is a value of Python's; a text may be a thing's name too."""
    if isinstance(value, float) and isfinite(value):
        # As a double and a decimal are compared, some lose their last digit.
        exact = Literal(f"{Decimal(repr(value)):f}", datatype=NamedNode(XSD + "decimal"))
        return f"?value IN ({Literal(value)}, {exact})"
    if isinstance(value, bool | int | float):
        return f"?value = {Literal(value)}"
    text = f"(isLiteral(?value) && STR(?value) = {Literal(str(value))})"
    node = _node(str(value))
    return f"?value = {node} || {text}" if node else text
