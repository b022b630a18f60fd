"""Make shapes of anybody's ready for the validator, and say in words what it cannot do with them, which it says in words of its own
inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import rdflib
from rdflib.namespace import OWL, XSD
from rdflib.namespace import RDF as R
from rdflib.namespace import SH as S

from kouan.errors import BadRequest, QueryError
from kouan.sparql.parser import parse_query
from kouan.sparql.tree import Var, walk

QUERIES = (S.select, S.ask, S.construct)
LEADS_TO = (S.sparql, S.validator, S.nodeValidator, S.propertyValidator, S.target, S.rule, S.property, S.js)
# SHACL's advanced features and its extension for JavaScript, of which nothing is evaluated.
ADVANCED = {S.target, S.rule, S.js, S.expression}
OF_SHAPES = (S.property, S.node, S["not"], S.qualifiedValueShape)
OF_LISTS = (S["and"], S["or"], S.xone)
# What the value of a word has to be (SHACL, appendix C); what the validator refuses itself is not here.
LISTS = (S["in"], S.languageIn, S.ignoredProperties)
TARGETS = (S.targetClass, S.targetNode, S.targetSubjectsOf, S.targetObjectsOf, S.target)
IRIS = (
    *(S.targetClass, S.targetSubjectsOf, S.targetObjectsOf, S["class"], S.datatype),
    *(S.equals, S.disjoint, S.lessThan, S.lessThanOrEquals),
)
LITERALS = (S.minInclusive, S.maxInclusive, S.minExclusive, S.maxExclusive)
# What stands before the one value of a path that is no list.
STEPS = (S.inversePath, S.zeroOrMorePath, S.oneOrMorePath, S.zeroOrOnePath)
TRUTHS = (rdflib.Literal(True), rdflib.Literal(False))
NODE_KINDS = {S.IRI, S.Literal, S.BlankNode, S.BlankNodeOrIRI, S.BlankNodeOrLiteral, S.IRIOrLiteral}
PROJECTING = (S.sparql, S.validator, S.nodeValidator, S.propertyValidator)
UNHEARD = (
    "The shape has {word}, which is not evaluated here: what it asks by that was not checked. "
    "What is evaluated is SHACL Core and SHACL-SPARQL.",
    "此形状含有{word}，此处不予求值，其所要求者未经检查。此处求值的是SHACL核心与SHACL-SPARQL。",
)
RECURSIVE = (
    "The shape leads back to itself, which SHACL leaves undefined (section 3.4.3): it was followed a few steps, and the rest was "
    "not checked.",
    "此形状指回其自身，SHACL对此未作规定（3.4.3节）：只跟随了数步，其余未经检查。",
)


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
    refuse_malformed(shapes)


def tell_unchecked(shapes: rdflib.Graph, report: rdflib.Graph) -> None:
    """Add to a report a warning on each shape that asks more than was checked, which then does not say that the data conforms."""
    [whole] = report.subjects(R.type, S.ValidationReport)
    for shape, component, messages in sorted({*_unheard(shapes), *_recursive(shapes)}):
        result = rdflib.BNode()
        report.set((whole, S.conforms, rdflib.Literal(False)))
        report.add((whole, S.result, result))
        report.add((result, R.type, S.ValidationResult))
        report.add((result, S.resultSeverity, S.Warning))
        report.add((result, S.sourceConstraintComponent, component))
        for predicate in (S.focusNode, S.sourceShape):
            report.add((result, predicate, shape))
        for language, message in zip(("en", "zh"), messages, strict=True):
            report.add((result, S.resultMessage, rdflib.Literal(message, lang=language)))


Fits = Callable[[rdflib.Graph, rdflib.term.Node], bool]
Unchecked = tuple[rdflib.term.Node, rdflib.URIRef, tuple[str, str]]


def _unheard(shapes: rdflib.Graph) -> Iterator[Unchecked]:
    for shape in _all(shapes):
        for predicate in map(str, shapes.predicates(shape)):
            if predicate.startswith(str(S)) and (rdflib.URIRef(predicate) in ADVANCED or predicate not in S):
                word = "sh:" + predicate.removeprefix(str(S))
                messages = (UNHEARD[0].format(word=word), UNHEARD[1].format(word=word))
                yield _owner(shapes, shape), rdflib.URIRef(predicate), messages


def _all(shapes: rdflib.Graph) -> set[rdflib.term.Node]:
    """Return what is a shape: by its type, its target or path, or as the value of what takes shapes (SHACL, section 2.1)."""
    found = {shape for kind in (S.NodeShape, S.PropertyShape) for shape in shapes.subjects(R.type, kind)}
    found |= {shape for predicate in (*TARGETS, S.path) for shape in shapes.subjects(predicate)}
    found |= {shape for predicate in OF_SHAPES for shape in shapes.objects(None, predicate)}
    for predicate in OF_LISTS:
        for values in shapes.objects(None, predicate):
            found |= set(_members(shapes, values))
    return found


def _recursive(shapes: rdflib.Graph) -> Iterator[Unchecked]:
    """Yield the shapes that lead back to themselves."""
    below: dict[rdflib.term.Node, set[rdflib.term.Node]] = {}
    for predicate in OF_SHAPES:
        for shape, value in shapes.subject_objects(predicate):
            below.setdefault(shape, set()).add(value)
    for predicate in OF_LISTS:
        for shape, values in shapes.subject_objects(predicate):
            below.setdefault(shape, set()).update(_members(shapes, values))
    for start in below:
        seen: set[rdflib.term.Node] = set()
        waiting = list(below[start])
        while waiting and start not in seen:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += below.get(node, ())
        if start in seen:
            yield start, S.NodeConstraintComponent, RECURSIVE


def refuse_malformed(shapes: rdflib.Graph) -> None:
    """Raise BadRequest for a word whose value is not of the kind that SHACL asks for (SHACL, appendix C)."""
    wanted: dict[rdflib.URIRef, tuple[str, Fits]] = dict.fromkeys(LISTS, ("a list", _is_list))
    wanted |= dict.fromkeys(OF_LISTS, ("a list of shapes", _is_list_of_shapes))
    wanted |= dict.fromkeys(OF_SHAPES, ("a shape", lambda _, value: not isinstance(value, rdflib.Literal)))
    wanted |= dict.fromkeys(IRIS, ("an IRI", lambda _, value: isinstance(value, rdflib.URIRef)))
    wanted |= dict.fromkeys(LITERALS, ("a literal", lambda _, value: isinstance(value, rdflib.Literal)))
    wanted[S.nodeKind] = ("one of SHACL's six kinds, such as sh:IRI", lambda _, value: value in NODE_KINDS)
    wanted[S.path] = ("a path", _is_path)
    wanted[S.message] = ("a text, or one in a language", lambda _, value: _is_text(value))
    wanted[S.severity] = ("an IRI", lambda _, value: isinstance(value, rdflib.URIRef))
    wanted[S.deactivated] = ("true or false", lambda _, value: value in TRUTHS)
    known = _all(shapes)
    for predicate, (kind, fits) in wanted.items():
        for subject, value in shapes.subject_objects(predicate):
            if subject in known and not fits(shapes, value):
                given = "a blank node that is none" if isinstance(value, rdflib.BNode) else value.n3()
                raise BadRequest(
                    f"The sh:{predicate.fragment} of {_shape_of(shapes, subject)} is {given}, where SHACL asks for {kind}."
                )
    for predicate in LITERALS:
        for subject in set(shapes.subjects(predicate)) & known:
            if len(set(shapes.objects(subject, predicate))) > 1:
                raise BadRequest(
                    f"{_shape_of(shapes, subject)} has sh:{predicate.fragment} twice, which SHACL has once at most."
                )
    for shape, regime in shapes.subject_objects(S.entailment):
        raise BadRequest(
            f"{_shape_of(shapes, shape)} asks for the entailment {regime.n3()} (SHACL, section 1.5), which is not done here: send the "
            "data with what follows from it, as kouan reason writes it."
        )


def _is_path(shapes: rdflib.Graph, node: rdflib.term.Node, above: tuple[rdflib.term.Node, ...] = ()) -> bool:
    """Return whether a node is a path (SHACL, section 2.3.1): an IRI, a list of several, or one way to take another."""
    if isinstance(node, rdflib.URIRef):
        return node != R.nil
    if isinstance(node, rdflib.Literal) or node in above:
        return False
    below = (*above, node)
    if (node, R.first, None) in shapes:
        members = [*_members(shapes, node)]
        return len(members) > 1 and _is_list(shapes, node) and all(_is_path(shapes, each, below) for each in members)
    said = [(verb, value) for verb in (*STEPS, S.alternativePath) for value in shapes.objects(node, verb)]
    if len(said) != 1:
        return False
    [(verb, value)] = said
    is_several = (value, R.first, None) in shapes
    return _is_path(shapes, value, below) and (verb != S.alternativePath or is_several)


def _is_text(node: rdflib.term.Node) -> bool:
    return isinstance(node, rdflib.Literal) and (bool(node.language) or node.datatype in {None, XSD.string})


def _is_list_of_shapes(shapes: rdflib.Graph, node: rdflib.term.Node) -> bool:
    return _is_list(shapes, node) and not any(isinstance(each, rdflib.Literal) for each in _members(shapes, node))


def _members(shapes: rdflib.Graph, node: rdflib.term.Node) -> Iterator[rdflib.term.Node]:
    """Yield the members of a list, of one that leads back to itself each once."""
    seen = set()
    while node not in seen:
        seen.add(node)
        yield from shapes.objects(node, R.first)
        node = next(iter(shapes.objects(node, R.rest)), R.nil)


def _is_list(shapes: rdflib.Graph, node: rdflib.term.Node) -> bool:
    seen = set()
    while node != R.nil:
        rest = list(shapes.objects(node, R.rest))
        if node in seen or len(rest) != 1 or len(list(shapes.objects(node, R.first))) != 1:
            return False
        seen.add(node)
        [node] = rest
    return True


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
            if (
                predicate == S.select
                and "this" not in tree.variables
                and any(True for verb in PROJECTING for _ in shapes.subjects(verb, constraint))
            ):
                raise BadRequest(f"The select of {shape} does not select $this, as SHACL asks (section 5.3.1).")
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
    return next((said for kind, said in kinds.items() if isinstance(node, kind)), "nothing at all")


def _shape_of(shapes: rdflib.Graph, node: rdflib.term.Node) -> str:
    """Return the IRI of what leads to a node, "a shape without a name" where that has none."""
    owner = _owner(shapes, node)
    return "a shape without a name" if isinstance(owner, rdflib.BNode) else f"<{owner}>"


def _owner(shapes: rdflib.Graph, node: rdflib.term.Node) -> rdflib.term.Node:
    """Return what leads to a node and has a name, or as near to one as can be had."""
    seen = set()
    while isinstance(node, rdflib.BNode) and node not in seen:
        seen.add(node)
        node = next((owner for predicate in LEADS_TO for owner in shapes.subjects(predicate, node)), node)
    return node
