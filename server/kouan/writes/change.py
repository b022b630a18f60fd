"""Work out what a write changes, on a store that nobody else sees. Knows updates and quads, no processes and no shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from kouan.errors import BadRequest, UnsupportedMediaType, UpdateFailed
from kouan.evaluation.evaluate import readable
from kouan.evaluation.geometry import functions_for
from kouan.formats.table import GRAPH_FORMATS
from kouan.history.overlay import apply
from kouan.history.patch import Patch, difference, stored
from kouan.sparql.query import functions
from kouan.sparql.requested import read_update, update_text
from kouan.vocabulary import BASE

UPDATE, PUT, POST, DELETE, UNDO = "update", "put", "post", "delete", "undo"
DEFAULT = ""
PAYLOADS = {
    media_type: each.parser
    for each in GRAPH_FORMATS
    for media_type in (each.media_type, *each.others)
    if each.parser is not None and each.parser not in {RdfFormat.TRIG, RdfFormat.N_QUADS}
}


@dataclass(frozen=True)
class Write:
    """What a client asks to be written.

    An update has its text and the dataset that the protocol gives it (SPARQL 1.1 Protocol, section 2.2.3). An operation of
    the Graph Store Protocol has its graph, "" for the default one, and payloads, each a media type and a text. To undo is to
    give a patch back as the text.
    """

    kind: str
    text: str = ""
    graph: str = DEFAULT
    payloads: tuple[tuple[str, str], ...] = ()
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    base: str = BASE


def change(store: Store, write: Write) -> Patch:
    """Return what a write changes; the store is as before when it is known.

    Raises QueryError where an update cannot be read, UpdateFailed where it cannot be carried out, BadRequest where a
    payload cannot be read.
    """
    if write.kind == UPDATE:
        return _updated(store, write)
    if write.kind == UNDO:
        return _undone(store, Patch.parse(write.text))
    graph = _graph(write.graph)
    standing = set(store.quads_for_pattern(None, None, None, graph))
    if write.kind == DELETE:
        return Patch(removed=tuple(standing))
    given = {quad: stored(quad) for quad in payload_of(write)}
    removed = () if write.kind == POST else tuple(standing - set(given.values()))
    return Patch(tuple(quad for quad, kept in given.items() if kept not in standing), removed)


def _graph(name: str) -> NamedNode | DefaultGraph:
    try:
        return NamedNode(name) if name else DefaultGraph()
    except ValueError as error:
        raise BadRequest(f"{name!r} is not an absolute IRI, and a graph is named by one.") from error


def payload_of(write: Write) -> Iterator[Quad]:
    """Yield the quads that an operation of the Graph Store Protocol carries.

    Raises UnsupportedMediaType for what is no graph, BadRequest or QueryError where it cannot be read.
    """
    graph = _graph(write.graph)
    for media_type, text in write.payloads:
        if media_type not in PAYLOADS:
            raise UnsupportedMediaType(
                f"The body has the media type {media_type or 'of nothing'}; a graph can be sent as "
                f"{', '.join(each.media_type for each in GRAPH_FORMATS if each.media_type in PAYLOADS)}.",
                available=sorted(PAYLOADS),
            )
        yield from _parsed(text, PAYLOADS[media_type], write.base, graph)


def _parsed(text: str, rdf_format: RdfFormat, base: str, graph: NamedNode | DefaultGraph) -> Iterator[Quad]:
    try:
        for quad in parse(text, format=rdf_format, base_iri=base, rename_blank_nodes=True):
            if not isinstance(quad.graph_name, DefaultGraph):
                raise BadRequest("The body names graphs of its own; send one graph, without a name, for each request.")
            yield Quad(quad.subject, quad.predicate, quad.object, graph)
    except SyntaxError as error:
        raise BadRequest(f"The body cannot be read: {error.msg}.", line=error.lineno, column=error.offset) from error
    except ValueError as error:
        raise BadRequest(f"The body cannot be read: {error}.") from error


def _undone(store: Store, patch: Patch) -> Patch:
    """Return the part of a patch that changes something, as later writes may have undone some of it."""
    standing = set(store)
    added = tuple(quad for quad in patch.removed if stored(quad) not in standing)
    return Patch(added, tuple(kept for kept in map(stored, patch.added) if kept in standing))


def _updated(store: Store, write: Write) -> Patch:
    tree = read_update(write.text, is_asked=bool(write.using or write.using_named))
    text, names = write.text, set[str]()
    if tree is not None:
        clauses = [f"USING {_graph(iri)}" for iri in write.using]
        clauses += [f"USING NAMED {_graph(iri)}" for iri in write.using_named]
        text, names = update_text(tree, clauses), functions(tree)
    before = set(store)
    try:
        store.update(text, base_iri=BASE, custom_functions=functions_for(names))
    except SyntaxError as error:
        # The engine refuses it: our grammar says why.
        read_update(write.text, is_asked=True)
        raise readable(str(error), "update") from error
    except (RuntimeError, ValueError, OSError) as error:
        raise UpdateFailed(f"The update could not be carried out: {error}. Nothing was changed.") from error
    made = difference(before, store)
    apply(store, made.inverse())
    return made
