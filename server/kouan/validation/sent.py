"""Hold data that somebody sent against shapes, ours or theirs. Knows no files at fault and no process; see `sandbox`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import rdflib
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, parse
from rdflib.namespace import OWL

from kouan.errors import BadRequest
from kouan.graph.dataset import SourceDataset, read_files
from kouan.validation.asking import AskedDataset
from kouan.validation.checking import findings_of, read_into, report_of, with_graphs
from kouan.validation.constraints import prepare, tell_unchecked
from kouan.validation.report import Report
from kouan.vocabulary import ONTOLOGY_GRAPH, SH, SHAPES_GRAPH

NOWHERE = SourceDataset(Path(), ())


def hold(data: Iterable[Quad], shapes: Iterable[Triple]) -> tuple[list[Triple], Report]:
    """Return the report on data that is held against shapes that came with it, as RDF and as findings.

    Raises BadRequest where the shapes cannot be used, or hold what no validator here can read.
    """
    given = AskedDataset(_without_triple_terms(data, "The data"))
    asked = _read((Quad(*triple) for triple in shapes), "The shapes")
    return _reported(given, asked, allow_warnings=False)


def hold_files(files: Iterable[Path], shapes: Iterable[Path]) -> tuple[list[Triple], Report, list[str]]:
    """Return the report on files that are held against shapes in others, as RDF, and as findings with the lines at fault; and what the
    shapes import that was not read.

    Raises SourceError where a file cannot be read, BadRequest where the shapes cannot be used.
    """
    data = read_files(files)
    given = AskedDataset(_without_triple_terms(data.quads(), "The data"))
    asked = _read((_unnamed(quad) for quad in read_files(shapes).quads()), "The shapes")
    if not any(str(term).startswith(SH) for _, verb, value in asked for term in (verb, value)):
        raise BadRequest(
            "The shapes name nothing of SHACL, so nothing would be checked: are the files the other way round?"
        )
    unread = sorted({str(each) for each in asked.objects(None, OWL.imports) if (each, None, None) not in asked})
    results = _results(given, asked, allow_warnings=False)
    return _triples(results), Report.of(findings_of(results, data), is_strict=True), unread


def hold_as_own(data: Iterable[Quad], own: bytes) -> tuple[list[Triple], Report]:
    """Return the report on data held against the shapes of our own graph, given with the ontology as N-Quads.

    The ontology is known to them; only what is at fault of the data that was sent is told.
    """
    quads = list(data)
    known = list(parse(own, format=RdfFormat.N_QUADS))
    ontology = [quad for quad in known if quad.graph_name.value == ONTOLOGY_GRAPH]
    shapes = [_unnamed(quad) for quad in known if quad.graph_name.value == SHAPES_GRAPH]
    given = AskedDataset([*_without_triple_terms(quads, "The data"), *ontology])
    asked = with_graphs(read_into(shapes, rdflib.Graph()))
    triples, report = _reported(given, asked, allow_warnings=True)
    about = {node for quad in quads for node in (str(quad.subject), str(quad.object))}
    kept = tuple(finding for finding in report.findings if _node(finding.focus_node) in about)
    if len(kept) == len(report.findings):
        return triples, report
    told = replace(report, findings=kept)
    return [quad.triple for quad in parse(told.turtle(), format=RdfFormat.TURTLE)], told


def _node(text: str) -> str:
    return text if text.startswith("_:") else f"<{text}>"


def _unnamed(quad: Quad) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object)


def _read(quads: Iterable[Quad], what: str) -> rdflib.Graph:
    return read_into(_without_triple_terms(quads, what), rdflib.Graph())


def _without_triple_terms(quads: Iterable[Quad], what: str) -> list[Quad]:
    """Return the quads; raises BadRequest where one is about a triple, which SHACL 1.0 cannot read."""
    found = list(quads)
    if any(isinstance(quad.object, Triple) for quad in found):
        raise BadRequest(f"{what} has triple terms (RDF 1.2), which SHACL 1.0 does not know; send it without them.")
    return found


def _reported(data: rdflib.Graph, shapes: rdflib.Graph, *, allow_warnings: bool) -> tuple[list[Triple], Report]:
    results = _results(data, shapes, allow_warnings=allow_warnings)
    findings = (replace(each, file="", line=None) for each in findings_of(results, NOWHERE))
    return _triples(results), Report.of(findings, is_strict=not allow_warnings)


def _triples(results: rdflib.Graph) -> list[Triple]:
    """Return a report in an order that is the same each time."""
    quads = Dataset(parse(results.serialize(format="nt"), format=RdfFormat.N_TRIPLES))
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return sorted((quad.triple for quad in quads), key=str)


def _results(data: rdflib.Graph, shapes: rdflib.Graph, *, allow_warnings: bool) -> rdflib.Graph:
    prepare(shapes)
    try:
        results, text = report_of(data, shapes, allow_warnings=allow_warnings)
    except Exception as error:
        # pySHACL raises errors of many kinds on shapes that are at fault; each says in its text what is.
        said = str(error).removesuffix(".") or type(error).__name__
        raise BadRequest(f"The shapes cannot be used: {said}.") from error
    if results is None:
        raise BadRequest(f"The shapes cannot be used: {text}")
    tell_unchecked(shapes, results)
    return results
