"""Write docs/coverage.md: what of each paragraph and source is encoded, what is left out and what is missing. Knows facts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from kouan.graph.dataset import SourceDataset
from kouan.vocabulary import GEO, KOUAN, PREFIXES, RDF, RDFS, SCHEMA, SRC

ARTICLE = SRC + "chen-2018"
LABEL, TYPE, LEFT_OUT = RDFS + "label", RDF + "type", KOUAN + "leftOut"
LINKED_KINDS = {
    *("cities", "city clusters", "corridors", "counties", "countries", "landmarks", "organizations", "people"),
    *("platforms", "policies", "ports", "prefectures", "provinces", "regions", "zones"),
}
PLACES = {"cities", "counties", "countries", "ports", "prefectures", "provinces", "zones"}
COLUMNS: dict[str, Callable[[str, str], bool]] = {
    "point": lambda predicate, _: predicate == GEO + "hasGeometry",
    "Wikidata": lambda predicate, value: predicate == SCHEMA + "sameAs" and "wikidata.org" in value,
    "GeoNames": lambda predicate, value: predicate == SCHEMA + "sameAs" and "geonames.org" in value,
}
HEAD = """# Coverage

What each paragraph of the article and each other source states in the graph, what of it is left out, and what could
not be found. Made by `kouan export coverage` from `triples/`; the facts of paragraph N stand in
`triples/chen-2018/pNN.ttl`, in the editors' words.
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
    return "\n".join([*parts, *_other_sources(dataset), *_missing(dataset, labels)])


def _other_sources(dataset: SourceDataset) -> list[str]:
    """Return how much each other source states, and what of it is left out."""
    named: dict[str, str] = {}
    stated: dict[str, int] = defaultdict(int)
    left_out: dict[str, list[str]] = defaultdict(list)
    for quad in dataset.facts():
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        source = graph.removeprefix(SRC).split("/")[0]
        if graph == SRC + source and isinstance(quad.object, Literal) and quad.object.language == "en":
            if quad.predicate.value == LABEL and quad.subject == quad.graph_name:
                named[source] = quad.object.value
            if quad.predicate.value == LEFT_OUT:
                left_out[source].append(quad.object.value)
        elif graph != SRC + source:
            stated[source] += 1
    rows = [
        f"| {named[source]} | `{source}` | {stated[source]} | {' '.join(sorted(left_out[source]))} |"
        for source in sorted(named)
        if SRC + source != ARTICLE
    ]
    return ["## The other sources\n", "| source | folder | facts | left out |\n| --- | --- | --- | --- |", *rows, ""]


def _missing(dataset: SourceDataset, labels: Mapping[Any, str]) -> list[str]:
    """Return, for each kind of thing, how many have a point and links, and which have not."""
    known: dict[str, set[Any]] = defaultdict(set)
    kinds: dict[str, list[Any]] = defaultdict(list)
    for quad in dataset.facts():
        value = quad.object.value if isinstance(quad.object, NamedNode) else ""
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        if quad.predicate.value == LABEL and "/kouan/things/" in graph and quad.subject not in kinds[graph]:
            kinds[graph].append(quad.subject)
        for column, is_so in COLUMNS.items():
            if is_so(quad.predicate.value, value):
                known[column].add(quad.subject)
    rows, tables = [], []
    for graph in sorted(kinds):
        kind = graph.rsplit("/", 1)[1].replace("-", " ")
        things = kinds[graph]
        if kind not in LINKED_KINDS:
            continue
        rows.append(
            f"| {kind} | {len(things)} | " + " | ".join(str(len(known[c] & set(things))) for c in COLUMNS) + " |"
        )
        columns = list(COLUMNS) if kind in PLACES else ["Wikidata"]
        lacking = sorted(
            f"| {_name(thing, labels)} | {' | '.join('yes' if thing in known[c] else 'none' for c in columns)} |"
            for thing in things
            if any(thing not in known[c] for c in columns)
        )
        if lacking:
            head = f"| {kind} | {' | '.join(columns)} |\n|{' --- |' * (len(columns) + 1)}"
            tables += [f"### {kind.capitalize()} that lack something\n", head, *lacking, ""]
    head = "| kind | things | " + " | ".join(COLUMNS) + " |\n| --- | --- | --- | --- | --- |"
    return ["## What is missing\n", head, *rows, "", *tables]


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
