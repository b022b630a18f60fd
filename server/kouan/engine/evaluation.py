"""Evaluate one query on one store and write the answer. Runs in an evaluator; knows nothing of processes or HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from kouan.engine.formats import BY_MEDIA_TYPE
from kouan.engine.lexer import Token, decode_codepoints, tokens
from kouan.engine.question import Question
from kouan.errors import BadRequest, NotAcceptable, QueryError
from kouan.vocabulary import INFERRED_GRAPH, SHAPES_GRAPH

ERROR_PLACE = re.compile(r"error at (\d+):(\d+): (?:expected )?(.*)", re.DOTALL)
PREFIX_MISSING = "Prefix not found"
# Relative IRIs in a query are resolved against the graph's own base, so that <id/heihe> works.
BASE_IRI = "https://w3id.org/kouan/"


@dataclass(frozen=True)
class Clauses:
    """The graphs that a query names in FROM and FROM NAMED."""

    default: tuple[str, ...]
    named: tuple[str, ...]


def evaluate(store: Store, question: Question, media_type: str, prefixes: Mapping[str, str], output: IO[bytes]) -> None:
    """Write the answer to the output.

    Raises QueryError where the query cannot be parsed or evaluated, NotAcceptable where its answer has no such format.
    """
    view, default_graph, named_graphs = _dataset(store, question)
    try:
        results = view.query(question.text, base_iri=BASE_IRI, default_graph=default_graph, named_graphs=named_graphs)
        _write(results, media_type, prefixes, output)
    except SyntaxError as error:
        raise _readable(question.text, str(error)) from error
    except (ValueError, RuntimeError, OSError) as error:
        raise QueryError(f"The query cannot be evaluated: {error}.") from error


def _write(
    results: QuerySolutions | QueryBoolean | QueryTriples,
    media_type: str,
    prefixes: Mapping[str, str],
    output: IO[bytes],
) -> None:
    serialiser = BY_MEDIA_TYPE[media_type].serialiser
    if isinstance(results, QueryTriples) != isinstance(serialiser, RdfFormat):
        raise NotAcceptable(f"An answer of this form cannot be written as {media_type}.")
    if isinstance(results, QueryTriples) and isinstance(serialiser, RdfFormat):
        triples: Iterable[Triple] = _once(results)
        if serialiser in {RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML, RdfFormat.JSON_LD}:
            triples = sorted(triples, key=lambda t: (str(t.subject), str(t.predicate)))
            serialize(triples, output, format=serialiser, prefixes=dict(prefixes))
        else:
            serialize(triples, output, format=serialiser)
    elif isinstance(serialiser, QueryResultsFormat) and not isinstance(results, QueryTriples):
        results.serialize(output, format=serialiser)


def _once(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Return each triple once: the engine repeats those that several solutions make (SPARQL 1.1 Query, section 16.2)."""
    seen: set[Triple] = set()
    for triple in triples:
        if triple not in seen:
            seen.add(triple)
            yield triple


def _dataset(store: Store, question: Question) -> tuple[Store, DefaultGraph | NamedNode | None, list[NamedNode] | None]:
    """Return the store to ask and the graphs to ask it of; a merge is made, each triple once, where one is asked for."""
    default, named = question.default_graphs, question.named_graphs
    if not default and not named:
        clauses = read_clauses(question.text)
        default, named = clauses.default, clauses.named
    if not default and not named:
        return (store, None, None) if question.infer else (_without_inferred(store), None, None)
    if not question.infer:
        default = tuple(graph for graph in default if graph != INFERRED_GRAPH)
        named = tuple(graph for graph in named if graph != INFERRED_GRAPH)
    kept = [_node(graph) for graph in named]
    if len(default) == 1:
        return store, _node(default[0]), kept
    merged = Store()
    merged.extend(_merge(store, [_node(graph) for graph in default]))
    for graph in kept:
        merged.add_graph(graph)
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged, DefaultGraph(), kept


def _merge(store: Store, graphs: Iterable[NamedNode]) -> Iterator[Quad]:
    for graph in graphs:
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield Quad(quad.subject, quad.predicate, quad.object)


def _without_inferred(store: Store) -> Store:
    stated = Store()
    for graph in store.named_graphs():
        if graph == NamedNode(INFERRED_GRAPH):
            continue
        stated.add_graph(graph)
        stated.extend(store.quads_for_pattern(None, None, None, graph))
        if graph != NamedNode(SHAPES_GRAPH):
            stated.extend(_merge(store, [graph]))  # type: ignore[list-item]
    return stated


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise BadRequest(f"{iri!r} is not an absolute IRI, and a graph is named by one.") from error


def read_clauses(text: str) -> Clauses:
    """Return the graphs of FROM and FROM NAMED, resolved by the query's own prologue (SPARQL 1.1 Query, section 13.2)."""
    decoded = decode_codepoints(text)
    if "from" not in decoded.casefold():
        return Clauses((), ())
    found = list(tokens(decoded))
    default: list[str] = []
    named: list[str] = []
    for token, following, after in zip(found, found[1:], [*found[2:], None], strict=False):
        if token.keyword == "FROM":
            is_named = following.keyword == "NAMED"
            name = after if is_named else following
            if name is not None and name.kind in {"iri", "prefixed"}:
                (named if is_named else default).append(_resolve(decoded, found, name))
        if token.kind == "open":
            break
    return Clauses(tuple(default), tuple(named))


def _resolve(text: str, found: list[Token], name: Token) -> str:
    """Return the IRI that a name means after the prologue; the engine itself resolves it, on an empty store."""
    start = next(token.start for token in found if token.keyword in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
    probe = f"{text[:start]} SELECT ({name.text} AS ?graph) {{}}"
    try:
        solutions = Store().query(probe, base_iri=BASE_IRI)
    except SyntaxError as error:
        raise _readable(text, str(error)) from error
    assert isinstance(solutions, QuerySolutions)
    value = next(iter(solutions))["graph"]
    assert isinstance(value, NamedNode)
    return value.value


def _readable(text: str, message: str) -> QueryError:
    """Return the engine's complaint in words, with the place it gives."""
    found = ERROR_PLACE.search(message)
    if not found:
        return QueryError(f"The query cannot be read: {message}.")
    line, column = int(found[1]), int(found[2])
    lines = text.splitlines() or [""]
    rest = lines[line - 1][column - 1 :].strip() if line <= len(lines) else ""
    near = f"near {rest[:40]!r}" if rest else "at the end of the query"
    if PREFIX_MISSING in found[3]:
        return QueryError(f"A prefix is used {near} that no PREFIX line declares.", line, column)
    return QueryError(f"The query cannot be read {near}{_expected(found[3])}.", line, column)


def _expected(alternatives: str) -> str:
    """Return the words and signs that could stand there, without the engine's character classes."""
    words = re.findall(r'"(?:[^"\\]|\\.)*"|\b[A-Z]{2,}\b', re.sub(r"\[[^\]]*\]", "", alternatives))
    shown = [word.strip('"') for word in words if word.strip('"') and word not in {'"true"', '"false"'}]
    return f"; one of these could stand there: {' '.join(shown[:12])}" if shown else ""
