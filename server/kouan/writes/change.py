"""Work out what a write changes, on data that nobody else sees. Knows updates and quads, no processes and no shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, RdfFormat

from kouan.errors import BadRequest, Conflict, QueryError, TooLarge, UnsupportedMediaType, UpdateFailed
from kouan.evaluation.evaluate import DAMAGED, as_asked, readable
from kouan.evaluation.geometry import FUNCTIONS, aggregates_for, functions_for
from kouan.evaluation.made_nodes import NODE_FUNCTION
from kouan.evaluation.sorting import sorted_by_kind
from kouan.formats.table import GRAPH_FORMATS
from kouan.graph.expansion import PLAIN, Options
from kouan.graph.faults import why_refused
from kouan.graph.parsing import Parsing
from kouan.graph.rdf_json import as_jsonld, has_keyword, plainly
from kouan.history.exact import ExactStore
from kouan.history.patch import LONGEST_LINE, Patch, joined
from kouan.sparql.functions import NAMED_AGGREGATES
from kouan.sparql.parser import parse_query, parse_update
from kouan.sparql.requested import read_update, update_text
from kouan.sparql.rewriting import ROOM
from kouan.sparql.telltale import Telltale, lacks
from kouan.vocabulary import BASE
from kouan.writes.operations import CHANGE, NOTHING, Operation, operations
from kouan.writes.templates import Template

# Stands for all graphs where a write names one.
WHOLE = "*"
JSON_TYPE = "application/json"
UPDATE, PUT, POST, DELETE, UNDO = "update", "put", "post", "delete", "undo"
DEFAULT = ""
# Spatial relations and sorting, beside what the engine reads otherwise.
TELLTALE = Telltale(["opengis", "order"])
PAYLOADS = {
    media_type: each.parser
    for each in GRAPH_FORMATS
    for media_type in (each.media_type, *each.others)
    if each.parser is not None
}
NAMING = {RdfFormat.TRIG, RdfFormat.N_QUADS}
"""The formats in which graphs have names; so they may in JSON-LD."""


class Payload(NamedTuple):
    """What an operation of the Graph Store Protocol carries, and how it is to be read."""

    media_type: str
    text: str
    options: Options = PLAIN


@dataclass(frozen=True)
class Write:
    """What a client asks to be written.

    An update has its text and the dataset that the protocol gives it (SPARQL 1.1 Protocol, section 2.2.3). An operation of
    the Graph Store Protocol has its graph, "" for the default one, and payloads. To undo is to
    name a write by its number as the text.
    """

    kind: str
    text: str = ""
    graph: str = DEFAULT
    payloads: tuple[Payload, ...] = ()
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    base: str = BASE


def change(data: ExactStore, write: Write) -> Patch:
    """Return what a write changes, after the data was changed.

    Raises QueryError where an update cannot be read or evaluated, Conflict where a graph is to be moved that is not there,
    UpdateFailed where it cannot be carried out, BadRequest where a payload cannot be read.
    """
    if write.kind == UPDATE:
        return _updated(data, write)
    graph = _graph(write.graph)
    removed: set[Quad] = set() if write.kind == POST else set(_standing(data, write.graph))
    given = set() if write.kind == DELETE else set(payload_of(write, graph))
    patch = Patch(tuple(quad for quad in given if not data.holds(quad)), tuple(removed - given))
    data.apply(patch)
    return patch


def _standing(data: ExactStore, graph: str) -> Iterator[Quad]:
    return data.all_quads() if graph == WHOLE else data.quads(graph)


def undone(data: ExactStore, patch: Patch) -> Patch:
    """Return what taking a patch back changes, after the data was changed: later writes may have undone some of it."""
    left = Patch(
        tuple(quad for quad in patch.removed if not data.holds(quad)),
        tuple(quad for quad in patch.added if data.holds(quad)),
    )
    data.apply(left)
    return left


def _graph(name: str) -> NamedNode | DefaultGraph:
    try:
        return NamedNode(name) if name and name != WHOLE else DefaultGraph()
    except ValueError as error:
        raise BadRequest(f"{name!r} is not an absolute IRI, and a graph is named by one.") from error


def payload_of(write: Write, graph: NamedNode | DefaultGraph | None = None) -> Iterator[Quad]:
    """Yield the quads that an operation of the Graph Store Protocol carries.

    Raises UnsupportedMediaType for what is no graph, BadRequest or QueryError where it cannot be read.
    """
    graph = graph or _graph(write.graph)
    is_whole = write.graph == WHOLE
    # N-Triples are N-Quads, and sent as such; what TriG says of a graph that is empty cannot be told from nothing.
    taken = {name: each for name, each in PAYLOADS.items() if is_whole or each != RdfFormat.TRIG}
    for media_type, text, options in write.payloads:
        if media_type not in taken:
            raise UnsupportedMediaType(
                f"The body has the media type {media_type or 'of nothing'}; a {'dataset' if is_whole else 'graph'} can be sent as "
                f"{', '.join(each.media_type for each in GRAPH_FORMATS if each.media_type in taken)}.",
                available=sorted(taken),
            )
        if media_type == JSON_TYPE and not options.expand_context and _has_no_words(text):
            raise BadRequest(
                "The body is JSON that names no context, and without one none of its words is an IRI; say @context in it or name it "
                'in Link, with rel="http://www.w3.org/ns/json-ld#context".'
            )
        yield from _parsed(Payload(media_type, text, options), taken[media_type], write.base, graph, is_whole=is_whole)


def _has_no_words(text: str) -> bool:
    """Return whether a text of JSON says something in no words of JSON-LD, and is no RDF/JSON."""
    return '"' in text and not has_keyword(text) and as_jsonld(text) is None


def _parsed(
    payload: Payload, rdf_format: RdfFormat, base: str, graph: NamedNode | DefaultGraph, *, is_whole: bool
) -> Iterator[Quad]:
    try:
        text = plainly(payload.text, payload.media_type)
        for quad in Parsing(text, rdf_format, base, renames=True, options=payload.options):
            if is_whole:
                yield quad
                continue
            if not isinstance(quad.graph_name, DefaultGraph):
                raise BadRequest(
                    "The body names graphs of its own; send one graph, without a name, for each request, or all to /data."
                )
            yield Quad(quad.subject, quad.predicate, quad.object, graph)
    except SyntaxError as error:
        raise BadRequest(
            f"The body cannot be read: {why_refused(error)}.", line=error.lineno, column=error.offset
        ) from error
    except ValueError as error:
        raise BadRequest(f"The body cannot be read: {error}.") from error
    except MemoryError as error:
        # The parser's own limit of what may stand in one piece; memory that cannot be had has no words.
        if "buffer" not in str(error):
            raise
        raise too_long() from error


def too_long() -> TooLarge:
    """Return the error of a triple that is longer than can be recorded."""
    return TooLarge(
        f"A triple has more than {LONGEST_LINE:,} bytes, and no log of writes could be read that held it; keep what is so long "
        "in a file elsewhere, and state where that stands.",
        limit="triple",
        bytes=LONGEST_LINE,
    )


def _updated(data: ExactStore, write: Write) -> Patch:
    tree = read_update(write.text, is_asked=True)
    assert tree is not None
    clauses = [f"USING {_graph(iri)}" for iri in write.using]
    clauses += [f"USING NAMED {_graph(iri)}" for iri in write.using_named]
    # The protocol's dataset is said in the text, and what the engine reads in another way is put plainly.
    tree = parse_update(update_text(tree, clauses), base=BASE)
    made: list[Patch] = []
    try:
        for operation in operations(tree):
            made.append(_carried_out(data, operation))
            data.apply(made[-1])
    except SyntaxError as error:
        raise readable(str(error), "update") from error
    except (RuntimeError, ValueError, OSError) as error:
        if isinstance(error, OSError) or str(error).startswith(DAMAGED):
            raise UpdateFailed(f"The update could not be carried out: {error}. Nothing was changed.") from error
        # What the engine cannot evaluate in a query it cannot in an update.
        raise QueryError(f"The update cannot be evaluated: {error}. Nothing was changed.") from error
    return joined(made)


def _carried_out(data: ExactStore, operation: Operation) -> Patch:
    """Return what an operation changes."""
    if operation.kind != CHANGE:
        return _managed(data, operation)
    within = NamedNode(operation.within) if operation.within else DefaultGraph()
    taken = Template(operation.text, operation.taken, operation.prologue, within)
    given = Template(operation.text, operation.given, operation.prologue, within)
    names = sorted({*taken.variables, *given.variables})
    rows = _solutions(data, operation, names)
    removed: set[Quad] = set()
    for quad, is_written in taken.fill(names, rows):
        removed |= {quad} if is_written and data.holds(quad) else data.forms(quad)
    added: set[Quad] = set()
    for quad, is_written in given.fill(names, rows):
        # A number that was found in the data is none that was written: it stays in the form that it has.
        added |= {quad} if is_written else data.forms(quad) or {quad}
    return Patch(tuple(quad for quad in added if not data.holds(quad)), tuple(removed - added))


def _solutions(data: ExactStore, operation: Operation, names: list[str]) -> list[tuple[Any, ...]]:
    if operation.where == NOTHING:
        return [(None,) * len(names)]
    said = {
        "default_graph": [_graph(each) for each in operation.using],
        "named_graphs": [_graph(each) for each in operation.using_named],
    }
    if not any(said.values()):
        within = [_graph(operation.within)] if operation.within else None
        said = {"default_graph": within, "named_graphs": None}  # type: ignore[dict-item]
    shown = " ".join(f"?{name}" for name in names) or "(1 AS ?kouan_found)"
    text = f"{operation.prologue}\nSELECT {shown} WHERE {operation.where}"
    if TELLTALE.may_differ(text):
        # A sorting that ends the process could not be done again in another way.
        text = as_asked(sorted_by_kind(parse_query(text, base=BASE, nesting=ROOM)), data.store).text
    named = () if lacks(text, "opengis") else (*FUNCTIONS, *NAMED_AGGREGATES)
    found = data.store.query(
        text,
        base_iri=BASE,
        custom_functions=functions_for(named) | NODE_FUNCTION,
        custom_aggregate_functions=aggregates_for(named),
        **said,  # type: ignore[arg-type]
    )
    assert isinstance(found, QuerySolutions)
    return [tuple(row[name] for name in names) for row in found]


def _managed(data: ExactStore, operation: Operation) -> Patch:
    """Return what CLEAR, DROP, CREATE, COPY, MOVE or ADD changes. A graph without triples is no graph here, so that clearing
    one that is not there succeeds (SPARQL 1.1 Update, section 3.2.2)."""
    graphs = _graphs(data, operation.graph)
    if operation.kind == "CREATE":
        # A client opens what may be there in this way, and the specification lets it be (section 3.2.1: SHOULD).
        return Patch()
    standing = [quad for graph in graphs for quad in data.quads(graph)]
    if operation.kind in {"CLEAR", "DROP"}:
        return Patch(removed=tuple(standing))
    [target] = _graphs(data, operation.target)
    if [target] == graphs:
        return Patch()
    if operation.kind == "MOVE" and not standing and operation.graph != "DEFAULT" and not operation.is_silent:
        # The specification leaves it open (section 3.2.4) and the engine refuses it: one is to be dropped that is not there.
        raise Conflict(
            f"There is no graph {operation.graph}, so there is nothing to move; MOVE SILENT goes on as if it were empty. "
            "Nothing was changed."
        )
    place = _graph(target)
    copied = {Quad(quad.subject, quad.predicate, quad.object, place) for quad in standing}
    before = set(data.quads(target))
    removed = set() if operation.kind == "ADD" else before - copied
    return Patch(tuple(copied - before), (*removed, *(standing if operation.kind == "MOVE" else ())))


def _graphs(data: ExactStore, named: str) -> list[str]:
    if named in {"DEFAULT", "NAMED", "ALL"}:
        return [*([] if named == "NAMED" else [DEFAULT]), *([] if named == "DEFAULT" else sorted(data.graphs()))]
    return [named]
