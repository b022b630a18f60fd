"""Write the whole dataset as files to download, the same bytes for the same version. Knows the snapshot's source quads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from kouan.snapshot import Snapshot
from kouan.tidy import write_turtle
from kouan.vocabulary import RDF, SHAPES_GRAPH

REIFIES = NamedNode(RDF + "reifies")


@dataclass(frozen=True)
class Dump:
    """One file of the whole dataset."""

    name: str
    media_type: str
    says: str

    def content(self, snapshot: Snapshot) -> tuple[bytes, str]:
        """Return the file's bytes and their SHA-256 in hexadecimal."""
        return _content(self, snapshot)


DUMPS = (
    Dump("kouan.nq", "application/n-quads", "every named graph, canonical N-Quads"),
    Dump("kouan.trig", "application/trig", "every named graph, with prefixes"),
    Dump("kouan.ttl", "text/turtle", "the merge of all graphs but the shapes, each triple once"),
    Dump("kouan.jsonld", "application/ld+json", "every named graph, JSON-LD 1.1"),
    Dump(
        "kouan-reified.nt",
        "application/n-triples",
        "the merge in RDF 1.2, each fact reified by the passages that state it",
    ),
)


def offered(snapshot: Snapshot) -> tuple[Dump, ...]:
    """Return the files that can be had; none of a dataset too large to be held in memory."""
    return DUMPS if snapshot.storage == "memory" else ()


_contents: dict[tuple[str, str], tuple[bytes, str]] = {}


def _content(dump: Dump, snapshot: Snapshot) -> tuple[bytes, str]:
    """Return a file of a version, written once; only those of the last version are kept."""
    key = (dump.name, snapshot.version)
    if key not in _contents:
        for old in [each for each in _contents if each[1] != snapshot.version]:
            del _contents[old]
        body = _write(dump.name, snapshot)
        _contents[key] = (body, hashlib.sha256(body).hexdigest())
    return _contents[key]


def _write(name: str, snapshot: Snapshot) -> bytes:
    quads = list(snapshot.source_quads())
    if name.endswith(".nq"):
        return "".join(sorted(f"{quad} .\n" for quad in quads)).encode()
    if name.endswith(".ttl"):
        return write_turtle(_merged(quads), snapshot.prefixes, f"Kouan, version {snapshot.version}.").encode()
    if name.endswith(".nt"):
        return "".join(sorted(_reified(quads))).encode()
    rdf_format = RdfFormat.TRIG if name.endswith(".trig") else RdfFormat.JSON_LD
    ordered = sorted(quads, key=lambda q: (str(q.graph_name), str(q.subject), str(q.predicate), str(q.object)))
    body = serialize(ordered, format=rdf_format, prefixes=snapshot.prefixes)
    assert body is not None
    return body


def _merged(quads: Iterable[Quad]) -> set[Triple]:
    shapes = NamedNode(SHAPES_GRAPH)
    return {quad.triple for quad in quads if quad.graph_name != shapes}


def _reified(quads: list[Quad]) -> set[str]:
    """Return the lines of the merge, and for each fact and graph that `graph rdf:reifies <<( fact )>>` (RDF 1.2 Concepts)."""
    shapes = NamedNode(SHAPES_GRAPH)
    lines = {f"{triple} .\n" for triple in _merged(quads)}
    for quad in quads:
        if quad.graph_name != shapes and isinstance(quad.graph_name, NamedNode):
            lines.add(f"{Triple(quad.graph_name, REIFIES, quad.triple)} .\n")
    return lines
