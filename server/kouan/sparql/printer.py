"""Print a tree as SPARQL text that means the same. Knows how tightly operators bind, and keeps no layout and no prefixes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from kouan.sparql import tree
from kouan.sparql.cursor import NESTING
from kouan.sparql.depth import RoomFor
from kouan.sparql.tree import Node

NUMBERS = {
    "integer": re.compile(r"-?[0-9]+"),
    "decimal": re.compile(r"-?[0-9]*\.[0-9]+"),
    "double": re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
    "boolean": re.compile("true|false"),
}
XSD = "http://www.w3.org/2001/XMLSchema#"
ESCAPES = str.maketrans({'"': r"\"", "\\": "\\\\", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f"})
OR, AND, RELATION, SUM, PRODUCT, UNARY, PRIMARY = range(1, 8)
ALTERNATIVE, SEQUENCE, ELEMENT, SIMPLE = range(1, 5)


def print_tree(node: Node, *, nesting: int = NESTING) -> str:
    """Return a node as text, which means the same; its IRIs are written in full, and it has no prologue but BASE.

    `nesting` is what it was parsed with.
    """
    with RoomFor(nesting):
        return _text(node)


def _text(node: Node) -> str:
    return PRINTERS[type(node)](node)


def _each(nodes: Iterable[Node], between: str = " ") -> str:
    return between.join(_text(node) for node in nodes)


# ---- terms


def _literal(node: tree.Literal) -> str:
    if node.datatype.startswith(XSD):
        plain = NUMBERS.get(node.datatype[len(XSD) :])
        # A plus sign is left to quotation marks: the engine reads `:p +1` as the path `:p+`.
        if plain is not None and plain.fullmatch(node.lexical):
            return node.lexical
    quoted = f'"{node.lexical.translate(ESCAPES)}"'
    if node.language:
        return f"{quoted}@{node.language}" + (f"--{node.direction}" if node.direction else "")
    return quoted if node.datatype == XSD + "string" else f"{quoted}^^<{node.datatype}>"


def _blank_node(node: tree.BlankNode) -> str:
    return f"_:{node.label}" if node.label else "[]"


def _triple_term(node: tree.TripleTerm) -> str:
    return f"<<( {_each((node.subject, node.predicate, node.object))} )>>"


def _reifier(node: tree.Reifier) -> str:
    return "~" if node.term is None else f"~ {_text(node.term)}"


def _reified_triple(node: tree.ReifiedTriple) -> str:
    parts = [node.subject, node.predicate, node.object]
    return f"<< {_each(parts)} {'' if node.reifier is None else _text(node.reifier)} >>"


# ---- triples


def _properties(triples: Sequence[tree.TriplePattern]) -> str:
    """Return verbs and objects of triples that have one subject, without it."""
    return " ; ".join(
        " ".join([_text(each.predicate), _text(each.object), *map(_text, each.annotations)]) for each in triples
    )


def _triples(nodes: Sequence[Any]) -> str:
    """Return triples; what was written behind one subject is written so again, as a bracket stands for one node only once."""
    parts: list[str] = []
    for _, run in groupby(nodes, lambda node: id(node.subject if isinstance(node, tree.TriplePattern) else node)):
        together = list(run)
        first = together[0]
        is_triple = isinstance(first, tree.TriplePattern)
        parts.append(f"{_text(first.subject)} {_properties(together)}" if is_triple else _text(first))
    return " . ".join(parts)


# ---- paths


def _path(node: Node, least: int) -> str:
    level = PATH_LEVELS.get(type(node), SIMPLE)
    return _text(node) if level >= least else f"({_text(node)})"


def _negated(node: tree.PathNegatedPropertySet) -> str:
    return f"!({_each(node.parts, ' | ')})"


# ---- patterns


def _group(node: tree.GroupGraphPattern) -> str:
    return f"{{ {_each(node.elements)} }}"


def _service(node: tree.ServiceGraphPattern) -> str:
    return f"SERVICE {'SILENT ' if node.is_silent else ''}{_text(node.name)} {_text(node.group)}"


def _filter(node: tree.Filter) -> str:
    return f"FILTER {_constraint(node.expression)}"


def _constraint(node: Node) -> str:
    is_call = isinstance(node, tree.BuiltInCall | tree.FunctionCall | tree.Aggregate | tree.Exists)
    return _text(node) if is_call else f"({_text(node)})"


def _inline_data(node: tree.InlineData) -> str:
    rows = " ".join(f"( {_each(row)} )" for row in node.rows)
    return f"VALUES ( {_each(node.variables)} ) {{ {rows} }}"


# ---- expressions


def _level(node: Node) -> int:
    if isinstance(node, tree.Arithmetic):
        return PRODUCT if node.operators[0] in "*/" else SUM
    return LEVELS.get(type(node), PRIMARY)


def _operand(node: Node, least: int) -> str:
    return _text(node) if _level(node) >= least else f"({_text(node)})"


def _arithmetic(node: tree.Arithmetic) -> str:
    least = _level(node) + 1
    parts = [_operand(node.operands[0], least)]
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        parts += (operator, _operand(operand, least))
    return " ".join(parts)


def _comparison(node: tree.Comparison) -> str:
    return f"{_operand(node.left, SUM)} {node.operator} {_operand(node.right, SUM)}"


def _in(node: tree.In) -> str:
    return f"{_operand(node.operand, SUM)} {'NOT ' if node.is_negated else ''}IN ({_each(node.choices, ', ')})"


def _unary(node: tree.Unary) -> str:
    return f"{node.operator} {_operand(node.operand, PRIMARY)}"


def _aggregate(node: tree.Aggregate) -> str:
    argument = "*" if node.argument is None else _text(node.argument)
    separator = "" if node.separator is None else f' ; SEPARATOR = "{node.separator.translate(ESCAPES)}"'
    name = f"<{node.name}>" if ":" in node.name else node.name
    return f"{name}({'DISTINCT ' if node.is_distinct else ''}{argument}{separator})"


def _exists(node: tree.Exists) -> str:
    return f"{'NOT ' if node.is_negated else ''}EXISTS {_text(node.group)}"


# ---- queries


def _select_clause(node: tree.SelectClause) -> str:
    return " ".join(filter(None, ["SELECT", node.modifier, _each(node.items) or "*"]))


def _alias(node: tree.Alias | tree.Bind) -> str:
    return f"({_text(node.expression)} AS {_text(node.variable)})"


def _modifier(node: tree.SolutionModifier) -> str:
    parts = []
    if node.group:
        plain = tree.Var | tree.Alias
        parts.append("GROUP BY " + " ".join(_text(x) if isinstance(x, plain) else _constraint(x) for x in node.group))
    if node.having:
        parts.append("HAVING " + " ".join(map(_constraint, node.having)))
    if node.order:
        parts.append(f"ORDER BY {_each(node.order)}")
    if node.limit is not None:
        parts.append(f"LIMIT {node.limit}")
    if node.offset is not None:
        parts.append(f"OFFSET {node.offset}")
    return " ".join(parts)


def _order(node: tree.OrderCondition) -> str:
    return f"{'DESC' if node.is_descending else 'ASC'}({_text(node.expression)})"


def _sub_select(node: tree.SubSelect) -> str:
    values = "" if node.values is None else _text(node.values)
    return f"{_text(node.select)} WHERE {_text(node.where)} {_text(node.modifier)} {values}"


def _dataset(word: str, clauses: Iterable[tree.DatasetClause]) -> str:
    return " ".join(f"{word} {'NAMED ' if each.is_named else ''}{_text(each.graph)}" for each in clauses)


def _base(prologue: tree.Prologue) -> str:
    # IRI("x") is resolved by it when the query is evaluated.
    return f"BASE <{prologue.base}>" if prologue.base else ""


def _query(node: tree.Query) -> str:
    parts = [_base(node.prologue), node.form if node.select is None else _text(node.select)]
    if node.form == "DESCRIBE":
        parts.append(_each(node.targets) or "*")
    if node.template is not None:
        parts.append(f"{{ {_triples(node.template.triples)} }}")
    parts.append(_dataset("FROM", node.dataset))
    if node.where is not None:
        parts.append(f"WHERE {_text(node.where)}")
    parts += (_text(node.modifier), "" if node.values is None else _text(node.values))
    return " ".join(filter(None, parts))


# ---- updates


def _quads_not_triples(node: tree.QuadsNotTriples) -> str:
    return f"GRAPH {_text(node.name)} {{ {'' if node.block is None else _text(node.block)} }}"


def _modify(node: tree.Modify) -> str:
    parts = [
        "" if node.graph is None else f"WITH {_text(node.graph)}",
        "" if node.delete is None else f"DELETE {_text(node.delete)}",
        "" if node.insert is None else f"INSERT {_text(node.insert)}",
        _dataset("USING", node.using),
        f"WHERE {_text(node.where)}",
    ]
    return " ".join(filter(None, parts))


def _silent(node: Any) -> str:
    return " SILENT" if node.is_silent else ""


def _load(node: tree.Load) -> str:
    into = "" if node.graph is None else f" INTO GRAPH {_text(node.graph)}"
    return f"LOAD{_silent(node)} {_text(node.source)}{into}"


def _clear(node: tree.Clear) -> str:
    target = node.target if isinstance(node.target, str) else f"GRAPH {_text(node.target)}"
    return f"{node.name}{_silent(node)} {target}"


def _transfer(node: tree.Transfer) -> str:
    source, target = ("DEFAULT" if graph is None else _text(graph) for graph in (node.source, node.target))
    return f"{node.name}{_silent(node)} {source} TO {target}"


def _update(node: tree.Update) -> str:
    return f"{_base(node.prologue)} {_each(node.operations, ' ; ')}".strip()


LEVELS: dict[type, int] = {
    tree.Or: OR,
    tree.And: AND,
    tree.Comparison: RELATION,
    tree.In: RELATION,
    tree.Unary: UNARY,
}
PATH_LEVELS: dict[type, int] = {
    tree.PathAlternative: ALTERNATIVE,
    tree.PathSequence: SEQUENCE,
    tree.PathInverse: ELEMENT,
    tree.PathRepeated: ELEMENT,
}
PRINTERS: dict[type, Callable[[Any], str]] = {
    tree.Var: lambda node: f"?{node.name}",
    tree.Iri: lambda node: f"<{node.value}>",
    tree.Literal: _literal,
    tree.BlankNode: _blank_node,
    tree.Undef: lambda _: "UNDEF",
    tree.TripleTerm: _triple_term,
    tree.Reifier: _reifier,
    tree.ReifiedTriple: _reified_triple,
    tree.BlankNodePropertyList: lambda node: f"[ {_properties(node.triples)} ]",
    tree.Collection: lambda node: f"( {_each(node.items)} )",
    tree.PathAlternative: lambda node: " | ".join(_path(part, SEQUENCE) for part in node.parts),
    tree.PathSequence: lambda node: " / ".join(_path(part, ELEMENT) for part in node.parts),
    tree.PathInverse: lambda node: (
        f"^ {_path(node.path, SIMPLE if isinstance(node.path, tree.PathInverse) else ELEMENT)}"
    ),
    tree.PathRepeated: lambda node: f"{_path(node.path, SIMPLE)}{node.modifier}",
    tree.PathNegatedPropertySet: _negated,
    tree.AnnotationBlock: lambda node: f"{{| {_properties(node.triples)} |}}",
    tree.TriplePattern: lambda node: f"{_text(node.subject)} {_properties([node])}",
    tree.TriplesBlock: lambda node: _triples(node.triples),
    tree.GroupGraphPattern: _group,
    tree.Union: lambda node: _each(node.groups, " UNION "),
    tree.Optional: lambda node: f"OPTIONAL {_text(node.group)}",
    tree.Minus: lambda node: f"MINUS {_text(node.group)}",
    tree.Lateral: lambda node: f"LATERAL {_text(node.group)}",
    tree.GraphGraphPattern: lambda node: f"GRAPH {_text(node.name)} {_text(node.group)}",
    tree.ServiceGraphPattern: _service,
    tree.Filter: _filter,
    tree.Bind: lambda node: f"BIND {_alias(node)}",
    tree.InlineData: _inline_data,
    tree.Or: lambda node: " || ".join(_operand(each, AND) for each in node.operands),
    tree.And: lambda node: " && ".join(_operand(each, RELATION) for each in node.operands),
    tree.Comparison: _comparison,
    tree.In: _in,
    tree.Arithmetic: _arithmetic,
    tree.Unary: _unary,
    tree.BuiltInCall: lambda node: f"{node.name}({_each(node.arguments, ', ')})",
    tree.FunctionCall: lambda node: f"{_text(node.name)}({_each(node.arguments, ', ')})",
    tree.Aggregate: _aggregate,
    tree.Exists: _exists,
    tree.DatasetClause: lambda node: _dataset("FROM", [node]),
    tree.Alias: _alias,
    tree.SelectClause: _select_clause,
    tree.OrderCondition: _order,
    tree.SolutionModifier: _modifier,
    tree.SubSelect: _sub_select,
    tree.Query: _query,
    tree.QuadsNotTriples: _quads_not_triples,
    tree.Quads: lambda node: f"{{ {_each(node.parts)} }}",
    tree.InsertData: lambda node: f"INSERT DATA {_text(node.quads)}",
    tree.DeleteData: lambda node: f"DELETE DATA {_text(node.quads)}",
    tree.DeleteWhere: lambda node: f"DELETE WHERE {_text(node.quads)}",
    tree.Modify: _modify,
    tree.Load: _load,
    tree.Clear: _clear,
    tree.Create: lambda node: f"CREATE{_silent(node)} GRAPH {_text(node.graph)}",
    tree.Transfer: _transfer,
    tree.Update: _update,
}
