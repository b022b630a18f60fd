"""Read a slice of Wikidata: RDF with truthy statements, or the JSON of its entities. Knows what a slice covers, and nothing of Kouan.

A slice is whole for an item that came as entity JSON or with its count of statements (wikibase:statements), and
for the properties that its description lists as void:propertyPartition; of the rest it cannot say what Wikidata lacks.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, parse

from kouan.errors import SourceError
from kouan.graph.documents import format_of
from kouan.graph.faults import why_refused
from kouan.linking.wikidata.mapping import WIKIBASE
from kouan.linking.wikidata.values import ITEM, QID, STRING, WikidataValue, item, point, read_term, time
from kouan.vocabulary import DCT, RDFS, SCHEMA, SKOS, VOID, WD, WDT, WIKIDATA_SLICE

LABEL, ALIAS = "label", "alias"
NAMES = {RDFS + "label": LABEL, SKOS + "altLabel": ALIAS}
# Both spellings of schema.org are in use; Wikidata's RDF has the first.
MODIFIED = {"http://schema.org/dateModified", SCHEMA + "dateModified"}


@dataclass
class Item:
    """What a slice says of one item."""

    labels: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    statements: dict[str, set[WikidataValue]] = field(default_factory=lambda: defaultdict(set))
    is_whole: bool = False

    @property
    def label(self) -> str:
        """Return the English label, or any, or ""."""
        return self.labels.get("en") or next((self.labels[k] for k in sorted(self.labels)), "")


@dataclass
class Slice:
    """Some items of Wikidata as they were on a date."""

    name: str
    date: str = ""
    items: dict[str, Item] = field(default_factory=lambda: defaultdict(Item))
    covered: set[str] = field(default_factory=set)

    def covers(self, identifier: str, property: str) -> bool:
        """Return whether what the slice does not say of an item's property, label or aliases, Wikidata does not say."""
        found = self.items.get(identifier)
        return found is not None and (found.is_whole or property in self.covered)

    def lies_in(self, identifier: str) -> set[str]:
        """Return every area that an item lies in, by P131 and P17, itself left out."""
        above: set[str] = set()
        open_ = [identifier]
        while open_:
            found = self.items.get(open_.pop())
            for value in (v for p in ("P131", "P17") for v in (found.statements.get(p, ()) if found else ())):
                if value.kind == ITEM and value.text not in above and value.text != identifier:
                    above.add(value.text)
                    open_.append(value.text)
        return above


def read_slice(path: Path, kinds: Mapping[str, str]) -> Slice:
    """Return the slice in a file: .json is Wikidata's entity JSON, one or many, every other name says a format of RDF.

    `kinds` is the kind of value that each property takes. Raises SourceError where the file cannot be read.
    """
    if not path.is_file():
        raise SourceError("there is no such file.", path)
    if path.name.endswith((".json", ".json.gz")):
        return _read_entities(path)
    try:
        quads = list(parse(path=path, format=format_of(path), base_iri=path.resolve().as_uri()))
    except SyntaxError as error:
        raise SourceError(f"{why_refused(error)}.", path, error.lineno) from error
    except (OSError, ValueError) as error:
        raise SourceError(f"it cannot be read: {error}.", path) from error
    found = slice_of(quads, path.name, kinds)
    if not found.items:
        raise SourceError("it states nothing of an item of Wikidata (http://www.wikidata.org/entity/Q…).", path)
    return found


def packaged_slice(quads: Iterable[Quad], kinds: Mapping[str, str]) -> Slice:
    """Return what the graph holds of Wikidata, in the graphs under its source; its dates are those of the copies."""
    stated, dates = [], set()
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.startswith(WIKIDATA_SLICE):
            stated.append(quad)
        elif quad.predicate.value == DCT + "issued" and str(quad.subject).startswith(f"<{WIKIDATA_SLICE}"):
            dates.add(getattr(quad.object, "value", ""))
    found = slice_of(stated, "the slice in the package", kinds)
    found.date = " to ".join(sorted(dates)[:: max(1, len(dates) - 1)])
    return found


