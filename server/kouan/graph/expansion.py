"""Expand JSON-LD as a caller's options say, with a library that has them: the engine's parser has none (JSON-LD 1.1 API, section 9.4.1).

Knows the packaged contexts, and no requests. What the engine reads itself it reads many times as fast, and says where a fault is.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from kouan.graph.contexts import ContextRefused, document_at, placed
from kouan.vocabulary import RDF

RDF_DIRECTIONS = ("i18n-datatype", "compound-literal")
PROCESSING_MODES = ("json-ld-1.1", "json-ld-1.0")


class Options(NamedTuple):
    """What a caller says on how a document is to be read; `expand_context` is the address of a context besides its own.

    `known` is the address of one more context beside the packaged ones, and `known_context` the document that is there.
    """

    rdf_direction: str = ""
    processing_mode: str = ""
    expand_context: str = ""
    known: str = ""
    known_context: str = ""

    @property
    def is_plain(self) -> bool:
        """Return whether the engine can read it."""
        return not (self.rdf_direction or self.expand_context or self.known) and self.processing_mode != "json-ld-1.0"

    def context_at(self, address: str) -> dict[str, Any]:
        """Return the document of a context; raises ContextRefused for one that is neither packaged nor the one more."""
        return json.loads(self.known_context) if address == self.known else document_at(address)


PLAIN = Options()


def options_of(parameters: Mapping[str, str], context: str = "") -> Options:
    """Return the options that the parameters of a media type say by their names in lower case, and the address of a context.

    Raises ValueError for a value that an option does not have.
    """
    direction, mode = parameters.get("rdfdirection", ""), parameters.get("processingmode", "")
    for name, value, known in (
        ("rdfDirection", direction, RDF_DIRECTIONS),
        ("processingMode", mode, PROCESSING_MODES),
    ):
        if value and value not in known:
            raise ValueError(f"{name} is {' or '.join(known)}, not {value!r}")
    return Options(direction, mode, context)


def expanded(text: str, base: str, options: Options) -> bytes:
    """Return a document as one without contexts, for the engine; raises SyntaxError, with its line and column where they are known."""
    from pyld import jsonld

    def load(address: str, _: Any) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": address, "document": options.context_at(address)}

    said: dict[str, Any] = {"base": base, "documentLoader": load}
    said["processingMode"] = options.processing_mode or PROCESSING_MODES[0]
    try:
        if options.expand_context:
            said["expandContext"] = options.context_at(options.expand_context)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = _expander().expand(_document(text), said)
        return json.dumps(_directed(found, options.rdf_direction), ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _fault(error.msg, error.lineno, error.colno) from error
    except RecursionError as error:
        raise _fault("it nests too deep") from error
    except UnicodeEncodeError as error:
        raise _fault("it has half of a surrogate pair") from error
    except ContextRefused as error:
        raise placed(text, error.address) from error
    except jsonld.JsonLdError as error:
        raise _why(text, error) from error
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        # The library looks at values that it has not looked for.
        raise _fault("a value is of a kind that JSON-LD does not have in its place") from error


@cache
def _expander() -> Any:
    """Return the library's processor, mended in three things (JSON-LD 1.1 API).

    A context that is added to another keeps its direction. Types in a map of types have no context of each other (5.1.2, 13.8.3).
    Null takes a vocabulary, language or direction back where there is none, too (4.1.2, 5.8 to 5.10).
    """
    from pyld import jsonld

    class Forgiving(dict[str, Any]):
        def __delitem__(self, name: str) -> None:
            self.pop(name, None)

    class Expander(jsonld.JsonLdProcessor):  # type: ignore[misc]
        def _expand_index_map(self, context: Any, term: Any, told: dict[str, Any], *rest: Any) -> list[Any]:
            each = super()._expand_index_map
            return [item for key in sorted(told) for item in each(context, term, {key: told[key]}, *rest)]

        def _clone_active_context(self, context: Any) -> Any:
            kept = {"@direction": context["@direction"]} if "@direction" in context else {}
            return Forgiving(super()._clone_active_context(context) | kept)

    return Expander()


def _directed(told: Any, rdf_direction: str) -> Any:
    """Return what was expanded with directions as RDF is to have them (JSON-LD 1.1 API, section 8.2.2), without names that are none."""
    if isinstance(told, list):
        return [_directed(each, rdf_direction) for each in told if each != {"@id": None}]
    if not isinstance(told, dict) or told.get("@type") == "@json":
        return told
    unsaid = {"@direction"} | ({"@id"} if told.get("@id") is None else set())
    kept = {name: _directed(each, rdf_direction) for name, each in told.items() if name not in unsaid}
    direction = told.get("@direction")
    if direction is None or not rdf_direction:
        return kept
    language = kept.pop("@language", "").lower()
    if rdf_direction == "i18n-datatype":
        return kept | {"@type": f"https://www.w3.org/ns/i18n#{language}_{direction}"}
    parts = {"value": told["@value"], "language": language, "direction": direction}
    return {RDF + name: [{"@value": part}] for name, part in parts.items() if part}


def _document(text: str) -> Any:
    return json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_number)


def _number(text: str) -> int | float:
    """Return a number of JSON; raises SyntaxError for one that is larger than any number here, or none, as `NaN` is."""
    if not math.isfinite(float(text)):
        raise _fault(f"{text[:20]} is no number, or one too large to be read with options")
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _why(text: str, error: Any) -> SyntaxError:
    """Return the first cause of what the library refuses: a context that is not there, or what is no JSON-LD."""
    while isinstance(error.__cause__, type(error)):
        error = error.__cause__
    if isinstance(error.__cause__, ContextRefused):
        return placed(text, error.__cause__.address)
    return _fault(f"{error.args[0].rstrip('.')}{f' ({error.code})' if error.code else ''}")


def unplaced(error: SyntaxError) -> SyntaxError:
    """Return an error in what a document was made into, which is not where the document has it."""
    return _fault(error.msg.rpartition(": ")[2])


def _fault(message: str, line: int | None = None, column: int | None = None) -> SyntaxError:
    where = f" at line {line} column {column}" if line else ""
    error = SyntaxError(f"Parser error{where}: {message}")
    error.lineno, error.offset = line, column
    return error
