"""Write triples or quads as JSON-LD 1.1 with a context of prefixes, node by node. Knows no frames and no remote contexts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import IO, Any, NamedTuple

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from kouan.errors import NotAcceptable
from kouan.vocabulary import RDF, XSD

TYPE = RDF + "type"
# A term that ends otherwise is a prefix only where its definition says so (JSON-LD 1.1, section 4.1.4).
ENDS_AS_PREFIX = tuple(":/?#[]@")
LOCAL = re.compile(r"(?!//)[^\s]*\Z")
CANONICAL_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,14})\Z")


def write(triples: Iterable[Triple], prefixes: Mapping[str, str], output: IO[bytes]) -> None:
    """Write triples that stand together by subject; raises NotAcceptable where one is about a triple."""
    write_quads((Quad(*triple) for triple in triples), prefixes, output)


def write_quads(quads: Iterable[Quad], prefixes: Mapping[str, str], output: IO[bytes]) -> None:
    """Write quads that stand together by graph and subject; raises NotAcceptable where one is about a triple."""
    found = list(quads)
    writer = _JsonLdWriter(found, prefixes)
    output.write(f'{{"@context":{_json(writer.context())},"@graph":['.encode())
    between = "\n"
    for graph, members in groupby(found, key=lambda quad: quad.graph_name):
        if isinstance(graph, DefaultGraph):
            for node in writer.nodes(members):
                output.write(f"{between}{_json(node)}".encode())
                between = ",\n"
        else:
            named = {"@id": writer.reference(graph), "@graph": list(writer.nodes(members))}
            output.write(f"{between}{_json(named)}".encode())
            between = ",\n"
    output.write(b"\n]}\n")


class ContextTerm(NamedTuple):
    """A term of a context: its name, and the type that its values have where they do not say another: an IRI, `@id` or "".

    `@language` is no type: its values stand by their languages.
    """

    name: str
    type: str = ""


def definitions(terms: Mapping[str, ContextTerm], prefixes: Mapping[str, str]) -> dict[str, Any]:
    """Return the context that says prefixes and terms, the latter by their IRIs (JSON-LD 1.1, section 9.15)."""
    context: dict[str, Any] = {"@version": 1.1}
    context |= {prefix: _prefix(iri) for prefix, iri in sorted(prefixes.items()) if prefix}
    for iri, term in sorted(terms.items(), key=lambda pair: pair[1].name):
        told: dict[str, str] = {"@id": iri}
        if term.type:
            told["@container" if term.type == "@language" else "@type"] = term.type
        context[term.name] = told if term.type else iri
    return context


def write_short(
    triples: Iterable[Triple],
    terms: Mapping[str, ContextTerm],
    prefixes: Mapping[str, str],
    address: str,
    output: IO[bytes],
) -> None:
    """Write triples that stand together by subject in the words of the context at an address, which is that of the terms."""
    quads = [Quad(*triple) for triple in triples]
    writer = _JsonLdWriter(quads, prefixes)
    names = {short: terms[iri] for iri, short in writer.short.items() if iri in terms}
    named = {writer.short[iri]: terms[iri].name for iri in writer.short if iri in terms}
    types = {term.type: writer.short.get(term.type, term.type) for term in terms.values()}
    graph = []
    for node in writer.nodes(quads):
        told: dict[str, Any] = {"@id": node.pop("@id")}
        kinds = _listed(node.pop("@type", []))
        if kinds:
            told["@type"] = _one_or_all([named.get(each, each) for each in kinds])
        for name, value in node.items():
            term = names.get(name, ContextTerm(name))
            values = _listed(value)
            if term.type == "@language":
                told[term.name] = _by_language(values)
            else:
                told[term.name] = _one_or_all([_coerced(each, term.type, types.get(term.type, "")) for each in values])
        graph.append(told)
    output.write((_json({"@context": address, "@graph": graph}) + "\n").encode())


def _by_language(values: list[Any]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for each in values:
        is_tagged = isinstance(each, dict) and "@language" in each and "@direction" not in each
        found.setdefault(each["@language"] if is_tagged else "@none", []).append(each["@value"] if is_tagged else each)
    return {tag: _one_or_all(texts) for tag, texts in found.items()}


def _coerced(value: Any, kind: str, short: str) -> Any:
    """Return a value as it stands under a term whose values have a type: bare where it has that, else with what tells it."""
    if not kind:
        return value
    if not isinstance(value, dict):
        return {"@value": value}
    if kind == "@id" and "@id" in value:
        return value["@id"]
    return value["@value"] if value.get("@type") in {kind, short} else value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _prefix(iri: str) -> Any:
    return iri if iri.endswith(ENDS_AS_PREFIX) else {"@id": iri, "@prefix": True}


class _JsonLdWriter:
    def __init__(self, quads: Sequence[Quad], prefixes: Mapping[str, str]) -> None:
        iris = {iri for quad in quads for iri in _iris(quad)}
        # urn: as a prefix would change what urn:x means.
        schemes = {iri.partition(":")[0].lower() for iri in iris}
        self.spaces = {iri: prefix for prefix, iri in prefixes.items() if prefix.lower() not in schemes and prefix}
        self.lengths = sorted({len(iri) for iri in self.spaces}, reverse=True)
        self.short: dict[str, str] = {}
        for iri in iris:
            self.short[iri] = self._shortened(iri)
        self.used = {short.partition(":")[0] for iri, short in self.short.items() if short != iri}

    def context(self) -> dict[str, Any]:
        """Return the prefixes that the document uses."""
        return {
            prefix: _prefix(iri)
            for iri, prefix in sorted(self.spaces.items(), key=lambda pair: pair[1])
            if prefix in self.used
        }

    def nodes(self, quads: Iterable[Quad]) -> Iterable[dict[str, Any]]:
        """Yield the node of each subject."""
        for subject, statements in groupby(quads, key=lambda quad: quad.subject):
            node: dict[str, Any] = {"@id": self.reference(subject)}
            values: dict[str, list[Any]] = {}
            for quad in statements:
                if quad.predicate.value == TYPE and not isinstance(quad.object, Literal):
                    values.setdefault("@type", []).append(self.reference(quad.object))
                else:
                    values.setdefault(self.short[quad.predicate.value], []).append(self._value(quad.object))
            yield node | {name: each[0] if len(each) == 1 else each for name, each in values.items()}

    def reference(self, term: Any) -> str:
        """Return how a node is referred to."""
        if isinstance(term, Triple):
            raise NotAcceptable("JSON-LD 1.1 has no triple terms; ask for Turtle, TriG, N-Triples or N-Quads.")
        return self.short[term.value] if isinstance(term, NamedNode) else str(term)

    def _value(self, term: Any) -> Any:
        if not isinstance(term, Literal):
            return {"@id": self.reference(term)}
        if term.language:
            direction = {"@direction": term.direction.value} if term.direction else {}
            return {"@value": term.value, "@language": term.language} | direction
        if _is_plain(term):
            return _plain(term)
        return {"@value": term.value, "@type": self.short[term.datatype.value]}

    def _shortened(self, iri: str) -> str:
        for length in self.lengths:
            prefix = self.spaces.get(iri[:length])
            if prefix is not None and LOCAL.match(iri, length):
                return f"{prefix}:{iri[length:]}"
        return iri


def _iris(quad: Quad) -> Iterable[str]:
    """Yield the IRIs that the document will write."""
    for term in (quad.subject, quad.object, quad.graph_name):
        if isinstance(term, NamedNode):
            yield term.value
        elif isinstance(term, Literal) and not term.language and not _is_plain(term):
            yield term.datatype.value
    if quad.predicate.value != TYPE or isinstance(quad.object, Literal):
        yield quad.predicate.value


def _is_plain(literal: Literal) -> bool:
    """Return whether JSON says a literal by itself, with its text unchanged."""
    datatype = literal.datatype.value
    return (
        datatype == XSD + "string"
        or (datatype == XSD + "boolean" and literal.value in {"true", "false"})
        or (datatype == XSD + "integer" and CANONICAL_INTEGER.match(literal.value) is not None)
    )


def _plain(literal: Literal) -> Any:
    datatype = literal.datatype.value
    if datatype == XSD + "boolean":
        return literal.value == "true"
    return literal.value if datatype == XSD + "string" else int(literal.value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
