"""The shapes catch what goes wrong in real data: facts are spoilt one by one, and each must be found.

Mutations of different things are validated together, in as few runs as they leave each other alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, parse

from kouan.graph.dataset import SourceDataset
from kouan.reasoning import closure
from kouan.validation import Finding, validate
from kouan.vocabulary import ID, PREFIXES, SRC

FILE = Path(__file__).parent / "mutations.txt"
DECLARED = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())


@dataclass(frozen=True)
class Mutation:
    """Facts taken out of and put into one graph, the thing that is then at fault, and words of what must be said of it."""

    name: str
    at: str
    says: str
    graph: str
    run: int
    taken: tuple[Triple, ...]
    added: tuple[Triple, ...]


def read_mutation(block: str) -> Mutation:
    name, *lines = block.splitlines()
    fields: dict[str, list[str]] = {}
    for key, _, rest in (line.strip().partition(" ") for line in lines):
        fields.setdefault(key, []).append(rest)
    at, graph = fields["at"][0], fields["in"][0]
    return Mutation(
        name=name,
        at=at.strip("<>").replace("id:", ID) if at.startswith("id:") else at.strip("<>"),
        says=fields["says"][0],
        graph=graph if "://" in graph else SRC + graph,
        run=int(fields.get("run", ["1"])[0]),
        taken=triples(fields.get("-", [])),
        added=triples(fields.get("+", [])),
    )


def triples(lines: list[str]) -> tuple[Triple, ...]:
    return tuple(quad.triple for quad in parse(DECLARED + "\n".join(lines), RdfFormat.TURTLE))


def read_mutations() -> list[Mutation]:
    blocks = FILE.read_text(encoding="utf-8").strip().split("\n\n")
    return [read_mutation(block) for block in blocks if not block.startswith("#")]


MUTATIONS = read_mutations()


def is_meant(pattern: Triple, triple: Triple) -> bool:
    same = pattern.subject == triple.subject and pattern.predicate == triple.predicate
    return same and (isinstance(pattern.object, BlankNode) or pattern.object == triple.object)


def spoilt(dataset: SourceDataset, mutations: list[Mutation]) -> SourceDataset:
    shapes = [file for file in dataset.files if file.name.startswith("shapes/")]
    files = {file.graph: file for file in dataset.files if file not in shapes}
    for mutation in mutations:
        graph = NamedNode(mutation.graph)
        file = files.get(mutation.graph) or replace(dataset.files[0], name="new.ttl", graph=mutation.graph, quads=())
        for pattern in mutation.taken:
            assert any(is_meant(pattern, q.triple) for q in file.quads), (
                f"{mutation.name}: {pattern} is not in the data"
            )
        kept = [q for q in file.quads if not any(is_meant(pattern, q.triple) for pattern in mutation.taken)]
        added = [Quad(t.subject, t.predicate, t.object, graph) for t in mutation.added]
        files[mutation.graph] = replace(file, quads=(*kept, *added))
    return SourceDataset(dataset.home, (*files.values(), *shapes))


@pytest.fixture(scope="module")
def unspoilt(dataset: SourceDataset) -> tuple[Finding, ...]:
    return validate(dataset, closure(dataset.asserted())).findings


@pytest.fixture(scope="module")
def found(dataset: SourceDataset) -> dict[int, tuple[Finding, ...]]:
    reports = {}
    for run in sorted({mutation.run for mutation in MUTATIONS}):
        data = spoilt(dataset, [mutation for mutation in MUTATIONS if mutation.run == run])
        reports[run] = validate(data, closure(data.asserted())).findings
    return reports


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_mutation_is_caught(mutation, found):
    said = [f.message for f in found[mutation.run] if f.focus_node == mutation.at and f.severity == "Violation"]
    assert any(mutation.says in message for message in said), said


def test_unspoilt_data_has_no_violation(unspoilt):
    assert [f"{f.place}: {f.message}" for f in unspoilt if f.severity == "Violation"] == []


def test_more_than_forty_mutations_have_names_of_their_own():
    assert len(MUTATIONS) > 40
    assert {name: times for name, times in Counter(m.name for m in MUTATIONS).items() if times > 1} == {}
