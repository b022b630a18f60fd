"""Make shapes of anybody's ready for the validator, and say in words what it cannot do with them, which it says in words of its own
inside."""

from __future__ import annotations

from collections.abc import Iterator

import rdflib
from rdflib.namespace import OWL
from rdflib.namespace import SH as S

from kouan.errors import BadRequest, QueryError
from kouan.sparql.parser import parse_query
from kouan.sparql.tree import Var, walk

QUERIES = (S.select, S.ask, S.construct)
LEADS_TO = (S.sparql, S.validator, S.nodeValidator, S.propertyValidator, S.target, S.rule, S.property)


def prepare(shapes: rdflib.Graph) -> None:
    """Put into shapes what the validator does not look for, and take out what it takes for more than it says.

    Prefixes are declared by what is imported too (SHACL, section 5.2.1); sh:uniqueLang says something as `true` alone (4.4.2).
    Raises BadRequest where the SPARQL of a shape cannot be read or used.
    """
    for owner in set(shapes.objects(None, S.prefixes)):
        for imported in list(shapes.transitive_objects(owner, OWL.imports)):
            for declaration in list(shapes.objects(imported, S.declare)):
                shapes.add((owner, S.declare, declaration))
    for shape, value in list(shapes.subject_objects(S.uniqueLang)):
        if str(value) != "true":
            shapes.remove((shape, S.uniqueLang, value))
    refuse_unreadable(shapes)


def refuse_unreadable(shapes: rdflib.Graph) -> None:
    """Raise BadRequest for a prefix that is not declared as it should be, or a query that cannot be read or asked (SHACL, section 5.2)."""
    for predicate in QUERIES:
        for constraint, text in shapes.subject_objects(predicate):
            shape = _shape_of(shapes, constraint)
            prefixes = dict(_declared(shapes, constraint, shape))
            try:
                tree = parse_query(str(text), prefixes=prefixes)
            except QueryError as error:
                place = f" (line {error.line}, column {error.column} of it)" if error.line else ""
                said = error.message.removesuffix(".")
                raise BadRequest(
                    f"The {predicate.fragment} of {shape} cannot be read: {said}{place}. Prefixes are declared with sh:prefixes "
                    "and sh:declare, or with PREFIX in the query."
                ) from error
            if tree.form.lower() != predicate.fragment:
                raise BadRequest(
                    f"The {predicate.fragment} of {shape} is a query that starts with {tree.form}, which it cannot be."
                )
            if any(isinstance(node, Var) and node.name == "shapesGraph" for node in walk(tree)):
                raise BadRequest(
                    f"The {predicate.fragment} of {shape} asks $shapesGraph, which SHACL leaves to each validator (section 5.3.1): "
                    "here queries see the data alone. Put what they need of the shapes into the data, or into the query."
                )


def _declared(shapes: rdflib.Graph, constraint: rdflib.term.Node, shape: str) -> Iterator[tuple[str, str]]:
    for owner in shapes.objects(constraint, S.prefixes):
        for declaring in shapes.transitive_objects(owner, OWL.imports):
            for declaration in shapes.objects(declaring, S.declare):
                prefix = shapes.value(declaration, S.prefix)
                namespace = shapes.value(declaration, S.namespace)
                if not isinstance(prefix, rdflib.Literal) or not isinstance(namespace, rdflib.Literal):
                    raise BadRequest(
                        f"A prefix of {shape} is not declared as SHACL has it: sh:prefix is a text and sh:namespace a text of "
                        f'the type xsd:anyURI, as in sh:namespace "{namespace or ""}"^^xsd:anyURI, and here they are '
                        f"{_kind(prefix)} and {_kind(namespace)}."
                    )
                yield str(prefix), str(namespace)


def _kind(node: rdflib.term.Node | None) -> str:
    kinds = {rdflib.Literal: "a text", rdflib.URIRef: "an IRI", rdflib.BNode: "a blank node"}
    return next((said for kind, said in kinds.items() if isinstance(node, kind)), "missing")


def _shape_of(shapes: rdflib.Graph, node: rdflib.term.Node) -> str:
    """Return the IRI of what leads to a node, "a shape" where that has none."""
    seen = set()
    while isinstance(node, rdflib.BNode) and node not in seen:
        seen.add(node)
        node = next((owner for predicate in LEADS_TO for owner in shapes.subjects(predicate, node)), node)
    return "a shape without a name" if isinstance(node, rdflib.BNode) else f"<{node}>"
