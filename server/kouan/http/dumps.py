"""Write the whole dataset as files to download, the same bytes for the same version. Knows the snapshot's source quads."""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple

from kouan.formats.jsonld import write_quads
from kouan.formats.writing import write_grouped
from kouan.graph.turtle import write_turtle
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About
from kouan.vocabulary import DCT, KOUAN, RDF, RDFS, SHAPES_GRAPH, SRC

CRATE_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
CRATE_SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"
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
    ordered = sorted(quads, key=lambda q: (str(q.graph_name), str(q.subject), str(q.predicate), str(q.object)))
    if name.endswith(".jsonld"):
        written = io.BytesIO()
        write_quads(ordered, snapshot.prefixes, written)
        return written.getvalue()
    return write_grouped(ordered, RdfFormat.TRIG, snapshot.prefixes)


def crate(snapshot: Snapshot, about: About) -> bytes:
    """Return the RO-Crate 1.1 metadata of the downloads: what each file is, how large, and its SHA-256."""
    parts: list[dict[str, Any]] = []
    for dump in offered(snapshot):
        body, digest = dump.content(snapshot)
        parts.append(
            {
                "@id": dump.name,
                "@type": "File",
                "name": dump.says,
                "encodingFormat": dump.media_type,
                "contentSize": str(len(body)),
                "sha256": digest,
            }
        )
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.title("en"),
        "description": about.description("en")
        or "The whole dataset in several formats; the same version gives the same bytes.",
        "version": snapshot.version,
        "hasPart": [{"@id": part["@id"]} for part in parts],
    }
    sources = list(_sources(snapshot)) if snapshot.is_own else []
    if about.licence:
        root["license"] = {"@id": about.licence} if "://" in about.licence else about.licence
    if snapshot.is_own:
        root["isBasedOn"] = [{"@id": source["@id"]} for source in sources]
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    document = {"@context": [CRATE_CONTEXT, {"sha256": CRATE_SHA256}], "@graph": [descriptor, root, *parts, *sources]}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _sources(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """Return the sources that the dataset draws on, each with its title and the licence or rights that it states."""
    wanted = {RDFS + "label": "name", DCT + "license": "license", DCT + "rights": "conditionsOfAccess"}
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    sources = set()
    for quad in snapshot.source_quads():
        if not isinstance(quad.subject, NamedNode) or not quad.subject.value.startswith(SRC):
            continue
        subject, predicate, value = quad.subject.value, quad.predicate.value, quad.object
        if predicate == RDF + "type" and value == NamedNode(KOUAN + "Source"):
            sources.add(subject)
        elif predicate in wanted and isinstance(value, NamedNode):
            found[subject][wanted[predicate]] = {"@id": value.value}
        elif predicate in wanted and isinstance(value, Literal) and value.language == "en":
            found[subject][wanted[predicate]] = value.value
    for source in sorted(sources):
        yield {"@id": source, "@type": "CreativeWork"} | found[source]


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
