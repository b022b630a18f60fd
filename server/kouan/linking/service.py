"""Answer reconciliation queries over one gazetteer, in the JSON values of version 0.2. Knows nothing of HTTP.

Follows https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/; draft.py speaks the version after it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from kouan.errors import BadRequest
from kouan.graph.great_circle import distance_km
from kouan.linking.areas import is_unknown
from kouan.linking.asked import (
    ALL,
    BATCH_LIMIT,
    NONE,
    TYPED,
    Condition,
    Json,
    answer_each,
    as_list,
    as_mapping,
    only_known,
    read_extension,
    read_limit,
    read_property,
)
from kouan.linking.candidate import Candidate
from kouan.linking.evidence import Clues
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.matching import Matcher
from kouan.linking.showing import Shown
from kouan.linking.things import Thing

# How many candidates a query gets that names no limit.
MOST = 10
# OpenRefine proposes a type by the first three candidates of ten names: the one that stands foremost on the average. A type
# narrower than a place would win where all ten names are of it, and their ports would be refused by it afterwards.
GUESSED = 3
# What tells candidates apart, in English and in Chinese.
FEATURES = {
    "name": ("how alike the names are, 0 to 96", "名称的相似程度，0 至 96"),
    "exact": (
        "whether the thing is called so to the letter, but for script and the word for its kind",
        "除文字与类别词外，名称是否完全相同",
    ),
    "kind": ("whether the word for a kind in the name agrees", "名称中的类别词是否相符"),
    "type": ("whether the type that was asked for agrees", "所要求的类型是否相符"),
    "within": ("whether the area that was given holds it", "是否位于所给区域之内"),
    "near": ("whether it lies within 60 km of the point that was given", "距所给地点是否在 60 公里以内"),
    "distance_km": ("distance from the point that was given, in kilometres", "与所给地点的距离（公里）"),
    "identifier": ("whether an identifier that was given is its own", "所给标识符是否为其所有"),
    "property": ("whether it has the values that were given of its properties", "是否具有所给的属性值"),
}
BY_NAME = "by the name "
COORDINATES = re.compile(
    r"^\s*(?:POINT\s*\()?\s*(-?\d{1,3}(?:\.\d+)?)([\s,]+)(-?\d{1,3}(?:\.\d+)?)\s*\)?\s*$", re.IGNORECASE
)
# A number, with its unit or without, is no area, whatever the column is called.
MEASURED = re.compile(
    r"(?!(?:\d{2}|\d{6}|\d{9}|\d{12})$)[\d.,\s]*\d[\d.,\s]*(?:(?:km|sq|ha\b|m²|m2|平方|公顷|万|亩).*)?", re.IGNORECASE
)
# Two readings of a point are told apart by whether anything of the data lies so near to it.
NEAR_SOMETHING_KM = 300.0


@dataclass(frozen=True)
class Service:
    """One gazetteer, under the name of what it holds."""

    gazetteer: Gazetteer
    matcher: Matcher
    name: str = "Kouan: border cities, ports, zones and policies"
    shown: Shown = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", Shown(self.gazetteer))

    def view(self, server: str, identifier: str) -> str:
        """Return the address of the page of a thing, where `identifier` stands for its identifier."""
        return f"{server}/id/{identifier}" if self.gazetteer.is_own else f"{server}/thing?iri={identifier}"

    def manifest(self, root: str) -> Json:
        """Return the 0.2 manifest; `root` is the address of the service."""
        server = root.rsplit("/", 1)[0]
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
            "name": self.name,
            "identifierSpace": self.gazetteer.identifier_space,
            "schemaSpace": self.gazetteer.schema_space,
            "documentation": server + "/",
            "batchSize": BATCH_LIMIT,
            "defaultTypes": self.shown.default_types(),
            "view": {"url": self.view(server, "{{id}}")},
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

    def match(self, batch: Any) -> Json:
        """Return the answers to a 0.2 batch, a query by key; BadRequest where it is not one, or no query of it is."""
        return answer_each(as_mapping(batch, "queries"), lambda query: {"result": self._told(query)}, {"result": []})

    def _told(self, query: Any) -> list[Json]:
        found = self._ask(query)
        told = [self._candidate(candidate) for candidate in found]
        if query.get("limit") == GUESSED and not query.get("type") and not query.get("properties"):
            return [each | {"type": self.shown.widest(c.thing)} for each, c in zip(told, found, strict=True)]
        return told

    def _ask(self, query: Any) -> list[Candidate]:
        query = only_known(as_mapping(query, "a query"), {"query", "type", "type_strict", "limit", "properties"})
        conditions = [read_property(each) for each in as_list(query.get("properties"), "properties")]
        if "query" not in query and not conditions:
            raise BadRequest('A query needs a text "query", or "properties" to find a thing by.')
        strict = query.get("type_strict", "should")
        if strict not in ("any", "should", "all"):
            raise BadRequest("type_strict must be any, should or all.")
        types = [
            kind.get("id") if isinstance(kind, dict) else kind for kind in as_list(query.get("type"), "types", TYPED)
        ]
        named = [str(kind) for kind in types if kind]
        enough = None if strict == "should" or not named else any if strict == "any" else all
        return self.candidates([str(query.get("query") or "")], named, conditions, query.get("limit"), enough)

    def candidates(
        self,
        texts: list[str],
        named: list[str],
        conditions: list[Condition],
        limit: Any,
        enough: Callable[[Iterable[bool]], bool] | None = None,
    ) -> list[Candidate]:
        """Return the candidates for what may have several names and types, those that are of `enough` of the types.

        Types are named by their IRIs, the ends of them or their labels; beside one that is known, what no class is called says
        nothing.
        Raises BadRequest where the limit is none.
        """
        most = MOST if limit is None else read_limit(limit)
        if not most:
            raise BadRequest("limit must be a whole number above 0.")
        spoken = [condition for condition in conditions if condition.quantifier != NONE]
        filters = [c for c in conditions if c.quantifier == NONE or c.is_required]
        known = [self.gazetteer.class_named(name) for name in named]
        # Where nothing is of any type that is asked for, what is called so is of another.
        evidence = self._evidence(tuple(filter(None, known)) or tuple(named), spoken)
        unknown = tuple(f"type {name}" for name, kind in zip(named, known, strict=True) if not kind and any(known))
        evidence = replace(evidence, unknown=evidence.unknown + unknown)
        if not any(texts) and evidence.names:
            # What is told of its name only is looked for by that.
            texts, evidence = list(evidence.names), replace(evidence, names=())
        if len(texts) == 1:
            found = self.matcher.candidates(texts[0], evidence, None if filters or enough else most)
        else:
            found = self.matcher.candidates_of_any(texts, evidence)
        for condition in filters:
            wanted = condition.quantifier != NONE
            found = [c for c in found if self._meets(c.thing, condition) == wanted]
        if enough:
            found = [c for c in found if enough(kind in c.thing.types for kind in known)]
        return found[:most]

    def _meets(self, thing: Thing, condition: Condition) -> bool:
        """Return whether a thing meets a condition: is called so to the letter, or has what is asked of it."""
        if condition.feature != "name":
            return self.matcher.testimony.confirms(thing, self._evidence((), [condition])) is True
        enough, by_its_kind = all if condition.quantifier == ALL else any, condition.quantifier == NONE
        return enough(self.matcher.testimony.values.is_called(thing, text, by_its_kind) for text in condition.texts)

    def _evidence(self, kinds: tuple[str, ...], conditions: list[Condition]) -> Clues:
        given: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        facts, unknown = [], []
        for condition in conditions:
            texts = tuple(text for text in condition.texts if not is_unknown(text))
            groups: list[tuple[str, ...]] = [(text,) for text in texts] if condition.quantifier == ALL else [texts]
            groups = [group for group in groups if group]
            predicate = self.gazetteer.predicate_named(condition.pid)
            feature, groups = self._compared(condition.feature, groups)
            if texts and not groups:
                unknown.append(condition.pid)
            elif feature != "property":
                given[feature] += groups
            elif predicate and self.gazetteer.is_holder(predicate):
                given["within"] += groups
            elif predicate:
                facts += [(predicate, group) for group in groups]
            else:
                unknown.append(condition.pid)
        points = [text for group in given["near"] for text in group]
        points += [f"{east[0]} {north[0]}" for east, north in zip(given["longitude"], given["latitude"], strict=False)]
        return Clues(
            kinds,
            tuple(given["within"]),
            tuple(given["identifier"]),
            point=next((point for text in points if (point := self._point(text))), None),
            facts=tuple(facts),
            names=tuple(text for group in given["name"] for text in group),
            demanded=tuple(text for c in conditions if c.feature == "name" and c.quantifier == ALL for text in c.texts),
            unknown=tuple(unknown),
        )

    def _compared(self, feature: str, groups: list[tuple[str, ...]]) -> tuple[str, list[tuple[str, ...]]]:
        """Return as what values are compared, and those that can be: an area in a column of points, but no number for an area."""
        if feature == "near" and not any(read_points(text) for group in groups for text in group):
            named = [tuple(text for text in group if self.matcher.areas.split(text)) for group in groups]
            feature, groups = "within", [group for group in named if any(map(self._is_area, group))]
        elif feature == "within":
            groups = [
                kept for group in groups if (kept := tuple(text for text in group if not MEASURED.fullmatch(text)))
            ]
        return feature, groups

    def _is_area(self, text: str) -> bool:
        return any(self.matcher.areas.named(part) for part in self.matcher.areas.split(text))

    def _point(self, text: str) -> tuple[float, float] | None:
        """Return the point of a text; of two ways to read it the one near which something of the data lies.

        Maps of China say 80.41,44.21, and those of others 44.21,80.41.
        """
        points = read_points(text)
        placed = [thing.point for thing in self.gazetteer.things.values() if thing.point] if len(points) > 1 else []
        near = (point for point in points if any(distance_km(point, each) < NEAR_SOMETHING_KM for each in placed))
        return next(near, points[0] if points else None)

    def suggest(self, kind: str, prefix: str, limit: int) -> Json:
        """Return what a user may mean who has typed the prefix: entities, types or properties."""
        if kind == "entity":
            return {"result": [self.shown.suggested(thing) for thing in self.matcher.suggestions(prefix, limit)]}
        return {"result": self.shown.matching(kind, prefix)[:limit]}

    def propose(self, kind: str, limit: int, shown: Shown) -> Json:
        """Return the columns and properties that things of the type have."""
        return {"type": kind, "properties": shown.proposed(self._kind(kind))[: limit or None]} | (
            {"limit": limit} if limit else {}
        )

    def _kind(self, name: str) -> str:
        """Return the IRI of a type, one that nothing has where no class is called so."""
        return name and (self.gazetteer.class_named(name) or name)

    def extend(self, query: Any) -> Json:
        """Return the 0.2 answer to a data extension query: values by thing and property."""
        identifiers, wanted = read_extension(query)
        rows = {i: {pid: self.shown.values(i, pid, most) for pid, most in wanted} for i in identifiers}
        return {"meta": [self.shown.meta(pid) for pid, _ in wanted], "rows": rows}

    def _candidate(self, candidate: Candidate) -> Json:
        features = [{"id": name, "value": value} for name, value in self.features(candidate).items()]
        return self.candidate(candidate, self.shown) | {"features": features}

    def features(self, candidate: Candidate) -> dict[str, float | bool]:
        """Return the reasons of a score, with the name that was met among them, as 0.2 has no texts for values."""
        called = candidate.thing.met(candidate.called)
        return dict(candidate.features) | ({f"{BY_NAME}{called}": True} if called else {})

    def candidate(self, candidate: Candidate, shown: Shown) -> Json:
        """Return a candidate as both versions have it, without its features."""
        thing = candidate.thing
        called = "" if candidate.called in thing.labels.values() else thing.met(candidate.called)
        return {
            "id": thing.identifier,
            "name": shown.name(thing),
            "description": shown.describe(thing) + (f"; {BY_NAME}{called}" if called else ""),
            "score": candidate.score,
            "match": candidate.match,
            "type": shown.types(thing),
        }


def read_points(text: str) -> list[tuple[float, float]]:
    """Return the degrees east and north of a point, each way to read it; none for a text that is none, and for a point not on earth.

    WKT has the longitude first; of two numbers with a comma the latitude is first where it can be, as in maps and in Wikidata.
    """
    if not (found := COORDINATES.match(text)):
        return []
    east, north = float(found[1]), float(found[3])
    ways = [(north, east), (east, north)] if "," in found[2] else [(east, north)]
    return [(x, y) for x, y in ways if abs(x) <= 180 and abs(y) <= 90]
