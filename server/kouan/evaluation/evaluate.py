"""Evaluate one query on one store and write the answer. Knows nothing of processes or HTTP."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import IO, Any

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store, Triple

from kouan.errors import Forbidden, QueryError, damaged
from kouan.evaluation.dataset_view import Datasets, View
from kouan.evaluation.evidence import answer_with_evidence
from kouan.evaluation.geometry import RELATIONS, aggregates_for, functions_for
from kouan.evaluation.label_search import with_search
from kouan.evaluation.lone_ends import with_lone_ends
from kouan.evaluation.made_nodes import NODE_FUNCTION, with_made_nodes
from kouan.evaluation.naming import label_function
from kouan.evaluation.question import ASK, CONSTRUCT, SELECT, Question
from kouan.evaluation.sorting import sorted_by_kind
from kouan.formats.writing import write
from kouan.sparql.alternatives import with_alternatives
from kouan.sparql.door import Known, know, read
from kouan.sparql.each_graph import with_each_graph
from kouan.sparql.query import functions
from kouan.sparql.rewriting import sendable
from kouan.sparql.spatial import with_entailments, with_relations
from kouan.sparql.telltale import lacks
from kouan.sparql.tree import Query
from kouan.sparql.wikidata.labels import FUNCTION as LABEL_FUNCTION
from kouan.vocabulary import BASE

ERROR_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
# What the engine says begins so where a store on disk is not as it was.
DAMAGED = ("Corruption:", "IO error:")
UNKNOWN_FUNCTION = re.compile(r"The custom function <([^>]*)> is not supported")
Results = QuerySolutions | QueryBoolean | QueryTriples
Unknown = dict[NamedNode, Callable[..., NamedNode | BlankNode | Literal | Triple | None]]


Choose = Callable[[str], str]
"""What names the media type of an answer to a query of some form: SELECT, ASK, or CONSTRUCT for all that gives triples."""


def evaluate(
    datasets: Datasets,
    question: Question,
    choose: Choose,
    prefixes: Mapping[str, str],
    output: IO[bytes] | None,
    known: Known | None = None,
) -> bytes:
    """Write the answer to the output, or return it where there is none.

    Raises QueryError where the query cannot be parsed or evaluated, NotAcceptable where its answer has no such format, DataGone where
    a store on disk was damaged.
    """
    known = known or know(question.text)
    needs_tree = question.evidence or datasets.by_kind
    tree = known.tree or (know(question.text, form=True).tree if needs_tree else None)
    if tree is None:
        try:
            results = _AskedView(datasets.view(question, None)).answer(question.text)
            return _written(results, choose, prefixes, output, datasets, question.text)
        except SyntaxError as error:
            # The engine refuses it: our grammar says why, or which undeclared prefixes are meant, or reads what that does not.
            tree = read(question.text)
            if not tree.prologue.borrowed and not tree.only_printed:
                raise readable(str(error)) from error
        except (ValueError, RuntimeError, OSError) as error:
            raise _failed(error) from error
    tree = with_search(sorted_by_kind(tree) if datasets.by_kind else tree, lambda: datasets.labels)
    asked = _AskedView(datasets.view(question, tree))
    if question.infer:
        tree = with_entailments(tree, asked.view.below)
    # Evidence is told of no path that has alternatives.
    tree = as_asked(tree, datasets.store, infers=question.infer, spreads=not question.evidence)
    if not lacks(tree.text, "opengis"):
        named = functions(tree)
        asked.functions |= functions_for(named)
        asked.aggregates = aggregates_for(named)
    try:
        if question.evidence:
            media_type = choose("SELECT")
            body = answer_with_evidence(datasets.store, tree, question.names_dataset, media_type, asked.select)
            return body if output is None else _put(output, body)
        results = asked.answer(sendable(tree))
        return _written(results, choose, prefixes, output, datasets, tree.text)
    except SyntaxError as error:
        raise readable(str(error)) from error
    except (ValueError, RuntimeError, OSError) as error:
        raise _failed(error) from error


def _written(
    results: Results,
    choose: Choose,
    prefixes: Mapping[str, str],
    output: IO[bytes] | None,
    datasets: Datasets,
    text: str,
) -> bytes:
    speaks = "<<" in text or "triple" in text.lower() or datasets.holds_triples
    return write(results, choose(_form_of(results)), prefixes, output, holds_triples=speaks)


def as_asked(tree: Query, store: Store, *, infers: bool = True, spreads: bool = True) -> Query:
    """Return a query that the engine answers as the standards have it: of spatial relations where it infers, of alternatives of paths
    where they are spread, of paths of no length, and with a blank node for each solution."""
    tree = with_each_graph(tree)
    if infers:
        tree = with_relations(tree, RELATIONS)
    if spreads:
        tree = with_alternatives(tree)
    return with_made_nodes(with_lone_ends(tree, store))


class _AskedView:
    """A view that is asked; it learns the functions that a query names and the engine does not have."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.functions: Unknown = dict(NODE_FUNCTION)
        self.aggregates: dict[NamedNode, Callable[[], Any]] = {}

    def answer(self, text: str) -> Results:
        """Return what the engine answers; raises SyntaxError, ValueError or RuntimeError as that does."""
        while True:
            try:
                # Relative IRIs are resolved against the graph's own base, so that <id/heihe> works.
                return self.view.store.query(
                    text,
                    base_iri=BASE,
                    default_graph=self.view.default_graph,
                    named_graphs=self.view.named_graphs,
                    custom_functions=self.functions,
                    custom_aggregate_functions=self.aggregates,
                )
            except RuntimeError as error:
                self._learn(str(error))

    def select(self, text: str) -> QuerySolutions:
        """Return the solutions of a SELECT."""
        solutions = self.answer(text)
        assert isinstance(solutions, QuerySolutions)
        return solutions

    def _learn(self, message: str) -> None:
        """Have a function that the engine lacks, or let it give an error in its expression only (section 17.6)."""
        found = UNKNOWN_FUNCTION.search(message)
        if not found or NamedNode(found[1]) in self.functions:
            raise RuntimeError(message)
        name = found[1]
        self.functions |= functions_for([name])
        own = label_function(self.view) if name == LABEL_FUNCTION else (lambda *_: None)
        self.functions.setdefault(NamedNode(name), own)


def _form_of(results: Results) -> str:
    if isinstance(results, QuerySolutions):
        return SELECT
    return ASK if isinstance(results, QueryBoolean) else CONSTRUCT


def _put(output: IO[bytes], body: bytes) -> bytes:
    output.write(body)
    return b""


def _failed(error: Exception) -> Exception:
    """Return what is told of an error of the engine's; that of who is to hear the answer stays what it is."""
    if isinstance(error, PermissionError):
        # The wall is behind the parser; who meets it got past that.
        return Forbidden("The query would reach another server, which only SERVICE may, and only through this one.")
    if str(error).startswith(DAMAGED):
        # That is no fault of the query's, and names files that are nobody's business.
        sys.stderr.write(f"{error}\n")
        return damaged()
    if isinstance(error, OSError):
        return error
    return QueryError(f"The query cannot be evaluated: {error}.")


def readable(message: str, what: str = "query") -> QueryError:
    """Return what the engine says of a query or an update that our grammar takes, with the place that it gives."""
    found = ERROR_PLACE.search(message)
    said = f"The engine does not read the {what}: {found[3] if found else message}."
    return QueryError(said, *map(int, found.group(1, 2))) if found else QueryError(said)
