"""Read RDF/JSON, which EasyRdf sends as application/json (RDF 1.1 JSON Alternate Serialization), as the JSON-LD that says the same.

Its shape tells it: subjects that hold predicates that hold lists of terms, each with its type and its value.
"""

from __future__ import annotations

import json
import re
from typing import Any

from kouan.vocabulary import XSD

MEDIA_TYPES = ("application/rdf+json", "text/rdf+json", "application/x-rdf+json")
KINDS = {"uri", "bnode", "literal"}
# Within a text of JSON the last quotation mark would be escaped.
KEYWORD = re.compile(r'"@[A-Za-z]+"\s*:')


def has_keyword(text: str) -> bool:
    """Return whether a member of a document is called as JSON-LD calls what is its own, which tells what it is before it is read."""
    return KEYWORD.search(text) is not None


def as_jsonld(text: str) -> str | None:
    """Return a document of RDF/JSON as expanded JSON-LD; None for a text of another shape."""
    if '"value"' not in text or '"type"' not in text or has_keyword(text):
        return None
    try:
        return _expanded(json.loads(text))
    except (ValueError, RecursionError):
        return None


def plainly(text: str, media_type: str) -> str:
    """Return a document whose media type says that it is RDF/JSON as expanded JSON-LD, any other as it is.

    Raises ValueError for one that says so and is of another shape: as JSON-LD it would say something else.
    """
    if media_type not in MEDIA_TYPES:
        return text
    try:
        said = _expanded(json.loads(text))
    except RecursionError as error:
        raise ValueError("it nests too deep for RDF/JSON") from error
    if said is None:
        raise ValueError(
            "it is no RDF/JSON, which holds lists of terms by predicate and subject, each term with its type (uri, bnode or "
            "literal) and its value as a text"
        )
    return said


def _expanded(subjects: Any) -> str | None:
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
