"""Speak the Reconciliation Service API, versions 0.2 and 1.0-draft, in JSON values. Knows nothing of HTTP.

Follows https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ and the draft after it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal, NamedNode

from kouan.errors import BadRequest
from kouan.linking.areas import is_unknown
from kouan.linking.asked import (
    SAME_AS,
    Condition,
    Json,
    as_list,
    as_mapping,
    full_name,
    only_known,
    read_extension,
    refuse_large,
    short_name,
)
from kouan.linking.gazetteer import Gazetteer, Term, Thing
from kouan.linking.matching import Candidate, Evidence, Matcher
from kouan.vocabulary import ID, KOUAN, XSD

# How many candidates a query gets that names no limit.
MOST = 10
DEFAULT_TYPES = (
    "Place",
    "City",
    "County",
    "Province",
    "Country",
    "Port",
    "CooperationZone",
    "Policy",
    "CooperationPlatform",
)
FEATURES = {
    "name": "how alike the names are, 0 to 96",
    "exact": "whether the thing is called so to the letter, but for script and the word for its kind",
    "kind": "whether the word for a kind in the name agrees",
    "type": "whether the type that was asked for agrees",
    "within": "whether the area that was given holds it",
    "near": "whether it lies within 60 km of the point that was given",
    "distance_km": "distance from the point that was given, in kilometres",
    "identifier": "whether an identifier that was given is its own",
    "property": "whether it has the values that were given of its properties",
}
COORDINATES = re.compile(r"^\s*(?:POINT\s*\()?\s*(-?\d+(?:\.\d+)?)[\s,]+(-?\d+(?:\.\d+)?)\s*\)?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Service:
    """One gazetteer, as both versions of the API show it."""

    gazetteer: Gazetteer
    matcher: Matcher

    def manifest(self, root: str) -> Json:
        """Return the 0.2 manifest; `root` is the address of the service."""
        suggest = {
            kind: {
                "service_url": root,
                "service_path": f"/suggest/{kind}",
                "flyout_service_url": root,
                "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
            }
            for kind in ("entity", "type", "property")
        }
        return {
            "versions": ["0.2"],
            "name": "Kouan: border cities, ports, zones and policies",
            "identifierSpace": ID,
            "schemaSpace": KOUAN,
            "defaultTypes": self._default_types(),
            "view": {"url": root.rsplit("/", 1)[0] + "/id/{{id}}"},
            "preview": {"url": root + "/preview?id={{id}}", "width": 430, "height": 220},
            "suggest": suggest,
            "extend": {
                "propose_properties": {"service_url": root, "service_path": "/properties"},
                "property_settings": [
                    {
                        "name": "limit",
                        "label": "Limit",
                        "type": "number",
                        "default": 0,
                        "help_text": "Most values in a row; 0 for all",
                    }
                ],
            },
        }

    def manifest_1(self, root: str) -> Json:
        """Return the 1.0-draft manifest."""
        return {
            "versions": ["1.0-draft"],
            "name": "Kouan: border cities, ports, zones and policies",
            "defaultTypes": self._default_types(),
            "view": {"url": root.rsplit("/", 2)[0] + "/id/{id}"},
            "preview": {"width": 430, "height": 220},
            "suggest": {"entity": True, "type": True, "property": True},
            "standardizedScore": True,
            "extend": {
                "proposeProperties": True,
                "propertySettings": [
                    {"id": "limit", "name": "Limit", "type": "number", "default": 0, "helpText": "Most values in a row"}
                ],
            },
        }

    def match(self, batch: Any) -> Json:
        """Return the answers to a 0.2 batch, a query by key; BadRequest where it is not one."""
        queries = as_mapping(batch, "queries")
        refuse_large(queries)
        return {key: {"result": [self._candidate(c) for c in self._ask(query)]} for key, query in queries.items()}

    def match_1(self, batch: Any) -> Json:
        """Return the answers to a 1.0-draft batch, a list of queries with conditions."""
        queries = as_mapping(batch, "body").get("queries")
        if not isinstance(queries, list):
            raise BadRequest('The body must be a JSON object with a list "queries".')
        refuse_large(queries)
        return {"results": [{"candidates": [self._candidate_1(c) for c in self._ask_1(query)]} for query in queries]}

    def _ask(self, query: Any) -> list[Candidate]:
        query = only_known(as_mapping(query, "a query"), {"query", "type", "type_strict", "limit", "properties"})
        conditions = []
        for each in as_list(query.get("properties")):
            each = as_mapping(each, "a property")
            if "pid" not in each or "v" not in each:
                raise BadRequest('A property of a query needs a "pid" and a "v".')
            conditions.append(Condition(str(each["pid"]), each["v"]))
        if "query" not in query and not conditions:
            raise BadRequest('A query needs a text "query", or "properties" to find a thing by.')
        strict = query.get("type_strict", "should")
        if strict not in ("any", "should", "all"):
            raise BadRequest("type_strict must be any, should or all.")
        kinds = tuple(full_name(str(kind)) for kind in as_list(query.get("type")) if kind)
        found = self._candidates(str(query.get("query") or ""), kinds, conditions, query.get("limit"))
        if strict == "should" or not kinds:
            return found
        enough = any if strict == "any" else all
        return [c for c in found if enough(kind in c.thing.types for kind in kinds)]

    def _ask_1(self, query: Any) -> list[Candidate]:
        query = only_known(as_mapping(query, "a query"), {"type", "limit", "lang", "dir", "conditions"})
        text, conditions = "", []
        for given in as_list(query.get("conditions")):
            given = as_mapping(given, "a condition")
            kind, value = given.get("matchType"), given.get("propertyValue")
            if kind not in {"name", "id", "property"} or value is None:
                raise BadRequest('A condition needs a "matchType" (name, id or property) and a "propertyValue".')
            if given.get("matchQuantifier") == "none":
                raise BadRequest("Nothing can be left out by its values; matchQuantifier must be any or all.")
            if kind == "name":
                text = str(as_list(value)[0] if as_list(value) else "")
            else:
                pid = "id" if kind == "id" else str(given.get("propertyId", ""))
                conditions.append(Condition(pid, value, given.get("required") is True))
        if not text and not conditions:
            raise BadRequest('A query needs "conditions": at least one, such as the name.')
        kind = query.get("type") or ""
        if not isinstance(kind, str):
            raise BadRequest("type must be one identifier of a type.")
        return self._candidates(text, (full_name(kind),) if kind else (), conditions, query.get("limit"))

    def _candidates(
        self, text: str, kinds: tuple[str, ...], conditions: list[Condition], limit: Any
    ) -> list[Candidate]:
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
            raise BadRequest("limit must be a whole number above 0.")
        required = {condition.feature for condition in conditions if condition.is_required}
        found = self.matcher.candidates(text, self._evidence(kinds, conditions), None if required else limit or MOST)
        kept = [c for c in found if all(c.features.get(feature, False) is not False for feature in required)]
        return kept[: limit or MOST]

    def _evidence(self, kinds: tuple[str, ...], conditions: list[Condition]) -> Evidence:
        given: dict[str, list[str]] = defaultdict(list)
        facts, unknown = [], []
        for condition in conditions:
            texts = [text for text in condition.texts if not is_unknown(text)]
            if condition.feature != "property":
                given[condition.feature] += texts
            elif predicate := self.gazetteer.predicate_named(condition.pid):
                facts.append((predicate, tuple(texts)))
            else:
                unknown.append(condition.pid)
        points = given["near"] or [
            f"{east} {north}" for east, north in zip(given["longitude"], given["latitude"], strict=False)
        ]
        found = [COORDINATES.match(text) for text in points]
        point = next(((float(m[1]), float(m[2])) for m in found if m), None)
        return Evidence(
            kinds,
            tuple(given["within"]),
            tuple(given["identifier"]),
            point=point,
            facts=tuple(facts),
            names=tuple(given["name"]),
            unknown=tuple(unknown),
        )

    def suggest(self, kind: str, prefix: str, limit: int) -> Json:
        """Return what a user may mean who has typed the prefix: entities, types or properties."""
        if kind == "entity":
            found = self.matcher.suggestions(prefix, limit)
            return {"result": [self._suggested(thing) for thing in found]}
        terms = self._types() if kind == "type" else self._properties()
        wanted = prefix.casefold()
        chosen = [t for t in terms if wanted in t.label.casefold() or wanted in short_name(t.iri).casefold()]
        return {
            "result": [{"id": short_name(t.iri), "name": t.label, "description": t.description} for t in chosen[:limit]]
        }

    def describe(self, thing: Thing) -> str:
        """Return one line that tells the thing from others: its kinds and where it lies."""
        kinds = sorted(
            self.gazetteer.terms[t].label for t in thing.types if t in self.gazetteer.terms and self._is_leaf(t, thing)
        )
        holders = [self.gazetteer.things[place] for place in sorted(thing.within) if place in self.gazetteer.things]
        # The nearest first: what lies in more areas is the smaller.
        places = [holder.label for holder in sorted(holders, key=lambda holder: -len(holder.within))]
        return ", ".join(kinds) + (" in " + ", ".join(places) if places else "")

    def propose(self, kind: str, limit: int) -> Json:
        """Return the properties that things of the type have, most used first."""
        iri = full_name(kind)
        counts: dict[str, int] = {}
        for thing in self.gazetteer.things.values():
            if not kind or iri in thing.types:
                for predicate in thing.values:
                    if predicate.startswith(KOUAN) or predicate == SAME_AS:
                        counts[predicate] = counts.get(predicate, 0) + 1
        ordered = sorted(counts, key=lambda predicate: (-counts[predicate], predicate))[: limit or None]
        listed = [{"id": short_name(predicate), "name": self._name_of(predicate)} for predicate in ordered]
        return {"type": kind, "properties": listed} | ({"limit": limit} if limit else {})

    def extend(self, query: Any) -> Json:
        """Return the 0.2 answer to a data extension query: values by thing and property."""
        identifiers, wanted = read_extension(query)
        rows = {i: {pid: self._values(i, pid, most) for pid, most in wanted} for i in identifiers}
        return {"meta": [self._meta(pid) for pid, _ in wanted], "rows": rows}

    def extend_1(self, query: Any) -> Json:
        """Return the 1.0-draft answer to a data extension query."""
        identifiers, wanted = read_extension(query)
        rows = [
            {"id": i, "properties": [{"id": pid, "values": self._values(i, pid, most)} for pid, most in wanted]}
            for i in identifiers
        ]
        return {"meta": [self._meta(pid) for pid, _ in wanted], "rows": rows}

    def _values(self, identifier: str, pid: str, most: int) -> list[Json]:
        thing = self.gazetteer.find(identifier)
        values = thing.values.get(full_name(pid), []) if thing else []
        return [self._value(value) for value in values[: most or None]]

    def _value(self, value: NamedNode | Literal) -> Json:
        if isinstance(value, NamedNode):
            thing = self.gazetteer.things.get(value.value)
            return {"id": thing.identifier, "name": thing.label} if thing else {"str": value.value}
        if value.datatype.value == XSD + "integer":
            return {"int": int(value.value)}
        if value.datatype.value in {XSD + "decimal", XSD + "double"}:
            return {"float": float(value.value)}
        return {"date": value.value + "T00:00:00Z"} if value.datatype.value == XSD + "date" else {"str": value.value}

    def _meta(self, pid: str) -> Json:
        return {"id": pid, "name": self._name_of(full_name(pid))}

    def _name_of(self, predicate: str) -> str:
        return self.gazetteer.terms[predicate].label if predicate in self.gazetteer.terms else short_name(predicate)

    def _candidate(self, candidate: Candidate) -> Json:
        return self._shown(candidate, lambda name, value: {"id": name, "value": value})

    def _candidate_1(self, candidate: Candidate) -> Json:
        return self._shown(
            candidate, lambda name, value: {"id": name, "name": FEATURES.get(name, name), "value": value}
        )

    def _shown(self, candidate: Candidate, feature: Callable[[str, Any], Json]) -> Json:
        thing = candidate.thing
        return {
            "id": thing.identifier,
            "name": thing.label,
            "description": self.describe(thing),
            "score": candidate.score,
            "match": candidate.match,
            "features": [feature(name, value) for name, value in candidate.features.items()],
            "type": [{"id": short_name(t), "name": self._name_of(t)} for t in self._widest_first(thing)],
        }

    def _suggested(self, thing: Thing) -> Json:
        notable = [
            {"id": short_name(t), "name": self._name_of(t)} for t in sorted(thing.types) if self._is_leaf(t, thing)
        ]
        return {"id": thing.identifier, "name": thing.label, "description": self.describe(thing), "notable": notable}

    def _widest_first(self, thing: Thing) -> list[str]:
        """Return the types of a thing, the widest first, so that a dialog proposes one that its neighbours have too."""
        known = [kind for kind in thing.types if kind in self.gazetteer.terms]
        return sorted(known, key=lambda kind: (kind != KOUAN + "Place", self._depth(kind), kind))

    def _depth(self, kind: str) -> int:
        term = self.gazetteer.terms.get(kind)
        return 1 + max(map(self._depth, term.broader), default=0) if term else 0

    def _is_leaf(self, kind: str, thing: Thing) -> bool:
        return not any(kind in self.gazetteer.terms[t].broader for t in thing.types if t in self.gazetteer.terms)

    def _types(self) -> list[Term]:
        used = {kind for thing in self.gazetteer.things.values() for kind in thing.types}
        return sorted((t for iri, t in self.gazetteer.terms.items() if iri in used), key=lambda t: t.label)

    def _properties(self) -> list[Term]:
        used = {predicate for thing in self.gazetteer.things.values() for predicate in thing.values}
        return sorted((t for iri, t in self.gazetteer.terms.items() if iri in used), key=lambda t: t.label)

    def _default_types(self) -> list[Json]:
        return [{"id": k, "name": self._name_of(KOUAN + k)} for k in DEFAULT_TYPES if KOUAN + k in self.gazetteer.terms]
