"""Read in which view of its result a query wants to be shown, as Wikidata's service lets a comment say. Shows nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from kouan.sparql.lexer import comments

# The views of Wikidata's service (Wikidata, SPARQL query service, Result Views), and what they are called there.
NAMES = {
    "Table": "table",
    "ImageGrid": "image grid",
    "Map": "map",
    "LineChart": "line chart",
    "BarChart": "bar chart",
    "ScatterChart": "scatter chart",
    "AreaChart": "area chart",
    "BubbleChart": "bubble chart",
    "TreeMap": "tree map",
    "Tree": "tree",
    "Timeline": "timeline",
    "Dimensions": "dimensions",
    "Graph": "graph",
    "Polestar": "graph builder",
}
DEFAULT = "Table"
HERE = {DEFAULT}
ASKED = "#defaultView:"


@dataclass(frozen=True)
class ResultView:
    """A view that a query asks for; `title` is empty where Wikidata's service has no such view."""

    name: str
    title: str

    @property
    def is_here(self) -> bool:
        """Return whether the page can show it."""
        return self.name in HERE


def view_of(query: str) -> ResultView:
    """Return the view that a query asks for: the last one that a comment names, as in Wikidata's service, else the table."""
    said = (part for comment in comments(query) for part in comment.split(ASKED)[1:])
    found = [name for part in said if (name := "".join(takewhile(str.isalnum, part)))]
    known = [name for name in found if name in NAMES]
    name = (known or found or [DEFAULT])[-1]
    return ResultView(name, NAMES.get(name, ""))
