"""Write proposals as a schema that OpenRefine's Wikibase extension imports, item by item. Knows its JSON; chooses nothing.

See https://openrefine.org/docs/manual/wikibase/schema-alignment. All values are constants, so that any project takes the
schema, whose preview and issues an editor looks through before anything is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from kouan.errors import KouanError
from kouan.linking.wikidata.mapping import Property
from kouan.linking.wikidata.proposals import Proposal, Proposals
from kouan.linking.wikidata.references import Reference
from kouan.linking.wikidata.values import ITEM, POINT, STRING, TEXT, TIME, WikidataValue
from kouan.vocabulary import WD

DATATYPES = {ITEM: "wikibase-item", POINT: "globe-coordinate", TIME: "time", STRING: "string", TEXT: "monolingualtext"}
URL, TITLE, STATED_IN = ("P854", "reference URL"), ("P1476", "title"), ("P248", "stated in")
PUBLISHED, RETRIEVED = ("P577", "publication date"), ("P813", "retrieved")
# A label is set where there is none; another name is added to those that are there.
NAMES = {"L": "LABEL_IF_NEW", "A": "ALIAS"}
Json = dict[str, Any]


def write_schema(proposals: Proposals, properties: Mapping[str, Property], labels: Mapping[str, str]) -> str:
    """Return the schema as JSON, the statements grouped by item and property; `labels` names items.

    Raises KouanError where new items are proposed, which a schema of constants cannot make.
    """
    if proposals.new:
        raise KouanError(
            "OpenRefine makes new items from cells of a table; write those that --create names for QuickStatements."
        )
    ordered = sorted(proposals.known, key=lambda each: (each.subject, each.property))
    edits = [
        {
            "type": "wbitemeditexpr",
            "subject": _item(subject, labels),
            "statementGroups": list(_groups([e for e in said if e.property.startswith("P")], properties, labels)),
            "nameDescs": [_name(each) for each in said if not each.property.startswith("P")],
        }
        for subject, said in ((subject, list(each)) for subject, each in groupby(ordered, key=lambda e: e.subject))
    ]
    schema = {
        "entityEdits": edits,
        "siteIri": WD,
        "entityTypeSiteIRI": {"item": WD, "property": WD},
        "mediaWikiApiEndpoint": "https://www.wikidata.org/w/api.php",
    }
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _groups(said: Iterable[Proposal], properties: Mapping[str, Property], labels: Mapping[str, str]) -> Iterable[Json]:
    for pid, each in groupby(said, key=lambda proposal: proposal.property):
        property = properties[pid]
        statements = [
            {
                "value": _value(proposal.value, labels),
                "qualifiers": [],
                "references": [{"snaks": _snaks(reference, labels)} for reference in proposal.references],
                "mode": "add_or_merge",
                "mergingStrategy": {"type": "snak", "valueMatcher": {"type": "lax"}},
            }
            for proposal in each
        ]
        yield {"property": _property((pid, property.label), DATATYPES[property.kind]), "statements": statements}


def _snaks(reference: Reference, labels: Mapping[str, str]) -> list[Json]:
    """Return the parts of a reference that it has."""
    parts = [(URL, "url", _constant("string", reference.url))] if reference.url else []
    if reference.title:
        parts.append((TITLE, DATATYPES[TEXT], _text(reference.title, reference.language)))
    if reference.item:
        parts.append((STATED_IN, DATATYPES[ITEM], _item(reference.item, labels)))
    for property, date in ((PUBLISHED, reference.published), (RETRIEVED, reference.read)):
        if date is not None:
            parts.append((property, DATATYPES[TIME], _constant("date", date.shown)))
    return [{"prop": _property(property, datatype), "value": value} for property, datatype, value in parts]


def _value(value: WikidataValue, labels: Mapping[str, str]) -> Json:
    if value.kind == ITEM:
        return _item(value.text, labels)
    if value.kind == POINT:
        return _constant("location", value.shown.replace(" ", ""))
    return _constant("date" if value.kind == TIME else "string", value.shown)


def _name(proposal: Proposal) -> Json:
    language = proposal.value.language
    return {
        "type": "wbnamedescexpr",
        "name_type": NAMES[proposal.property[0]],
        "value": _text(proposal.value.text, language),
    }


def _item(identifier: str, labels: Mapping[str, str]) -> Json:
    return {"type": "wbentityidvalueconstant", "id": identifier, "label": labels.get(identifier, identifier)}


def _text(text: str, language: str) -> Json:
    known = {"type": "wblanguageconstant", "id": language, "label": language}
    return {"type": "wbmonolingualexpr", "language": known, "value": _constant("string", text)}


def _constant(kind: str, value: str) -> Json:
    return {"type": f"wb{kind}constant", "value": value}


def _property(named: tuple[str, str], datatype: str) -> Json:
    return {"type": "wbpropconstant", "pid": named[0], "label": named[1], "datatype": datatype}
