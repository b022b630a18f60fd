"""What a write adds to a dataset and removes from it, as an RDF Patch. Knows quads and text, no files and no store.

The form is that of RDF Patch (https://afs.github.io/rdf-patch/): a header, then one line for each quad between TX and TC.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, Quad, RdfFormat, Store, parse

from kouan.errors import SourceError
from kouan.vocabulary import XSD

HEADER = re.compile(r'H (\S+) (".*") \.')


@dataclass(frozen=True)
class Patch:
    """Quads that a write adds and removes; `said` is what else is recorded of it, by name."""

    added: tuple[Quad, ...] = ()
    removed: tuple[Quad, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def inverse(self) -> Patch:
        """Return the patch that undoes this one."""
        return Patch(self.removed, self.added)

    def graphs(self) -> set[str]:
        """Return the names of the graphs that it changes, "" for the default graph."""
        return {graph_of(quad) for quad in (*self.added, *self.removed)}

    def text(self) -> str:
        """Return the patch as text, its quads sorted."""
        head = [f"H {name} {json.dumps(value, ensure_ascii=False)} .\n" for name, value in self.said.items()]
        lines = [*(f"D {quad} .\n" for quad in self.removed), *(f"A {quad} .\n" for quad in self.added)]
        return "".join([*head, "TX .\n", *sorted(lines, key=lambda line: (line[0] == "A", line)), "TC .\n"])

    @classmethod
    def parse(cls, text: str, name: str = "patch") -> Patch:
        """Return the patch that a text holds; raises SourceError where it is not whole or not readable."""
        said: dict[str, str] = {}
        lines: dict[str, list[str]] = {"A": [], "D": []}
        end = ""
        for number, line in enumerate(text.splitlines(), 1):
            kind = line[:2].strip()
            header = HEADER.fullmatch(line)
            if header:
                said[header[1]] = json.loads(header[2])
            elif kind in lines:
                lines[kind].append(line[2:] + "\n")
            elif line not in {"TX .", "TC ."}:
                raise SourceError(f"{name} is not an RDF Patch of ours at line {number}: {line[:60]!r}.")
            end = line
        if end != "TC .":
            raise SourceError(f"{name} breaks off before its end; the write that it records was not finished.")
        return cls(read_quads("".join(lines["A"])), read_quads("".join(lines["D"])), said)


def read_quads(text: str) -> tuple[Quad, ...]:
    """Return the quads of N-Quads, literals and labels of blank nodes as they are written."""
    return tuple(parse(text, format=RdfFormat.N_QUADS))


def graph_of(quad: Quad) -> str:
    """Return the name of a quad's graph, "" for the default graph."""
    return getattr(quad.graph_name, "value", "")


def patched(quads: Iterable[Quad], patches: Iterable[Patch]) -> set[Quad]:
    """Return quads after patches, in their order; a quad is removed in whichever form it was written."""
    standing = set(quads)
    for patch in patches:
        for quad in patch.removed:
            if quad in standing:
                standing.discard(quad)
            elif _is_rewritten(quad):
                standing -= {each for each in standing if each.subject == quad.subject and stored(each) == quad}
        standing.update(patch.added)
    return standing


def stored(quad: Quad) -> Quad:
    """Return a quad as the store gives it back."""
    if not _is_rewritten(quad):
        return quad
    store = Store()
    store.add(quad)
    found: Quad = next(iter(store))
    return found


def _is_rewritten(quad: Quad) -> bool:
    """Return whether the store may write a quad in another way than its source: numbers, dates, language tags."""
    return isinstance(quad.object, Literal) and quad.object.datatype.value != XSD + "string"


def difference(before: Iterable[Quad], after: Iterable[Quad]) -> Patch:
    """Return the patch that leads from some quads to others."""
    old, new = set(before), set(after)
    return Patch(tuple(new - old), tuple(old - new))
