"""Read a document of XML in the charset that it is written in (XML 1.0, section 4.3.3 and appendix F). Knows bytes and text, no RDF."""

from __future__ import annotations

import codecs
import io
import re
from typing import IO, Any

# Text is told from bytes by these; other codecs of Python's are not for texts, or cost more than they are worth.
CHARSETS = {
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "ascii"),
    *("iso8859-1", "iso8859-2", "iso8859-5", "iso8859-15", "cp1250", "cp1251", "cp1252", "koi8-r"),
    *("gb18030", "gbk", "gb2312", "big5", "big5hkscs", "shift_jis", "euc_jp", "euc_kr", "iso2022_jp"),
}
# What XML says of its own charset, in bytes and in its text.
DECLARED = re.compile(rb"""<\?xml\s[^<>]*?encoding\s*=\s*["']([\w.-]+)["']""", re.ASCII)
DECLARATION = re.compile(r"""\A(<\?xml\s[^<>]*?)(encoding\s*=\s*["'][\w.-]+["'])""", re.ASCII)
# How a document begins in a charset of which none of its letters is one byte.
WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", b"<\0?\0": "utf-16-le", b"\0<\0?": "utf-16-be"}
# A declaration stands within so many bytes.
HEAD = 1024
READ_AT_ONCE = 64 * 1024


def declared_charset(body: bytes) -> str:
    """Return the charset that the beginning of a document shows, else the one that it declares, "" where it does neither."""
    shown = next((name for begin, name in WIDE.items() if body.startswith(begin)), "")
    declared = DECLARED.match(body)
    return shown or (declared[1].decode() if declared else "")


def without_declaration(text: str) -> str:
    """Return a document without the charset that it declares, which holds for its bytes; no place is moved."""
    return DECLARATION.sub(lambda found: found[1] + " " * len(found[2]), text)


def known_charset(name: str) -> str:
    """Return the name of a charset as Python has it, "" where it is none that is known here."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    return found if found in CHARSETS else ""


def in_utf8(source: IO[bytes]) -> IO[bytes]:
    """Return a document of XML in UTF-8, to be read as it comes; raises SyntaxError for a charset that is not known or not its own.

    Reading it raises ValueError where a byte stands for no character.
    """
    return io.BufferedReader(_InUtf8(source), READ_AT_ONCE)


class _InUtf8(io.RawIOBase):
    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        head = b""
        while len(head) < HEAD and (more := source.read(HEAD - len(head))):
            head += more
        self._decoder = _decoder(head)
        self._ready = without_declaration(self._decoder.decode(head)).encode() if self._decoder else head
        self._has_ended = False

    def readable(self) -> bool:
        """Return true, for `io` asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Return how many of the next bytes were put into a buffer."""
        while not self._ready and not self._has_ended:
            part = self._source.read(READ_AT_ONCE)
            self._has_ended = not part
            self._ready = self._decoder.decode(part, not part).encode() if self._decoder else part
        given = self._ready[: len(buffer)]
        self._ready = self._ready[len(given) :]
        buffer[: len(given)] = given
        return len(given)


def _decoder(head: bytes) -> codecs.IncrementalDecoder | None:
    """Return what reads a document that begins so, None where it is in UTF-8; raises SyntaxError."""
    declared = declared_charset(head)
    name = known_charset(declared) if declared else "utf-8"
    if not name:
        raise SyntaxError(f"its charset, {declared}, is not known here; write it in UTF-8")
    if name.startswith(("utf-16", "utf-32")) and DECLARED.match(head):
        raise SyntaxError(f"it declares the charset {declared} and is not written in it")
    return codecs.getincrementaldecoder(name)() if name != "utf-8" else None
