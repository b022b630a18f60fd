"""Write IRIs, and the ways from one thing to another, as people can read them in an address. Knows prefixes, no data.

A way is one property, or several with / between them; ^ before one goes against it (as SPARQL 1.1 Query, section 9, writes
paths).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kouan.errors import BadRequest

LONGEST_WAY = 4
STEP = re.compile(r"(\^?)(?:<([^<>\"{}|\\^`\s]+)>|([A-Za-z][\w.-]*|):([\w.-]*))(?:/|\Z)")
ABSOLUTE = re.compile(r"(?:https?://|urn:)[^<>\"{}|\\^`\s]+")
PLAIN = re.compile(r"[A-Za-z0-9_](?:[\w.-]*[\w-])?\Z")
# Where no name with a prefix stands, and where one does.
NO_NAMES = re.compile(r'<[^<>\s]*>|"(?:[^"\\]|\\.)*"')
PREFIX = re.compile(r"(?<![\w?])([A-Za-z][\w.-]*):")


@dataclass(frozen=True)
class Step:
    """One property on a way; `is_back` where it is gone from its value to what has it."""

    iri: str
    is_back: bool = False


Way = tuple[Step, ...]


class Names:
    """Writes IRIs short and reads them, by the prefixes of what is served."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = {prefix: iri for prefix, iri in prefixes.items() if prefix}
        # The longest namespace first, so that the name that is left is the shortest.
        self._longest = sorted(self.prefixes.items(), key=lambda pair: (-len(pair[1]), pair[0]))

    def short(self, iri: str) -> str:
        """Return an IRI with a prefix, or in angle brackets."""
        for prefix, start in self._longest:
            if iri.startswith(start) and PLAIN.match(iri[len(start) :]):
                return f"{prefix}:{iri[len(start) :]}"
        return f"<{iri}>"

    def written(self, way: Way) -> str:
        """Return a way as an address and a query write it."""
        return "/".join(("^" if step.is_back else "") + self.short(step.iri) for step in way)

    def way(self, text: str) -> Way:
        """Return the way that a text says; raises BadRequest where it says none."""
        steps, at = [], 0
        while at < len(text):
            found = STEP.match(text, at)
            if found is None:
                raise BadRequest(
                    f"{text!r} is no way from one thing to another; write a property with a prefix of this data, such as "
                    "rdfs:label, or <its IRI>, and / between one and the next."
                )
            steps.append(Step(found[2] or self._full(found[3], found[4]), bool(found[1])))
            at = found.end()
        if not steps or len(steps) > LONGEST_WAY:
            raise BadRequest(f"A way has one to {LONGEST_WAY} properties.")
        return tuple(steps)

    def iri(self, text: str) -> str:
        """Return the IRI that a text says, which may stand there without brackets; raises BadRequest where it says none."""
        if ABSOLUTE.fullmatch(text) and text.partition(":")[0] not in self.prefixes:
            return text
        way = self.way(text)
        if len(way) > 1 or way[0].is_back:
            raise BadRequest(f"{text!r} is not one name.")
        return way[0].iri

    def _full(self, prefix: str, local: str) -> str:
        if prefix not in self.prefixes:
            raise BadRequest(f"This data has no prefix {prefix}:; it has {', '.join(sorted(self.prefixes))}.")
        return self.prefixes[prefix] + local

    def declared(self, query: str) -> str:
        """Return a query with the prefixes that it uses before it."""
        bare = NO_NAMES.sub(" ", query)
        used = sorted({found for found in PREFIX.findall(bare) if found in self.prefixes})
        return "".join(f"PREFIX {prefix}: <{self.prefixes[prefix]}>\n" for prefix in used) + "\n" * bool(used) + query
