"""Hold data against shapes with pySHACL and name the file at fault. Knows SHACL reports; knows no single shape."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import pyshacl
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, serialize
from rdflib.namespace import RDF as R
from rdflib.namespace import SH as S

from kouan.dataset import SourceDataset, SourceFile, read_files
from kouan.errors import SourceError
from kouan.validation.report import Finding, Report
from kouan.vocabulary import INFERRED_GRAPH, ONTOLOGY_GRAPH, SRC

G = TypeVar("G", bound=rdflib.Graph)
NO_MESSAGE = "The data is not as the shape asks."
SEVERITIES = {"Violation": 0, "Warning": 1, "Info": 2}


def validate(dataset: SourceDataset, inferred: Iterable[Triple]) -> Report:
    """Return what of the data is not as the dataset's shapes ask.

    The shapes see every named graph, what is inferred in a graph of its own, and the merge of all.
    """
    closed = (Quad(t.subject, t.predicate, t.object, NamedNode(INFERRED_GRAPH)) for t in inferred)
    data = _read([*dataset.asserted(), *closed], rdflib.Dataset(default_union=True))
    shapes = _read((Quad(q.subject, q.predicate, q.object) for q in dataset.shapes()), rdflib.Graph())
    return Report(tuple(sorted(_findings(data, shapes, dataset), key=lambda f: (SEVERITIES[f.severity], f))))


def with_files(dataset: SourceDataset, paths: Iterable[Path]) -> SourceDataset:
    """Return the dataset with some files added, or read anew where it has them; raises SourceError where one cannot be read."""
    given = read_files(paths)
    replaced = {file.path.resolve() for file in given.files}
    kept = tuple(file for file in dataset.files if file.path.resolve() not in replaced)
    return SourceDataset(dataset.home, (*kept, *given.files))


def _read(quads: Iterable[Quad], graph: G) -> G:
    """Return the graph after the quads were read into it, literals as they are written."""
    text = serialize(quads, format=RdfFormat.N_QUADS)
    assert text is not None
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with warnings.catch_warnings():
            # pySHACL and rdflib's own parser still call a dataset by the older names of its parts.
            warnings.simplefilter("ignore", DeprecationWarning)
            graph.parse(data=text.decode(), format="nquads" if isinstance(graph, rdflib.Dataset) else "nt")
    finally:
        rdflib.NORMALIZE_LITERALS = before
    return graph


def _findings(data: rdflib.Dataset, shapes: rdflib.Graph, dataset: SourceDataset) -> Iterable[Finding]:
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with warnings.catch_warnings():
            # pySHACL and rdflib's own parser still call a dataset by the older names of its parts.
            warnings.simplefilter("ignore", DeprecationWarning)
            _, results, text = pyshacl.validate(
                data, shacl_graph=shapes, inference="none", inplace=True, allow_warnings=True
            )
    finally:
        rdflib.NORMALIZE_LITERALS = before
    if not isinstance(results, rdflib.Graph):
        raise SourceError(f"the shapes cannot be used: {text}")
    chinese = _translations(shapes)
    for result in results.subjects(R.type, S.ValidationResult):
        yield _finding(results, result, dataset, chinese)


def _translations(shapes: rdflib.Graph) -> dict[str, str]:
    """Return the Chinese of each English message: a report on a SPARQL constraint carries one message only."""
    found = {}
    for node in set(shapes.subjects(S.message)):
        messages = {m.language: str(m) for m in shapes.objects(node, S.message) if isinstance(m, rdflib.Literal)}
        found[messages.get("en", "")] = messages.get("zh", "")
    return found


def _finding(
    results: rdflib.Graph, result: rdflib.term.Node, dataset: SourceDataset, chinese: dict[str, str]
) -> Finding:
    focus, value = results.value(result, S.focusNode), results.value(result, S.value)
    path = results.value(result, S.resultPath)
    if str(focus) == ONTOLOGY_GRAPH and value is not None:
        # A rule on the whole graph is asked once, of the ontology, and answers with the node at fault.
        focus, value = value, None
    messages = [m for m in results.objects(result, S.resultMessage) if isinstance(m, rdflib.Literal)]
    # The report on a SPARQL constraint has the messages without their languages.
    said = next(
        (str(m) for m in messages if m.language == "en" or str(m) in chinese),
        str(messages[0]) if messages else NO_MESSAGE,
    )
    file = _at_fault(dataset, focus, path, value)
    line = file.line_of(_term(focus), _term(path), _term(value)) if file and focus is not None else None
    return Finding(
        severity=str(results.value(result, S.resultSeverity)).rsplit("#", 1)[-1],
        focus_node=_text(focus),
        path=_text(path) if isinstance(path, rdflib.URIRef) else "",
        value=_text(value),
        message=said,
        message_zh=chinese.get(said, ""),
        shape=_text(results.value(result, S.sourceShape)),
        component=_text(results.value(result, S.sourceConstraintComponent)),
        file=file.name if file else "",
        line=line,
    )


def _at_fault(dataset: SourceDataset, focus: object, path: object, value: object) -> SourceFile | None:
    term = _term(focus)
    if term is None:
        return None
    if isinstance(term, NamedNode) and term.value.startswith(SRC):
        own = next((file for file in dataset.files if file.graph == term.value), None)
        if own:
            return own
    found = dataset.at_fault(term, _term(path), _term(value))
    return found[0] if found else None


def _term(node: object) -> NamedNode | BlankNode | Literal | None:
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return Literal(str(node), language=node.language)
        return Literal(str(node), datatype=NamedNode(str(node.datatype))) if node.datatype else Literal(str(node))
    return BlankNode(str(node)) if isinstance(node, rdflib.BNode) else None


def _text(node: object) -> str:
    return "" if node is None else f"_:{node}" if isinstance(node, rdflib.BNode) else str(node)
