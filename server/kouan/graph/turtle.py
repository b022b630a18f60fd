"""Write triples as the tidy Turtle that the project keeps under review. Knows no files and no graphs, only triples and prefixes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.vocabulary import RDF, RDFS, XSD

Node = NamedNode | BlankNode
Term = Node | Literal | Triple
Index = dict[Node, dict[NamedNode, list[Term]]]

INDENT = "    "
LOCAL_NAME = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_\-]*[A-Za-z0-9_\-])?\Z")
INTEGER = re.compile(r"[+-]?[0-9]+\Z")
DECIMAL = re.compile(r"[+-]?[0-9]*\.[0-9]+\Z")
FIRST = NamedNode(RDF + "first")
REST = NamedNode(RDF + "rest")
NIL = NamedNode(RDF + "nil")
TYPE = NamedNode(RDF + "type")
LABEL = NamedNode(RDFS + "label")
# Nobody reads further to the right, and each level takes some of the stack.
MOST_DEEP = 40


def write_turtle(triples: Iterable[Triple], prefixes: Mapping[str, str], comment: str = "") -> str:
    """Return the triples as Turtle: prefixes A-Z, subjects A-Z, types and labels first, blank nodes nested.

    Only the prefixes that the text uses are declared. A blank node that more than one triple points to,
    or that none does, keeps a label of its own; so does one of each ring of them, what would stand too deep, and what stands
    in a triple that is spoken of (RDF 1.2 Turtle, section 2.11).
    """
    return _Writer(triples, prefixes).text(comment)


class _Writer:
    def __init__(self, triples: Iterable[Triple], prefixes: Mapping[str, str]) -> None:
        self.index: Index = defaultdict(lambda: defaultdict(list))
        holders: dict[Node, list[Node]] = defaultdict(list)
        for triple in set(triples):
            assert not isinstance(triple.subject, Triple)
            self.index[triple.subject][triple.predicate].append(triple.object)
            if isinstance(triple.object, BlankNode):
                holders[triple.object].append(triple.subject)
            for node in _nodes_in(triple.object):
                holders[node] += [triple.subject] * 2
        self.held = {node: found[0] for node, found in holders.items() if len(found) == 1}
        self.cells = self._cells()
        self.nested = self._nested()
        self.namespaces = sorted(((iri, prefix) for prefix, iri in prefixes.items()), key=lambda pair: -len(pair[0]))
        self.used: dict[str, str] = {}
        self.names: dict[Node, str] = {}

    def text(self, comment: str) -> str:
        tops = [subject for subject in self.index if subject not in self.nested]
        blocks = [self._subject(subject) for subject in sorted(tops, key=self._order)]
        width = max((len(prefix) for prefix in self.used), default=0)
        declared = [f"@prefix {p}:{' ' * (width - len(p))} <{iri}> ." for p, iri in sorted(self.used.items())]
        parts = ["\n".join(f"# {line}" for line in comment.splitlines())] if comment else []
        parts += ["\n".join(declared)] if declared else []
        return "\n\n".join(parts + blocks) + "\n"

    def _cells(self) -> set[Node]:
        """Return the nodes of lists that brackets can stand for: one first and one rest each and no more, to the end."""
        before: dict[Term, list[Node]] = defaultdict(list)
        for node, said in self.index.items():
            if isinstance(node, BlankNode) and set(said) == {FIRST, REST} and all(len(v) == 1 for v in said.values()):
                before[said[REST][0]].append(node)
        cells, waiting = set(), before[NIL]
        while waiting:
            node = waiting.pop()
            cells.add(node)
            if node in self.held:
                waiting += before[node]
        return cells

    def _nested(self) -> set[Node]:
        """Return the blank nodes that are written within the one node that points to them."""
        later = {self.index[cell][REST][0] for cell in self.cells}
        depths: dict[Node, int] = {}
        for node in sorted(self.held, key=str):
            trail: dict[Node, None] = {}
            while node in self.held and node not in depths and node not in trail:
                trail[node] = None
                node = self.held[node]
            if node in trail:
                depths[node] = 0
            depth = depths.get(node, 0)
            for each in reversed(trail):
                # The nodes of one list stand side by side.
                depth = depths.setdefault(each, depth if depth and each in later else (depth + 1) % MOST_DEEP)
        return {node for node, depth in depths.items() if depth}

    def _order(self, term: Term) -> tuple[int, str]:
        return (isinstance(term, BlankNode), self._term(term, 0))

    def _subject(self, subject: Node) -> str:
        lines = self._predicates(subject, 1)
        return self._name(subject) + "\n" + (" ;\n").join(lines) + " ."

    def _predicates(self, subject: Node, depth: int) -> list[str]:
        def place(predicate: NamedNode) -> tuple[int, str]:
            if predicate in (TYPE, LABEL):
                return (0 if predicate == TYPE else 1, "")
            return (2, self._name(predicate))

        lines = []
        for predicate in sorted(self.index[subject], key=place):
            name = "a" if predicate == TYPE else self._name(predicate)
            written = sorted(self._term(value, depth) for value in self.index[subject][predicate])
            joint = f" ,\n{INDENT * (depth + 1)}" if any(len(v) > 60 for v in written) else ", "
            lines.append(f"{INDENT * depth}{name} {joint.join(written)}")
        return lines

    def _term(self, term: Term, depth: int) -> str:
        if isinstance(term, Literal | Triple):
            return self._spoken_of(term)
        if term == NIL:
            return "()"
        if term in self.nested:
            return self._list(term, depth) if term in self.cells else self._node(term, depth)
        return self._name(term)

    def _spoken_of(self, term: Term) -> str:
        """Return a term as it stands where nothing can stand within it."""
        if isinstance(term, Triple):
            return f"<<( {' '.join(self._spoken_of(each) for each in term)} )>>"
        return self._literal(term) if isinstance(term, Literal) else self._name(term)

    def _list(self, node: Node, depth: int) -> str:
        members: list[str] = []
        rest: Term = node
        while rest != NIL:
            members.append(self._term(self.index[rest][FIRST][0], depth + 1))  # type: ignore[index]
            rest = self.index[rest][REST][0]  # type: ignore[index]
        return f"( {' '.join(members)} )"

    def _node(self, node: Node, depth: int) -> str:
        lines = self._predicates(node, depth + 1)
        if not lines:
            return "[]"
        return "[\n" + " ;\n".join(lines) + f" ;\n{INDENT * depth}]"

    def _name(self, term: Node) -> str:
        if term not in self.names:
            self.names[term] = self._named(term)
        return self.names[term]

    def _named(self, term: Node) -> str:
        if isinstance(term, BlankNode):
            return str(term)
        for namespace, prefix in self.namespaces:
            local = term.value.removeprefix(namespace)
            if term.value.startswith(namespace) and LOCAL_NAME.match(local):
                self.used[prefix] = namespace
                return f"{prefix}:{local}"
        return str(term)

    def _literal(self, literal: Literal) -> str:
        datatype = literal.datatype.value
        if datatype == XSD + "integer" and INTEGER.match(literal.value):
            return literal.value
        if datatype == XSD + "decimal" and DECIMAL.match(literal.value):
            return literal.value
        if datatype == XSD + "boolean" and literal.value in {"true", "false"}:
            return literal.value
        quoted = str(Literal(literal.value))
        if literal.language:
            way = f"--{literal.direction.value}" if literal.direction else ""
            return f"{quoted}@{_spelled(literal.language)}{way}"
        return quoted if datatype == XSD + "string" else f"{quoted}^^{self._name(literal.datatype)}"


def _nodes_in(term: Term) -> Iterator[BlankNode]:
    """Yield the blank nodes of a triple that is spoken of."""
    if isinstance(term, Triple):
        yield from (each for each in term if isinstance(each, BlankNode))
        yield from _nodes_in(term.object)


def _spelled(language: str) -> str:
    """Return a language tag in the usual case, zh-Latn or en-GB, which parsers do not keep (RFC 5646, section 2.1.1)."""
    main, *parts = language.split("-")
    return "-".join([main, *(p.title() if len(p) == 4 else p.upper() if len(p) == 2 else p for p in parts)])
