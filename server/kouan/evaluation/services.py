"""Ask every SERVICE of a query about what it is joined with, and put what it answers in its place. Knows no HTTP.

A SERVICE becomes VALUES: so the engine joins what it knows with what was answered, and reaches no other server itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import uuid4

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, Triple, parse_query_results

from kouan.errors import BadGateway, Forbidden, QueryError, RequestError, TooLarge, error_said
from kouan.evaluation.dataset_view import Datasets
from kouan.evaluation.evaluate import evaluate
from kouan.evaluation.question import Question
from kouan.formats.xml import LONGEST_END, has_end
from kouan.settings import Settings
from kouan.sparql.door import Known, Limits, know
from kouan.sparql.rewriting import with_declarations
from kouan.sparql.services import (
    Joined,
    bindings_query,
    first_service,
    joined_with,
    service_query,
    shared_with,
    with_answer,
)
from kouan.sparql.tree import Iri, Query, ServiceGraphPattern
from kouan.vocabulary import BASE

JSON = "application/sparql-results+json"
FORMATS = {
    JSON: QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}
# So many solutions are told to a service, so many of them at a time; with more it is asked about all that it has.
MOST_BINDINGS = 10_000
BINDINGS_AT_ONCE = 500
# What has no name there gets one here (RDF 1.1 Concepts, section 3.5).
GENID = BASE + ".well-known/genid/"
Term = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True)
class RemoteRows:
    """The solutions of a query: a term, or None where a variable is unbound, for each variable of each row."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


class Wanted(NamedTuple):
    """A query that another server is to be asked."""

    iri: str
    query: str


class WantsServices(Exception):
    """Other servers have to be asked before the query can go on: this process reaches none."""

    def __init__(self, wanted: list[Wanted]) -> None:
        super().__init__("other servers have to be asked")
        self.wanted = wanted


def resolved(
    datasets: Datasets | None,
    question: Question,
    answers: Sequence[str],
    settings: Settings,
    known: Known | None = None,
) -> Question:
    """Return the question with every SERVICE of another server replaced by what that answered; itself where there is none.

    `answers` are what was answered so far to what was wanted, in its order, as JSON: a media type and a body, or an error.
    Raises WantsServices where more has to be asked, Forbidden where one may not be called, and what a failing one met, unless
    the query says SILENT. Without datasets the engine itself is asked like a service, one without an address.
    """
    known = known or know(question.text, Limits.of(settings))
    if known.tree is None or not known.services:
        return question
    tree, service = known.tree, first_service(known.tree)
    left = [json.loads(answer) for answer in answers]
    while service is not None:
        tree = _Call(datasets, settings, question, tree, service, left).replaced()
        service = first_service(tree)
    return question._replace(text=with_declarations(tree))


@dataclass
class _Call:
    """One SERVICE of a query, about to be replaced."""

    datasets: Datasets | None
    settings: Settings
    question: Question
    tree: Query
    service: ServiceGraphPattern
    answers: list[dict[str, Any]]

    def replaced(self) -> Query:
        """Return the query with what the service answered in its place."""
        plan = self._plan()
        try:
            instead = _as_values(self._asked(plan))
        except Forbidden as error:
            if not self.service.is_silent:
                raise Forbidden(error.message, **(error.extra | self._place())) from error
            instead = "{}"
        except RequestError:
            if not self.service.is_silent:
                raise
            # As if nothing had been asked (SPARQL 1.1 Federated Query, section 2.1).
            instead = "{}"
        return with_answer(self.tree, self.service, instead)

    def _place(self) -> dict[str, int]:
        line, column = self.tree.place(self.service.start)
        return {"line": line, "column": column}

    def _plan(self) -> list[_Told]:
        """Return which endpoints are asked, and what each is told; raises RequestError where we cannot find out."""
        name = self.service.name
        joined = joined_with(self.tree, self.service)
        shared = shared_with(self.service, joined)
        if isinstance(name, Iri):
            bindings = self._bindings(joined, shared) if shared else None
            return [_Told(name.value, bindings)]
        chosen = name.name
        bindings = self._bindings(joined, shared) if chosen in shared else None
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

    def _bindings(self, joined: Joined, shared: list[str]) -> RemoteRows | None:
        """Return the different values that some variables have where the service is joined; None where they are too many.

        A variable that has no value somewhere tells the service nothing, and is left out.
        """
        while shared:
            try:
                answer = self._evaluated(bindings_query(self.tree, joined, shared, MOST_BINDINGS + 1))
            except QueryError:
                # What is at fault is said when the whole is evaluated; places in a part of it mean nothing.
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

    def _evaluated(self, text: str) -> bytes:
        if self.datasets is not None:
            question = self.question._replace(text=text, evidence=False)
            return evaluate(self.datasets, question, lambda _: JSON, {}, None)
        # The data is elsewhere too.
        if not self.answers:
            raise WantsServices([Wanted("", text)])
        answer = self.answers.pop(0)
        if "error" in answer:
            raise error_said(answer["error"])
        return str(answer["body"]).encode()

    def _asked(self, plan: list[_Told]) -> list[tuple[_Told, RemoteRows]]:
        """Return what the endpoints answer about what they are told, a part of that at a time; raises WantsServices."""
        most = self.settings.service_rows
        asked: list[tuple[_Told, Wanted]] = []
        for told in plan:
            for part in _parts(told.bindings):
                values = _as_values([(_Told(told.iri), part)]) if part else ""
                asked.append((told, Wanted(told.iri, service_query(self.tree, self.service, values, most + 1))))
        if len(self.answers) < len(asked):
            raise WantsServices([wanted for _, wanted in asked])
        given = [self.answers.pop(0) for _ in asked]
        answered = [(told, rows_of(told.iri, answer)) for (told, _), answer in zip(asked, given, strict=True)]
        if sum(len(rows.rows) for _, rows in answered) > most:
            raise TooLarge(
                f"The service <{plan[0].iri}> answers with more than {most:,} rows; ask it for less, or ask the operator "
                "to raise KOUAN_SERVICE_ROWS.",
                limit="service_rows",
            )
        return answered


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


def rows_of(iri: str, answer: dict[str, Any]) -> RemoteRows:
    """Return the solutions that a service answered with, or raise what it met."""
    if "error" in answer:
        raise error_said(answer["error"])
    try:
        written = FORMATS[answer["type"]]
        if written == QueryResultsFormat.XML and not has_end(answer["body"][-LONGEST_END:].encode("utf-8", "replace")):
            raise ValueError("the results have no end")
        results = parse_query_results(answer["body"], format=written)
        if not isinstance(results, QuerySolutions):
            raise BadGateway(f"The service <{iri}> answered with true or false, where rows were asked for.")
        variables = tuple(variable.value for variable in results.variables)
        return RemoteRows(variables, tuple(tuple(row[place] for place in range(len(variables))) for row in results))
    except (SyntaxError, ValueError, OSError) as error:
        raise BadGateway(f"The service <{iri}> sent an answer that cannot be read, or a part of one.") from error
