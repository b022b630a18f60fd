"""Answer a SELECT query with the passages that state the triples behind each row. Knows stores; reads the query elsewhere."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

from kouan.errors import BadRequest, NotAcceptable
from kouan.sparql.editing import Edit
from kouan.sparql.parser import parse_query
from kouan.sparql.provenance import Basis, MatchedPattern, basis_of
from kouan.sparql.rewriting import ROOM, rewritten, sendable
from kouan.sparql.tree import Query
from kouan.vocabulary import BASE, INFERRED_GRAPH, OWL, RDF, RDFS, XSD

Term = NamedNode | BlankNode | Literal | Triple
Fact = tuple[Any, Any, Any]
Select = Callable[[str], QuerySolutions]
JSON = "application/sparql-results+json"
TYPE, SUBCLASS = NamedNode(RDF + "type"), NamedNode(RDFS + "subClassOf")
INVERSE, SYMMETRIC = NamedNode(OWL + "inverseOf"), NamedNode(OWL + "SymmetricProperty")


def answer_with_evidence(store: Store, tree: Query, names_dataset: bool, media_type: str, select: Select) -> bytes:
    """Return the answer as SPARQL results in JSON, with a member `evidence` that has one entry for each row.

    Raises NoEvidence where the query has a form for which evidence cannot be told, NotAcceptable for another format.
    """
    if media_type != JSON:
        raise NotAcceptable("Evidence comes as JSON or as a page; ask for one of them.", available=[JSON, "text/html"])
    if names_dataset:
        raise BadRequest(
            "Evidence looks into every graph; send it without default-graph-uri, named-graph-uri and infer."
        )
    basis = basis_of(tree)
    facts = _facts_by_key(basis, select)
    solutions = select(sendable(_with_columns(tree, basis.hidden)))
    names = [variable.value for variable in solutions.variables]
    rows = [[_json(term) for term in solution] for solution in solutions]
    keys = [names.index(name) for name in basis.keys]
    names = names[: len(names) - len(basis.hidden)]
    stating = _Stating(store)
    document = {
        "head": {"vars": names},
        "results": {
            "bindings": [{name: v for name, v in zip(names, row, strict=False) if v is not None} for row in rows]
        },
        "evidence": [_entry(stating, facts[_key(row[at] for at in keys)]) for row in rows],
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _with_columns(tree: Query, names: list[str]) -> Query:
    """Return a query that has more columns, the last."""
    if not names or tree.select is None:
        return tree
    more = "".join(f" ?{name}" for name in names)
    return rewritten(tree, [Edit(tree.select.end, tree.select.end, more)])


def _facts_by_key(basis: Basis, select: Select) -> dict[tuple[str, ...], dict[tuple[str, Fact], None]]:
    """Return, for the values of the keys of a row, the triples that its solutions rest on, each with the graph that it was asked of."""
    solutions = select(sendable(parse_query(basis.solutions, base=BASE, nesting=ROOM)))
    columns = {f"?{variable.value}": place for place, variable in enumerate(solutions.variables)}
    constants = _constants(basis)
    facts: dict[tuple[str, ...], dict[tuple[str, Fact], None]] = defaultdict(dict)
    for solution in solutions:
        values = list(solution)

        def term(text: str, values: list[Any] = values) -> Any:
            return values[columns[text]] if text in columns else constants.get(text)

        row = _key(_json(values[columns[f"?{name}"]]) for name in basis.keys)
        for pattern in basis.patterns:
            if not pattern.marker or term(pattern.marker) is not None:
                _add(facts[row], pattern, term)
    return facts


def _add(facts: dict[tuple[str, Fact], None], pattern: MatchedPattern, term: Callable[[str], Any]) -> None:
    fact = (term(pattern.subject), term(pattern.predicate), term(pattern.object))
    if None not in fact:
        graph = term(pattern.graph) if pattern.graph else None
        facts[getattr(graph, "value", ""), fact] = None


def _constants(basis: Basis) -> dict[str, Any]:
    """Return what the constants of the patterns mean, read by the engine."""
    if not basis.constants:
        return {}
    names = [f"?c{number}" for number in range(len(basis.constants))]
    values = f"VALUES ({' '.join(names)}) {{ ({' '.join(basis.constants)}) }}"
    solutions = Store().query(f"SELECT * {{ {values} }}")
    assert isinstance(solutions, QuerySolutions)
    row = next(solutions)
    return {text: row[name[1:]] for text, name in zip(basis.constants, names, strict=True)}


class _Stating:
    """Which graphs state a triple, and which triples an inferred one follows from in one step; each looked up once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.known: dict[Fact, list[str]] = {}

    def reasons(self, fact: Fact) -> Iterator[Fact]:
        """Yield stated triples of which an inferred one is the inverse, the mirror or a wider class."""
        subject, predicate, value = fact
        if predicate == TYPE:
            narrower = ((subject, TYPE, each) for each in self._subjects(SUBCLASS, value))
        elif isinstance(value, NamedNode | BlankNode):
            others = {*self._subjects(INVERSE, predicate), *self._objects(predicate, INVERSE)}
            mirrored = {predicate} if SYMMETRIC in self._objects(predicate, TYPE) else set()
            narrower = ((value, each, subject) for each in others | mirrored)
        else:
            return
        for reason in narrower:
            if any(graph != INFERRED_GRAPH for graph in self.graphs(reason)):
                yield reason

    def _subjects(self, predicate: NamedNode, value: Any) -> set[Any]:
        return {quad.subject for quad in self.store.quads_for_pattern(None, predicate, value)}

    def _objects(self, subject: Any, predicate: NamedNode) -> set[Any]:
        return {quad.object for quad in self.store.quads_for_pattern(subject, predicate, None)}

    def graphs(self, fact: Fact) -> list[str]:
        if fact not in self.known:
            found = (quad.graph_name for quad in self.store.quads_for_pattern(*fact))
            self.known[fact] = sorted(graph.value for graph in found if isinstance(graph, NamedNode))
        return self.known[fact]


