"""Wikidata's label service, run here: a function that looks up what a thing is called stands in its place.

Knows by which properties things are named; the function itself is not ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from kouan.errors import QueryError
from kouan.graph import naming
from kouan.sparql.editing import Edit
from kouan.sparql.rewriting import blank, variables_in
from kouan.sparql.tree import Alias, GroupGraphPattern, Literal, Node, Query, ServiceGraphPattern, SubSelect, Var, walk
from kouan.sparql.wikidata.names import WIKIBASE
from kouan.sparql.wikidata.parameters import iri_of, parameter_of, read_triples, variable_of
from kouan.vocabulary import FUNCTION as OURS

LABEL_SERVICE = WIKIBASE + "label"
FUNCTION = OURS + "label"
LABEL, ALIAS, DESCRIPTION = "Label", "AltLabel", "Description"
NAMED_BY = {LABEL: naming.NAMED_BY, ALIAS: naming.ALSO_NAMED_BY, DESCRIPTION: naming.DESCRIBED_BY}
ASKED_BY = {iri: kind for kind, iris in NAMED_BY.items() for iri in iris}
AUTOMATIC = "[AUTO_LANGUAGE]"
HOW = 'write SERVICE wikibase:label { bd:serviceParam wikibase:language "en,zh". }'


def label_edits(
    tree: Query, service: ServiceGraphPattern, group: GroupGraphPattern, select: Query | SubSelect
) -> Iterator[Edit]:
    """Return what stands instead of a label service: a label looked up by a function for each variable that is to have one.

    Raises QueryError, with the place, where it is asked for what it does not have.
    """
    languages, wanted = _asked(tree, service)
    if not wanted:
        wanted = list(_meant(service, select))
    said = ",".join(languages)
    bindings = "".join(f' BIND(<{FUNCTION}>(?{of}, "{said}", "{kind}") AS ?{to})' for of, kind, to in wanted)
    yield Edit(service.start, service.end, blank(tree.text[service.start : service.end]))
    yield Edit(group.end - 1, group.end - 1, bindings + " ")


def _asked(tree: Query, service: ServiceGraphPattern) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Return the languages, the best first, and which labels are asked for by name: of what, which kind, as what."""
    languages: list[str] = []
    wanted: list[tuple[str, str, str]] = []
    for triple in read_triples(tree, service):
        subject, predicate, value = triple
        asks = iri_of(predicate)
        if parameter_of(triple) == "language" and isinstance(value, Literal):
            said = (each.strip() for each in value.lexical.replace(AUTOMATIC, "").split(","))
            languages += [each for each in said if each and each.replace("-", "").isalnum()]
        elif variable_of(subject) and variable_of(value) and asks in ASKED_BY:
            wanted.append((variable_of(subject), ASKED_BY[asks], variable_of(value)))
        else:
            shown = f"{tree.text[subject.start : subject.end]} {tree.text[predicate.start : predicate.end]}"
            raise QueryError(f"The label service does not know {shown}; {HOW}.", *tree.place(subject.start))
    return languages or ["en"], wanted


def _meant(service: ServiceGraphPattern, select: Query | SubSelect) -> Iterator[tuple[str, str, str]]:
    """Return the variables that a query shows and that are named after others: ?cityLabel after ?city."""
    assert select.where is not None
    shown: set[str] = set()
    for node in _around(select):
        shown |= variables_in(node)
    # What AS names has its value from there.
    aliases = {each.variable.name for node in _around(select) for each in walk(node) if isinstance(each, Alias)}
    bound = {
        each.name
        for each in walk(select.where)
        if isinstance(each, Var) and not service.start <= each.start < service.end
    }
    for variable in sorted(shown - bound - aliases):
        for kind in (ALIAS, LABEL, DESCRIPTION):
            of = variable.removesuffix(kind)
            if of != variable and of in bound:
                yield of, kind, variable
                break


def _around(select: Query | SubSelect) -> Iterator[Node]:
    """Return what of a SELECT, or of another form, stands around its pattern."""
    around: list[Node | None] = [select.select, select.modifier, select.values]
    if isinstance(select, Query):
        around += [select.template, *select.targets]
    return (node for node in around if node is not None)
