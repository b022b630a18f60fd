"""Lay boxes and arrows out for the diagrams of the ontology, drawn as SVG on the server. Knows places on paper, no HTML."""

from __future__ import annotations

from dataclasses import dataclass, field

from kouan.pages.ontology import TermPage, ontology_nodes
from kouan.pages.reading import Reading
from kouan.pages.terms import Value
from kouan.vocabulary import KOUAN, RDFS

WIDTH, HEIGHT = 190, 46
# Where the chief classes stand, by column and row, and which properties lead from one to the other.
PLACES = {
    "Country": (0, 0),
    "AdministrativeArea": (1, 0),
    "Corridor": (2, 0),
    "Port": (0, 1),
    "City": (1, 1),
    "CooperationZone": (2, 1),
    "Event": (0, 2),
    "Policy": (2, 2),
    "Passage": (1, 2),
    "Source": (1, 3),
}
ARROWS = (
    ("City", "bordersCountry", "Country"),
    ("City", "locatedIn", "AdministrativeArea"),
    ("Corridor", "passesThrough", "City"),
    ("City", "hasPort", "Port"),
    ("City", "hostsZone", "CooperationZone"),
    ("Event", "eventOf", "Port"),
    ("Policy", "appliesTo", "City"),
    ("Passage", "passageOf", "Source"),
)
GRID = (300, 120)
FEW = 8


@dataclass(frozen=True)
class Box:
    """A class on the diagram, with the place of its left upper corner."""

    value: Value
    x: float
    y: float
    is_chief: bool = False

    @property
    def middle(self) -> tuple[float, float]:
        """Return its middle."""
        return self.x + WIDTH / 2, self.y + HEIGHT / 2


@dataclass(frozen=True)
class Arrow:
    """An arrow from a box to another, from edge to edge; `value` is its property, None where it says: is a kind of.

    `between` are the classes that a property leads from and to.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    value: Value | None = None
    between: tuple[Value, Value] | None = None

    @property
    def middle(self) -> tuple[float, float]:
        """Return where its name stands."""
        return (self.start[0] + self.end[0]) / 2, (self.start[1] + self.end[1]) / 2


@dataclass(frozen=True)
class Diagram:
    """Boxes and arrows on a sheet of a size."""

    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    box_width: int = WIDTH
    box_height: int = HEIGHT


def of_ontology(reading: Reading) -> Diagram:
    """Return how the chief classes hang together."""
    nodes = ontology_nodes(reading)

    def value(name: str) -> Value:
        return nodes.named({"type": "uri", "value": KOUAN + name})

    boxes = {
        name: Box(value(name), 10 + column * GRID[0], 10 + row * GRID[1], name == "City")
        for name, (column, row) in PLACES.items()
        if KOUAN + name in nodes
    }
    arrows = [
        _arrow(boxes[start], boxes[end], value(name))
        for start, name, end in ARROWS
        if start in boxes and end in boxes and KOUAN + name in nodes
    ]
    return Diagram(2 * GRID[0] + WIDTH + 20, 3 * GRID[1] + HEIGHT + 20, list(boxes.values()), arrows)


def of_class(reading: Reading, page: TermPage) -> Diagram | None:
    """Return what stands above and below a class; None where nothing does."""
    nodes = ontology_nodes(reading)
    above = [nodes.named(t) for t in nodes.values(page.thing.iri, RDFS + "subClassOf") if t["type"] == "uri"][:3]
    below = next((found for text, found in page.related if text == "Kinds of it"), [])[:FEW]
    if not above and not below:
        return None
    column, line = WIDTH + 90, HEIGHT + 14
    rows = max(len(above), len(below), 1)
    height = rows * line + 6

    def stacked(values: list[Value], x: float) -> list[Box]:
        top = (height - len(values) * line) / 2 + 7
        return [Box(each, x, top + n * line) for n, each in enumerate(values)]

    offset = 10 + (column if above else 0)
    chief = Box(page.thing.value, offset, (height - HEIGHT) / 2, True)
    uppers, lowers = stacked(above, 10), stacked(below, offset + column)
    arrows = [Arrow((chief.x, chief.middle[1]), (each.x + WIDTH, each.middle[1])) for each in uppers]
    arrows += [Arrow((each.x, each.middle[1]), (chief.x + WIDTH, chief.middle[1])) for each in lowers]
    width = offset + WIDTH + 10 + (column if below else 0)
    return Diagram(width, height, [*uppers, chief, *lowers], arrows)


def _arrow(start: Box, end: Box, value: Value) -> Arrow:
    """Return an arrow that begins and ends at the edges that face each other."""
    between = (start.value, end.value)
    (x1, y1), (x2, y2) = start.middle, end.middle
    if abs(y1 - y2) > HEIGHT:
        down = 1 if y2 > y1 else -1
        lean = 60 * ((x2 > x1) - (x2 < x1))
        return Arrow((x1 + lean, y1 + down * HEIGHT / 2), (x2 - lean / 2, y2 - down * HEIGHT / 2), value, between)
    across = 1 if x2 > x1 else -1
    return Arrow((x1 + across * WIDTH / 2, y1), (x2 - across * WIDTH / 2, y2), value, between)
