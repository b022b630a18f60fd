"""Find what the pages of the ontology and of the shapes show, term by term. Knows OWL's and SHACL's words, no HTML."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from kouan.errors import NotFound
from kouan.http.languages import say
from kouan.pages.axioms import CHARACTERISTICS, Nodes, constraints, expression, linked, message, path
from kouan.pages.dataset import KnownDataset
from kouan.pages.order import DEFINITIONS, TYPE
from kouan.pages.reading import Reading
from kouan.pages.terms import Value
from kouan.pages.things import Description, describe
from kouan.vocabulary import DCT, KOUAN, ONTOLOGY_GRAPH, OWL, RDF, RDFS, SH, SHAPES_GRAPH, SKOS

SUBCLASS, SUBPROPERTY = RDFS + "subClassOf", RDFS + "subPropertyOf"
CLASS = OWL + "Class"
CLASSES = {CLASS, RDFS + "Class"}
PROPERTIES = {OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")} | {RDF + "Property"}
MATCHES = {SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")}
# What the page of a term tells in words of its own.
IN_WORDS = {
    *(TYPE, SUBCLASS, SUBPROPERTY, RDFS + "domain", RDFS + "range", OWL + "inverseOf", OWL + "equivalentClass"),
    *(OWL + "disjointWith", OWL + "propertyChainAxiom", RDFS + "isDefinedBy", SKOS + "example", RDFS + "label"),
    *(OWL + "equivalentProperty", OWL + "propertyDisjointWith"),
}
EXAMPLES = 6
DECLARED = f"VALUES ?kind {{ {' '.join(f'<{iri}>' for iri in sorted(CLASSES | PROPERTIES))} }} ?s a ?kind"
MOST_SAID = 200_000


@dataclass(frozen=True)
class TermEntry:
    """A class or a property in the index: its name, its definition, how often it is used, and what stands below it."""

    value: Value
    definition: Value | None
    uses: int
    domain: Markup | str = ""
    range: Markup | str = ""
    children: list[TermEntry] = field(default_factory=list)


@dataclass(frozen=True)
class TermPage:
    """All that the page of one term shows."""

    thing: Description
    is_class: bool
    axioms: list[Markup]
    uses: int
    examples: list[tuple[Value, Value | None]]
    written: list[Value]
    related: list[tuple[str, list[Value]]]
    matches: list[tuple[Value, Value]]
    shapes: list[Shape]
    sources: list[Value]


@dataclass(frozen=True)
class ShapeRule:
    """What a shape demands of one property, in words."""

    where: Markup
    parts: list[Markup]
    message: Value | None
    severity: str


@dataclass(frozen=True)
class Shape:
    """A shape: what it is called, what it looks at, and its rules."""

    value: Value
    targets: list[Markup]
    target_iris: list[str]
    rules: list[ShapeRule]

    @property
    def iri(self) -> str:
        """Return its IRI."""
        return self.value.text

    @property
    def name(self) -> str:
        """Return the end of its IRI."""
        return self.value.short


def declares_terms(dataset: KnownDataset) -> bool:
    """Return whether a dataset declares a class or a property."""
    return bool(dataset.asking.rows(f"SELECT ?s {{ {DECLARED} FILTER(isIRI(?s)) }} LIMIT 1"))


def ontology_nodes(reading: Reading) -> Nodes:
    """Return what the ontology says of each of its nodes; of others' data, what is said of the terms that it declares."""
    if reading.is_own:
        return _nodes_of(reading, f"GRAPH <{ONTOLOGY_GRAPH}> {{ ?s ?p ?o }}")
    # What has no name tells what a class or a domain is put together of.
    return _nodes_of(reading, f"?s ?p ?o FILTER(isBlank(?s) || EXISTS {{ {DECLARED} }})")


def shape_nodes(reading: Reading) -> Nodes:
    """Return what the shapes say of each of their nodes."""
    return _nodes_of(reading, f"GRAPH <{SHAPES_GRAPH}> {{ ?s ?p ?o }}")


def _nodes_of(reading: Reading, where: str) -> Nodes:
    """Return what a part of the data says of each of its nodes, which is asked once for each version."""

    def ask() -> Nodes:
        rows = reading.rows(f"SELECT ?s ?p ?o {{ {where} }} LIMIT {MOST_SAID}")
        return Nodes(rows, reading.named(rows))

    found: Nodes = reading.once(where, ask)
    return found


def uses(reading: Reading) -> dict[str, int]:
    """Return how many things each class has, and how many facts each property."""

    def ask() -> dict[str, int]:
        rows = reading.rows(f"SELECT ?t (COUNT(DISTINCT ?s) AS ?n) {{ ?s <{TYPE}> ?t }} GROUP BY ?t")
        rows += reading.rows("SELECT ?t (COUNT(*) AS ?n) { ?s ?t ?o } GROUP BY ?t")
        return {row["t"]["value"]: int(row["n"]["value"]) for row in rows if "t" in row}

    found: dict[str, int] = reading.once("uses", ask)
    return found


