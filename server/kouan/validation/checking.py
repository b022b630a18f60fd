"""Hold data against shapes with pySHACL and name the file at fault. Knows SHACL reports; knows no single shape."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import pyshacl
import pyshacl.shape
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.errors import ShapeRecursionWarning
from rdflib.namespace import RDF as R
from rdflib.namespace import RDFS
from rdflib.namespace import SH as S

from kouan.errors import SourceError
from kouan.graph.dataset import SourceDataset, SourceFile
from kouan.history.patch import Patch
from kouan.processes.beside import beside
from kouan.validation.affected import TARGETS, ShapesReading
from kouan.validation.asking import AskedDataset, as_triple
from kouan.validation.comparing import compare_as_sparql
from kouan.validation.components import report_as_sparql_finds
from kouan.validation.datatypes import have_datatypes_as_shacl
from kouan.validation.lengths import have_lengths_as_shacl
from kouan.validation.patterns import have_patterns_as_sparql
from kouan.validation.report import Finding, Report
from kouan.vocabulary import INFERRED_GRAPH, ONTOLOGY_GRAPH, SRC

# pySHACL looks each property of a shape up in a list, for each node anew, which takes a third of its time.
setattr(pyshacl.shape, "CONSTRAINT_PARAMS", (CONSTRAINT_PARAMETERS_MAP, CONSTRAINT_PARAMETERS_MAP))  # noqa: B010
# What they find wrong with shapes and literals is told in the report, or by what is raised.
for library in ("pyshacl-validate", "rdflib.term"):
    logging.getLogger(library).disabled = True
compare_as_sparql()
report_as_sparql_finds()
have_lengths_as_shacl()
have_datatypes_as_shacl()
have_patterns_as_sparql()
GROUPS = 20
# Stands for the nodes of a shape that reads more than can be followed.
ANY = (None,)
NO_MESSAGE = "The data is not as the shape asks."


def validate(dataset: SourceDataset, inferred: Iterable[Triple]) -> Report:
    """Return what of the data is not as the dataset's shapes ask.

    The shapes see every named graph, what is inferred in a graph of its own, and the merge of all.
    """
    with Checker(dataset, inferred).begun() as checked:
        return Report.of(checked.findings(dataset))


class Task(NamedTuple):
    """Shapes by their names, and the nodes that they are to judge; None are all that they are about."""

    shapes: list[str]
    nodes: list[str | rdflib.URIRef] | None = None


class Checker:
    """Data and its shapes as pySHACL takes them, kept from one check to the next."""

    def __init__(self, dataset: SourceDataset, inferred: Iterable[Triple]) -> None:
        closed = (Quad(t.subject, t.predicate, t.object, NamedNode(INFERRED_GRAPH)) for t in inferred)
        self.data = AskedDataset([*dataset.asserted(), *closed])
        plain = (Quad(q.subject, q.predicate, q.object) for q in dataset.shapes())
        self.shapes = with_graphs(read_into(plain, rdflib.Graph()))
        self.names = _targeted(self.shapes)
        self.reading = ShapesReading(self.shapes, self.names)

    def apply(self, patch: Patch) -> None:
        """Change the data as a patch says."""
        self.data.change(patch)

    @contextlib.contextmanager
    def begun(self, *changed: Patch) -> Iterator[Checked]:
        """Return a check that goes on in a process of its own, beside what is done meanwhile.

        Where it is said what changed since all was well, only what that concerns is judged again.
        """
        tasks = self._tasks(changed)
        queue = _Queue(tasks)
        # A process that ends without a result takes the tasks that it took with it, so that all are done again.
        with contextlib.closing(queue), beside(lambda: self.results(queue), lambda: self.results(tasks)) as other:
            yield Checked(self, queue, other)

    def _tasks(self, changed: Sequence[Patch]) -> list[Task]:
        triples = {as_triple(quad) for patch in changed for quad in (*patch.added, *patch.removed)}
        concerned = self.reading.concerned(self.data, triples) if changed else None
        if concerned is None:
            return _in_groups(self.names)
        # pySHACL can be told nodes that have names.
        named: dict[str, list[str | rdflib.URIRef]] = {
            name: [node for node in nodes if isinstance(node, rdflib.URIRef)] for name, nodes in concerned.items()
        }
        whole = [name for name in self.names if len(named.get(name, ())) < len(concerned.get(name, ANY))]
        return _in_groups(whole) + [Task([name], nodes) for name, nodes in named.items() if nodes and name not in whole]

    def results(self, tasks: Iterable[Task]) -> bytes:
        """Return the reports on shapes as N-Triples; raises SourceError where they are of no use."""
        reports = []
        for task in tasks:
            results, text = report_of(self.data, self.shapes, allow_warnings=True, some=task.shapes, nodes=task.nodes)
            if results is None:
                raise SourceError(f"the shapes cannot be used: {text}")
            reports.append(results.serialize(format="nt", encoding="utf-8"))
        return b"".join(reports)


class Checked:
    """What comes of a check."""

    def __init__(self, checker: Checker, queue: _Queue, other: Callable[[], bytes]) -> None:
        self._checker, self._queue, self._other = checker, queue, other

    def findings(self, dataset: SourceDataset) -> Iterator[Finding]:
        """Yield all findings, with the files of a dataset that are at fault; raises SourceError for shapes of no use."""
        yield from findings_of(self._results(), dataset)

    def violations(self, dataset: SourceDataset) -> list[Finding]:
        """Return what must not be, the files of a dataset that are at fault with it."""
        results = self._results()
        for result in set(results.subjects(R.type, S.ValidationResult)):
            if results.value(result, S.resultSeverity) != S.Violation:
                results.remove((result, R.type, None))
        return list(Report.of(findings_of(results, dataset)).findings)

    def _results(self) -> rdflib.Graph:
        """Return the report of both processes; this one takes its part of what is left to check."""
        lines = self._checker.results(self._queue) + self._other()
        return read_into(parse(lines, format=RdfFormat.N_TRIPLES), rdflib.Graph())


class _Queue:
    """Tasks, each of which one of the processes that share the queue takes."""

    def __init__(self, tasks: list[Task]) -> None:
        self.tasks = tasks
        self._taken, self._left = os.pipe()
        os.write(self._left, b"".join(number.to_bytes(2) for number in range(len(tasks))))
        os.close(self._left)

    def __iter__(self) -> Iterator[Task]:
        while number := os.read(self._taken, 2):
            yield self.tasks[int.from_bytes(number)]

    def close(self) -> None:
        """Take no more."""
        os.close(self._taken)


def _targeted(shapes: rdflib.Graph) -> list[str]:
    """Return the names of the shapes that say themselves what they are about, sorted.

    Raises SourceError for one without a name, which could not be told to be in any.
    """
    names = {subject for target in (*TARGETS, S.target) for subject in shapes.subjects(target)}
    names |= set(shapes.subjects(R.type, RDFS.Class)) & set(shapes.subjects(R.type, S.NodeShape))
    if any(isinstance(name, rdflib.BNode) for name in names):
        raise SourceError("the shapes cannot be used: one that has a target has no name.")
    return sorted(map(str, names))


def _in_groups(names: list[str]) -> list[Task]:
    return [Task(names[start::GROUPS]) for start in range(min(GROUPS, len(names)))]


def with_files(dataset: SourceDataset, given: SourceDataset) -> SourceDataset:
    """Return the dataset with the files of another added, or in the place of those that it has."""
    replaced = {file.path.resolve() for file in given.files}
    kept = tuple(file for file in dataset.files if file.path.resolve() not in replaced)
    return SourceDataset(dataset.home, (*kept, *given.files))


def read_into(quads: Iterable[Quad], graph: rdflib.Graph) -> rdflib.Graph:
    """Return a graph of rdflib's after the quads were read into it, literals as they are written."""
    for quad in quads:
        graph.add(as_triple(quad))
    return graph


