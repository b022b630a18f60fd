"""A store that rewrites its terms gives them back as they were written, at the cost of what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from kouan.history.exact import ExactStore, folded
from kouan.history.patch import difference
from kouan.vocabulary import SHAPES_GRAPH, XSD

FORMS = [
    *(Literal(text, datatype=NamedNode(XSD + "integer")) for text in ("1", "01", "+1", "-0", "0", "x", "9" * 19)),
    *(Literal(text, datatype=NamedNode(XSD + "decimal")) for text in ("1", "1.0", "1.50", "-0.5", "1" * 20)),
    *(
        Literal("1", datatype=NamedNode(XSD + kind))
        for kind in ("nonNegativeInteger", "int", "boolean", "string", "byte")
    ),
    *(
        Literal(text, datatype=NamedNode(XSD + "date"))
        for text in ("2020-02-30", "2020-02-29", "2020-02-29Z", "02020-01-01")
    ),
    *(
        Literal(text, datatype=NamedNode(XSD + "dateTime"))
        for text in ("2020-01-01T24:00:00Z", "2020-01-01T00:00:00.000Z")
    ),
    *(Literal("a", language=tag) for tag in ("en", "EN-us", "en-us")),
    NamedNode("urn:o"),
    Triple(NamedNode("urn:s"), NamedNode("urn:p"), Literal("01", datatype=NamedNode(XSD + "integer"))),
]
GRAPHS = [(), (NamedNode("urn:g"),), (NamedNode("urn:h"),)]
QUADS = some.builds(
    lambda value, graph: Quad(NamedNode("urn:s"), NamedNode("urn:p"), value, *graph),
    some.sampled_from(FORMS),
    some.sampled_from(GRAPHS),
)
STATES = some.lists(some.sets(QUADS, max_size=8), min_size=1, max_size=6)


@pytest.mark.parametrize("value", FORMS, ids=str)
def test_what_the_engine_keeps_is_known_without_asking_it(value):
    quad = Quad(NamedNode("urn:s"), NamedNode("urn:p"), value)
    store = Store()
    store.add(quad)
    assert [folded(quad)] == list(store)


@given(
    some.text(alphabet="0123456789.-+eETZ:", max_size=20), some.sampled_from(["integer", "decimal", "date", "dateTime"])
)
def test_what_the_engine_keeps_is_known_of_every_number_and_date(text, kind):
    quad = Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(text, datatype=NamedNode(XSD + kind)))
    store = Store()
    store.add(quad)
    assert [folded(quad)] == list(store)


@given(STATES)
def test_graphs_are_given_back_as_they_were_written(states):
    data, before = ExactStore(Store(), merged=False), set()
    for state in states:
        data.apply(difference(before, state))
        before = state
        assert set(data.all_quads()) == state
        assert set(data.store) == {folded(quad) for quad in state}
        for graph, name in ((), ""), ((NamedNode("urn:g"),), "urn:g"):
            assert set(data.quads(name)) == {
                quad for quad in state if quad.graph_name == Quad(*quad.triple, *graph).graph_name
            }
        assert data.graphs() == {quad.graph_name.value for quad in state if isinstance(quad.graph_name, NamedNode)}
        # What has to be kept beside the store is enough to open it again.
        again = ExactStore(data.store, list(data.rewritten()), merged=False)
        assert set(again.all_quads()) == state
    grown = {graph: count for graph, count in data.grown.items() if count}
    assert sum(grown.values()) == len(data.store)


@given(STATES)
def test_merge_is_kept_while_graphs_change(states):
    data, before = ExactStore(Store(), merged=True), set()
    for state in states:
        named = {Quad(*quad.triple, NamedNode(getattr(quad.graph_name, "value", SHAPES_GRAPH))) for quad in state}
        data.apply(difference(before, named))
        before = named
        merge = {folded(Quad(*quad.triple)) for quad in named if quad.graph_name.value != SHAPES_GRAPH}
        assert set(data.store) == {folded(quad) for quad in named} | merge
        assert set(data.quads("")) == {Quad(*quad.triple) for quad in named if quad.graph_name.value != SHAPES_GRAPH}


@pytest.mark.parametrize("number", ["1", "01"])
def test_merge_has_what_stands_in_no_graph_too(number):
    alone = Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(number, datatype=NamedNode(XSD + "integer")))
    named = Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal("a"), NamedNode("urn:g"))
    store = Store()
    store.extend([alone, named, Quad(*named.triple)])
    data = ExactStore(store, [] if number == "1" else [alone], merged=True)
    assert sorted(map(str, data.quads(""))) == sorted(map(str, [alone, Quad(*named.triple)]))
    assert set(data.whole()) == {alone, named}