def index(reading: Reading) -> tuple[list[TermEntry], list[TermEntry]]:
    """Return the classes as a tree, and the properties by name."""
    nodes, counted = ontology_nodes(reading), uses(reading)
    # A node without a name has no colon.
    own = [node for node in nodes if node.startswith(KOUAN) or (not reading.is_own and ":" in node)]

    def is_a(node: str, kinds: set[str]) -> bool:
        return any(each["value"] in kinds for each in nodes.values(node, TYPE))

    classes = dict.fromkeys(node for node in own if is_a(node, CLASSES))
    above = {
        c: [t["value"] for t in nodes.values(c, SUBCLASS) if t["value"] in classes and t["value"] != c] for c in classes
    }
    below: dict[str, list[str]] = {}
    for narrower, wider in above.items():
        for each in wider:
            below.setdefault(each, []).append(narrower)

    def told(node: str, seen: frozenset[str]) -> TermEntry:
        narrower = [c for c in below.get(node, ()) if c not in seen]
        children = sorted((told(c, seen | {c}) for c in narrower), key=lambda each: each.value.in_order)
        return TermEntry(_value(nodes, node), _definition(nodes, node), counted.get(node, 0), children=children)

    def prop(node: str) -> TermEntry:
        domain, range_ = (_expressions(nodes, node, RDFS + end) for end in ("domain", "range"))
        return TermEntry(_value(nodes, node), _definition(nodes, node), counted.get(node, 0), domain, range_)

    roots = [told(node, frozenset({node})) for node in classes if not above[node]]
    properties = [prop(node) for node in own if is_a(node, PROPERTIES)]
    by_name = lambda each: each.value.in_order  # noqa: E731
    return sorted(roots, key=by_name), sorted(properties, key=by_name)


def _value(nodes: Nodes, iri: str) -> Value:
    return nodes.named({"type": "uri", "value": iri})


def _definition(nodes: Nodes, node: str) -> Value | None:
    found = [nodes.named(each) for prop in sorted(DEFINITIONS) for each in nodes.values(node, prop)]
    return next(iter(sorted(found, key=lambda each: bool(each.tongue))), None)


def _expressions(nodes: Nodes, node: str, prop: str) -> Markup:
    return Markup(", ").join(expression(nodes, each) for each in nodes.values(node, prop))


def require_term(reading: Reading, name: str) -> None:
    """Raise NotFound for a name that is no term's."""
    if KOUAN + name not in ontology_nodes(reading):
        raise NotFound(f"The ontology has no term {name}; /ontology lists the terms that it has.")


def term_page(reading: Reading, name: str) -> TermPage:
    """Return all that is known of a term by its name; raises NotFound."""
    require_term(reading, name)
    iri = KOUAN + name
    nodes = ontology_nodes(reading)
    thing = describe(reading, iri)
    kinds = {each["value"] for each in nodes.values(iri, TYPE)}
    is_class = CLASS in kinds
    shapes = [
        s for s in all_shapes(reading) if iri in s.target_iris or any(_names(rule.where, name) for rule in s.rules)
    ]
    return TermPage(
        thing=thing,
        is_class=is_class,
        axioms=_axioms(nodes, iri, kinds),
        uses=uses(reading).get(iri, 0),
        examples=_examples(reading, iri, is_class),
        written=[nodes.named(each) for each in nodes.values(iri, SKOS + "example")],
        related=_related(nodes, iri, is_class),
        matches=_matches(reading, iri),
        shapes=shapes,
        sources=[nodes.named(each) for each in nodes.values(iri, DCT + "source")],
    )


def _names(where: Markup, name: str) -> bool:
    return f'/ontology/{name}"' in where or f"/ontology/{name}?" in where


def _axioms(nodes: Nodes, iri: str, kinds: set[str]) -> list[Markup]:
    """Return what the ontology demands of a term, a sentence each."""
    sentences = {
        SUBCLASS: "Each one is also: {what}.",
        OWL + "equivalentClass": "It is the same as: {what}.",
        OWL + "disjointWith": "None of them is: {what}.",
        SUBPROPERTY: "Where it holds, this holds too: {what}.",
        OWL + "inverseOf": "Read backwards it is: {what}.",
        RDFS + "domain": "What has it is: {what}.",
        RDFS + "range": "Its values are: {what}.",
        OWL + "equivalentProperty": "It is the same as: {what}.",
        OWL + "propertyDisjointWith": "It never holds together with: {what}.",
    }
    told = [
        say(text, what=expression(nodes, each)) for prop, text in sentences.items() for each in nodes.values(iri, prop)
    ]
    for node in nodes:
        if any(each["value"] == iri for each in nodes.values(node, OWL + "inverseOf")):
            told.append(say("Read backwards it is: {what}.", what=linked(_value(nodes, node))))
        members = [nodes.members(each["value"]) for each in nodes.values(node, OWL + "members")]
        for each in members:
            if any(term["value"] == iri for term in each):
                others = Markup(", ").join(expression(nodes, term) for term in each if term["value"] != iri)
                told.append(say("None of them is: {what}.", what=others))
    for chain in nodes.values(iri, OWL + "propertyChainAxiom"):
        steps = Markup(" › ").join(linked(nodes.named(each)) for each in nodes.members(chain["value"]))
        told.append(say("It follows from the chain: {what}.", what=steps))
    told += [say(text) for kind, text in CHARACTERISTICS.items() if OWL + kind in kinds]
    return list(dict.fromkeys(told))


