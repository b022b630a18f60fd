"""Parse an RDF document so that a fault has its line and column, and RDF/XML is what its standard says. Knows formats, no files.

The engine's parser says no place of a fault of RDF/XML or JSON-LD. It is fed piece by piece, so that the piece that it refuses
is known. Of RDF/XML it leaves line ends as they are (XML 1.0, section 2.11), and what the reader of XML does.
"""

from __future__ import annotations

import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from pyoxigraph import Quad, QuadParser, RdfFormat, parse

from kouan.graph.announcements import Announced, as_comments
from kouan.graph.charsets import in_utf8
from kouan.graph.contexts import Plain, plain_jsonld, refuse_shape
from kouan.graph.expansion import PLAIN, Options, expanded, unplaced
from kouan.graph.faults import NO_CONTEXT, lacks_language, refusal_of
from kouan.graph.notation3 import PlainNotation3
from kouan.graph.rdf_json import as_jsonld
from kouan.graph.xml_reading import XmlReader, spoken

# What ends a piece that a parser can refuse.
PIECES = {RdfFormat.RDF_XML: re.compile(rb"[^>]*>|[^>]+"), RdfFormat.JSON_LD: re.compile(rb"[^,\]}]*[,\]}]|[^,\]}]+")}
# Their parsers say themselves where a literal lacks its language, and give the statement all the same after that.
TOLD = {RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS}
LINES = {RdfFormat.N_TRIPLES, RdfFormat.N_QUADS}
LONGEST_LINE = 1 << 20
INDEXED = re.compile(r'"@container"\s*:\s*(?:\[[^\[\]]*)?"@index"')


class Parsing(Iterator[Quad]):
    """The quads of a document, in its order; raises SyntaxError with `lineno` and `offset`, both from 1, where one is at fault."""

    def __init__(
        self,
        content: str | bytes | IO[bytes],
        rdf_format: RdfFormat,
        base: str | None,
        *,
        renames: bool = False,
        options: Options = PLAIN,
    ) -> None:
        """Take whether blank nodes get new labels, which no other document has, and what is said on how JSON-LD is to be read."""
        self._fed: _Fed | None = None
        self._plain: Plain | None = None
        source: Any = content
        if isinstance(content, str):
            content = source = content.removeprefix("\ufeff")
        elif isinstance(content, bytes):
            content = source = content.removeprefix(BOM_UTF8)
        elif rdf_format not in PIECES and rdf_format != RdfFormat.N3:
            source = _Unmarked(content)
        self._notation3: PlainNotation3 | None = None
        if rdf_format == RdfFormat.N3:
            self._notation3 = source = PlainNotation3(_opened(content))
        if rdf_format in LINES:
            source = as_comments(source) if isinstance(source, str) else Announced(_opened(source))
        self._is_expanded = False
        # A parser that tells what is at fault gives nothing that is before it did.
        self._tells, self._is_trusted = rdf_format in TOLD, rdf_format in TOLD
        if rdf_format == RdfFormat.JSON_LD:
            text = _text(content)
            refuse_shape(text)
            told = as_jsonld(text)
            plain = plain_jsonld(text, base or "") if options.is_plain else None
            if told is not None:
                self._is_expanded, source = True, told
            elif plain is None or _is_misread(plain.text) or _is_in_json(plain.text, text):
                self._is_expanded = True
                # Nothing in it is to be understood from elsewhere.
                source, base = expanded(text, base or "", options), None
            else:
                self._plain, content = plain, plain.text
        if rdf_format in PIECES and not self._is_expanded:
            opened = _opened(content)
            if rdf_format == RdfFormat.RDF_XML and not isinstance(content, str):
                opened = in_utf8(opened)
            self._fed = source = _Fed(opened, rdf_format)
        self._parser: QuadParser = parse(source, format=rdf_format, base_iri=base, rename_blank_nodes=renames)

    @property
    def prefixes(self) -> dict[str, str]:
        """Return the prefixes that were declared so far."""
        return dict(self._parser.prefixes)

    def __next__(self) -> Quad:
        quad = self._next()
        while not self._is_trusted and lacks_language(quad.object):
            if not self._tells:
                raise self._placed(refusal_of(quad))
            quad = self._next()
        return quad

    def _next(self) -> Quad:
        try:
            quad: Quad = next(self._parser)
        except (SyntaxError, OSError) as error:
            self._is_trusted = False
            if self._notation3 is not None and self._notation3.fault is not None:
                raise self._notation3.fault from error
            if self._is_expanded and isinstance(error, SyntaxError):
                raise unplaced(error) from error
            if self._fed is None:
                raise
            refused = self._plain.refused if self._plain and NO_CONTEXT in str(error) else None
            raise refused or self._fed.placed(error) from error
        if self._fed is not None and self._fed.lacks_language:
            quad = spoken(quad)
        return self._plain.restored(quad) if self._plain else quad

    def _placed(self, error: SyntaxError) -> SyntaxError:
        """Return an error of the statement that was read last, with its place where that is known."""
        if self._fed is not None and self._fed.is_xml:
            return self._fed.placed(error)
        # Of JSON-LD all may be read before the first statement is given.
        error.msg = f"Parser error: {error.msg}"
        return error


