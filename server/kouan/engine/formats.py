"""The formats that answers have: their media types, names and serialisers. Knows nothing of how one is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import QueryResultsFormat, RdfFormat


@dataclass(frozen=True)
class Format:
    """A format: its short name for ?format=, its media type and other media types that mean it."""

    name: str
    media_type: str
    serialiser: QueryResultsFormat | RdfFormat
    others: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """Return the value of the Content-Type header."""
        text = self.media_type.startswith("text/") or self.media_type in {
            "application/n-triples",
            "application/n-quads",
        }
        return f"{self.media_type}; charset=utf-8" if text else self.media_type


SOLUTION_FORMATS = (
    Format("json", "application/sparql-results+json", QueryResultsFormat.JSON, ("application/json",)),
    Format("xml", "application/sparql-results+xml", QueryResultsFormat.XML, ("application/xml", "text/xml")),
    Format("csv", "text/csv", QueryResultsFormat.CSV),
    Format("tsv", "text/tab-separated-values", QueryResultsFormat.TSV),
)
GRAPH_FORMATS = (
    Format("ttl", "text/turtle", RdfFormat.TURTLE, ("application/x-turtle", "application/turtle")),
    Format("nt", "application/n-triples", RdfFormat.N_TRIPLES, ("text/plain",)),
    Format("rdf", "application/rdf+xml", RdfFormat.RDF_XML, ("application/xml", "text/xml")),
    Format("jsonld", "application/ld+json", RdfFormat.JSON_LD, ("application/json",)),
    Format("trig", "application/trig", RdfFormat.TRIG, ("application/x-trig",)),
    Format("nq", "application/n-quads", RdfFormat.N_QUADS, ("text/x-nquads",)),
)
BY_MEDIA_TYPE = {each.media_type: each for each in (*SOLUTION_FORMATS, *GRAPH_FORMATS)}


def formats_of(form: str) -> tuple[Format, ...]:
    """Return the formats that the answer to a query of this form can have, the default first."""
    return SOLUTION_FORMATS if form in {"SELECT", "ASK"} else GRAPH_FORMATS
