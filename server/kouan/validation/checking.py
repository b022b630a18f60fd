"""Hold data against shapes with pySHACL and name the file at fault. Knows SHACL reports; knows no single shape."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import pyshacl
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize
from rdflib.namespace import RDF as R
from rdflib.namespace import RDFS
from rdflib.namespace import SH as S

from kouan.errors import SourceError
from kouan.graph.dataset import SourceDataset, SourceFile, read_files
from kouan.history.patch import Patch
from kouan.processes.beside import beside
from kouan.validation.asking import AskedDataset, to_rdflib
from kouan.validation.report import Finding, Report
from kouan.vocabulary import INFERRED_GRAPH, ONTOLOGY_GRAPH, SRC

G = TypeVar("G", bound=rdflib.Graph)
NO_MESSAGE = "The data is not as the shape asks."
SEVERITIES = {"Violation": 0, "Warning": 1, "Info": 2}


def validate(dataset: SourceDataset, inferred: Iterable[Triple]) -> Report:
    """Return what of the data is not as the dataset's shapes ask.

    The shapes see every named graph, what is inferred in a graph of its own, and the merge of all.
    """
    with Checker(dataset, inferred).begun() as checked:
        return Report(tuple(sorted(checked.findings(dataset), key=_order)))


class Checker:
    """Data and its shapes as pySHACL takes them, kept from one check to the next."""

    def __init__(self, dataset: SourceDataset, inferred: Iterable[Triple]) -> None:
        closed = (Quad(t.subject, t.predicate, t.object, NamedNode(INFERRED_GRAPH)) for t in inferred)
        self.data = read_into([*dataset.asserted(), *closed], AskedDataset())
        self.shapes = read_into((Quad(q.subject, q.predicate, q.object) for q in dataset.shapes()), rdflib.Graph())

    def apply(self, patch: Patch) -> None:
        """Change the data as a patch says."""
        self.data.change(patch)

    @contextlib.contextmanager
    def begun(self) -> Iterator[Checked]:
        """Return a check that goes on beside what is done meanwhile, one half of the shapes in a process of its own."""
        first, second = _halves(self.shapes)
        self.data.settle()
        with beside(lambda: _results(self.data, self.shapes, second)) as other:
            yield Checked(self, first, other)


class Checked:
    """What comes of a check."""

    def __init__(self, checker: Checker, shapes: list[str], other: Callable[[], bytes]) -> None:
        self._checker, self._shapes, self._other = checker, shapes, other

    def findings(self, dataset: SourceDataset) -> Iterator[Finding]:
        """Yield all findings, with the files of a dataset that are at fault; raises SourceError for shapes of no use."""
        yield from findings_of(self._results(), self._checker.shapes, dataset)

    def violations(self, dataset: SourceDataset) -> list[Finding]:
        """Return what must not be, the files of a dataset that are at fault with it."""
        results = self._results()
        for result in set(results.subjects(R.type, S.ValidationResult)):
            if results.value(result, S.resultSeverity) != S.Violation:
                results.remove((result, R.type, None))
        return sorted(findings_of(results, self._checker.shapes, dataset), key=_order)

    def _results(self) -> rdflib.Graph:
        results = rdflib.Graph()
        for lines in (_results(self._checker.data, self._checker.shapes, self._shapes), self._other()):
            for quad in parse(lines, format=RdfFormat.N_TRIPLES):
                results.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
        return results


def _order(finding: Finding) -> tuple[int, Finding]:
    return SEVERITIES[finding.severity], finding


def _halves(shapes: rdflib.Graph) -> tuple[list[str], list[str]]:
    """Return the shapes that say themselves what they are about, in two halves that take about as long.

    Raises SourceError for one without a name, which could not be told to be in either.
    """
    targets = (S.targetClass, S.targetNode, S.targetSubjectsOf, S.targetObjectsOf, S.target)
    names = {subject for target in targets for subject in shapes.subjects(target)}
    names |= set(shapes.subjects(R.type, RDFS.Class)) & set(shapes.subjects(R.type, S.NodeShape))
    if any(isinstance(name, rdflib.BNode) for name in names):
        raise SourceError("the shapes cannot be used: one that has a target has no name.")
    ordered = sorted(map(str, names))
    return ordered[::2], ordered[1::2]


def _results(data: AskedDataset, shapes: rdflib.Graph, some: list[str]) -> bytes:
    """Return the report on some shapes as N-Triples; raises SourceError where they cannot be used."""
    if not some:
        return b""
    results, text = report_of(data, shapes, allow_warnings=True, some=some)
    if results is None:
        raise SourceError(f"the shapes cannot be used: {text}")
    return results.serialize(format="nt", encoding="utf-8")


def with_files(dataset: SourceDataset, paths: Iterable[Path]) -> SourceDataset:
    """Return the dataset with some files added, or read anew where it has them; raises SourceError where one cannot be read."""
    given = read_files(paths)
    replaced = {file.path.resolve() for file in given.files}
    kept = tuple(file for file in dataset.files if file.path.resolve() not in replaced)
    return SourceDataset(dataset.home, (*kept, *given.files))


def read_into(quads: Iterable[Quad], graph: G) -> G:
    """Return a graph of rdflib's after the quads were read into it, literals as they are written."""
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


