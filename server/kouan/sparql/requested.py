"""Read what an update asks for, refuse what it may not do, and write it as the engine is given it. Knows no store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kouan.errors import BadRequest, Forbidden
from kouan.sparql.cursor import NESTING
from kouan.sparql.door import opened, refuse_many
from kouan.sparql.editing import Edit, edited
from kouan.sparql.parser import parse_update
from kouan.sparql.printer import print_tree
from kouan.sparql.query import loads
from kouan.sparql.reuse import reused
from kouan.sparql.rewriting import plain_edits
from kouan.sparql.telltale import Telltale
from kouan.sparql.tree import Clear, Create, DeleteWhere, Iri, Modify, Node, Operation, Update
from kouan.vocabulary import BASE

# What has a pattern is parsed; data, which may be large, need not be.
TELLTALE = Telltale(["\ufeff", "where", "drop", "clear"])
SIBLINGS = 1_000


def read_update(text: str, *, is_asked: bool = False) -> Update | None:
    """Return the tree of an update, None where it holds nothing that has to be known and nobody asks for it whatever it holds.

    Raises QuerySyntaxError where it is none, Forbidden where it would read another address: the engine reaches any that it is
    told, and follows where that leads.
    """
    if not is_asked and opened(text) <= NESTING and not TELLTALE.may_hold(text):
        return None
    tree = parse_update(text, base=BASE, nesting=NESTING)
    for operation in tree.operations:
        if isinstance(operation, Modify):
            refuse_many(tree, operation.where, SIBLINGS)
    for service in tree.services:
        raise _elsewhere(tree, "SERVICE", service)
    for load in loads(tree):
        if not load.is_silent:
            raise _elsewhere(tree, "LOAD", load)
    return tree


def update_text(tree: Update, clauses: Sequence[str] = (), *, is_ours: bool = True) -> str:
    """Return an update, for our engine or another, with the protocol's dataset as USING, at ease with graphs that are not there.

    A graph without triples is no graph here, so dropping one succeeds (SPARQL 1.1 Update, section 3.2.2), and creating one that
    is there changes nothing: rdflib creates every graph that it opens, again and again. A LOAD that is let go on
    in silence does nothing. Raises BadRequest where the update says its dataset itself (SPARQL 1.1 Protocol, section 2.2.3).
    """
    edits = [edit for operation in tree.operations for edit in _edits(tree, operation, " ".join(clauses))]
    text = edited(tree.text, [*edits, *plain_edits(tree, is_ours=is_ours)])
    if not tree.only_printed:
        return text
    spelled = parse_update(text, base=BASE, nesting=NESTING)
    return print_tree(parse_update(edited(text, reused(spelled)), base=BASE, nesting=NESTING))


def _edits(tree: Update, operation: Operation, using: str) -> Iterator[Edit]:
    start = operation.start
    if isinstance(operation, Create) and not operation.is_silent:
        yield Edit(start, start + len("CREATE"), "CREATE SILENT")
    if isinstance(operation, Clear) and isinstance(operation.target, Iri) and not operation.is_silent:
        yield Edit(start, start + len(operation.name), f"{operation.name} SILENT")
    for load in loads(tree):
        if load is operation:
            yield Edit(start, operation.end, "INSERT DATA {}")
    if not using:
        return
    if isinstance(operation, DeleteWhere):
        pattern = tree.text[operation.quads.start : operation.quads.end]
        yield Edit(start, operation.quads.start, f"DELETE {pattern} {using} WHERE ")
    elif isinstance(operation, Modify):
        said = operation.using[0] if operation.using else operation
        if operation.using or operation.graph is not None:
            line, column = tree.place(said.start)
            word = "USING" if operation.graph is None else "WITH"
            raise BadRequest(
                f"The update says {word} and the request using-graph-uri; say the dataset once.",
                line=line,
                column=column,
            )
        after = max(each.end for each in (operation.delete, operation.insert) if each is not None)
        yield Edit(after, after, f" {using}")


def _elsewhere(tree: Update, word: str, node: Node) -> Forbidden:
    line, column = tree.place(node.start)
    return Forbidden(
        f"{word} is switched off on this server: it reads no other address for an update. Fetch the data yourself and send it "
        "to /data.",
        line=line,
        column=column,
    )
