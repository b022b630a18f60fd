"""Bound the work of a query before it is evaluated, from the counts of a snapshot that never changes. Evaluates nothing.

A set of joined patterns can have no more solutions than the fewest that any order of joining them allows; the work is
taken as that of the largest set of connected patterns that an evaluation could meet on its way.
"""

from __future__ import annotations

from itertools import combinations

from kouan.engine.guard import Inspection
from kouan.engine.patterns import Group, NotSimple, Pattern, read
from kouan.engine.statistics import Predicate, Statistics

# What an evaluation of so many steps takes, some milliseconds, is what everybody else may have to wait.
MOST_STEPS = 10_000
MOST_PATTERNS = 7
# A chain of operators as long as this is no danger to the stack of the process.
LONGEST = 2_000
REMEMBERED = 20_000
NONE = Predicate(1, 1, 1)
UNKNOWN: tuple[int, ...] = (-1,)


class Bound:
    """Says which queries are small on one snapshot."""

    def __init__(self, statistics: Statistics) -> None:
        self.statistics = statistics
        # Queries that differ only in what they look up have one skeleton, and are bounded once.
        self._decisive: dict[str, tuple[int, ...] | None] = {}
        self._small: dict[tuple[str, ...], bool] = {}

    def is_small(self, text: str, inspection: Inspection) -> bool:
        """Return whether evaluating a query that the guard inspected is certainly little work."""
        if len(text) > LONGEST:
            return False
        skeleton = inspection.skeleton
        decisive = self._decisive.get(skeleton, UNKNOWN)
        if decisive is None:
            return False
        found = None if decisive is UNKNOWN else self._small.get(_key(inspection, decisive))
        return self._learn(text, inspection) if found is None else found

    def _learn(self, text: str, inspection: Inspection) -> bool:
        if len(self._small) > REMEMBERED or len(self._decisive) > REMEMBERED:
            self._small.clear()
            self._decisive.clear()
        try:
            group, places = read(text)
        except (NotSimple, IndexError):
            self._decisive[inspection.skeleton] = None
            return False
        decisive = tuple(place for place in places if place >= 0)
        is_small = self.steps(group) <= MOST_STEPS
        self._small[_key(inspection, decisive)] = is_small
        self._decisive[inspection.skeleton] = decisive
        return is_small

    def steps(self, group: Group) -> int:
        """Return how many steps an evaluation of a group takes at most."""
        return self._group(group)[0]

    def _group(self, group: Group) -> tuple[int, int]:
        """Return the steps and the solutions of a group, at most."""
        steps, size = self._joined(group.patterns)
        size *= group.values
        steps = max(steps, size)
        for branches in group.unions:
            each = [self._group(branch) for branch in branches]
            steps += sum(branch[0] for branch in each)
            size *= sum(branch[1] for branch in each)
            steps += size
        for optional in group.optionals:
            inner_steps, inner_size = self._group(optional)
            if not optional.unions and not optional.optionals:
                matches = self._extended(group.certain, optional.patterns) * optional.values
            else:
                matches = inner_size
            steps += inner_steps + size * max(1, matches)
            size *= max(1, matches)
        return steps, size

    def _joined(self, patterns: list[Pattern]) -> tuple[int, int]:
        if not patterns:
            return 1, 1
        if len(patterns) > MOST_PATTERNS:
            return MOST_STEPS + 1, MOST_STEPS + 1
        sizes: dict[frozenset[int], int] = {frozenset(): 1}
        most = 0
        for length in range(1, len(patterns) + 1):
            for chosen in combinations(range(len(patterns)), length):
                members = frozenset(chosen)
                sizes[members] = min(self._added(patterns, members - {last}, last, sizes) for last in chosen)
                if length == len(patterns) or _is_connected([patterns[i] for i in chosen]):
                    most = max(most, sizes[members])
        return most * len(patterns), sizes[frozenset(range(len(patterns)))]

    def _added(
        self, patterns: list[Pattern], before: frozenset[int], last: int, sizes: dict[frozenset[int], int]
    ) -> int:
        bound = frozenset().union(*(patterns[i].variables for i in before))
        return sizes[before] * self._matches(patterns[last], bound)

    def _extended(self, bound: frozenset[str], patterns: list[Pattern]) -> int:
        size = 1
        left = list(patterns)
        while left:
            best = min(left, key=lambda pattern: self._matches(pattern, bound))
            size *= self._matches(best, bound)
            bound |= best.variables
            left.remove(best)
        return size

    def _matches(self, pattern: Pattern, bound: frozenset[str]) -> int:
        """Return how many triples match a pattern at most once some variables have a value."""
        has_subject = not pattern.subject or pattern.subject in bound
        has_object = not pattern.object or pattern.object in bound
        if pattern.predicate is None:
            counts = Predicate(self.statistics.triples, self.statistics.of_subject, self.statistics.of_object)
        else:
            counts = self.statistics.predicates.get(pattern.predicate, NONE)
        if pattern.is_closure:
            # From one end no more can be reached than there are triples; a thing always reaches itself.
            reached = counts.triples + 1
            return reached if has_subject or has_object else (self.statistics.triples * 2 + 1) * reached
        if has_subject and has_object:
            return 1 if pattern.predicate is not None else min(counts.of_subject, counts.of_object)
        if has_subject:
            return counts.of_subject
        return counts.of_object if has_object else counts.triples


def _key(inspection: Inspection, decisive: tuple[int, ...]) -> tuple[str, ...]:
    iris = inspection.iris
    return (inspection.skeleton, *[iris[place] for place in decisive])


def _is_connected(patterns: list[Pattern]) -> bool:
    reached = patterns[0].variables
    left = patterns[1:]
    while left:
        near = [pattern for pattern in left if pattern.variables & reached or not pattern.variables]
        if not near:
            return False
        for pattern in near:
            reached |= pattern.variables
            left.remove(pattern)
    return True
