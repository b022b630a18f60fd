"""The ontology as an ontology: in OWL 2 DL with all facts, with examples that are true and labels that tell its terms apart."""

from __future__ import annotations

from collections import defaultdict

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, parse

from kouan.errors import SourceError
from kouan.reasoning import closure
from kouan.reasoning.profile import violations
from kouan.snapshot.dumps import DUMPS
from kouan.vocabulary import DCT, FOAF, KOUAN, ONTOLOGY_GRAPH, OWL, RDFS, SKOS, VANN

ONTOLOGY = NamedNode(ONTOLOGY_GRAPH)
# What FOOPS! and MIRO ask an ontology to say of itself.
SAID = {
    *(DCT + name for name in ("title", "description", "abstract", "creator", "contributor", "publisher", "created")),
    *(DCT + name for name in ("issued", "modified", "license", "language", "source", "bibliographicCitation")),
    *(OWL + name for name in ("versionIRI", "versionInfo", "priorVersion", "backwardCompatibleWith")),
    *(
        VANN + "preferredNamespacePrefix",
        VANN + "preferredNamespaceUri",
        "http://purl.org/ontology/bibo/status",
        FOAF + "logo",
    ),
    # Need, method, upper ontology, evaluation; maintenance, deprecation, versions (MIRO, A.6 to G.2).
    *(SKOS + "editorialNote", SKOS + "changeNote"),
}


@pytest.fixture(scope="module")
def ontology(dataset):
    return [quad for quad in dataset.ontology() if quad.graph_name == ONTOLOGY]


@pytest.fixture(scope="module")
def merged(dataset):
    store = Store()
    for found in (dataset.asserted(), closure(dataset.reasoned())):
        store.bulk_extend(Quad(each.subject, each.predicate, each.object) for each in found)
    return store


def test_every_example_is_true(dataset, ontology, merged):
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in dataset.prefixes.items())
    examples = [quad.object.value for quad in ontology if quad.predicate.value == SKOS + "example"]
    wrong = []
    for example in examples:
        patterns = [
            " ".join(f"?{term.value}" if isinstance(term, BlankNode) else str(term) for term in quad.triple)
            for quad in parse(prefixes + example, format=RdfFormat.TURTLE)
        ]
        if not merged.query(f"ASK {{ {' . '.join(patterns)} }}"):
            wrong.append(example)
    assert wrong == []
    assert len(examples) > 190


def test_no_two_terms_share_a_label(ontology):
    terms = defaultdict(set)
    for quad in ontology:
        if quad.predicate.value == RDFS + "label":
            terms[quad.object.value.casefold(), quad.object.language].add(quad.subject)
    assert {label: found for label, found in terms.items() if len(found) > 1} == {}


def test_ontology_says_of_itself_what_is_asked_of_ontologies(ontology):
    said = {quad.predicate.value for quad in ontology if quad.subject == ONTOLOGY}
    assert SAID - said == set()


def test_what_the_ontology_says_of_itself_at_length_is_in_both_languages(ontology):
    languages = defaultdict(list)
    for quad in ontology:
        if quad.subject == ONTOLOGY and getattr(quad.object, "language", None):
            languages[quad.predicate.value].append(quad.object.language)
    del languages[DCT + "bibliographicCitation"]
    assert {predicate: found for predicate, found in languages.items() if found.count("en") != found.count("zh")} == {}


def test_no_published_term_is_gone_unless_its_successor_is_named(ontology, settings):
    said = {(quad.subject, quad.predicate.value) for quad in ontology}
    for file in (settings.home / "ontology" / "versions").glob("*.turtle"):
        before = {quad.subject for quad in parse(path=file, format=RdfFormat.TURTLE)}
        ours = {term for term in before if str(term).startswith(f"<{KOUAN}")}
        assert len(ours) > 200
        assert {term for term in ours if (term, SKOS + "definition") not in said} == set()
    given_up = {quad.subject for quad in ontology if quad.predicate.value == OWL + "deprecated"}
    assert {term for term in given_up if (term, DCT + "isReplacedBy") not in said} == set()


def test_one_ontology_has_a_head(dataset):
    heads = {quad.subject for quad in dataset.asserted() if quad.object == NamedNode(OWL + "Ontology")}
    assert heads == {ONTOLOGY}


def test_every_term_is_defined_here_and_has_a_kind(ontology):
    subjects = {quad.subject for quad in ontology if str(quad.subject).startswith(f"<{KOUAN}")}
    kinds = {OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")}
    typed = {quad.subject for quad in ontology if getattr(quad.object, "value", "") in kinds}
    assert subjects - typed == set()


@pytest.mark.timeout(600)
def test_ontology_and_facts_are_in_owl_2_dl(dataset, settings):
    try:
        assert violations({quad.triple for quad in dataset.ontology()}, settings.owlapi) == []
    except SourceError as error:
        pytest.skip(str(error))
    everything = {quad.triple for quad in dataset.asserted()} | set(closure(dataset.reasoned()))
    assert violations(everything, settings.owlapi) == []


@pytest.mark.timeout(600)
def test_merge_that_is_downloaded_is_in_owl_2_dl(snapshot, settings):
    [dump] = [each for each in DUMPS if each.name.endswith(".ttl")]
    body, _ = dump.content(snapshot)
    triples = {quad.triple for quad in parse(body, format=RdfFormat.TURTLE)}
    assert len(triples) > 70_000
    try:
        assert violations(triples, settings.owlapi) == []
    except SourceError as error:
        pytest.skip(str(error))


def test_what_owl_2_dl_does_not_allow_is_found(dataset, settings):
    date = "http://www.w3.org/2001/XMLSchema#date"
    wrong = "@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    wrong += f':p a owl:DatatypeProperty . :a a owl:NamedIndividual ; :p "2026-11-28"^^<{date}> .'
    triples = [quad.triple for quad in parse(wrong, format=RdfFormat.TURTLE)]
    try:
        found = violations(triples, settings.owlapi)
    except SourceError as error:
        pytest.skip(str(error))
    assert any("date" in each for each in found)
