"""Speak the draft of version 1.0 of the Reconciliation Service API, in JSON values. Knows nothing of HTTP.

Follows https://reconciliation-api.github.io/specs/draft/ of July 2026.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kouan.errors import BadRequest
from kouan.linking.asked import (
    ANY,
    BATCH_LIMIT,
    NONE,
    QUANTIFIERS,
    Condition,
    Json,
    answer_each,
    as_list,
    as_mapping,
    only_known,
    read_extension,
)
from kouan.linking.candidate import Candidate
from kouan.linking.service import FEATURES, Service
from kouan.linking.showing import Shown


@dataclass(frozen=True)
class Draft:
    """The service as the draft of 1.0 shows it, in the language of who asks."""

    service: Service
    language: str = "en"

    @property
    def shown(self) -> Shown:
        """Return the things in the language."""
        return replace(self.service.shown, language=self.language)

    def manifest(self, root: str) -> Json:
        """Return the manifest; `root` is the address of the draft's service."""
        return {
            "versions": ["1.0-draft"],
            "name": self.service.name,
            "lang": self.language,
            "documentation": root.rsplit("/", 2)[0] + "/",
            "batchSize": BATCH_LIMIT,
            "defaultTypes": self.shown.default_types(),
            "view": {"url": self.service.view(root.rsplit("/", 2)[0], "{id}")},
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
        """Return the answers to a batch, a list of queries with conditions; BadRequest where it is none."""
        batch = as_mapping(batch, "body")
        queries = batch.get("queries")
        if isinstance(queries, dict) or (queries is None and any("query" in each for each in _mappings(batch))):
            raise BadRequest(
                "This is the draft of version 1.0, which takes a list of queries with conditions; "
                "version 0.2, which this query is written for, is at /reconcile."
            )
        if not isinstance(queries, list):
            raise BadRequest('The body must be a JSON object with a list "queries".')
        return {"results": [*answer_each(dict(enumerate(queries)), self._answer, {"candidates": []}).values()]}

    def _answer(self, query: Any) -> Json:
        query = as_mapping(query, "a query")
        if "query" in query:
            raise BadRequest(
                'A query of the draft of version 1.0 has "conditions" and no "query"; version 0.2 is at /reconcile.'
            )
        only_known(query, {"type", "limit", "lang", "dir", "conditions"})
        language = query.get("lang") or self.language
        if not isinstance(language, str):
            raise BadRequest("lang must be a tag of a language, such as zh.")
        shown = replace(self.shown, language=language.partition("-")[0].casefold())
        return {"candidates": [self._candidate(candidate, shown) for candidate in self._ask(query)]}

    def _ask(self, query: Json) -> list[Candidate]:
        texts, conditions = [], []
        for given in as_list(query.get("conditions"), "conditions"):
            given = as_mapping(given, "a condition")
            kind, value = given.get("matchType"), given.get("propertyValue")
            if kind not in ("name", "id", "property") or value is None:
                raise BadRequest('A condition needs a "matchType" (name, id or property) and a "propertyValue".')
            if kind == "property" and not given.get("propertyId"):
                raise BadRequest('A condition on a property needs its "propertyId".')
            quantifier = given.get("matchQuantifier", ANY)
            if quantifier not in QUANTIFIERS:
                raise BadRequest("matchQuantifier must be any, all or none.")
            pid = str(given["propertyId"]) if kind == "property" else str(kind)
            condition = Condition(pid, value, given.get("required") is True, quantifier)
            if kind == "name" and quantifier != NONE:
                texts += condition.texts
            if kind != "name" or condition.is_required or quantifier != ANY:
                conditions.append(condition)
        if not texts and not conditions:
            raise BadRequest('A query needs "conditions": at least one, such as the name.')
        kind = query.get("type") or ""
        if not isinstance(kind, str):
            raise BadRequest("type must be one identifier of a type.")
        return self.service.candidates(texts or [""], [kind] if kind else [], conditions, query.get("limit"))

    def suggest(self, kind: str, prefix: str, limit: int) -> Json:
        """Return what a user may mean who has typed the prefix: entities, types or properties, named in the language."""
        if kind == "entity":
            things = self.service.matcher.suggestions(prefix, limit)
            return {"result": [self.shown.suggested(thing) for thing in things]}
        return {"result": self.shown.matching(kind, prefix)[:limit]}

    def extend(self, query: Any) -> Json:
        """Return the answer to a data extension query."""
        identifiers, wanted = read_extension(query)
        rows = [
            {"id": i, "properties": [{"id": pid, "values": self.shown.values(i, pid, most)} for pid, most in wanted]}
            for i in identifiers
        ]
        return {"meta": [self.shown.meta(pid) for pid, _ in wanted], "rows": rows}

    def _candidate(self, candidate: Candidate, shown: Shown) -> Json:
        return self.service.candidate(candidate, shown) | {
            "features": [
                {"id": name, "name": FEATURES.get(name, (name, name))[shown.language == "zh"], "value": value}
                for name, value in self.service.features(candidate).items()
            ]
        }


def _mappings(batch: Json) -> list[Json]:
    return [each for each in batch.values() if isinstance(each, dict)]
