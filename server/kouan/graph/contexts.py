"""Put JSON-LD into words that the engine's parser reads as its standard says: contexts that are addresses, bases, directions.

The contexts that people name most are packaged (`contexts/index.json` says where each is from, of what date and under which
licence), and a `data:` address holds its own; any other is refused by its address, as nothing is fetched. Of a packaged one only
the terms that a document may use stand in it afterwards. `@direction` is left out, as RDF 1.1 has no word for it (JSON-LD 1.1 API,
section 8.2.2, rdfDirection of null); a base that is no IRI is none.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit, urlunsplit

from pyoxigraph import NamedNode, Quad

HOME = Path(__file__).parent / "contexts"
CONTEXT = re.compile(r'"@context"\s*:\s*')
DIRECTION = re.compile(r',\s*"@direction"\s*:\s*(?:"ltr"|"rtl"|null)|"@direction"\s*:\s*(?:"ltr"|"rtl"|null)\s*,?')
# One that is not ended is one too, so that its quotes are not each a beginning.
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
TELLTALE = re.compile(
    r'"@(?:direction|base|import)"|"@context"\s*:\s*(?:"|\[\s*")|"@context"\s*:\s*\[[^\[{"]*(?:\{[^{}]*\}\s*,\s*)+"'
)
# A reference that has a host and no scheme, with dots among its folders, which the engine leaves there.
REFERENCE = re.compile(r'"(//[^"\\]*)"')
DOTTED = re.compile(r"/\.\.?(?:[/?#]|$)")
# What begins with anything but a bracket.
BEGUN = re.compile(r"\s*([^\s\[{])")
# The engine takes memory by the square of how deep JSON-LD nests.
DEEPEST = 1_000
DECODER = json.JSONDecoder()


@cache
def packaged() -> dict[str, str]:
    """Return the name of the packaged context for each address."""
    index = json.loads((HOME / "index.json").read_text(encoding="utf-8"))
    return {address: name for name, told in index.items() for address in told["addresses"]}


@cache
def _terms(name: str) -> dict[str, Any]:
    """Return the terms of a packaged context."""
    context = json.loads((HOME / f"{name}.jsonld").read_text(encoding="utf-8"))["@context"]
    parts = context if isinstance(context, list) else [context]
    return {term: told for part in parts for term, told in part.items()}


class ContextRefused(Exception):
    """A context that is not packaged, by its address."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def document_at(address: str) -> dict[str, Any]:
    """Return the document of a context that is packaged, or that its address itself holds (RFC 2397); raises ContextRefused for others."""
    if address.startswith("data:"):
        return _held(address)
    name = packaged().get(address)
    if name is None:
        raise ContextRefused(address)
    return {"@context": _terms(name)}


def _held(address: str) -> dict[str, Any]:
    kind, _, held = address.removeprefix("data:").partition(",")
    try:
        content = unquote_to_bytes(held)
        found = json.loads(b64decode(content, validate=True) if kind.endswith(";base64") else content)
    except (binascii.Error, ValueError, RecursionError):
        raise ContextRefused(address) from None
    if not isinstance(found, dict) or "@context" not in found:
        raise ContextRefused(address)
    return found


@dataclass(frozen=True)
class Plain:
    """A document for the engine's parser, every line where it was; the error that a context is which is not packaged.

    `bases` are those that were written without dots, with what they were; `dotted` are references whose dots are to be taken out.
    """

    text: str
    refused: SyntaxError | None = None
    bases: Mapping[str, str] = field(default_factory=dict)
    dotted: frozenset[str] = frozenset()

    def restored(self, quad: Quad) -> Quad:
        """Return a quad with bases as they stood: a query or a fragment alone leaves their path as it is (RFC 3986, 5.2.2)."""
        if not self.bases and not self.dotted:
            return quad
        return Quad(*(self._restored(term) if isinstance(term, NamedNode) else term for term in quad))

    def _restored(self, iri: NamedNode) -> NamedNode:
        parts = urlsplit(iri.value)
        if iri.value[len(parts.scheme) + 1 :] in self.dotted:
            return NamedNode(parts._replace(path=urlsplit(urljoin("http://x/", parts.path)).path).geturl())
        plain = urlunsplit((*parts[:3], "", ""))
        base = self.bases.get(plain)
        return iri if base is None else NamedNode(base + iri.value[len(plain) :])


def plain_jsonld(text: str, base: str) -> Plain:
    """Return a document with the contexts that it names in their places."""
    dotted = frozenset(each for each in REFERENCE.findall(text) if DOTTED.search(each))
    if not TELLTALE.search(text):
        return Plain(text, dotted=dotted)
    reading = _Context(base, {each for word in STRING.findall(text) for each in (word, word.partition(":")[0])})
    pieces, at, refused = [], 0, None
    for found in CONTEXT.finditer(text):
        if found.end() < at:
            continue
        try:
            context, end = DECODER.raw_decode(text, found.end())
            plain = json.dumps(reading.plain(context), ensure_ascii=False)
        except ContextRefused as error:
            # It may stand where it is none, as in a JSON literal: the parser knows.
            refused = refused or _refused(text, found.end(), error.address)
            continue
        except (ValueError, RecursionError):
            break
        lines = "\n" * text.count("\n", found.end(), end)
        pieces += [DIRECTION.sub("", text[at : found.end()]), plain, lines]
        at = end
    return Plain("".join([*pieces, DIRECTION.sub("", text[at:])]), refused, reading.bases, dotted)


