"""Read the PREFIX and BASE lines that a query starts with (SPARQL 1.1 Query, section 4.1). Knows nothing of what follows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode, QuerySolutions, Store

from kouan.sparql.scanning.lexer import Token, tokens
from kouan.vocabulary import BASE

ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


@dataclass(frozen=True)
class Prologue:
    """What a query declares; `length` is the number of its terminals."""

    base: str
    prefixes: Mapping[str, str]
    length: int

    def iri(self, name: Token | None) -> str:
        """Return the IRI that a terminal names, "" where it names none."""
        if name is None or name.kind not in {"iri", "prefixed"}:
            return ""
        if name.kind == "iri":
            return _resolved(name.text[1:-1], self.base)
        prefix, _, local = name.text.partition(":")
        return self.prefixes[prefix] + local.replace("\\", "") if prefix in self.prefixes else ""


def read_prologue(text: str | Sequence[Token], preset: Mapping[str, str] | None = None) -> Prologue:
    """Return what the start of a query, or its terminals, declares; preset prefixes hold where it says nothing else."""
    found = list(tokens(text)) if isinstance(text, str) else text
    base, prefixes, at = BASE, dict(preset or {}), 0
    while at < len(found):
        keyword, rest = found[at].keyword, found[at + 1 : at + 3]
        if keyword == "BASE" and rest[:1] and rest[0].kind == "iri":
            base = _resolved(rest[0].text[1:-1], base)
            at += 2
        elif keyword == "PREFIX" and len(rest) == 2 and rest[0].kind == "prefixed" and rest[1].kind == "iri":
            prefixes[rest[0].text.rstrip(":")] = _resolved(rest[1].text[1:-1], base)
            at += 3
        elif keyword == "VERSION":
            at += 2
        else:
            break
    return Prologue(base, prefixes, at)


def _resolved(reference: str, base: str) -> str:
    """Return a reference made absolute as the engine does it; as it stands where that cannot be."""
    if ABSOLUTE.match(reference):
        return reference
    try:
        solutions = Store().query(f"SELECT (<{reference}> AS ?iri) {{}}", base_iri=base)
    except (SyntaxError, ValueError):
        return reference
    assert isinstance(solutions, QuerySolutions)
    value = next(solutions)["iri"]
    return value.value if isinstance(value, NamedNode) else reference
