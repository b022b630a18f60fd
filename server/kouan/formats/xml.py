"""Write RDF/XML and results in XML so that every parser reads back what was meant, or say what cannot be written so. Knows bytes.

XML 1.0 has no place for most control characters (section 2.2), turns the carriage returns of a text into line feeds unless they
are written as references (section 2.11), and RDF/XML writes a predicate as an element, which needs a name (RDF 1.1 XML Syntax,
section 6.1.1).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import IO, Any

from pyoxigraph import NamedNode, Quad, Triple

from kouan.errors import NotAcceptable
from kouan.vocabulary import RDF

IMPOSSIBLE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
# The same, as what the interpreter looks for fifteen times as fast: bytes, and what those of several bytes begin with.
CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20)])
BEGINNING = b"\xef\xbf"
# What begins a name, and what goes on with it (XML 1.0, section 2.3, without the colon); a name ends the IRI of an element.
FIRST = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
NAMED = re.compile(rf"[{FIRST}][{FIRST}\-.0-9\u00b7\u0300-\u036f\u203f\u2040]*\Z")
# How the engine begins and ends a thing whose class has no such name, which no parser reads.
NAMELESS = re.compile(rb'<oxprefix: xmlns:oxprefix=("[^"]*")([^>]*)>')
NAMELESS_END = b"</oxprefix:>"
# Names that RDF/XML means something else by (RDF 1.1 XML Syntax, section 6.1.1).
TAKEN = {
    *("RDF", "ID", "about", "bagID", "parseType", "resource", "nodeID", "datatype", "li", "Description"),
    *("aboutEach", "aboutEachPrefix"),
}
TYPE = NamedNode(RDF + "type")
# The end tag of results, and what may follow it (XML 1.0, section 2.1).
END_OF_RESULTS, LONGEST_END = re.compile(rb"</(?:[\w.-]+:)?sparql\s*>(?:\s|<!--(?:(?!-->).)*-->)*\Z", re.DOTALL), 10_000
INSTEAD_OF_GRAPHS = "Turtle, N-Triples or JSON-LD"
INSTEAD_OF_RESULTS = "JSON, CSV or TSV"


def has_end(body: bytes) -> bool:
    """Return whether results in XML have their end: a reader that takes them as they come takes what was cut off for all."""
    return END_OF_RESULTS.search(body[-LONGEST_END:]) is not None


def written(serialise: Callable[[Any], object], output: IO[bytes] | None, instead: str) -> bytes:
    """Write XML to the output, or return it where there is none; raises NotAcceptable where a text has no place in it."""
    buffer = io.BytesIO()
    serialise(_Checked(buffer if output is None else output, instead))
    return buffer.getvalue()


def write_triples(
    statements: Sequence[Triple] | Sequence[Quad], serialise: Callable[[Any], object], output: IO[bytes] | None
) -> bytes:
    """Write RDF/XML to the output, or return it where there is none; raises NotAcceptable where it has no way to say one of them."""
    _check_predicates(statements)
    classes = {
        each.object.value for each in statements if each.predicate == TYPE and isinstance(each.object, NamedNode)
    }
    if all(map(NAMED.search, classes)):
        return written(serialise, output, INSTEAD_OF_GRAPHS)
    body = written(serialise, None, INSTEAD_OF_GRAPHS).replace(NAMELESS_END, b"</rdf:Description>")
    body = NAMELESS.sub(rb"<rdf:Description\2>\n\t\t<rdf:type rdf:resource=\1/>", body)
    if output is None:
        return body
    output.write(body)
    return b""


def _check_predicates(statements: Sequence[Triple | Quad]) -> None:
    for iri in {each.predicate.value for each in statements}:
        if NAMED.search(iri) is None or (iri.startswith(RDF) and iri.removeprefix(RDF) in TAKEN):
            raise NotAcceptable(
                f"RDF/XML cannot have the predicate <{iri}>, which ends in no name that an element may have; ask for "
                f"{INSTEAD_OF_GRAPHS}."
            )


class _Checked:
    """An output of XML that keeps carriage returns, and takes no character that XML has none for.

    The engine writes each text whole, so that no character comes in two pieces.
    """

    def __init__(self, output: IO[bytes], instead: str) -> None:
        self._output = output
        self._instead = instead

    def write(self, some: bytes) -> int:
        whole = bytes(some)
        if BEGINNING in whole or len(whole.translate(None, CONTROLS)) < len(whole):
            found = IMPOSSIBLE.search(whole)
            if found:
                raise self._refused(whole, found.start(), found[0].decode())
        self._output.write(whole.replace(b"\r", b"&#xD;"))
        return len(some)

    def flush(self) -> None:
        """Do nothing: who has the output flushes it."""

    def _refused(self, whole: bytes, place: int, character: str) -> NotAcceptable:
        start, end = whole.rfind(b">", 0, place) + 1, whole.find(b"<", place)
        text = whole[start : end if end >= 0 else None].decode("utf-8", "replace")
        shown = text if len(text) <= 80 else text[:80] + "…"
        return NotAcceptable(
            f"XML cannot hold the character U+{ord(character):04X}, which stands in {shown!a}; ask for {self._instead}."
        )
