"""Put spatial relations that stand as properties, and classes and properties of geometries, into words that an engine has.

    ?port geo:sfWithin ?county

is asked as a triple that is stated, or as what the function of that name says of the geometries of both (GeoSPARQL 1.1,
section 11); `?x a sf:Surface` finds the instances of classes below it too (section 10). Knows trees, and no store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from kouan.sparql.editing import Edit, replace_lines
from kouan.sparql.printer import print_tree
from kouan.sparql.rewriting import is_set, rewritten
from kouan.sparql.telltale import lacks
from kouan.sparql.tree import (
    GroupGraphPattern,
    Iri,
    Node,
    PathNegatedPropertySet,
    Query,
    TriplePattern,
    TriplesBlock,
    Var,
    walk,
)
from kouan.vocabulary import GEO, GEOF, RDF, RDFS

Below = Callable[[str, str], list[str]]
"""What gives the terms that stand below one by a property, such as rdfs:subClassOf."""
VOCABULARIES = (GEO, "http://www.opengis.net/ont/sf#", "http://www.opengis.net/ont/gml#")
SERIALISED = "|".join(f"<{GEO}{name}>" for name in ("asWKT", "asGML", "asGeoJSON", "asKML"))
# A feature has the geometry that it has by default; without one any that it has.
TO_GEOMETRY = f"(({SERIALISED})|((<{GEO}hasDefaultGeometry>|<{GEO}hasGeometry>)/({SERIALISED})))"

TO_CLASS = f"<{RDF}type>/<{RDFS}subClassOf>*"


def with_relations(tree: Query, names: Iterable[str]) -> Query:
    """Return a query in which every triple of a spatial relation, by the names of the functions for them, is asked of geometries too."""
    if lacks(tree.text, "geosparql"):
        return tree
    relations = {GEO + name: GEOF + name for name in names}
    edits = [*_related(tree, relations)]
    if edits and tree.form == "CONSTRUCT" and tree.template is None and tree.where is not None:
        # The short form has triples alone (section 16.2.4), which are its template.
        start, end = tree.where.start, tree.where.end
        before = tree.dataset[0].start if tree.dataset else tree.text.lower().rindex("where", 0, start)
        edits.append(Edit(before, before, f"{tree.text[start:end]} "))
    return rewritten(tree, edits)


def _related(tree: Query, relations: dict[str, str]) -> Iterator[Edit]:
    groups = (group for group in walk(tree) if isinstance(group, GroupGraphPattern))
    for block in (element for group in groups for element in group.elements if isinstance(element, TriplesBlock)):
        found = [each for each in block.triples if _is_spatial(each, relations)]
        if found:
            rest = [each for each in block.triples if each not in found]
            kept = print_tree(TriplesBlock(block.start, block.end, rest)) if rest else ""
            asked = " ".join(_either(each, relations) for each in found if isinstance(each, TriplePattern))
            yield replace_lines(tree.text, block, f"{kept} {asked} ")


def _is_spatial(node: object, relations: dict[str, str]) -> bool:
    return (
        isinstance(node, TriplePattern)
        and isinstance(node.predicate, Iri)
        and node.predicate.value in relations
        and all(isinstance(term, Var | Iri) for term in (node.subject, node.object))
        and not node.annotations
    )


def _either(node: TriplePattern, relations: dict[str, str]) -> str:
    """Return a group that gives each pair once: it is asked when all else of its block is known."""
    one, relation, other = (print_tree(term) for term in (node.subject, node.predicate, node.object))
    assert isinstance(node.predicate, Iri)
    shown = " ".join(dict.fromkeys(term for term in (one, other) if term.startswith("?")))
    asked = f"<{relations[node.predicate.value]}>(?kouan_one, ?kouan_other)"
    geometries = f"{one} {TO_GEOMETRY} ?kouan_one . {other} {TO_GEOMETRY} ?kouan_other . FILTER({asked})"
    either = f"{{ {{ {one} {relation} {other} }} UNION {{ {geometries} }} }}"
    return f"LATERAL {{ SELECT DISTINCT {shown} {either} }}" if shown else f"FILTER EXISTS {either}"


def with_entailments(tree: Query, below: Below) -> Query:
    """Return a query that finds what RDFS entails of the classes and properties of geometries, where its rows are a set.

    Those are ASK and SELECT DISTINCT without aggregates: in others a row that is found in two ways would count twice.
    """
    if lacks(tree.text, "opengis") or not is_set(tree):
        return tree
    # Triples behind a comma share their verb.
    tree = rewritten(tree, dict.fromkeys(_entailed(tree, below)))
    return rewritten(tree, _of_classes(tree, below))


def _entailed(tree: Query, below: Below) -> Iterator[Edit]:
    for node in walk(tree):
        if not isinstance(node, TriplePattern) or isinstance(node.predicate, Var) or node.annotations:
            continue
        classes = _classes(node, below)
        if classes and not _is_split(node, classes):
            yield Edit(node.predicate.start, node.predicate.end, TO_CLASS)
        for step in _steps(node.predicate):
            if step.value.startswith(GEO) and (lower := below(RDFS + "subPropertyOf", step.value)):
                yield Edit(step.start, step.end, f"({'|'.join(f'<{each}>' for each in (step.value, *lower))})")


def _steps(path: Node) -> Iterator[Iri]:
    """Return the properties that a path takes; what it does not take is not widened."""
    negated = {id(each) for node in walk(path) if isinstance(node, PathNegatedPropertySet) for each in walk(node)}
    return (each for each in walk(path) if isinstance(each, Iri) and id(each) not in negated)


def _classes(node: TriplePattern, below: Below) -> list[str]:
    """Return the class of geometries that a triple asks for and all below it; none where it asks for no such, or nothing is below."""
    verb, value = node.predicate, node.object
    is_asked = isinstance(verb, Iri) and verb.value == RDF + "type" and isinstance(value, Iri)
    if not is_asked or not value.value.startswith(VOCABULARIES):  # type: ignore[union-attr]
        return []
    lower = below(RDFS + "subClassOf", value.value)  # type: ignore[union-attr]
    return [value.value, *lower] if lower else []  # type: ignore[union-attr]


def _is_split(node: TriplePattern, classes: list[str]) -> bool:
    """Return whether a triple is asked of each class apart: a path finds only what the data says, and a blank node is of one group."""
    return isinstance(node.subject, Var | Iri) and any(each.startswith(VOCABULARIES) for each in classes[1:])


def _of_classes(tree: Query, below: Below) -> Iterator[Edit]:
    groups = (group for group in walk(tree) if isinstance(group, GroupGraphPattern))
    for block in (element for group in groups for element in group.elements if isinstance(element, TriplesBlock)):
        found = [
            (each, classes)
            for each in block.triples
            if isinstance(each, TriplePattern) and not each.annotations
            if (classes := _classes(each, below)) and _is_split(each, classes)
        ]
        if found:
            asked = [each for each, _ in found]
            rest = [each for each in block.triples if each not in asked]
            kept = print_tree(TriplesBlock(block.start, block.end, rest)) if rest else ""
            yield replace_lines(tree.text, block, f"{kept} {' '.join(_any_class(*each) for each in found)} ")


def _any_class(node: TriplePattern, classes: list[str]) -> str:
    thing = print_tree(node.subject)
    own = (each for each in classes if each.startswith(VOCABULARIES))
    return "{ " + " UNION ".join(f"{{ {thing} {TO_CLASS} <{each}> }}" for each in own) + " }"
