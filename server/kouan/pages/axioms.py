"""Say in words what an ontology's axioms and a shape's constraints demand. Knows OWL and SHACL; knows no page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import Markup

from kouan.http.addresses import page_of
from kouan.http.languages import link, say
from kouan.pages.terms import Value
from kouan.vocabulary import OWL, RDF, SH

Term = dict[str, Any]
Named = Callable[[Term], Value]
FIRST, REST, NIL = RDF + "first", RDF + "rest", RDF + "nil"
COUNTS = {
    OWL + "minCardinality": "at least {count}",
    OWL + "minQualifiedCardinality": "at least {count}",
    OWL + "maxCardinality": "at most {count}",
    OWL + "maxQualifiedCardinality": "at most {count}",
    OWL + "cardinality": "exactly {count}",
    OWL + "qualifiedCardinality": "exactly {count}",
}
CHARACTERISTICS = {
    "FunctionalProperty": "A thing has at most one value of it.",
    "InverseFunctionalProperty": "No two things share a value of it.",
    "SymmetricProperty": "It holds both ways.",
    "AsymmetricProperty": "It never holds both ways.",
    "TransitiveProperty": "It holds along a chain of itself.",
    "IrreflexiveProperty": "Nothing has itself as its value.",
    "ReflexiveProperty": "Everything has itself as its value.",
}
KINDS_OF_NODE = {"IRI": "an IRI", "Literal": "a literal", "BlankNode": "a node without a name"}


class Nodes:
    """What is said of each node of a graph, by node and property."""

    def __init__(self, rows: Iterable[dict[str, Term]], named: Named) -> None:
        self.named = named
        self._said: dict[str, dict[str, list[Term]]] = {}
        for row in rows:
            said = self._said.setdefault(row["s"]["value"], {})
            values = said.setdefault(row["p"]["value"], [])
            if row["o"] not in values:
                values.append(row["o"])

    def __contains__(self, node: str) -> bool:
        return node in self._said

    def __iter__(self) -> Any:
        return iter(self._said)

    def values(self, node: str, prop: str) -> list[Term]:
        """Return the values of a property of a node."""
        return self._said.get(node, {}).get(prop, [])

    def one(self, node: str, prop: str) -> Term | None:
        """Return a value of a property of a node."""
        return next(iter(self.values(node, prop)), None)

    def said(self, node: str) -> dict[str, list[Term]]:
        """Return all that is said of a node."""
        return self._said.get(node, {})

    def members(self, node: str) -> list[Term]:
        """Return the members of a list."""
        found: list[Term] = []
        while node != NIL and len(found) < 1000:
            first, rest = self.one(node, FIRST), self.one(node, REST)
            if first is None or rest is None:
                break
            found.append(first)
            node = rest["value"]
        return found


def linked(value: Value) -> Markup:
    """Return a term as a link to its page, with its name."""
    tongue = Markup(' lang="{}"').format(value.tongue) if value.tongue else ""
    if value.kind != "uri":
        return Markup("<span{}>{}</span>").format(tongue, value.name)
    if not value.is_here and not value.is_linked:
        return Markup("<code>{}</code>").format(value.text)
    address = link(page_of(value.text, is_own=True)) if value.is_here else value.text
    return Markup('<a href="{}"{}>{}</a>').format(address, tongue, value.name)


def listed(parts: Iterable[Markup], word: str) -> Markup:
    """Return parts with a word between them."""
    return Markup(" {} ").format(say(word)).join(parts)


def expression(nodes: Nodes, term: Term) -> Markup:
    """Return a class expression in words (OWL 2, section 8); a class by its name."""
    if term["type"] != "bnode":
        return linked(nodes.named(term))
    node = term["value"]
    for prop, word in ((OWL + "unionOf", "or"), (OWL + "intersectionOf", "and"), (OWL + "oneOf", "or")):
        found = nodes.one(node, prop)
        if found is not None:
            return listed((expression(nodes, each) for each in nodes.members(found["value"])), word)
    denied = nodes.one(node, OWL + "complementOf")
    if denied is not None:
        return say("not {what}", what=expression(nodes, denied))
    return _restriction(nodes, node)


def _restriction(nodes: Nodes, node: str) -> Markup:
    on = nodes.one(node, OWL + "onProperty")
    if on is None:
        return say("something that is told by its parts alone")
    prop = linked(nodes.named(on))
    for name, text in (
        ("someValuesFrom", "what has as “{prop}” at least one {what}"),
        ("allValuesFrom", "what has as “{prop}” nothing but {what}"),
        ("hasValue", "what has as “{prop}” {what}"),
    ):
        found = nodes.one(node, OWL + name)
        if found is not None:
            return say(text, prop=prop, what=expression(nodes, found))
    for name, text in COUNTS.items():
        found = nodes.one(node, name)
        if found is not None:
            return say("what has “{prop}” {times}", prop=prop, times=say(text, count=found["value"]))
    return say("what has “{prop}”", prop=prop)


def path(nodes: Nodes, term: Term) -> Markup:
    """Return a property path of a shape in words (SHACL, section 2.3.1)."""
    if term["type"] != "bnode":
        return linked(nodes.named(term))
    node = term["value"]
    inverse = nodes.one(node, SH + "inversePath")
    if inverse is not None:
        return say("{prop}, backwards", prop=path(nodes, inverse))
    for name in ("alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"):
        found = nodes.one(node, SH + name)
        if found is not None and name == "alternativePath":
            return listed((path(nodes, each) for each in nodes.members(found["value"])), "or")
        if found is not None:
            return path(nodes, found)
    return Markup(" › ").join(path(nodes, each) for each in nodes.members(node))


def constraints(nodes: Nodes, node: str) -> list[Markup]:
    """Return each constraint of a shape in a few words (SHACL, section 4)."""
    found = []
    for prop, values in sorted(nodes.said(node).items()):
        name = prop.removeprefix(SH)
        if not prop.startswith(SH) or name in ASIDE:
            continue
        found += [_constraint(nodes, name, value) for value in values]
    return found


ASIDE = {"path", "property", "message", "severity", "name", "description", "order", "group", "targetClass"}
ASIDE |= {"targetNode", "targetSubjectsOf", "targetObjectsOf", "flags", "ignoredProperties", "deactivated", "prefixes"}
IN_WORDS = {
    "minCount": "at least {what}",
    "maxCount": "at most {what}",
    "class": "each is of the class {what}",
    "datatype": "each is of the datatype {what}",
    "pattern": "each matches {what}",
    "minInclusive": "not less than {what}",
    "maxInclusive": "not more than {what}",
    "minExclusive": "more than {what}",
    "maxExclusive": "less than {what}",
    "minLength": "at least {what} characters",
    "maxLength": "at most {what} characters",
    "hasValue": "one is {what}",
    "node": "each meets the shape {what}",
    "equals": "the same values as {what}",
    "disjoint": "no value that {what} has",
    "lessThan": "each is less than {what}",
    "lessThanOrEquals": "each is at most {what}",
    "qualifiedMinCount": "at least {what} of these",
    "qualifiedMaxCount": "at most {what} of these",
}


def _constraint(nodes: Nodes, name: str, value: Term) -> Markup:
    if name == "nodeKind":
        kinds = value["value"].removeprefix(SH)
        return say(
            "each is {what}", what=" / ".join(str(say(text)) for key, text in KINDS_OF_NODE.items() if key in kinds)
        )
    if name == "in":
        parts = (linked(nodes.named(each)) for each in nodes.members(value["value"]))
        return say("one of: {what}", what=Markup(", ").join(parts))
    if name == "languageIn":
        return say("in one of the languages {what}", what=", ".join(e["value"] for e in nodes.members(value["value"])))
    if name == "uniqueLang":
        return say("at most one in each language")
    if name == "closed":
        return say("no other properties than these")
    if name in {"or", "and", "xone"}:
        word = "and" if name == "and" else "or"
        parts = (_nested(nodes, each) for each in nodes.members(value["value"]))
        return Markup("({})").format(listed(parts, word))
    if name in {"not", "qualifiedValueShape"}:
        nested = _nested(nodes, value)
        return say("not {what}", what=nested) if name == "not" else nested
    if name == "sparql":
        told = message(nodes, value["value"])
        return Markup("<span>{}</span>").format(told.name) if told else say("a condition in SPARQL")
    text = Markup("<code>{}</code>").format(value["value"]) if name == "pattern" else linked(nodes.named(value))
    return say(IN_WORDS[name], what=text) if name in IN_WORDS else Markup("{}: {}").format(name, text)


def _nested(nodes: Nodes, term: Term) -> Markup:
    """Return what a shape within a shape demands."""
    if term["type"] != "bnode":
        return linked(nodes.named(term))
    node = term["value"]
    parts = constraints(nodes, node)
    where = nodes.one(node, SH + "path")
    if where is not None:
        parts = [Markup("“{}” {}").format(path(nodes, where), Markup(", ").join(parts))]
    for inner in nodes.values(node, SH + "property"):
        parts.append(_nested(nodes, inner))
    return Markup(", ").join(parts)


def message(nodes: Nodes, node: str) -> Value | None:
    """Return what a shape says to who breaks it, in the language of the page where it does."""
    found = sorted(
        (nodes.named(each) for each in nodes.values(node, SH + "message")), key=lambda each: bool(each.tongue)
    )
    return found[0] if found else None