def with_graphs(shapes: rdflib.Graph) -> rdflib.Graph:
    """Return our own shapes after what asks for named graphs was switched on, for who has them.

    It is switched off where the shapes are published (SHACL, section 5.2.1): validators that see one graph would fail at it.
    """
    for constraint, text in shapes.subject_objects(S.select):
        if "GRAPH" in str(text):
            shapes.remove((constraint, S.deactivated, None))
    return shapes


def report_of(
    data: rdflib.Graph,
    shapes: rdflib.Graph,
    *,
    allow_warnings: bool,
    some: list[str] | None = None,
    nodes: list[str | rdflib.URIRef] | None = None,
) -> tuple[rdflib.Graph | None, str]:
    """Return the report on all shapes, or some by their names, as RDF, None where they cannot be used, and what pySHACL says.

    Shapes that are named may be told the nodes to judge.
    """
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with warnings.catch_warnings():
            # pySHACL and rdflib's own parser still call a dataset by the older names of its parts.
            warnings.simplefilter("ignore", DeprecationWarning)
            # Such a shape is told in the report.
            warnings.simplefilter("ignore", ShapeRecursionWarning)
            _, results, text = pyshacl.validate(
                data,
                shacl_graph=shapes,
                inference="none",
                inplace=True,
                allow_warnings=allow_warnings,
                use_shapes=some,
                focus_nodes=nodes,
            )
    finally:
        rdflib.NORMALIZE_LITERALS = before
    return (results, text) if isinstance(results, rdflib.Graph) else (None, text)


def findings_of(results: rdflib.Graph, dataset: SourceDataset) -> Iterator[Finding]:
    """Yield the findings of a report, with the files of a dataset that are at fault."""
    for result in results.subjects(R.type, S.ValidationResult):
        yield _finding(results, result, dataset)


def _said(messages: list[rdflib.Literal], language: str) -> str:
    return next((str(message) for message in messages if message.language == language), "")


def _finding(results: rdflib.Graph, result: rdflib.term.Node, dataset: SourceDataset) -> Finding:
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
        message=_said(messages, "en") or next(map(str, messages), NO_MESSAGE),
        message_zh=_said(messages, "zh"),
        # The label of a shape without a name is another one each time.
        shape="" if isinstance(source := results.value(result, S.sourceShape), rdflib.BNode) else _text(source),
        component=_text(results.value(result, S.sourceConstraintComponent)),
        file=file.name if file else "",
        line=line,
        focus_term=str(_term(focus)),
        value_term="" if value is None else str(_term(value)),
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
