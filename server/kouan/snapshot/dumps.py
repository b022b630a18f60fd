"""Write the whole dataset as files to download, the same bytes for the same version. Knows quads and formats, no requests.

Those of our own graph are written when it is built; those of other data, and of what was written since, when they are asked for.
Their sizes and checksums are told with the dataset where they were built, or where it is small.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple

from kouan.errors import DataGone, NotAcceptable
from kouan.formats.jsonld import write_quads
from kouan.formats.writing import write_grouped
from kouan.graph.turtle import write_turtle
from kouan.snapshot.about import About, is_iri
from kouan.snapshot.layout import SOURCE, Snapshot, compressed
from kouan.vocabulary import BASE, DCT, KOUAN, RDF, RDFS, SHAPES_GRAPH, SRC

CRATE_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
CRATE_SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"
REIFIES = NamedNode(RDF + "reifies")
# The files of a larger dataset are not written only to tell how large they are: pages and descriptions would wait for that.
MOST_MEASURED = 20_000


@dataclass(frozen=True)
class Dump:
    """One file of the whole dataset."""

    name: str
    media_type: str
    says: str

    def is_built(self, snapshot: Snapshot) -> bool:
        """Return whether the file was written when the version was built."""
        return snapshot.number == snapshot.built_with and self.name in snapshot.dumps

    def content(self, snapshot: Snapshot) -> tuple[bytes, str]:
        """Return the file's bytes and their SHA-256 in hexadecimal; raises DataGone where they are not there as they were."""
        if not self.is_built(snapshot):
            return _made(self, snapshot, snapshot.source_quads)
        return snapshot.content(_file(self.name)).read(), snapshot.dumps[self.name][1]

    def known(self, snapshot: Snapshot) -> tuple[int, str] | None:
        """Return how many bytes the file has, and their SHA-256 in hexadecimal; None where to tell them would cost too much, what
        they are made of is gone, or the format cannot say it."""
        if self.is_built(snapshot):
            size, digest = snapshot.dumps[self.name]
            return size, digest
        if snapshot.quads > MOST_MEASURED:
            return None
        try:
            body, digest = self.content(snapshot)
        except (DataGone, NotAcceptable):
            return None
        return len(body), digest


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
# Of other data each file has a name of its own, and it has graphs where ours has passages.
OF_OTHERS = (
    Dump("data.nq", "application/n-quads", "every graph, canonical N-Quads"),
    Dump("data.trig", "application/trig", "every graph, with prefixes"),
    Dump("data.ttl", "text/turtle", "all graphs as one, each triple once"),
    Dump("data.jsonld", "application/ld+json", "every graph, JSON-LD 1.1"),
    Dump(
        "data-reified.nt",
        "application/n-triples",
        "all graphs as one in RDF 1.2, each fact reified by the named graphs that state it",
    ),
)
FORMER = "kouan"


def offered(snapshot: Snapshot) -> tuple[Dump, ...]:
    """Return the files that can be had; none of a dataset too large to be held in memory."""
    if snapshot.storage != "memory":
        return ()
    return DUMPS if snapshot.is_own else OF_OTHERS


def download(snapshot: Snapshot, name: str) -> Dump | None:
    """Return the file of a name, None where there is none; those of other data had the names of ours once, and have them still."""
    names = {name} if snapshot.is_own else {name, name.replace(FORMER, "data", 1)}
    return next((each for each in offered(snapshot) if each.name in names), None)


def digests(snapshot: Snapshot) -> dict[str, str]:
    """Return the SHA-256 of each file by its name; what is not built is written from quads that are read once.

    A file in a format that cannot say what the data does, such as RDF 1.2 in JSON-LD, is none.
    """
    quads = cache(lambda: list(snapshot.source_quads()))
    found = {}
    for dump in offered(snapshot):
        with contextlib.suppress(NotAcceptable):
            built = dump.is_built(snapshot)
            found[dump.name] = snapshot.dumps[dump.name][1] if built else _made(dump, snapshot, quads)[1]
    return found


def write_dumps(
    folder: Path, quads: Sequence[Quad], prefixes: Mapping[str, str], version: str
) -> dict[str, tuple[int, str]]:
    """Write the files of a version into the folder of its snapshot; return the size and the SHA-256 of each."""
    found = {}
    for dump in DUMPS:
        body = _write(dump.name, quads, prefixes, version)
        found[dump.name] = (len(body), hashlib.sha256(body).hexdigest())
        # The canonical quads are what the snapshot is opened from.
        if _file(dump.name) != SOURCE:
            with compressed(folder / _file(dump.name)) as file:
                file.write(body)
    return found


