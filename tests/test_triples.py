"""The graph's files are tidy, and say what the article says."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import opencc
import pytest
from pyoxigraph import parse

from kouan.graph.coverage import coverage_page
from kouan.graph.turtle import write_turtle
from kouan.vocabulary import DCT, KOUAN, OWL, RDF, RDFS, SKOS

HOME = Path(__file__).parent.parent
FILES = sorted([*HOME.glob("triples/**/*.ttl"), *HOME.glob("ontology/*.ttl"), *HOME.glob("shapes/*.ttl")])
ARTICLE = Path(os.environ.get("KOUAN_ARTICLE", HOME.parent / "shared" / "source" / "chen-2018.txt"))
SCHEMES = {OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(HOME).as_posix())
def test_turtle_is_tidy(file):
    text = file.read_text(encoding="utf-8")
    comment = "\n".join(line.removeprefix("# ") for line in text.split("\n\n", 1)[0].splitlines())
    parser = parse(text, format_for(file), base_iri="file:///tidy")
    triples = [quad.triple for quad in parser]
    assert comment, "the first line says what the file holds"
    assert text == write_turtle(triples, parser.prefixes, comment)


def format_for(file):
    from kouan.graph.documents import format_of

    return format_of(file)


def ontology_terms():
    quads = list(parse(path=HOME / "ontology/kouan.ttl"))
    terms = {q.subject for q in quads if q.predicate.value == RDF + "type" and q.object.value in SCHEMES}
    return quads, sorted((t for t in terms if t.value.startswith(KOUAN)), key=str)


QUADS, TERMS = ontology_terms()


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.value.removeprefix(KOUAN))
def test_term_has_labels_and_definitions_in_both_languages(term):
    for predicate in (RDFS + "label", SKOS + "definition"):
        languages = {q.object.language for q in QUADS if q.subject == term and q.predicate.value == predicate}
        assert languages == {"en", "zh"}, predicate
    assert any(q.subject == term and q.predicate.value == RDFS + "isDefinedBy" for q in QUADS)


def test_coverage_page_is_up_to_date(dataset):
    page = HOME / "docs" / "coverage.md"
    assert page.read_text(encoding="utf-8") == coverage_page(dataset), "run make docs"


def test_chinese_labels_are_in_simplified_characters_or_say_that_they_are_not(dataset):
    simplify = opencc.OpenCC("t2s").convert
    chinese = {
        quad.object.value
        for quad in dataset.asserted()
        if getattr(quad.object, "language", None) == "zh" and quad.predicate.value != DCT + "title"
    }
    assert {text for text in chinese if simplify(text) != text} == set()


@pytest.fixture(scope="session")
def article():
    if not ARTICLE.is_file():
        pytest.skip("the article is copyrighted and not in this folder; KOUAN_ARTICLE names a copy")
    return ARTICLE.read_text(encoding="utf-8")


def test_every_passage_has_the_place_and_checksum_of_its_paragraph(article, dataset):
    paragraphs = [line.strip() for line in article.splitlines() if line.strip()]
    facts = {
        (q.subject.value, q.predicate.value): q.object.value for q in dataset.facts() if hasattr(q.subject, "value")
    }
    for number, paragraph in enumerate(paragraphs, 1):
        passage = f"https://w3id.org/kouan/source/chen-2018/p{number:02d}"
        start = int(facts[passage + "#position", "http://www.w3.org/ns/oa#start"])
        end = int(facts[passage + "#position", "http://www.w3.org/ns/oa#end"])
        assert article[start:end] == paragraph
        assert facts[passage, KOUAN + "sha256"] == hashlib.sha256(paragraph.encode()).hexdigest()


# Official titles, and what the article itself is called; the editors' words have no run of eight words as in the article.
OFFICIAL_TITLES = (
    "13th five-year plan for developing border regions and improving border residents' income",
    "opinion on policies and measures for supporting the development and",
    "development of key border areas",
    "vision and actions on jointly building the silk road economic belt and the 21st century maritime silk road",
    "border cities encouraged to boost b&r construction neighborhood diplomacy",
)


def words(text):
    return re.findall(r"[a-z0-9&'-]+", text.lower().replace("’", "'"))


def test_no_eight_words_of_the_article_stand_together_but_in_official_titles(article):
    said = words(article)
    runs = {tuple(said[at : at + 8]) for at in range(len(said) - 7)}
    titles = {tuple(words(" ".join(OFFICIAL_TITLES))[at : at + 8]) for at in range(200)}
    ours = [*FILES, *HOME.glob("docs/**/*.md"), *HOME.glob("questions/*.rq"), HOME / "README.md"]
    found = {}
    for file in ours:
        for line in file.read_text(encoding="utf-8").splitlines():
            spoken = words(line)
            for at in range(len(spoken) - 7):
                run = tuple(spoken[at : at + 8])
                if run in runs and run not in titles:
                    found.setdefault(file.name, []).append(" ".join(run))
    assert found == {}


def test_no_sentence_of_the_article_is_in_the_project(article):
    sentences = [
        s.strip() for line in article.splitlines() for s in re.split(r"(?<=[.!?])\s", line) if len(s.split()) > 9
    ]
    ours = [*FILES, *HOME.glob("docs/**/*.md"), *HOME.glob("questions/*.rq"), HOME / "README.md"]
    texts = "\n".join(file.read_text(encoding="utf-8") for file in ours)
    assert [s for s in sentences if s in texts] == []
