"""Write docs/coverage.md: what of each paragraph of the article is encoded, and what is left out and why. Knows facts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from kouan.dataset import SourceDataset
from kouan.vocabulary import KOUAN, PREFIXES, RDF, RDFS, SRC

ARTICLE = SRC + "chen-2018"
LABEL, TYPE, LEFT_OUT = RDFS + "label", RDF + "type", KOUAN + "leftOut"
HEAD = """# Coverage

What each paragraph of the article states in the graph, and what of it is left out. Made by `kouan export coverage`
from `triples/`; the facts of paragraph N stand in `triples/chen-2018/pNN.ttl`, in the editors' words.
"""


def coverage_page(dataset: SourceDataset) -> str:
    """Return the page as Markdown."""
    labels = {
        quad.subject: quad.object.value
        for quad in dataset.asserted()
        if quad.predicate.value == LABEL and isinstance(quad.object, Literal) and quad.object.language == "en"
    }
    facts: dict[str, list[Quad]] = defaultdict(list)
    left_out: dict[str, str] = {}
    sections: dict[str, str] = {}
    for quad in dataset.facts():
        graph = str(quad.graph_name.value) if isinstance(quad.graph_name, NamedNode) else ""
        if graph.startswith(ARTICLE + "/p"):
            facts[graph].append(quad)
        elif graph == ARTICLE and isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            if quad.object.language == "en" and quad.predicate.value == LEFT_OUT:
                left_out[quad.subject.value] = quad.object.value
            if quad.object.language == "en" and quad.predicate.value == KOUAN + "section":
                sections[quad.subject.value] = quad.object.value
    total = sum(len(quads) for quads in facts.values())
    parts = [HEAD, f"{len(sections)} paragraphs, {total} facts.\n"]
    for passage in sorted(sections):
        number = int(passage.rsplit("/p", 1)[1])
        parts.append(f"## Paragraph {number} ({sections[passage]})\n")
        lines = sorted({_line(quad, labels) for quad in facts.get(passage, [])})
        parts.append("\n".join(f"- {line}" for line in lines) + "\n" if lines else "Nothing is encoded.\n")
        if passage in left_out:
            parts.append(f"Left out: {left_out[passage]}\n")
    return "\n".join(parts)


def _line(quad: Quad, labels: Mapping[Any, str]) -> str:
    verb = "is a" if quad.predicate.value == TYPE else _name(quad.predicate, labels)
    value = quad.object
    if isinstance(value, Literal):
        shown = f"“{value.value}”" + (f" ({value.language})" if value.language else "")
    else:
        shown = _name(value, labels)
    return f"{_name(quad.subject, labels)} **{verb}** {shown}"


def _name(term: object, labels: Mapping[Any, str]) -> str:
    if term in labels:
        return labels[term]
    iri = str(getattr(term, "value", term))
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"`{prefix}:{iri.removeprefix(namespace)}`"
    return f"`{iri}`"