def slice_of(quads: Iterable[Quad], name: str, kinds: Mapping[str, str]) -> Slice:
    """Return the slice that some RDF holds."""
    found = Slice(name)
    dates: set[str] = set()
    for quad in quads:
        predicate, value = quad.predicate.value, quad.object
        if predicate == VOID + "property" and isinstance(value, NamedNode):
            found.covered.add(NAMES.get(value.value, value.value.removeprefix(WDT)))
        elif predicate in MODIFIED or predicate == DCT + "issued":
            dates.add(getattr(value, "value", "")[:10])
        if not isinstance(quad.subject, NamedNode) or not isinstance(value, NamedNode | Literal):
            continue
        identifier = quad.subject.value.removeprefix(WD)
        if not quad.subject.value.startswith(WD) or not QID.match(identifier):
            continue
        about = found.items[identifier]
        if predicate == WIKIBASE + "statements":
            about.is_whole = True
        elif predicate in NAMES and isinstance(value, Literal):
            _add_name(about, NAMES[predicate], value.language or "", value.value)
        elif predicate.startswith(WDT):
            property = predicate.removeprefix(WDT)
            read = read_term(value, kinds.get(property, ITEM if isinstance(value, NamedNode) else STRING))
            if read:
                about.statements[property].add(read)
    found.date = max(dates, default="")
    return found


def _add_name(about: Item, what: str, language: str, text: str) -> None:
    if what == LABEL:
        about.labels[language] = min(text, about.labels.get(language, text))
    else:
        about.aliases[language].add(text)


def _read_entities(path: Path) -> Slice:
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        document = json.loads(content)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise SourceError(f"it is no JSON: {error}.", path) from error
    if isinstance(document, dict):
        # The API says [] where it has none.
        document = document.get("entities", {"": document})
    entities = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    found = Slice(path.name)
    dates = set()
    for entity in entities:
        if not isinstance(entity, dict) or not QID.match(str(entity.get("id", ""))) or "missing" in entity:
            continue
        try:
            found.items[entity["id"]] = _read_entity(entity)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SourceError(f"{entity['id']} is not in the form of Special:EntityData ({error!r}).", path) from error
        dates.add(str(entity.get("modified", ""))[:10])
    if not found.items:
        raise SourceError("it holds no entity of Wikidata, in the form of Special:EntityData.", path)
    found.date = max(dates)
    return found


def _read_entity(entity: dict[str, Any]) -> Item:
    about = Item(is_whole="claims" in entity)
    for language, label in (entity.get("labels") or {}).items():
        about.labels[language] = _name(label)
    for language, aliases in (entity.get("aliases") or {}).items():
        about.aliases[language] = set(map(_name, aliases))
    for property, claims in (entity.get("claims") or {}).items():
        ranked = [claim for claim in claims if claim.get("rank") == "preferred"]
        for claim in ranked or [claim for claim in claims if claim.get("rank", "normal") == "normal"]:
            value = _read_snak(claim.get("mainsnak", {}))
            if value:
                about.statements[property].add(value)
    return about


def _name(said: dict[str, Any]) -> str:
    if not isinstance(said["value"], str):
        raise TypeError("a name is a text")
    return str(said["value"])


def _read_snak(snak: dict[str, Any]) -> WikidataValue | None:
    """Return the value of a snak; None where Wikidata says that there is none, or an unknown one, or of another kind."""
    data = snak.get("datavalue") or {}
    value = data.get("value")
    if snak.get("snaktype", "value") != "value" or value is None:
        return None
    if data.get("type") == "wikibase-entityid":
        identifier = value.get("id") or f"Q{value.get('numeric-id')}"
        return item(identifier) if QID.match(identifier) else None
    if data.get("type") == "globecoordinate":
        return point(f"POINT({value['longitude']:.9g} {value['latitude']:.9g})")
    if data.get("type") == "time":
        return time(value["time"], int(value.get("precision", 0))) if value["time"].startswith("+") else None
    return WikidataValue(STRING, value) if isinstance(value, str) else None
