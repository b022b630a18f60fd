"""Write triples as RDF/JSON, which EasyRdf, RDF.rb and Jena still ask for (RDF 1.1 JSON Alternate Serialization). Knows no graphs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import IO, Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.errors import NotAcceptable
from kouan.vocabulary import XSD


def write(triples: Iterable[Triple], prefixes: Mapping[str, str], output: IO[bytes]) -> None:
    """Write triples that stand together by subject and predicate; raises NotAcceptable where one is about a triple
    or has a text with a direction."""
    del prefixes
    output.write(b"{")
    between = "\n"
    for subject, told in groupby(triples, key=lambda triple: triple.subject):
        values = {
            predicate.value: [_value(triple.object) for triple in same]
            for predicate, same in groupby(told, key=lambda triple: triple.predicate)
        }
        output.write(f"{between}{json.dumps(_name(subject))}:{json.dumps(values, ensure_ascii=False)}".encode())
        between = ",\n"
    output.write(b"\n}\n")


def _value(term: Any) -> dict[str, str]:
    if not isinstance(term, Literal):
        return {"type": "uri" if isinstance(term, NamedNode) else "bnode", "value": _name(term)}
    told = {"type": "literal", "value": term.value}
    if term.direction:
        raise NotAcceptable("RDF/JSON has no direction of a text; ask for Turtle, N-Triples, TriG or N-Quads.")
    if term.language:
        return told | {"lang": term.language}
    return told if term.datatype.value == XSD + "string" else told | {"datatype": term.datatype.value}


def _name(term: Any) -> str:
    if not isinstance(term, NamedNode | BlankNode):
        raise NotAcceptable("RDF/JSON has no triple terms; ask for Turtle, N-Triples, TriG or N-Quads.")
    return term.value if isinstance(term, NamedNode) else str(term)
