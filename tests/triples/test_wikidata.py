"""What the graph holds of Wikidata is dated, speaks of items only, and does not contradict the links to them."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import NamedNode

from kouan.linking.wikidata.comparing import compare
from kouan.linking.wikidata.slices import packaged_slice
from kouan.linking.wikidata.statements import Facts
from kouan.vocabulary import DCT, RDFS, WD, WDT, WIKIDATA_SLICE

# "province of China" is labelled in the copies of 2020 and 2025.
CLASSES_OF_TWO_COPIES = {WD + "Q1615742", WD + "Q57362"}


@pytest.fixture(scope="module")
def stated(dataset):
    """Return the quads of the slice."""
    return [q for q in dataset.facts() if str(q.graph_name).startswith(f"<{WIKIDATA_SLICE}")]


def test_every_statement_is_about_an_item_and_every_graph_has_its_date(dataset, stated):
    assert len(stated) > 450
    assert all(re.fullmatch(re.escape(WD) + r"Q\d+", q.subject.value) for q in stated)
    assert all(q.predicate.value == RDFS + "label" or q.predicate.value.startswith(WDT + "P") for q in stated)
    dated = {q.subject for q in dataset.facts() if q.predicate == NamedNode(DCT + "issued")}
    assert {q.graph_name for q in stated} <= dated


def test_labels_are_in_english_and_chinese_and_an_item_has_one_of_each(stated):
    labels = [(q.subject, q.object.language) for q in stated if q.predicate.value == RDFS + "label"]
    assert {language.lower() for _, language in labels} == {"en", "zh", "zh-hant"}
    doubled = {pair for pair in labels if labels.count(pair) > 1}
    assert {item.value for item, _ in doubled} <= CLASSES_OF_TWO_COPIES


def test_links_are_borne_out_by_names_kinds_and_codes(snapshot):
    facts = Facts(snapshot.source_quads())
    found = compare(facts, packaged_slice(snapshot.source_quads(), facts.kinds)).findings
    agreed = {each.thing.iri for each in found if each.status == "agrees"}
    assert len(agreed) >= 80
    conflicts = {(each.thing.identifier, each.property.id) for each in found if each.status == "conflicts"}
    assert conflicts == {
        ("georgia", "Lzh"),
        ("south-korea", "Lzh"),
        ("russia", "P625"),
        ("vietnam", "P625"),
    }
