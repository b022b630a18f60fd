"""The formats that answers have: their media types, names and what writes them. Knows nothing of how one is chosen.

A new format is one entry here, and a writer where the engine has none.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import IO

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Triple

from kouan.formats import columns, geojson, html, jsonld, rdfjson, spreadsheets
from kouan.graph.rdf_json import MEDIA_TYPES as RDF_JSON

SolutionWriter = Callable[[QuerySolutions | QueryBoolean, IO[bytes]], None]
GraphWriter = Callable[[Iterable[Triple], Mapping[str, str], IO[bytes]], None]

VERSION = ";version=1.2"
# With a byte order mark, by which Excel knows that the text is UTF-8; nothing of it is announced.
MARKED = ";bom=true"


@dataclass(frozen=True)
class Format:
    """A format: its short name for ?format=, its media type, what writes it, and other media types that mean it.

    `library` is the package that it needs besides ours, and `frame` the bytes that it has without any rows, where they are many.
    """

    name: str
    media_type: str
    serialiser: QueryResultsFormat | RdfFormat | SolutionWriter | GraphWriter
    others: tuple[str, ...] = ()
    library: str = ""
    frame: int = 0

    @cached_property
    def content_type(self) -> str:
        """Return the value of the Content-Type header."""
        told = self.media_type.removesuffix(MARKED)
        # R's RCurl, PowerShell and others take what says no charset for Latin-1, JSON and XML too.
        return told if self.library else f"{told}; charset=utf-8"

    @cached_property
    def is_native(self) -> bool:
        """Return whether the engine itself writes it, as a stream."""
        return isinstance(self.serialiser, QueryResultsFormat | RdfFormat)

    @property
    def is_announced(self) -> bool:
        """Return whether it is another one with its version said (SPARQL 1.2 Protocol, section 1.5), or with a mark."""
        return self.media_type.endswith((VERSION, MARKED))

    @cached_property
    def is_available(self) -> bool:
        """Return whether what it needs is installed."""
        return not self.library or find_spec(self.library) is not None

    @property
    def parser(self) -> RdfFormat | None:
        """Return what reads it as RDF; None where nothing does."""
        # A document of RDF/JSON is read as the JSON-LD that says the same.
        if self.serialiser in (jsonld.write, rdfjson.write):
            return RdfFormat.JSON_LD
        return self.serialiser if isinstance(self.serialiser, RdfFormat) else None

    @property
    def file_name(self) -> str:
        """Return the name to save an answer as, for what no browser shows; "" for the rest."""
        return f"answer.{self.name}" if self.library else ""


def _write_marked(results: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    output.write(codecs.BOM_UTF8)
    results.serialize(output, format=QueryResultsFormat.CSV)


def _write_verdict(results: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    output.write(b"true" if results else b"false")


def _announced(*formats: Format) -> tuple[Format, ...]:
    """Return the formats with the version of RDF and SPARQL said that triple terms need."""
    return tuple(Format(f"{each.name}-1.2", each.media_type + VERSION, each.serialiser) for each in formats)


_JSON = Format("json", "application/sparql-results+json", QueryResultsFormat.JSON, ("application/json",))
_XML = Format("xml", "application/sparql-results+xml", QueryResultsFormat.XML, ("application/xml", "text/xml"))
_CSV = Format("csv", "text/csv", QueryResultsFormat.CSV)
_MARKED_CSV = Format("csv-bom", "text/csv" + MARKED, _write_marked)
_TSV = Format("tsv", "text/tab-separated-values", QueryResultsFormat.TSV)
_TABLE = Format("html", "text/html", html.write_solutions, frame=html.FRAME_BYTES)
# Older clients say Turtle so.
_N3 = ("text/n3", "text/rdf+n3", "application/n3")
_TURTLE = Format("ttl", "text/turtle", RdfFormat.TURTLE, ("application/x-turtle", "application/turtle", *_N3))
_N_TRIPLES = Format(
    "nt",
    "application/n-triples",
    RdfFormat.N_TRIPLES,
    ("text/plain", "text/ntriples", "application/ntriples", "application/x-ntriples"),
)
_TRIG = Format("trig", "application/trig", RdfFormat.TRIG, ("application/x-trig",))
_N_QUADS = Format("nq", "application/n-quads", RdfFormat.N_QUADS, ("text/x-nquads",))

# Clients of RDF4J ask for a bare verdict so.
_VERDICT = Format("boolean", "text/boolean", _write_verdict)

VERDICT_FORMATS = (_JSON, _XML, _CSV, _TSV, _TABLE, _MARKED_CSV, _VERDICT, *_announced(_JSON, _XML))
SOLUTION_FORMATS = (
    _JSON,
    _XML,
    _CSV,
    _TSV,
    _TABLE,
    Format("geojson", "application/geo+json", geojson.write, ("application/vnd.geo+json",)),
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        spreadsheets.write,
        library="xlsxwriter",
        frame=spreadsheets.FRAME_BYTES,
    ),
    Format("parquet", "application/vnd.apache.parquet", columns.write_parquet, library="pyarrow"),
    # A file and a stream of Arrow have names of their own (IANA).
    Format("arrow", "application/vnd.apache.arrow.file", columns.write_arrow, library="pyarrow"),
    Format("arrows", "application/vnd.apache.arrow.stream", columns.write_arrow_stream, library="pyarrow"),
    _MARKED_CSV,
    *_announced(_JSON, _XML),
)
# What a byte order mark makes of a format, where it makes anything of it.
WITH_MARK = {_CSV.name: _MARKED_CSV}
GRAPH_FORMATS = (
    _TURTLE,
    _N_TRIPLES,
    Format("rdf", "application/rdf+xml", RdfFormat.RDF_XML, ("application/xml", "text/xml")),
    Format(
        "jsonld",
        "application/ld+json",
        jsonld.write,
        ("application/json", "application/x-json+ld", "application/x-ld+json"),
    ),
    _TRIG,
    _N_QUADS,
    Format("rj", RDF_JSON[0], rdfjson.write, RDF_JSON[1:]),
    Format("html", "text/html", html.write_triples, frame=html.FRAME_BYTES),
    *_announced(_TURTLE, _N_TRIPLES, _TRIG, _N_QUADS),
)
# What holds graphs with their names.
DATASET_FORMATS = (
    _TRIG,
    _N_QUADS,
    *(each for each in GRAPH_FORMATS if each.name == "jsonld"),
    *_announced(_TRIG, _N_QUADS),
)
SOLUTIONS_BY_MEDIA_TYPE = {each.media_type: each for each in (*SOLUTION_FORMATS, _VERDICT)}
GRAPHS_BY_MEDIA_TYPE = {each.media_type: each for each in GRAPH_FORMATS}
BY_MEDIA_TYPE = {**GRAPHS_BY_MEDIA_TYPE, **SOLUTIONS_BY_MEDIA_TYPE}


# What RDF can be sent as, by the media type that announces it.
READABLE = {
    media_type: each.parser
    for each in GRAPH_FORMATS
    for media_type in (each.media_type, *each.others)
    if each.parser is not None and media_type not in {"text/plain", "application/json", "application/xml", "text/xml"}
}


# The form of what asks for the whole dataset, which is no query.
DATASET = "DATASET"


def formats_of(form: str) -> tuple[Format, ...]:
    """Return the formats that the answer to a query of this form can have, the default first."""
    if form == "SELECT":
        return SOLUTION_FORMATS
    if form == DATASET:
        return DATASET_FORMATS
    return VERDICT_FORMATS if form == "ASK" else GRAPH_FORMATS
