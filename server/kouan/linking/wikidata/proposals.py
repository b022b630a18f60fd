"""Choose what Wikidata could take from Kouan: what it lacks, what has a reference, and what a licence lets. Knows no form of export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from kouan.errors import KouanError
from kouan.linking.things import Thing
from kouan.linking.wikidata.comparing import CLASS, CONFLICTS, UNKNOWN, WIKIDATA_LACKS, SliceComparison
from kouan.linking.wikidata.references import Reference, Sources
from kouan.linking.wikidata.values import TEXT, WikidataValue

# Languages that Wikidata has labels in; pinyin (zh-Latn) is none of them.
TERM_LANGUAGES = (
    "en",
    "zh",
    "zh-hans",
    "zh-hant",
    "ru",
    "kk",
    "ky",
    "mn",
    "ko",
    "vi",
    "lo",
    "my",
    "ne",
    "hi",
    "ur",
    "dz",
)


@dataclass(frozen=True)
class Proposal:
    """One thing to say of an item; `property` is a P, or L and A with a language for a label and an alias."""

    subject: str
    property: str
    value: WikidataValue
    references: tuple[Reference, ...] = ()


@dataclass
class Proposals:
    """What is proposed, item by item, and what was left out and why."""

    known: list[Proposal] = field(default_factory=list)
    new: list[list[Proposal]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """Return how many statements and names are proposed."""
        return len(self.known) + sum(len(made) for made in self.new)


@dataclass(frozen=True)
class Wishes:
    """What the user wants beside what Wikidata is known to lack."""

    unknown: bool = False
    conflicts: bool = False
    create: Collection[str] = ()
    licences: Collection[str] = ()


def propose(comparison: SliceComparison, sources: Sources, wishes: Wishes) -> Proposals:
    """Return what Wikidata could take; always the same for the same graph, slice and wishes."""
    found = Proposals()
    statuses = {WIKIDATA_LACKS}
    statuses |= {UNKNOWN} if wishes.unknown else set()
    statuses |= {CONFLICTS} if wishes.conflicts else set()
    for finding in comparison.findings:
        if finding.ours is None or finding.status not in statuses:
            continue
        if finding.property.kind == TEXT:
            # A label overwrites the one that is there: it is set only where Wikidata is known to have none.
            if finding.status == WIKIDATA_LACKS:
                found.known.append(Proposal(finding.thing.wikidata, finding.property.id, finding.ours))
            continue
        # A class that is only near to ours is good enough to compare with, and too wide to be proposed.
        if finding.property.id == CLASS and finding.ours.text not in comparison.facts.mapping.exact_classes:
            continue
        # What conflicts or is unknown for want of a place in Wikidata is not better for being said once more.
        if finding.status == UNKNOWN and finding.theirs is not None:
            continue
        allowed = _free(sources.references(finding.passages), wishes, found.left_out)
        if allowed:
            found.known.append(Proposal(finding.thing.wikidata, finding.property.id, finding.ours, allowed))
    for name in sorted(wishes.create):
        thing = _unlinked(name, comparison)
        found.new.append(_item(thing, comparison, sources, wishes, found.left_out))
    return found


def _free(references: Iterable[Reference], wishes: Wishes, left_out: Counter[str]) -> tuple[Reference, ...]:
    """Return the references that allow the fact; none, and why counted, where there is none."""
    named = [reference for reference in references if reference.url or reference.title]
    known = [reference for reference in named if not reference.is_circular]
    wanted = {licence.strip().upper().replace(" ", "-") for licence in wishes.licences}
    free = tuple(r for r in known if r.is_free or r.licence.upper() in wanted)
    if not known:
        left_out["only Wikimedia's own pages say so" if named else "no source to refer to"] += 1
    elif not free:
        left_out[" or ".join(sorted({r.licence for r in known}))] += 1
    return free


def _unlinked(name: str, comparison: SliceComparison) -> Thing:
    """Return the thing of a name; raises KouanError where there is none, or it has an item already."""
    thing = comparison.facts.gazetteer.find(name)
    if thing is None:
        raise KouanError(f"There is no thing {name!r}; name it as its page does, such as khorgos-port.")
    if thing.wikidata:
        raise KouanError(f"{thing.label} has an item, {thing.wikidata}; leave it out of --create.")
    return thing


def _item(
    thing: Thing, comparison: SliceComparison, sources: Sources, wishes: Wishes, left_out: Counter[str]
) -> list[Proposal]:
    """Return all that a new item would have: its names, and its statements with references."""
    made = [
        Proposal("", ("L" if is_main else "A") + language, WikidataValue(TEXT, name, language))
        for name, language, is_main in thing.names
        if language in TERM_LANGUAGES
    ]
    for statement in comparison.facts.statements.get(thing.iri, []):
        allowed = _free(sources.references(statement.passages), wishes, left_out)
        if allowed:
            made.append(Proposal("", statement.property.id, statement.value, allowed))
    return made
