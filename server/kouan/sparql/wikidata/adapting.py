"""Rewrite a query that was written for Wikidata's own service in plain SPARQL: its services, and its hints left out.

Knows where a SERVICE stands and which are known; each is rewritten by its own module.
"""

from __future__ import annotations

from collections.abc import Iterator

from kouan.sparql.scanning.clauses import Element, Group, ParsedQuery, read
from kouan.sparql.scanning.lexer import decode_codepoints, tokens
from kouan.sparql.scanning.prologue import read_prologue
from kouan.sparql.wikidata.edits import Edit, Scope, blank
from kouan.sparql.wikidata.geosearch import GEOSEARCHES, geosearch_edits
from kouan.sparql.wikidata.labels import LABEL_SERVICE, label_edits
from kouan.sparql.wikidata.names import HINT, PRESET


def adapt(text: str) -> str:
    """Return a query in plain SPARQL, every line where it was.

    Raises QueryError, with the place, where a service is asked for what it does not have.
    """
    if "service" not in text.lower() and "hint:" not in text and HINT not in text:
        return text
    parsed = read(decode_codepoints(text))
    pieces, at = [], 0
    # What is put in stands before what is replaced at the same place.
    for start, end, instead in sorted(_Adapting(parsed).edits(), key=lambda edit: edit[:2]):
        pieces += [parsed.text[at:start], instead]
        at = end
    return "".join(pieces) + parsed.text[at:]


class _Adapting:
    def __init__(self, parsed: ParsedQuery) -> None:
        self.parsed = parsed
        self.text = parsed.text
        self.prologue = read_prologue(parsed.prologue, PRESET)

    def edits(self) -> Iterator[Edit]:
        pattern = self.parsed.pattern
        yield from self._within(pattern, Scope(pattern, (len(self.parsed.prologue), len(self.text))))

    def _within(self, group: Group, scope: Scope) -> Iterator[Edit]:
        if group.is_subquery:
            scope = Scope(group.elements[0].groups[0], (group.start, group.end))
        for element in group.elements:
            if element.kind == "service":
                yield from self._service(element, group, scope)
            elif element.kind == "triples" and self._is_hint(element):
                yield element.start, element.end, blank(self.text[element.start : element.end])
            else:
                for inner in element.groups:
                    yield from self._within(inner, scope)

    def _service(self, element: Element, group: Group, scope: Scope) -> Iterator[Edit]:
        name = self.prologue.iri(element.name)
        if name == LABEL_SERVICE:
            yield from label_edits(self.text, element, group, scope, self.prologue)
        elif name in GEOSEARCHES:
            yield from geosearch_edits(self.text, element, group, self.prologue)

    def _is_hint(self, element: Element) -> bool:
        first = next(tokens(self.text[element.start : element.end]))
        return self.prologue.iri(first).startswith(HINT)
