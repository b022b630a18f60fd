"""Read what a query of the Reconciliation Service API holds, whose JSON comes from anyone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from kouan.errors import BadRequest, TooLarge
from kouan.graph.whole_numbers import whole_number
from kouan.linking.identifiers import GEONAMES
from kouan.vocabulary import BASE, KOUAN, SCHEMA

BATCH_LIMIT = 500
# What a list in a query may hold, the queries of a batch may ask of a thing together, and an extension may name things: each
# entry is held against every candidate.
LISTED, CONDITIONS, EXTENDED, TYPED = 100, 5_000, 5_000, 100
# A longer value, such as the description in a column, is no name, place or number, and says nothing.
LONGEST_VALUE = 300
# What a batch may have in characters of values, each of which may be a list of places that are looked for one by one, and in
# comparisons of the names of a query with each other: a quarter of the time that a request has, on a busy machine.
CHARACTERS, COMPARISONS = 200_000, 50_000
NO_PROPERTY = 'A property of a query needs a "pid" and a "v".'
SAME_AS = SCHEMA + "sameAs"
Json = dict[str, Any]
Key = TypeVar("Key")
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
        given = [value for value in as_list(self.value, "values") if value not in (None, "")]
        texts = [str(value.get("id", "")) if isinstance(value, dict) else str(value) for value in given]
        is_geonames = self.name in OF_GEONAMES
        return [
            GEONAMES + text.strip() if is_geonames and whole_number(text.strip()) is not None else text
            for text in texts
            if len(text) <= LONGEST_VALUE
        ]


def read_extension(query: Any) -> tuple[list[str], list[tuple[str, int]]]:
    """Return the identifiers, and the properties each with its limit (0 is none), of an extension; or raise BadRequest."""
    query = as_mapping(query, "extend")
    wanted = []
    for each in as_list(query.get("properties"), "properties"):
        each = as_mapping(each, "a property")
        wanted.append(
            (
                _required_text(each.get("id"), 'A property needs an "id".'),
                read_limit(as_mapping(each.get("settings") or {}, "settings").get("limit")),
            )
        )
    identifiers = as_list(query.get("ids"), "ids", EXTENDED)
    if not all(isinstance(identifier, str) for identifier in identifiers):
        raise BadRequest("ids must be a list of the identifiers of things, each a text.")
    return identifiers, wanted


def read_property(given: Any) -> Condition:
    """Return a property of a query of 0.2 and its value; or raise BadRequest."""
    each = as_mapping(given, "a property")
    if "v" not in each:
        raise BadRequest(NO_PROPERTY)
    return Condition(_required_text(each.get("pid"), NO_PROPERTY), each["v"])


def _required_text(given: Any, otherwise: str) -> str:
    if not isinstance(given, str | int | float) or given == "":
        raise BadRequest(otherwise)
    return str(given)


def read_limit(given: Any) -> int:
    """Return the most that is wanted, 0 where nothing is said; BadRequest where it is no whole number.

    Some clients write every value as text, and others every number with a point.
    """
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    limit = given if type(given) is int else whole_number(str(given or 0))
    if limit is None or limit < 0:
        raise BadRequest("limit must be a whole number.")
    return limit


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


def as_list(value: Any, what: str, most: int = LISTED) -> list[Any]:
    """Return the values of one that may stand alone, or not at all; raises TooLarge where they are more than `most`."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    if len(values) > most:
        raise TooLarge(f"There may be {most:,} {what} in one query, and these are {len(values):,}; ask for less.")
    return values


def answer_each(queries: Mapping[Key, Any], answer: Callable[[Any], Json], nothing: Json) -> dict[Key, Json]:
    """Return the answer to each query; one that cannot be answered has `nothing`, and beside it the error in words.

    Raises TooLarge for too large a batch, and the error of the first query where none can be answered.
    """
    refuse_large([*queries.values()])
    answers: dict[Key, Json] = {}
    errors: list[BadRequest | TooLarge] = []
    for key, query in queries.items():
        try:
            answers[key] = answer(query)
        except (BadRequest, TooLarge) as error:
            errors.append(error)
            answers[key] = nothing | {"error": str(error)}
    if queries and len(errors) == len(queries):
        raise errors[0]
    return answers


def refuse_large(queries: list[Any]) -> None:
    """Raise TooLarge for a batch of more queries than BATCH_LIMIT, or of more conditions than all of them may have."""
    if len(queries) > BATCH_LIMIT:
        raise TooLarge(f"A batch may have {BATCH_LIMIT} queries; send the {len(queries)} in several.")
    values = [_values(query) for query in queries if isinstance(query, dict)]
    conditions = sum(map(len, values))
    if conditions > CONDITIONS:
        raise TooLarge(
            f"The queries of a batch may have {CONDITIONS:,} properties together, and these have {conditions:,}; send them in "
            "several batches."
        )
    texts = (value for each in values for _, value in each if isinstance(value, str))
    characters = sum(len(text) for text in texts if len(text) <= LONGEST_VALUE)
    if characters > CHARACTERS:
        raise TooLarge(
            f"The values of a batch may have {CHARACTERS:,} characters together, and these have {characters:,}; send them in "
            "several batches."
        )
    # What is longer than a list may be is refused as that.
    names = (sum(is_name for is_name, _ in each) for each in values)
    comparisons = sum(number**2 for number in names if number <= LISTED)
    if comparisons > COMPARISONS:
        raise TooLarge(
            f"Each name of a query is compared with the others, which a batch may take {COMPARISONS:,} of, and this one takes "
            f"{comparisons:,}; give fewer names to a query, or send several batches."
        )


def _values(query: Json) -> list[tuple[bool, Any]]:
    """Return the values that a query asks things for, and of each whether it is one of several names of one thing."""
    lists = [given for name in ("properties", "conditions") if isinstance(given := query.get(name), list)]
    # Where no other name is asked for, those of a property are.
    is_nameless = "conditions" not in query and not query.get("query")
    found = (
        (
            each.get("matchType") == "name"
            or (is_nameless and Condition(str(each.get("pid")), None).feature == "name"),
            each.get("v", each.get("propertyValue")),
        )
        for given in lists
        for each in given
        if isinstance(each, dict)
    )
    return [(kind, one) for kind, value in found for one in (value if isinstance(value, list) else [value])]
