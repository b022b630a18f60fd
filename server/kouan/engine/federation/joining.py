"""Ask every SERVICE of a query about what it is joined with, and put what it answers in its place. Knows no HTTP.

A SERVICE becomes VALUES: so the engine joins what it knows with what was answered, and reaches no other server itself.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from kouan.engine.federation.client import RemoteRows, Services, Term
from kouan.errors import Forbidden, QueryError, RequestError, TooLarge, TooSlow
from kouan.evaluation.question import Question
from kouan.settings import Settings
from kouan.sparql.scanning.clauses import Element, ParsedQuery, read
from kouan.sparql.scanning.guard import Inspection
from kouan.sparql.scanning.lexer import decode_codepoints, place, tokens
from kouan.sparql.scanning.prologue import Prologue, read_prologue
from kouan.sparql.wikidata import PRESET, adapt, declarations_for
from kouan.vocabulary import BASE

JSON = "application/sparql-results+json"
# So many solutions are told to a service, so many of them at a time; with more it is asked about all that it has.
MOST_BINDINGS = 10_000
BINDINGS_AT_ONCE = 500
# What has no name there gets one here (RDF 1.1 Concepts, section 3.5).
GENID = BASE + ".well-known/genid/"

Ask = Callable[[Question, str, float], bytes]
"""Something that answers a question as a media type within so many seconds."""


class Federation:
    """What calls other servers for queries."""

    def __init__(self, settings: Settings, services: Services | None = None) -> None:
        self.settings = settings
        self.services = services or Services(settings)

    def resolved(self, question: Question, inspection: Inspection, ask: Ask, seconds: float) -> Question:
        """Return the question with every SERVICE of another server replaced by what that answered; itself where there is none.

        Raises Forbidden where one may not be called, and what a failing one met, unless the query says SILENT.
        """
        if not inspection.services:
            return question
        # The services that Wikidata's server has inside are ours, and nobody else is asked about them.
        decoded = decode_codepoints(question.text)
        text = adapt(decoded)
        if not read(text).services:
            self._make_sure(text)
            return question
        text = declarations_for(decoded) + text
        deadline = time.monotonic() + seconds
        while (parsed := read(text)).services:
            prologue = read_prologue(parsed.prologue, PRESET)
            text = _Call(self, question, parsed, parsed.services[0], prologue, ask, deadline).replaced()
        self._make_sure(text)
        return question._replace(text=text)

    def _make_sure(self, text: str) -> None:
        """Raise Forbidden where a SERVICE is left that the engine would call by itself."""
        for token in tokens(text):
            if token.keyword == "SERVICE":
                raise Forbidden(
                    "A SERVICE stands where this server cannot ask it; put it into the pattern of the query.",
                    **dict(zip(("line", "column"), place(text, token.start), strict=True)),
                )


@dataclass
class _Call:
    """One SERVICE of a query, about to be replaced."""

    federation: Federation
    question: Question
    parsed: ParsedQuery
    service: Element
    prologue: Prologue
    ask: Ask
    deadline: float

    def replaced(self) -> str:
        """Return the query with what the service answered in its place, every line where it was."""
        plan = self._plan()
        try:
            instead = _as_values([(told, rows) for told in plan for rows in self._asked(told)])
        except Forbidden as error:
            if not self.service.is_silent:
                raise Forbidden(error.message, **(error.extra | self._place())) from error
            instead = "{}"
        except RequestError:
            if not self.service.is_silent:
                raise
            # As if nothing had been asked (SPARQL 1.1 Federated Query, section 2.1).
            instead = "{}"
        text, service = self.parsed.text, self.service
        lines = "\n" * text.count("\n", service.start, service.end)
        return f"{text[: service.start]}{instead}{lines}{text[service.end :]}"

    def _place(self) -> dict[str, int]:
        line, column = place(self.parsed.text, self.service.start)
        return {"line": line, "column": column}

    def _plan(self) -> list[_Told]:
        """Return which endpoints are asked, and what each is told; raises RequestError where we cannot find out."""
        name = self.service.name
        assert name is not None
        joined = self.parsed.joined_with(self.service)
        shared = sorted(self.service.variables & joined.variables)
        if name.kind != "variable":
            bindings = self._bindings(joined.pattern, shared) if shared else None
            return [_Told(self.prologue.iri(name), bindings)]
        chosen = name.text[1:]
        bindings = self._bindings(joined.pattern, shared) if chosen in shared else None
        if bindings is None or chosen not in bindings.variables:
            raise QueryError(
                f"Nothing that is joined with this SERVICE says which endpoint ?{chosen} is; name it by its address.",
                **self._place(),
            )
        at = bindings.variables.index(chosen)
        others = tuple(variable for variable in bindings.variables if variable != chosen)
        told: dict[str, dict[tuple[Term | None, ...], None]] = {}
        for row in bindings.rows:
            endpoint = row[at]
            if isinstance(endpoint, NamedNode):
                told.setdefault(endpoint.value, {})[row[:at] + row[at + 1 :]] = None
        return [_Told(iri, RemoteRows(others, tuple(rows)) if others else None, chosen) for iri, rows in told.items()]

    def _bindings(self, pattern: str, shared: list[str]) -> RemoteRows | None:
        """Return the different values that some variables have where the service is joined; None where they are too many.

        A variable that has no value somewhere tells the service nothing, and is left out.
        """
        parsed = self.parsed
        while shared:
            variables = " ".join("?" + name for name in shared)
            text = (
                f"{parsed.prologue} SELECT DISTINCT {variables} {parsed.dataset} WHERE {{ {pattern}\n}} "
                f"LIMIT {MOST_BINDINGS + 1}"
            )
            try:
                answer = self.ask(self.question._replace(text=text, evidence=False), JSON, self._left())
            except QueryError as error:
                self._blame(error)
                return None
            solutions = parse_query_results(answer, format=QueryResultsFormat.JSON)
            assert isinstance(solutions, QuerySolutions)
            rows = [tuple(solution[name] for name in shared) for solution in solutions]
            if len(rows) > MOST_BINDINGS:
                return None
            unbound = {name for place, name in enumerate(shared) if any(row[place] is None for row in rows)}
            if not unbound:
                # A blank node of ours means nothing elsewhere.
                sent = (row for row in rows if all(isinstance(term, NamedNode | Literal) for term in row))
                return RemoteRows(tuple(shared), tuple(sent))
            shared = [name for name in shared if name not in unbound]
        return None

    def _blame(self, error: QueryError) -> None:
        """Raise what the query itself, its services left out, is at fault for; the places in a part of it mean nothing."""
        text = self.parsed.text
        for service in self.parsed.services:
            gap = re.sub(r"[^\n]", " ", text[service.start + 2 : service.end])
            text = f"{text[: service.start]}{{}}{gap}{text[service.end :]}"
        try:
            self.ask(self.question._replace(text=text, evidence=False), JSON, self._left())
        except QueryError as found:
            raise found from error

    def _asked(self, told: _Told) -> Iterator[RemoteRows]:
        """Return what an endpoint answers about what it is told, a part of that at a time."""
        services, most = self.federation.services, self.federation.settings.service_rows
        remote = services.remote(told.iri)
        left = most
        body = self.service.groups[0]
        group = self.parsed.text[body.start : body.end - 1] + "\n}"
        declared = self._declared(group)
        for part in _parts(told.bindings):
            values = _as_values([(_Told(told.iri), part)]) if part else ""
            query = f"{declared}SELECT * WHERE {{ {values} {group} }} LIMIT {left + 1}"
            rows = services.ask(remote, query, self._left())
            left -= len(rows.rows)
            if left < 0:
                raise TooLarge(
                    f"The service <{remote.iri}> answers with more than {most:,} rows; ask it for less, or ask the operator "
                    "to raise KOUAN_SERVICE_ROWS.",
                    limit="service_rows",
                )
            yield rows

    def _declared(self, group: str) -> str:
        """Return the declarations that a group needs."""
        used = {t.text.partition(":")[0] for t in tokens(group) if t.kind == "prefixed"}
        lines = [f"PREFIX {name}: <{iri}>\n" for name, iri in sorted(self.prologue.prefixes.items()) if name in used]
        return f"BASE <{self.prologue.base}>\n" + "".join(lines)

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TooSlow(
                "The query passed its deadline while it waited for other servers; ask for less, or for more time with "
                f"timeout= up to {self.federation.settings.timeout_cap:g}.",
                limit="timeout",
            )
        return left


@dataclass(frozen=True)
class _Told:
    """An endpoint and the solutions that it is asked about; `variable` stands for it where the query has one."""

    iri: str
    bindings: RemoteRows | None = None
    variable: str = ""


def _parts(bindings: RemoteRows | None) -> Iterator[RemoteRows | None]:
    if bindings is None:
        yield None
        return
    for start in range(0, len(bindings.rows), BINDINGS_AT_ONCE):
        yield RemoteRows(bindings.variables, bindings.rows[start : start + BINDINGS_AT_ONCE])


def _as_values(answers: list[tuple[_Told, RemoteRows]]) -> str:
    """Return rows as one VALUES, with a value for the variable that stands for who answered."""
    variables = list(dict.fromkeys(v for told, rows in answers for v in (told.variable, *rows.variables) if v))
    genid = GENID + uuid4().hex
    lines = []
    for told, answer in answers:
        for row in answer.rows:
            solution: dict[str, Term | None] = dict(zip(answer.variables, row, strict=True))
            if told.variable:
                solution[told.variable] = NamedNode(told.iri)
            lines.append(f"({' '.join(_written(solution.get(v), genid) for v in variables)})")
    return f"VALUES ({' '.join('?' + v for v in variables)}) {{ {' '.join(lines)} }}"


def _written(term: Term | None, genid: str) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, BlankNode):
        return f"<{genid}-{term.value}>"
    return str(term)
