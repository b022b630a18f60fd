"""Read RDF/JSON, which EasyRdf sends as application/json (RDF 1.1 JSON Alternate Serialization), as the JSON-LD that says the same.

Its shape tells it: subjects that hold predicates that hold lists of terms, each with its type and its value.
"""

from __future__ import annotations

import json
from typing import Any

from kouan.vocabulary import XSD

KINDS = {"uri", "bnode", "literal"}


def as_jsonld(text: str) -> str | None:
    """Return a document of RDF/JSON as expanded JSON-LD; None for a text of another shape."""
    # A keyword of JSON-LD tells what it is without reading it all.
    if '"@' in text or '"value"' not in text or '"type"' not in text:
        return None
    try:
        subjects = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(subjects, dict) or not all(map(_is_told, subjects.values())):
        return None
    return json.dumps([{"@id": name, **_predicates(told)} for name, told in subjects.items()], ensure_ascii=False)


def _is_told(predicates: Any) -> bool:
    if not isinstance(predicates, dict):
        return False
    return all(isinstance(values, list) and all(map(_is_term, values)) for values in predicates.values())


def _is_term(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") in KINDS and isinstance(value.get("value"), str)


def _predicates(told: dict[str, Any]) -> dict[str, Any]:
    return {predicate: [_value(value) for value in values] for predicate, values in told.items()}


def _value(term: dict[str, Any]) -> dict[str, Any]:
    if term["type"] != "literal":
        return {"@id": term["value"]}
    if term.get("lang"):
        return {"@value": term["value"], "@language": term["lang"]}
    return {"@value": term["value"], "@type": term.get("datatype") or XSD + "string"}
