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
from kouan.sparql.tree import GroupGraphPattern, Iri, Query, TriplePattern, TriplesBlock, Var, walk
from kouan.vocabulary import GEO, GEOF, RDF, RDFS

Below = Callable[[str, str], list[str]]
"""What gives the terms that stand below one by a property, such as rdfs:subClassOf."""
VOCABULARIES = (GEO, "http://www.opengis.net/ont/sf#", "http://www.opengis.net/ont/gml#")
SERIALISED = "|".join(f"<{GEO}{name}>" for name in ("asWKT", "asGML", "asGeoJSON", "asKML"))
# A feature has the geometry that it has by default; without one any that it has.
TO_GEOMETRY = f"(({SERIALISED})|((<{GEO}hasDefaultGeometry>|<{GEO}hasGeometry>)/({SERIALISED})))"


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
    return rewritten(tree, dict.fromkeys(_entailed(tree, below)))


def _entailed(tree: Query, below: Below) -> Iterator[Edit]:
    for node in walk(tree):
        if not isinstance(node, TriplePattern) or not isinstance(node.predicate, Iri) or node.annotations:
            continue
        verb, value = node.predicate, node.object
        if verb.value == RDF + "type" and isinstance(value, Iri) and value.value.startswith(VOCABULARIES):
            if below(RDFS + "subClassOf", value.value):
                path = f"<{RDF}type>/<{RDFS}subClassOf>*"
                yield Edit(verb.start, verb.end, path)
        elif verb.value.startswith(GEO) and (lower := below(RDFS + "subPropertyOf", verb.value)):
            yield Edit(verb.start, verb.end, f"({'|'.join(f'<{each}>' for each in (verb.value, *lower))})")
