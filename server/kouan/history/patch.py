"""What a write adds to a dataset and removes from it, as an RDF Patch. Knows quads and text, no files and no store.

The form is that of RDF Patch (https://afs.github.io/rdf-patch/): lines of headers, then one line for each quad between TX
and TC. Terms stand as they were written: `"01"^^xsd:integer` is another term than `1`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Quad, RdfFormat, parse

from kouan.errors import SourceError

BEGIN, END = "TX .", "TC ."
# The parser takes no line of 16 MiB or more, so that a quad may not have one.
LONGEST_LINE = 16_000_000


@dataclass(frozen=True)
class Patch:
    """Quads that a write adds and removes; none that it adds stood before, and all that it removes did."""

    added: tuple[Quad, ...] = ()
    removed: tuple[Quad, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def inverse(self) -> Patch:
        """Return the patch that undoes this one."""
        return Patch(self.removed, self.added)

    def graphs(self) -> set[str]:
        """Return the names of the graphs that it changes, "" for the default graph."""
        return {graph_of(quad) for quad in (*self.added, *self.removed)}

    def longest(self) -> int:
        """Return how many bytes the longest of the quads that it adds has as a line."""
        lines = map(str, self.added)
        # Most are far from the limit, whatever they would be as UTF-8.
        return max(
            (
                len(line.encode("utf-8", "surrogatepass")) if len(line) * 4 > LONGEST_LINE else len(line)
                for line in lines
            ),
            default=0,
        )

    def text(self) -> str:
        """Return the patch as text, its quads sorted."""
        removed = sorted(f"D {quad} .\n" for quad in self.removed)
        return "".join([BEGIN, "\n", *removed, *sorted(f"A {quad} .\n" for quad in self.added), END, "\n"])

    @classmethod
    def of_lines(cls, lines: Iterable[str], name: str) -> Patch:
        """Return the patch that lines between TX and TC say; raises SourceError where one cannot be read."""
        found: dict[str, list[str]] = {"A ": [], "D ": []}
        for line in lines:
            if line[:2] not in found:
                raise SourceError(f"{name} holds a line that is none of an RDF Patch of ours: {line[:60]!r}.")
            found[line[:2]].append(line[2:] + "\n")
        try:
            return cls(*(tuple(parse("".join(found[kind]), format=RdfFormat.N_QUADS)) for kind in ("A ", "D ")))
        except (SyntaxError, ValueError, MemoryError) as error:
            raise SourceError(f"{name} holds a quad that cannot be read: {error}.") from error


def graph_of(quad: Quad) -> str:
    """Return the name of a quad's graph, "" for the default graph."""
    return getattr(quad.graph_name, "value", "")


def difference(before: Iterable[Quad], after: Iterable[Quad]) -> Patch:
    """Return the patch that leads from some quads to others."""
    old, new = set(before), set(after)
    return Patch(tuple(new - old), tuple(old - new))


def joined(patches: Iterable[Patch]) -> Patch:
    """Return the one patch that does what patches do one after another."""
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for patch in patches:
        for quad in patch.removed:
            if quad in added:
                added.discard(quad)
            else:
                removed.add(quad)
        for quad in patch.added:
            if quad in removed:
                removed.discard(quad)
            else:
                added.add(quad)
    return Patch(tuple(added), tuple(removed))