def _related(nodes: Nodes, iri: str, is_class: bool) -> list[tuple[str, list[Value]]]:
    """Return the terms around a term: below it, and the properties that a class has or is the value of."""

    def having(prop: str) -> list[Value]:
        found = []
        for node in nodes:
            terms = nodes.values(node, prop)
            inner = [
                m for t in terms for u in nodes.values(t["value"], OWL + "unionOf") for m in nodes.members(u["value"])
            ]
            if node.startswith(KOUAN) and any(each["value"] == iri for each in [*terms, *inner]):
                found.append(_value(nodes, node))
        return sorted(found, key=lambda each: each.in_order)

    if not is_class:
        return [(text, found) for text, found in (("Below it", having(SUBPROPERTY)),) if found]
    lists = (
        ("Kinds of it", having(SUBCLASS)),
        ("Properties that it has", having(RDFS + "domain")),
        ("Properties that lead to it", having(RDFS + "range")),
    )
    return [(text, found) for text, found in lists if found]


def _examples(reading: Reading, iri: str, is_class: bool) -> list[tuple[Value, Value | None]]:
    """Return things that a class has, or facts that a property states."""
    if is_class:
        rows = reading.rows(
            f"SELECT DISTINCT ?s {{ ?s <{TYPE}> <{iri}> FILTER(isIRI(?s)) }} ORDER BY ?s LIMIT {EXAMPLES}"
        )
    else:
        rows = reading.rows(
            f"SELECT DISTINCT ?s ?o {{ ?s <{iri}> ?o FILTER(isIRI(?s)) }} ORDER BY ?s ?o LIMIT {EXAMPLES}"
        )
    named = reading.named(rows)
    return [(named(row["s"]), named(row["o"]) if "o" in row else None) for row in rows]


def _matches(reading: Reading, iri: str) -> list[tuple[Value, Value]]:
    """Return what a term is aligned with, each by how."""
    props = " ".join(f"<{each}>" for each in (*sorted(MATCHES), SUBCLASS, SUBPROPERTY, OWL + "equivalentClass"))
    rows = reading.rows(
        f"SELECT DISTINCT ?p ?o {{ VALUES ?p {{ {props} }} <{iri}> ?p ?o FILTER(isIRI(?o) && !STRSTARTS(STR(?o), '{KOUAN}')) }}"
        f" ORDER BY ?p ?o"
    )
    named = reading.named(rows)
    return [(named(row["p"]), named(row["o"])) for row in rows]


def all_shapes(reading: Reading) -> list[Shape]:
    """Return every shape that has an IRI, by what it is called."""
    nodes = shape_nodes(reading)
    named = [node for node in nodes if node.startswith(SHAPES_GRAPH + "#") and _is_shape(nodes, node)]
    return sorted((_shape(nodes, node) for node in named), key=lambda shape: shape.value.in_order)


def _is_shape(nodes: Nodes, node: str) -> bool:
    return any(each["value"] in {SH + "NodeShape", SH + "PropertyShape"} for each in nodes.values(node, TYPE))


def _shape(nodes: Nodes, node: str) -> Shape:
    aims = {"targetClass": "each {what}", "targetSubjectsOf": "each thing that has “{what}”"}
    aims |= {"targetObjectsOf": "each value of “{what}”", "targetNode": "{what}"}
    targets = [
        say(text, what=expression(nodes, each)) for name, text in aims.items() for each in nodes.values(node, SH + name)
    ]
    iris = [each["value"] for name in aims for each in nodes.values(node, SH + name)]
    own = constraints(nodes, node)
    rules = [ShapeRule(say("the thing itself"), own, message(nodes, node), _severity(nodes, node))] if own else []
    parts = [each["value"] for each in nodes.values(node, SH + "property")]
    if nodes.one(node, SH + "path") is not None:
        parts.append(node)
        rules = []
    for part in parts:
        where = nodes.one(part, SH + "path")
        if where is not None:
            rules.append(
                ShapeRule(path(nodes, where), constraints(nodes, part), message(nodes, part), _severity(nodes, part))
            )
    return Shape(_shape_value(nodes, node), targets, iris, sorted(rules, key=lambda rule: rule.where))


def _shape_value(nodes: Nodes, node: str) -> Value:
    """Return a shape with its names, which are those of the class that it is named after where it has none of its own."""
    names = {label.get("xml:lang", ""): label["value"] for label in nodes.values(node, RDFS + "label")}
    return Value(node, names=names or _value(nodes, KOUAN + node.rpartition("#")[2]).names)


def _severity(nodes: Nodes, node: str) -> str:
    found = nodes.one(node, SH + "severity")
    return found["value"].removeprefix(SH) if found else "Violation"
