"""Contradictions are found and explained in words that name the facts, their files and the axioms."""

from __future__ import annotations

import pytest

from kouan.reasoning import check_consistency
from kouan.validation import with_files

# An explanation asks the reasoner some dozens of times.
pytestmark = pytest.mark.timeout(300)

CONTRADICTIONS = {
    "a city that is a policy": ("id:heihe a kouan:Policy .", ["Heihe is a policy", "no city is a policy"]),
    "a city that is issued": (
        "id:heihe kouan:issuedBy id:state-council .",
        ["Heihe issued by State Council of China", "policy"],
    ),
    "a country that borders itself": ("id:mongolia kouan:borders id:mongolia .", ["nothing borders itself"]),
    "a plan that starts twice": (
        "id:thirteenth-five-year-plan kouan:periodStart 2015 .",
        ["has one value at most", "p22.ttl"],
    ),
    "a year that is text": ('id:border-areas-opinion kouan:issuedYear "2016" .', ["issued in year", "integer"]),
    "a province that is a country": ("id:yunnan a kouan:Country .", ["Yunnan is a country"]),
    "a port that is a person": ("id:heihe-port a kouan:Person .", ["port of entry", "person"]),
}


@pytest.fixture
def with_facts(dataset, tmp_path):
    def add(text):
        file = tmp_path / "triples" / "kouan" / "added.ttl"
        file.parent.mkdir(parents=True)
        file.write_text(
            "@prefix id: <https://w3id.org/kouan/id/> .\n@prefix kouan: <https://w3id.org/kouan/ontology#> .\n" + text,
            encoding="utf-8",
        )
        return with_files(dataset, [file])

    return add


def test_the_graph_is_consistent(dataset):
    assert check_consistency(dataset) is None


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradiction_is_explained(name, with_facts):
    text, expected = CONTRADICTIONS[name]
    explanation = str(check_consistency(with_facts(text)))
    assert "added.ttl" in explanation
    assert [words for words in expected if words not in explanation] == []


def test_class_that_nothing_can_be_is_found_by_hermit_alone_and_explained(with_facts):
    explanation = str(
        check_consistency(with_facts("kouan:AirPort <http://www.w3.org/2000/01/rdf-schema#subClassOf> kouan:Policy ."))
    )
    assert "air port of entry" in explanation
    assert "policy" in explanation
    assert "added.ttl" in explanation