def refuse_shape(text: str) -> None:
    """Raise SyntaxError where JSON is no document, of which the engine makes an empty one, or nests deeper than it can read."""
    if (begun := BEGUN.match(text)) is not None:
        raise _at(text, begun.start(1), "a document is an object or an array (JSON-LD 1.1, section 9)")
    if text.count("{") + text.count("[") <= DEEPEST:
        return
    depth = 0
    for found in BRACKET.finditer(text):
        first = text[found.start()]
        depth += 1 if first in "[{" else -1 if first in "]}" else 0
        if depth > DEEPEST:
            raise _at(text, found.start(), f"it nests more than {DEEPEST:,} objects and arrays")


def placed(text: str, address: str) -> SyntaxError:
    """Return the error of a document that names a context which is not packaged, with its place."""
    return _refused(text, max(text.find(f'"{address}"'), 0), address)


def _refused(text: str, start: int, address: str) -> SyntaxError:
    return _at(
        text,
        start,
        f"its @context is <{address}>, which is not fetched here and not one of "
        "those that are packaged; write the context itself into the document (JSON-LD 1.1, section 3.1), or send the data as Turtle",
    )


def _at(text: str, start: int, message: str) -> SyntaxError:
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    error = SyntaxError(f"Parser error at line {line} column {column}: {message}")
    error.lineno, error.offset = line, column
    return error


class _Context:
    """What a document's contexts are read with: its base, and the words that stand in it."""

    def __init__(self, base: str, used: set[str]) -> None:
        self.base = base
        self.used = used
        self.bases: dict[str, str] = {}
        self._known: dict[str, Any] = {}

    def plain(self, context: Any) -> Any:
        """Return a context that names no other; raises ContextRefused for one that is not packaged."""
        if isinstance(context, str):
            return self._named(context)
        if isinstance(context, list):
            # One that is named may be several itself (JSON-LD 1.1 API, section 4.1.2, 5.2.6).
            plain = [(each, self.plain(each)) for each in context]
            return [one for each, told in plain for one in (told if _is_several(each, told) else [told])]
        if not isinstance(context, dict):
            return context
        imported = context.get("@import")
        given = self._named(imported) if isinstance(imported, str) else {}
        if not isinstance(given, dict):
            raise ContextRefused(str(imported))
        own = {name: self._definition(name, told) for name, told in context.items() if name != "@import" or not given}
        return given | {name: told for name, told in own.items() if not _is_direction(name, told)}

    def _definition(self, name: str, told: Any) -> Any:
        if name == "@base" and isinstance(told, str):
            return self._as_base(told)
        if not isinstance(told, dict):
            return told
        kept = {key: value for key, value in told.items() if not _is_direction(key, value)}
        return kept | ({"@context": self.plain(kept["@context"])} if "@context" in kept else {})

    def _as_base(self, iri: str) -> str | None:
        """Return a base without dots among its folders, or None where an absolute one is no IRI."""
        parts = urlsplit(iri)
        if not parts.scheme:
            return iri
        try:
            NamedNode(iri)
        except ValueError:
            return None
        folder, slash, last = parts.path.rpartition("/")
        if "/." not in folder + slash or not parts.netloc:
            return iri
        path = urlsplit(urljoin("http://x", f"{folder}/.")).path + last
        without, as_it_stood = (urlunsplit((*parts[:2], each, "", "")) for each in (path, parts.path))
        self.bases.setdefault(without, as_it_stood)
        return urlunsplit((*parts[:2], path, *parts[3:]))

    def _named(self, address: str) -> Any:
        address = urljoin(self.base, address)
        if address not in self._known:
            context = document_at(address)["@context"]
            self._known[address] = self.plain(context) if address.startswith("data:") else self._used(context)
        return self._known[address]

    def _used(self, terms: dict[str, Any]) -> dict[str, Any]:
        kept = {term for term in terms if term.startswith("@") or term in self.used}
        # What they are defined by stays too.
        while True:
            more = {word for term in kept for word in _words(terms[term])} & terms.keys() - kept
            if not more:
                return {term: told for term, told in terms.items() if term in kept}
            kept |= more


def _words(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
        yield told.partition(":")[0]
    elif isinstance(told, dict):
        for name, each in told.items():
            yield name
            yield from _words(each)
    elif isinstance(told, list):
        for each in told:
            yield from _words(each)


def _is_several(context: Any, told: Any) -> bool:
    return isinstance(context, str) and isinstance(told, list)


def _is_direction(name: str, told: Any) -> bool:
    return name == "@direction" and told in ("ltr", "rtl", None)
