"""Read RDF/XML before the engine does: refuse what it does not look for, and write what it does not take as it takes it. Knows XML alone.

The engine takes no empty xml:lang, which is the absence of a language (RDF 1.1 XML Syntax, section 2.7), and no entity for the namespace
of XML. It drops a property whose rdf:parseType is a word of somebody's own (section 7.2.20), refuses an empty literal of XML, and leaves
out comments and instructions (section 7.2.17). So a literal of XML is handed on as text with its datatype, in exclusive canonical form
with comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from pyoxigraph import Literal, Quad, Triple

from kouan.vocabulary import RDF

# The engine takes time by the square of how deep RDF/XML nests.
DEEPEST = 1_000
MOST_HANDED_ON = 1 << 16
# What a property's element may hold that is no literal of XML; any other word means one.
NO_LITERAL = {"Resource", "Collection", "Triple"}
# No XML may hold it, so that it parts names from their namespaces.
PARTED = "\x0c"
PARSE_TYPE = re.compile(rb"""(\s(?:[^\s"'=<>/]+:)?)parseType(\s*=\s*)("[^"]*"|'[^']*')""")
START_TAG = re.compile(rb"""<([^\s"'<>/]+)(?:[^"'<>]|"[^"]*"|'[^']*')*>""")
ATTRIBUTE = re.compile(rb"""(\s(xml:lang|xmlns:xml|[^\s"'=<>/]+)\s*=\s*)("[^"]*"|'[^']*')""")
DATATYPE = rb'\1datatype\2"' + f"{RDF}XMLLiteral".encode() + b'"'
IN_TEXT = {"\r": "&#xD;"}
IN_ATTRIBUTE = {"\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;", '"': "&quot;"}
XML, ITS = "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2005/11/its"
# What may stand beside a literal at its property, besides what is said of its language.
BESIDE = {RDF + name for name in ("parseType", "ID", "annotation", "annotationNodeID")}
# A language for private use (RFC 5646, section 2.2.7), in the place of none.
NO_LANGUAGE = "x-kouan-none"
Refuse = Callable[[str, int, int], None]


class XmlReader:
    """A reader of a document that comes in parts, and gives back what the engine is to be given."""

    def __init__(self, refuse: Refuse) -> None:
        """Take what is told of each fault, with its line and its column from 0."""
        self._refuse = refuse
        self._parser = expat.ParserCreate("utf-8", PARTED)
        self._parser.namespace_prefixes = True
        self._parser.StartNamespaceDeclHandler = self._declared
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._begun, self._ended
        self._depth = 0
        self._held, self._offset = bytearray(), 0
        self._literal: _Literal | None = None
        self._found: list[_Literal | _Tag] = []
        self._declares_xml = False
        self.lacks_language = False
        """Whether some of it is said to be in no language."""

    def read(self, part: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield pieces of the document, each as it is written and as it is handed on; nothing is the end of it.

        Raises ExpatError for what is no XML.
        """
        self._held += part
        self._parser.Parse(part, not part)
        at = 0
        for literal in self._found:
            begin, end = literal.begin - self._offset, literal.end - self._offset
            yield from _as_it_is(self._held[at:begin])
            source, at = bytes(self._held[begin:end]), end
            yield from _in_parts(source, literal.handed_on(source))
        self._found.clear()
        # What the parser waits for the end of may yet be the beginning of a literal.
        known = self._literal.begin if self._literal else self._parser.CurrentByteIndex
        ready = len(self._held) if not part else max(known - self._offset, at)
        yield from _as_it_is(self._held[at:ready])
        del self._held[:ready]
        self._offset += ready

    def _declared(self, prefix: str | None, space: str) -> None:
        self._declares_xml |= prefix == "xml" and space == XML

    def _put(self, attributes: dict[str, str], declares_xml: bool) -> None:
        """Have attributes of XML's own handed on as the engine takes them, where they stand in a tag that is written out."""
        no_language = attributes.get(f"{XML}{PARTED}lang{PARTED}xml") == ""
        begin = self._parser.CurrentByteIndex
        tag = START_TAG.match(self._held, begin - self._offset) if no_language or declares_xml else None
        if tag is not None:
            self._found.append(_Tag(begin, begin + len(tag[0]), no_language))
            self.lacks_language |= no_language

    def _begun(self, tag: str, attributes: dict[str, str]) -> None:
        declares_xml, self._declares_xml = self._declares_xml, False
        self._depth += 1
        if self._depth > DEEPEST:
            self._tell(f"it nests more than {DEEPEST:,} elements")
        if self._literal is not None:
            self._literal.start(tag, attributes)
            return
        said = {"".join(name.split(PARTED)[:2]): value for name, value in attributes.items()}
        if RDF + "bagID" in said:
            self._tell("rdf:bagID is no longer part of RDF/XML")
        if said.get(RDF + "parseType", "Resource") in NO_LITERAL or any(
            name not in BESIDE and not name.startswith((XML, ITS)) for name in said
        ):
            self._put(attributes, declares_xml)
            return
        self._literal = _Literal(self._parser.CurrentByteIndex, self._depth)
        self._parser.CharacterDataHandler = self._literal.text
        self._parser.CommentHandler = self._literal.comment
        self._parser.ProcessingInstructionHandler = self._literal.instruction

    def _ended(self, tag: str) -> None:
        literal = self._literal
        if literal is not None and literal.depth == self._depth:
            literal.end = self._parser.CurrentByteIndex
            self._found.append(literal)
            self._literal = None
            self._parser.CharacterDataHandler = self._parser.CommentHandler = None
            self._parser.ProcessingInstructionHandler = None
        elif literal is not None:
            literal.finish(tag)
        self._depth -= 1

    def _tell(self, message: str) -> None:
        self._refuse(message, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)


def spoken(quad: Quad) -> Quad:
    """Return a quad whose texts are in no language where the document says so."""
    term = _spoken(quad.object)
    return quad if term is quad.object else Quad(quad.subject, quad.predicate, term, quad.graph_name)


def _spoken(term: Any) -> Any:
    if isinstance(term, Literal):
        return Literal(term.value) if term.language == NO_LANGUAGE else term
    if isinstance(term, Triple) and (held := _spoken(term.object)) is not term.object:
        return Triple(term.subject, term.predicate, held)
    return term


def _as_it_is(part: bytearray) -> Iterator[tuple[bytes, bytes]]:
    if part:
        written = bytes(part)
        yield written, written


def _in_parts(written: bytes, given: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield what is handed on in parts: the engine takes a long one in time by the square of it."""
    for start in range(0, len(given), MOST_HANDED_ON):
        yield (b"" if start else written), given[start : start + MOST_HANDED_ON]


def _with_plain_attributes(tag: bytes, *, no_language: bool) -> bytes:
    """Return a tag whose attributes of XML's own are written as the engine takes them, without a language that is one for none."""

    def put(found: re.Match[bytes]) -> bytes:
        if found[2] == b"xmlns:xml":
            return found[1] + b'"' + XML.encode() + b'"'
        if found[2] != b"xml:lang":
            return found[0]
        return found[1] + b'"' + NO_LANGUAGE.encode() + b'"' if no_language else found[0]

    return ATTRIBUTE.sub(put, tag)


@dataclass
class _Tag:
    """The start of an element, with attributes of XML's own that the engine does not take as they are."""

    begin: int
    end: int
    no_language: bool

    def handed_on(self, source: bytes) -> bytes:
        """Return it as it is handed on."""
        return _with_plain_attributes(source, no_language=self.no_language)


@dataclass
class _Literal:
    """A literal of XML, written in exclusive canonical form as it is read (Exclusive XML Canonicalization 1.0, section 3)."""

    begin: int
    depth: int
    end: int = 0
    """Where the start of its element begins, and its end, which an element without content has at once."""
    _written: list[str] = field(default_factory=list)
    _rendered: list[dict[str, str]] = field(default_factory=lambda: [{"": "", "xml": XML}])

    def handed_on(self, source: bytes) -> bytes:
        """Return the start and the content of its element as they are handed on, the content as text; as it is where it cannot be."""
        tag = START_TAG.match(source)
        if tag is None:
            return source
        # A literal with a datatype has no language.
        start = _with_plain_attributes(PARSE_TYPE.sub(DATATYPE, tag[0], count=1), no_language=True)
        text = escape("".join(self._written), IN_TEXT).encode()
        if tag[0].endswith(b"/>"):
            return start[:-2] + b">" + text + b"</" + tag[1] + b">"
        return start + text

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Write the start of an element within it."""
        names = [(*_parts(name), value) for name, value in attributes.items()]
        space, local, prefix = _parts(tag)
        used = {prefix: space} | {prefix: space for space, _, prefix, _ in names if prefix}
        rendered = self._rendered[-1]
        new = {prefix: space for prefix, space in used.items() if rendered.get(prefix) != space}
        self._rendered.append(rendered | new)
        said = [(f"xmlns:{each}" if each else "xmlns", new[each]) for each in sorted(new)]
        said += [(_qualified(prefix, local), value) for _, local, prefix, value in sorted(names)]
        attribute = "".join(f' {name}="{escape(value, IN_ATTRIBUTE).replace("&gt;", ">")}"' for name, value in said)
        self._written.append(f"<{_qualified(prefix, local)}{attribute}>")

    def finish(self, tag: str) -> None:
        """Write the end of an element within it."""
        self._rendered.pop()
        _, local, prefix = _parts(tag)
        self._written.append(f"</{_qualified(prefix, local)}>")

    def text(self, text: str) -> None:
        """Write text."""
        self._written.append(escape(text, IN_TEXT))

    def comment(self, text: str) -> None:
        """Write a comment."""
        self._written.append(f"<!--{text}-->")

    def instruction(self, target: str, text: str) -> None:
        """Write an instruction."""
        self._written.append(f"<?{target} {text}?>" if text else f"<?{target}?>")


def _parts(name: str) -> tuple[str, str, str]:
    """Return the namespace, the local name and the prefix of a name as the parser has it."""
    parts = name.split(PARTED)
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


def _qualified(prefix: str, local: str) -> str:
    return f"{prefix}:{local}" if prefix else local
