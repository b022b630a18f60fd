"""Write an answer in a format, in whatever process evaluated it. Knows formats and terms; knows no store and no query."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import IO, Any

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    serialize,
)

from kouan.errors import NotAcceptable
from kouan.formats.table import GRAPHS_BY_MEDIA_TYPE, SOLUTIONS_BY_MEDIA_TYPE
from kouan.vocabulary import RDF, XSD

TYPE = NamedNode(RDF + "type")
# A document says these by signs of its own.
ABBREVIATED = {RDF + "type", RDF + "langString", *(XSD + name for name in ("string", "integer", "boolean"))}
# These are written subject by subject, so the triples of a subject are brought together first.
GROUPED = {RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML}


def write(
    results: QuerySolutions | QueryBoolean | QueryTriples,
    media_type: str,
    prefixes: Mapping[str, str],
    output: IO[bytes] | None,
) -> bytes:
    """Write an answer to the output, or return it where there is none; raises NotAcceptable where it has no such format."""
    if isinstance(results, QueryTriples):
        return write_graph(results, media_type, prefixes, output)
    wanted = SOLUTIONS_BY_MEDIA_TYPE.get(media_type)
    if wanted is None:
        raise NotAcceptable(f"A table of solutions cannot be written as {media_type}.")
    if isinstance(wanted.serialiser, QueryResultsFormat):
        return results.serialize(output, format=wanted.serialiser) or b""
    return _called(output, wanted.serialiser, results)


def write_graph(
    triples: Iterable[Triple], media_type: str, prefixes: Mapping[str, str], output: IO[bytes] | None
) -> bytes:
    """Write triples to the output, or return them where there is none; raises NotAcceptable where they have no such format.

    The engine gives each triple of a CONSTRUCT once, and remembers for that those that it gave.
    """
    wanted = GRAPHS_BY_MEDIA_TYPE.get(media_type)
    if wanted is None:
        raise NotAcceptable(f"A graph cannot be written as {media_type}.")
    serialiser = wanted.serialiser
    if not isinstance(serialiser, RdfFormat):
        return _called(output, serialiser, sorted(triples, key=_place), prefixes)
    if serialiser in GROUPED:
        ordered = sorted(triples, key=_place)
        return serialize(ordered, output, format=serialiser, prefixes=used(ordered, prefixes)) or b""
    return serialize(triples, output, format=serialiser) or b""


def used(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes that shorten an IRI of the triples."""
    spaces = {iri: prefix for prefix, iri in prefixes.items()}
    found: set[str] = set()
    iris: set[str] = set()
    for triple in triples:
        _collect(triple, iris)
    for iri in iris - ABBREVIATED:
        # A namespace nearly always ends there, and looking for all of them in each IRI takes long.
        end = max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1
        if iri[:end] in spaces:
            found.add(iri[:end])
    odd = [iri for iri in spaces if not iri.endswith(("#", "/", ":"))]
    found |= {space for space in odd if any(iri.startswith(space) for iri in iris)}
    return {prefix: iri for prefix, iri in sorted(prefixes.items()) if iri in found}


def _collect(triple: Triple, iris: set[str]) -> None:
    for term in (triple.subject, triple.object):
        if isinstance(term, NamedNode):
            iris.add(term.value)
        elif isinstance(term, Literal):
            iris.add(term.datatype.value)
        elif isinstance(term, Triple):
            _collect(term, iris)
    iris.add(triple.predicate.value)


def _called(output: IO[bytes] | None, writer: Any, *arguments: Any) -> bytes:
    if output is not None:
        writer(*arguments, output)
        return b""
    buffer = io.BytesIO()
    writer(*arguments, buffer)
    return buffer.getvalue()


def _place(triple: Triple) -> tuple[str, bool, str, str]:
    """Return where a triple stands in a document: by its subject, types first."""
    return str(triple.subject), triple.predicate != TYPE, str(triple.predicate), str(triple.object)