def _is_misread(text: str) -> bool:
    """Return whether the engine may lose the context of a type, which it does within a map of indexes (JSON-LD 1.1 API, 5.1.2, 13.8.3)."""
    return INDEXED.search(text) is not None and text.count('"@context"') > 1


def _is_in_json(plain: str, text: str) -> bool:
    """Return whether what was put into a document may stand in a JSON literal, which stays as it is (JSON-LD 1.1, section 4.2.2)."""
    return plain != text and '"@json"' in plain


class _Unmarked(io.RawIOBase):
    """A document without the byte order mark that some editors put before it (RFC 3629, section 6)."""

    def __init__(self, source: IO[bytes]) -> None:
        self._begun = source.read(len(BOM_UTF8)).removeprefix(BOM_UTF8)
        self._source = source

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most so many."""
        begun, self._begun = self._begun, b""
        return begun or self._source.read(size)


def _opened(content: str | bytes | IO[bytes]) -> IO[bytes]:
    given = content.encode() if isinstance(content, str) else content
    return io.BytesIO(given) if isinstance(given, bytes) else given


def _text(content: str | bytes | IO[bytes]) -> str:
    if isinstance(content, str):
        return content
    return (content if isinstance(content, bytes) else content.read()).decode("utf-8-sig")


class _Fed(io.RawIOBase):
    """A document that is read piece by piece, and knows where the piece that was read last begins."""

    def __init__(self, source: IO[bytes], rdf_format: RdfFormat) -> None:
        self._source = source
        self._pattern = PIECES[rdf_format]
        self._waiting: list[tuple[bytes, bytes]] = []
        self._left = b""
        self._line, self._column, self._begun = 1, 1, (1, 1)
        self._fault: SyntaxError | None = None
        self._xml = XmlReader(self._refuse) if rdf_format == RdfFormat.RDF_XML else None

    def read(self, size: int = -1) -> bytes:
        """Return the next piece, or at most so much of it: the engine ends the process where it gets more."""
        self._left = self._left or self._next_piece()
        given = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(given) :]
        return given

    def _next_piece(self) -> bytes:
        while not self._waiting:
            line = self._next_line()
            self._waiting = list(self._pieces(line))[::-1]
            if not line and not self._waiting:
                return b""
        written, given = self._waiting.pop()
        blank = written[: len(written) - len(written.lstrip())]
        self._begun = self._after(blank) if len(blank) < len(written) else self._begun
        self._line, self._column = self._after(written)
        return given

    @property
    def is_xml(self) -> bool:
        """Return whether it is RDF/XML, of which a statement is given as soon as it was read."""
        return self._xml is not None

    @property
    def lacks_language(self) -> bool:
        """Return whether some of what was read is RDF/XML that is said to be in no language."""
        return self._xml is not None and self._xml.lacks_language

    def placed(self, error: Exception) -> SyntaxError:
        """Return an error with the place of what was read last, or of what is no XML."""
        if self._fault is not None:
            return self._fault
        if not isinstance(error, SyntaxError):
            raise error
        if error.lineno is None:
            error.lineno, error.offset = self._begun
            error.msg = f"Parser error at line {error.lineno} column {error.offset}: {error.msg}"
        return error

    def _after(self, text: bytes) -> tuple[int, int]:
        lines = text.count(b"\n")
        last = text.rpartition(b"\n")[2].decode(errors="replace")
        return self._line + lines, (1 if lines else self._column) + len(last)

    def _next_line(self) -> bytes:
        line = self._source.readline(LONGEST_LINE)
        if line.endswith(b"\r"):
            line += self._source.read(1)
        return line

    def _pieces(self, line: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield pieces of a line, each as it is written and as it is handed on."""
        if self._xml is None:
            yield from ((piece, piece) for piece in self._pattern.findall(line))
            return
        try:
            parts = list(self._xml.read(line))
        except expat.ExpatError as error:
            parts = []
            self._refuse(expat.ErrorString(error.code), error.lineno, error.offset)
        if self._fault is not None:
            raise OSError(self._fault.msg)
        for written, given in parts:
            if written is given:
                yield from ((piece, piece) for piece in self._pattern.findall(_with_plain_ends(written)))
            else:
                yield _with_plain_ends(written), _with_plain_ends(given)

    def _refuse(self, message: str, line: int, column: int) -> None:
        if self._fault is None:
            self._fault = SyntaxError(f"Parser error at line {line} column {column + 1}: {message}")
            self._fault.lineno, self._fault.offset = line, column + 1


def _with_plain_ends(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