def _file(name: str) -> str:
    return SOURCE if name.endswith(".nq") else f"{name}.zst"


_contents: dict[tuple[str, str], tuple[bytes, str]] = {}


def _made(dump: Dump, snapshot: Snapshot, quads: Callable[[], Iterable[Quad]]) -> tuple[bytes, str]:
    """Return a file of a version, written once; only those of the last version are kept."""
    key = (dump.name, snapshot.version)
    if key not in _contents:
        for old in [each for each in _contents if each[1] != snapshot.version]:
            del _contents[old]
        body = _write(dump.name, list(quads()), snapshot.prefixes, snapshot.version)
        _contents[key] = (body, hashlib.sha256(body).hexdigest())
    return _contents[key]


def _write(name: str, quads: Sequence[Quad], prefixes: Mapping[str, str], version: str) -> bytes:
    if name.endswith(".nq"):
        return "".join(sorted(f"{quad} .\n" for quad in quads)).encode()
    if name.endswith(".ttl"):
        head = f"Kouan, version {version}." if name.startswith(FORMER) else f"Version {version}."
        return write_turtle(_merged(quads), prefixes, head).encode()
    if name.endswith(".nt"):
        return "".join(sorted(_reified(quads))).encode()
    ordered = sorted(quads, key=lambda q: (str(q.graph_name), str(q.subject), str(q.predicate), str(q.object)))
    if name.endswith(".jsonld"):
        written = io.BytesIO()
        write_quads(ordered, prefixes, written)
        return written.getvalue()
    return write_grouped(ordered, RdfFormat.TRIG, prefixes)


def crate(snapshot: Snapshot, about: About) -> bytes:
    """Return the RO-Crate 1.1 metadata of the downloads: what each file is and, where known, how large, and its SHA-256."""
    parts: list[dict[str, Any]] = []
    for dump in offered(snapshot):
        part = {"@id": dump.name, "@type": "File", "name": dump.says, "encodingFormat": dump.media_type}
        if known := dump.known(snapshot):
            part |= {"contentSize": str(known[0]), "sha256": known[1]}
        parts.append(part)
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.title("en"),
        "description": about.description("en")
        or "The whole dataset in several formats; the same version gives the same bytes.",
        "version": snapshot.version,
        # Each of these has a time zone and is exact to the day (RO-Crate 1.1, section 4.2.1).
        **({"datePublished": snapshot.when, "dateModified": snapshot.when} if snapshot.when else {}),
        "hasPart": [{"@id": part["@id"]} for part in parts],
    }
    sources = list(_sources(snapshot)) if snapshot.is_own else []
    context: list[dict[str, Any]] = []
    # A crate has one whatever is known of it (RO-Crate 1.1, section 4.2.1).
    licence = about.licence if is_iri(about.licence) else "#licence"
    root["license"] = {"@id": licence}
    named = {"name": about.licence or "No licence is stated", "description": "The licence of the dataset."}
    if not about.licence:
        named["description"] = "The data states no licence; ask whoever publishes it before you use it."
    context.append({"@id": licence, "@type": "CreativeWork"} | named)
    if about.publishers:
        publisher = about.publisher_iri or "#publisher"
        root["author"] = root["publisher"] = {"@id": publisher}
        home = {"url": BASE} if snapshot.is_own else {}
        context.append({"@id": publisher, "@type": "Organization", "name": about.publisher("en")} | home)
    if snapshot.is_own:
        root["isBasedOn"] = [{"@id": source["@id"]} for source in sources]
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    document = {
        "@context": [CRATE_CONTEXT, {"sha256": CRATE_SHA256}],
        "@graph": [descriptor, root, *parts, *context, *sources],
    }
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


def _reified(quads: Sequence[Quad]) -> set[str]:
    """Return the lines of the merge, and for each fact and graph that `graph rdf:reifies <<( fact )>>` (RDF 1.2 Concepts)."""
    shapes = NamedNode(SHAPES_GRAPH)
    lines = {f"{triple} .\n" for triple in _merged(quads)}
    for quad in quads:
        if quad.graph_name != shapes and isinstance(quad.graph_name, NamedNode):
            lines.add(f"{Triple(quad.graph_name, REIFIES, quad.triple)} .\n")
    return lines
