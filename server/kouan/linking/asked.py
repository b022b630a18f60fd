"""Read what a query of the Reconciliation Service API holds, whose JSON comes from anyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kouan.errors import BadRequest, TooLarge
from kouan.linking.identifiers import GEONAMES
from kouan.vocabulary import BASE, KOUAN, SCHEMA

BATCH_LIMIT = 500
SAME_AS = SCHEMA + "sameAs"
Json = dict[str, Any]
# How many of the values of a condition a thing must have.
ANY, ALL, NONE = QUANTIFIERS = ("any", "all", "none")
# What tables and Wikidata call the properties that are compared in ways of their own; names are folded.
CALLED = {
    "within": "locatedin containedinplace within in province prefecture county country region state area parent admin1 "
    "admin2 partof p131 p17 p276 p706",
    "near": "point coordinates coordinate coord location wkt aswkt hasgeometry latlong p625",
    "latitude": "latitude lat",
    "longitude": "longitude long lon lng",
    "identifier": "id identifier iri uri sameas wikidata qid geonames geonamesid administrativecode admincode unlocode "
    "isocode isoalpha3 p442 p1566 p1937 p300 p298",
    "name": "label labelen labelzh name altlabel hiddenlabel nameen namezh alias",
}
OF_GEONAMES = {"geonames", "geonamesid", "p1566"}
FEATURE_OF = {name: feature for feature, names in CALLED.items() for name in names.split()}


@dataclass(frozen=True)
class Condition:
    """A property that a query names, and its value."""

    pid: str
    value: Any
    is_required: bool = False
    quantifier: str = ANY

    @property
    def name(self) -> str:
        """Return the name of the property, in small letters."""
        return self.pid.casefold().removeprefix("kouan:").rpartition("#")[2].rpartition("/")[2]

    @property
    def feature(self) -> str:
        """Return the feature that says whether a candidate meets it."""
        return FEATURE_OF.get(self.name, "property")

    @property
    def texts(self) -> list[str]:
        """Return the values as text: of one that is an entity, its identifier; a number of GeoNames says that it is one."""
        given = [value for value in as_list(self.value) if value not in (None, "")]
        texts = [str(value.get("id", "")) if isinstance(value, dict) else str(value) for value in given]
        is_geonames = self.name in OF_GEONAMES
        return [GEONAMES + text.strip() if is_geonames and text.strip().isdigit() else text for text in texts]


def read_extension(query: Any) -> tuple[list[str], list[tuple[str, int]]]:
    """Return the identifiers, and the properties each with its limit (0 is none), of an extension; or raise BadRequest."""
    query = as_mapping(query, "extend")
    wanted = []
    for each in as_list(query.get("properties")):
        each = as_mapping(each, "a property")
        limit = str(as_mapping(each.get("settings") or {}, "settings").get("limit") or "0")
        if not (limit.isascii() and limit.isdigit() and len(limit) < 10) or "id" not in each:
            raise BadRequest('A property needs an "id", and its limit must be a whole number.')
        wanted.append((str(each["id"]), int(limit)))
    identifiers = as_list(query.get("ids"))
    if not all(isinstance(identifier, str) for identifier in identifiers):
        raise BadRequest("ids must be a list of the identifiers of things, each a text.")
    return identifiers, wanted


def full_name(name: str) -> str:
    """Return the IRI that a name of a type or property stands for."""
    if name.startswith("http"):
        return name
    return SAME_AS if name == "sameAs" else KOUAN + name.removeprefix("kouan:")


def short_name(iri: str) -> str:
    """Return the name that stands for an IRI of the ontology or the graph."""
    return iri.removeprefix(KOUAN).removeprefix(SCHEMA).removeprefix(BASE)


def as_mapping(value: Any, what: str) -> Json:
    """Return a value that must be a JSON object, or raise BadRequest that says what it is."""
    if not isinstance(value, dict):
        raise BadRequest(f"{what} must be a JSON object, not {type(value).__name__}.")
    return value


def only_known(query: Json, known: set[str]) -> Json:
    """Return a query that has no key but the known ones, or raise BadRequest that lists them."""
    strange = sorted(set(query) - known)
    if strange:
        raise BadRequest(f"A query has no {', '.join(strange)}; it may have {', '.join(sorted(known))}.")
    return query


def as_list(value: Any) -> list[Any]:
    """Return the values of one that may stand alone, or not at all."""
    return value if isinstance(value, list) else [] if value is None else [value]


def refuse_large(queries: Any) -> None:
    """Raise TooLarge for a batch of more queries than BATCH_LIMIT."""
    if len(queries) > BATCH_LIMIT:
        raise TooLarge(f"A batch may have {BATCH_LIMIT} queries; send the {len(queries)} in several.")
