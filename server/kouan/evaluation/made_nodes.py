"""Let BNODE("label") make a blank node of each solution: the same for one label within it, another one in the next.

SPARQL 1.1 Query, section 17.4.2.9. The engine makes one of the label alone, which all solutions share, and so may the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from pyoxigraph import BlankNode, Literal, NamedNode

from kouan.sparql import tree as nodes
from kouan.sparql.editing import Edit
from kouan.sparql.rewriting import rewritten, variables_in

FUNCTION = "https://w3id.org/kouan/function#node"
STRING = NamedNode("http://www.w3.org/2001/XMLSchema#string")


def with_made_nodes(tree: nodes.Query) -> nodes.Query:
    """Return the tree of a query whose BNODE of a label is a function of the label and the solution; itself where there is none.

    It is where a variable gets its value, in BIND and in a SELECT that makes no groups; elsewhere such a node cannot be told
    from another.
    """
    if not any(call.name == "BNODE" and call.arguments for call in tree.volatile):
        return tree
    taken = variables_in(tree)
    seed = next(name for number in range(len(taken) + 1) if (name := f"solution{number}") not in taken)
    return rewritten(tree, dict.fromkeys(_edits(tree, seed)))


def made(label: object, solution: object) -> BlankNode | None:
    """Return the blank node of a label in a solution; None, which is an error in its expression, where it is no string."""
    if not isinstance(label, Literal) or label.datatype != STRING or not isinstance(solution, Literal):
        return None
    return BlankNode(blake2b(f"{solution.value} {label.value}".encode(), digest_size=16).hexdigest())


NODE_FUNCTION = {NamedNode(FUNCTION): made}
"""The function by its name."""


def _edits(tree: nodes.Query, seed: str) -> Iterator[Edit]:
    begins = f" BIND(STRUUID() AS ?{seed}) "
    for node in nodes.walk(tree):
        if isinstance(node, nodes.GroupGraphPattern):
            calls = [(each, _calls(each.expression)) for each in node.elements if isinstance(each, nodes.Bind)]
            first = next((each for each, found in calls if found), None)
            if first is not None:
                yield Edit(first.start, first.start, begins)
                yield from (edit for _, found in calls for call in found for edit in _named(call, seed))
        elif isinstance(node, nodes.Query | nodes.SubSelect) and node.select is not None and node.where is not None:
            has_seed = any(isinstance(each, nodes.Bind) and _calls(each.expression) for each in node.where.elements)
            if not node.select.items:
                if has_seed:
                    named = " ".join(f"?{name}" for name in node.variables)
                    yield Edit(node.select.end - 1, node.select.end, named)
                continue
            calls_here = [call for item in node.select.items for call in _calls(item)]
            makes_groups = node.modifier.group or any(
                isinstance(each, nodes.Aggregate) for each in nodes.walk(node.select)
            )
            if calls_here and not makes_groups:
                if not has_seed:
                    yield Edit(node.where.end - 1, node.where.end - 1, begins)
                yield from (edit for call in calls_here for edit in _named(call, seed))


def _calls(node: nodes.Node) -> list[nodes.BuiltInCall]:
    """Return the calls of BNODE with a label in an expression, but for those of a group within it."""
    calls = (each for each in nodes.walk(node, nodes.Exists) if isinstance(each, nodes.BuiltInCall))
    return [call for call in calls if call.name == "BNODE" and call.arguments]


def _named(call: nodes.BuiltInCall, seed: str) -> Iterator[Edit]:
    yield Edit(call.start, call.start + len("BNODE"), f"<{FUNCTION}>")
    yield Edit(call.end - 1, call.end - 1, f", ?{seed}")
