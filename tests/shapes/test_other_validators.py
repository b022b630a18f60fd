"""Our shapes serve validators that know nothing of named graphs: pySHACL as it comes, on one graph and on a dataset, and rudof."""

from __future__ import annotations

import pyshacl
import pytest
import rdflib

from kouan.graph.dataset import read_home
from kouan.settings import read_settings
from kouan.vocabulary import KOUAN, PREFIXES

WRONG = f"""@prefix k: <{KOUAN}> . @prefix id: <https://w3id.org/kouan/id/> .
id:nowhere a k:Port ; k:portOf "Heihe" .
"""


@pytest.fixture(scope="module")
def shapes():
    text = "".join(f"{quad.triple} .\n" for quad in read_home(read_settings().home).shapes())
    return rdflib.Graph().parse(data=text, format="nt")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", [rdflib.Graph, rdflib.Dataset])
def test_shapes_find_what_is_wrong_in_a_graph_and_in_a_dataset(shapes, kind):
    data = kind()
    data.parse(data=WRONG, format="turtle")
    conforms, results, text = pyshacl.validate(data, shacl_graph=shapes)
    assert not conforms
    assert not isinstance(results, Exception), text
    focus = set(results.objects(None, rdflib.SH.focusNode))
    assert rdflib.URIRef("https://w3id.org/kouan/id/nowhere") in focus


def test_another_engine_finds_the_same(shapes):
    pyrudof = pytest.importorskip("pyrudof", reason="pyrudof is not installed")
    data = rdflib.Graph().parse(data=WRONG, format="turtle")
    _, results, _ = pyshacl.validate(data, shacl_graph=shapes)
    found = {
        (str(results.value(each, rdflib.SH.focusNode)), str(results.value(each, rdflib.SH.sourceConstraintComponent)))
        for each in results.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult)
    }
    engine = pyrudof.Rudof(pyrudof.RudofConfig())
    engine.read_data(WRONG, pyrudof.RDFFormat.Turtle)
    engine.read_shacl(shapes.serialize(format="nt"), pyrudof.ShaclFormat.NTriples)
    assert {(each.focus_node, each.constraint_component) for each in engine.validate_shacl()} == found
    assert len(found) == 2


def test_what_asks_for_named_graphs_is_switched_off_and_nothing_else_is(shapes):
    switched_off = set(shapes.subjects(rdflib.SH.deactivated, rdflib.Literal(True)))
    asking = {node for node, text in shapes.subject_objects(rdflib.SH.select) if "GRAPH" in text}
    assert switched_off == asking
    assert asking


def test_rules_over_the_whole_hold_of_what_is_downloaded(shapes, client):
    """The merge says of itself what stands in no file of the graph: its description and its questions."""
    rules = [
        str(shapes.value(each, rdflib.SH.select))
        for each in shapes.objects(rdflib.URIRef("https://w3id.org/kouan/shapes#Graph"), rdflib.SH.sparql)
        if not shapes.value(each, rdflib.SH.deactivated)
    ]
    assert len(rules) > 2
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    for rule in rules:
        asked = prefixes + rule.replace("$this ", "")
        found = client.post("/sparql", data={"query": asked, "infer": "false"}, headers={"Accept": "text/csv"})
        assert found.text.count("\n") == 1, rule + found.text[:500]
