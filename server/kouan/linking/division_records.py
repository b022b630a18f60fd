"""Read what divisions of China were before: their codes, and the prefectures that held them. Knows records; scores nothing.

What a division was called and coded once is a record of its own, which leads to the one that took its place. The codes of the
counties of a prefecture begin with the four digits of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from kouan.graph.place_names import latin, read_name
from kouan.graph.romanisation import pinyin
from kouan.graph.whole_numbers import whole_number
from kouan.linking.things import Thing
from kouan.vocabulary import KOUAN

RECORD_OF, NAME_THEN, CODE_THEN, BECOMES, VALID_FROM, VALID_UNTIL = (
    KOUAN + word for word in ("recordOf", "nameThen", "code", "becomes", "validFrom", "validUntil")
)
PREFECTURE = KOUAN + "Prefecture"
# A record that nothing took the place of is valid for good.
FOR_GOOD = 9999
Facts = Mapping[str, Mapping[str, Collection[object]]]


class Record(NamedTuple):
    """What a division was: its code and names, from which year to which, and what it is today or became."""

    code: str
    names: frozenset[str]
    since: int
    until: int
    things: frozenset[str]
    became: frozenset[str]


class FormerAreas:
    """The prefectures that are no more by what they were called: what holds things names one by the address of its record."""

    def __init__(self, facts: Facts, things: Mapping[str, Thing]) -> None:
        self._records = {iri: _read(known) for iri, known in facts.items() if CODE_THEN in known}
        self._gone = {iri: each for iri, each in self._records.items() if _is_prefecture(each) and not each.things}
        self._called: dict[str, set[str]] = defaultdict(set)
        # Which prefecture each is today, and what holds what it became.
        self.became: dict[str, set[str]] = {}
        self.within: dict[str, set[str]] = {}
        self._tell(things)

    def named(self, text: str) -> set[str]:
        """Return the former prefectures that are called so; of Hami Prefecture, in whatever language, 哈密地区."""
        name = read_name(text)
        keys = [name.key, f"{name.stem} "] if name.kind == PREFECTURE else [name.key]
        return {iri for key in keys for iri in self._called.get(key, ())}

    def _tell(self, things: Mapping[str, Thing]) -> None:
        """Tell the things their former codes, and which prefectures held them."""
        held: dict[str, set[str]] = defaultdict(set)
        own: dict[str, set[str]] = defaultdict(set)
        whole = {thing for each in self._records.values() if _is_prefecture(each) for thing in each.things}
        for iri, record in self._records.items():
            for thing in (things[each] for each in self._became(iri) if each in things):
                if (thing.former | {text for text, _, _ in thing.names}) & record.names:
                    # What was merged into a thing, as 畹町 into Ruili, leads to it too, and its code is not the thing's.
                    thing.former_codes.add(record.code)
                if iri in self._gone:
                    held[thing.iri].add(iri)
                own[thing.iri] |= self._holders(record)
        for iri, record in self._gone.items():
            became = self._became(iri) & things.keys()
            self.became[iri] = {thing for thing in became if thing in whole}
            self.within[iri] = {place for each in became for place in things[each].within}
            self._call(iri, record, [things[each] for each in became])
        for thing in things.values() if self._gone else ():
            # What lies in what a prefecture became lay in the prefecture.
            thing.former_within = own[thing.iri].union(*(held[place] | own[place] for place in thing.within))

    def _call(self, iri: str, record: Record, became: list[Thing]) -> None:
        names = [read_name(text) for text in record.names]
        stems = {name.stem for name in names if name.kind == PREFECTURE}
        for thing in became:
            known = {read_name(text).stem for text, _, _ in thing.names}
            # It is called in other languages as what it became, where that has its name.
            stems |= known if known & stems else set()
        stems |= {latin(pinyin(stem)) for stem in stems if pinyin(stem)}
        for key in {name.key for name in names} | {f"{stem} " for stem in stems}:
            self._called[key].add(iri)

    def _holders(self, record: Record) -> set[str]:
        """Return the prefectures of old that held a division, by the four digits, in the years of both."""
        return {
            iri
            for iri, each in self._gone.items()
            if record.code[:4] == each.code[:4] and not _is_prefecture(record)
            if record.since < each.until and each.since < record.until
        }

    def _became(self, iri: str) -> set[str]:
        """Return what a division is today, or is part of."""
        found: set[str] = set()
        seen, open_ = {iri}, [iri]
        while open_:
            if record := self._records.get(open_.pop()):
                found |= record.things
                open_ += record.became - seen
                seen |= record.became
        return found


def _read(known: Mapping[str, Collection[object]]) -> Record:
    def texts(predicate: str) -> frozenset[str]:
        return frozenset(str(getattr(value, "value", value)) for value in known.get(predicate, ()))

    since = max((whole_number(year) or 0 for year in texts(VALID_FROM)), default=0)
    until = min((whole_number(year) or FOR_GOOD for year in texts(VALID_UNTIL)), default=FOR_GOOD)
    return Record(min(texts(CODE_THEN)), texts(NAME_THEN), since, until, texts(RECORD_OF), texts(BECOMES))


def _is_prefecture(record: Record) -> bool:
    return record.code.endswith("00") and not record.code.endswith("0000")