def report_of(
    data: rdflib.Graph, shapes: rdflib.Graph, *, allow_warnings: bool, some: list[str] | None = None
) -> tuple[rdflib.Graph | None, str]:
    """Return the report on all shapes, or some by their names, as RDF, None where they cannot be used, and what pySHACL says."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with warnings.catch_warnings():
            # pySHACL and rdflib's own parser still call a dataset by the older names of its parts.
            warnings.simplefilter("ignore", DeprecationWarning)
            _, results, text = pyshacl.validate(
                data,
                shacl_graph=shapes,
                inference="none",
                inplace=True,
                allow_warnings=allow_warnings,
                use_shapes=some,
            )
    finally:
        rdflib.NORMALIZE_LITERALS = before
    return (results, text) if isinstance(results, rdflib.Graph) else (None, text)


def findings_of(results: rdflib.Graph, shapes: rdflib.Graph, dataset: SourceDataset) -> Iterator[Finding]:
    """Yield the findings of a report, with the files of a dataset that are at fault."""
    patterns = _patterns(shapes)
    for result in results.subjects(R.type, S.ValidationResult):
        yield _finding(results, result, dataset, patterns)


def _patterns(shapes: rdflib.Graph) -> dict[str, list[re.Pattern[str]]]:
    """Return, by language, what messages look like once their variables are filled in."""
    found: dict[str, list[re.Pattern[str]]] = {}
    for message in shapes.objects(None, S.message):
        if isinstance(message, rdflib.Literal):
            fixed = (re.escape(part) for part in re.split(r"\{[?$]\w+\}", str(message)))
            found.setdefault(message.language or "", []).append(re.compile("(?s:.*)".join(fixed)))
    return found


def _said(messages: list[rdflib.Literal], language: str, patterns: dict[str, list[re.Pattern[str]]]) -> str:
    """Return the message in a language; the report on a SPARQL constraint has its messages without their languages."""
    for message in messages:
        if message.language == language:
            return str(message)
    for message in messages:
        if not message.language and any(p.fullmatch(str(message)) for p in patterns.get(language, ())):
            return str(message)
    return ""


def _finding(
    results: rdflib.Graph, result: rdflib.term.Node, dataset: SourceDataset, patterns: dict[str, list[re.Pattern[str]]]
) -> Finding:
    focus, value = results.value(result, S.focusNode), results.value(result, S.value)
    path = results.value(result, S.resultPath)
    if str(focus) == ONTOLOGY_GRAPH and value is not None:
        # A rule on the whole graph is asked once, of the ontology, and answers with the node at fault.
        focus, value = value, None
    messages = [m for m in results.objects(result, S.resultMessage) if isinstance(m, rdflib.Literal)]
    file = _at_fault(dataset, focus, path, value)
    line = file.line_of(_term(focus), _term(path), _term(value)) if file and focus is not None else None
    return Finding(
        severity=str(results.value(result, S.resultSeverity)).rsplit("#", 1)[-1],
        focus_node=_text(focus),
        path=_text(path) if isinstance(path, rdflib.URIRef) else "",
        value=_text(value),
        message=_said(messages, "en", patterns) or next(map(str, messages), NO_MESSAGE),
        message_zh=_said(messages, "zh", patterns),
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
