"""Evaluate one query on one store and write the answer. Knows nothing of processes or HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import IO

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Triple

from kouan.errors import Forbidden, QueryError
from kouan.evaluation.dataset_view import Datasets
from kouan.evaluation.evidence import answer_with_evidence
from kouan.evaluation.geometry import functions_for
from kouan.evaluation.label_search import with_search
from kouan.evaluation.question import ASK, CONSTRUCT, SELECT, Question
from kouan.formats.writing import write
from kouan.sparql.scanning.lexer import Token, place, tokens
from kouan.sparql.wikidata import FUNCTION, adapt, label_function, preset_for
from kouan.vocabulary import BASE

ERROR_PLACE = re.compile(r"error at (\d+):(\d+): (?:expected )?(.*)", re.DOTALL)
UNKNOWN_FUNCTION = re.compile(r"The custom function <([^>]*)> is not supported")
Results = QuerySolutions | QueryBoolean | QueryTriples
Unknown = dict[NamedNode, Callable[..., NamedNode | BlankNode | Literal | Triple | None]]


Choose = Callable[[str], str]
"""What names the media type of an answer to a query of some form: SELECT, ASK, or CONSTRUCT for all that gives triples."""


def evaluate(
    datasets: Datasets, question: Question, choose: Choose, prefixes: Mapping[str, str], output: IO[bytes] | None
) -> bytes:
    """Write the answer to the output, or return it where there is none.

    Raises QueryError where the query cannot be parsed or evaluated, NotAcceptable where its answer has no such format.
    """
    view = datasets.view(question)
    # The functions on geometries, and those that nobody knows, which give no value.
    functions: Unknown = {}

    def ask(text: str) -> Results:
        text = with_search(text, lambda: datasets.labels)
        prefixes: dict[str, str] | None = None
        while True:
            try:
                # Relative IRIs are resolved against the graph's own base, so that <id/heihe> works.
                return view.store.query(
                    text,
                    base_iri=BASE,
                    prefixes=prefixes,
                    default_graph=view.default_graph,
                    named_graphs=view.named_graphs,
                    custom_functions=functions,
                )
            except RuntimeError as error:
                if FUNCTION in str(error):
                    functions[NamedNode(FUNCTION)] = label_function(view)
                else:
                    _learn(str(error), functions)
            except SyntaxError:
                # What was rewritten may hold none of Wikidata's own prefixes any more.
                preset = None if prefixes else preset_for(question.text)
                if not preset:
                    raise
                prefixes = preset

    try:
        text = adapt(question.text)
        functions |= functions_for(text)
        if question.evidence:
            media_type = choose("SELECT")
            body = answer_with_evidence(view.store, text, question.names_dataset, media_type, partial(_select, ask))
            return body if output is None else _put(output, body)
        results = ask(text)
        return write(results, choose(_form_of(results)), prefixes, output)
    except SyntaxError as error:
        raise readable(question.text, str(error)) from error
    except PermissionError as error:
        # The wall is behind the parser; who meets it got past that.
        raise Forbidden(
            "The query would reach another server, which only SERVICE may, and only through this one."
        ) from error
    except (ValueError, RuntimeError) as error:
        raise QueryError(f"The query cannot be evaluated: {error}.") from error


def _form_of(results: Results) -> str:
    if isinstance(results, QuerySolutions):
        return SELECT
    return ASK if isinstance(results, QueryBoolean) else CONSTRUCT


def _select(ask: Callable[[str], object], text: str) -> QuerySolutions:
    solutions = ask(text)
    if not isinstance(solutions, QuerySolutions):
        raise QueryError("Evidence is to be had for SELECT queries only; send this one without evidence.")
    return solutions


def _put(output: IO[bytes], body: bytes) -> bytes:
    output.write(body)
    return b""


def _learn(message: str, unknown: Unknown) -> None:
    """Let a function that the engine does not know give an error in its expression only (section 17.6)."""
    found = UNKNOWN_FUNCTION.search(message)
    if not found or NamedNode(found[1]) in unknown:
        raise RuntimeError(message)
    unknown[NamedNode(found[1])] = lambda *_: None


def readable(text: str, message: str, what: str = "query") -> QueryError:
    """Return the engine's complaint about a query or an update in words, with the place it gives."""
    found = ERROR_PLACE.search(message)
    if not found:
        return QueryError(f"The {what} cannot be read: {message}.")
    undeclared = _undeclared(text)
    if undeclared is not None:
        return QueryError(
            f"No PREFIX line declares the prefix of {undeclared.text}; add one above the {what}.",
            *place(text, undeclared.start),
        )
    line, column = int(found[1]), int(found[2])
    lines = text.split("\n")
    rest = lines[line - 1][column - 1 :].strip() if line <= len(lines) else ""
    near = f"near {rest[:40]!r}" if rest else f"at the end of the {what}"
    return QueryError(f"The {what} cannot be read {near}{_expected(found[3])}.", line, column)


def _undeclared(text: str) -> Token | None:
    """Return the first name whose prefix is not declared before it."""
    declared: set[str] = set()
    last = ""
    for token in tokens(text):
        if token.kind == "prefixed":
            prefix = token.text.partition(":")[0]
            if last == "PREFIX":
                declared.add(prefix)
            elif prefix not in declared:
                return token
        last = token.keyword
    return None


def _expected(alternatives: str) -> str:
    """Return the words and signs that could stand there, without the engine's character classes."""
    words = re.findall(r'"(?:[^"\\]|\\.)*"|\b[A-Z]{2,}\b', re.sub(r"\[[^\]]*\]", "", alternatives))
    shown = [word.strip('"') for word in words if word.strip('"') and word not in {'"true"', '"false"'}]
    return f"; one of these could stand there: {' '.join(shown[:12])}" if shown else ""