def _entry(stating: _Stating, facts: dict[tuple[str, Fact], None]) -> dict[str, Any]:
    """Return what is told of one row: its facts, who states each or what it follows from, and all who state one."""
    told = [_told(stating, fact, [graph] if graph else stating.graphs(fact)) for graph, fact in facts]
    reasons = [reason for fact in told for reason in fact.get("follows_from", ())]
    return {"passages": sorted({name for fact in (*told, *reasons) for name in fact["passages"]}), "facts": told}


def _told(stating: _Stating, fact: Fact, graphs: list[str]) -> dict[str, Any]:
    passages = [name for name in graphs if name != INFERRED_GRAPH]
    said: dict[str, Any] = dict(zip(("subject", "predicate", "object"), map(_json, fact), strict=True))
    said |= {"passages": passages, "inferred": INFERRED_GRAPH in graphs and not passages}
    if said["inferred"]:
        said["follows_from"] = [_told(stating, reason, stating.graphs(reason)) for reason in stating.reasons(fact)]
    return said


def _key(values: Any) -> tuple[str, ...]:
    return tuple(json.dumps(value, sort_keys=True) for value in values)


def _json(term: Any) -> Any:
    """Return a term as SPARQL results have it in JSON (SPARQL 1.1 Query Results JSON Format, section 3.2.2)."""
    if term is None:
        return None
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Triple):
        parts = zip(("subject", "predicate", "object"), map(_json, term), strict=True)
        return {"type": "triple", "value": dict(parts)}
    said = {"type": "literal", "value": term.value}
    if term.language:
        direction = {"its:dir": str(term.direction)} if term.direction else {}
        return said | {"xml:lang": term.language} | direction
    if term.datatype.value == XSD + "string":
        return said
    return said | {"datatype": term.datatype.value}
