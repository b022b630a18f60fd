"""Bound the work of a query before it is evaluated, from the counts of a snapshot that never changes. Evaluates nothing.

A set of joined patterns can have no more solutions than the fewest that any order of joining them allows. The engine
starts with the pattern that has most of its terms given, and adds one connected pattern after another by looking up what
each solution leaves open; the work is taken as that of the largest set that it could meet on its way.
"""

from __future__ import annotations

from itertools import combinations

from kouan.engine.statistics import Predicate, Statistics
from kouan.sparql.scanning.guard import Inspection
from kouan.sparql.scanning.patterns import Group, NotSimple, Pattern, read

# What an evaluation of so many steps takes, some milliseconds, is what everybody else may have to wait.
MOST_STEPS = 10_000
# Each may have to wait for the disk, where the store's files find no room in memory.
MOST_STEPS_ON_DISK = 500
MOST_PATTERNS = 7
# A chain of operators as long as this is no danger to the stack of the process.
LONGEST = 2_000
REMEMBERED = 20_000
NONE = Predicate(1, 1, 1, 1, 1)
# The engine's order of patterns by which of their subject, predicate and object are given, the first those it starts with.
EXPECTED = {
    (True, True, True): 1,
    (True, False, True): 2,
    (True, True, False): 3,
    (True, False, False): 4,
    (False, True, True): 5,
    (False, False, True): 6,
    (False, True, False): 7,
    (False, False, False): 8,
}
UNKNOWN: tuple[int, ...] = (-1,)


class Bound:
    """Says which queries are small on one snapshot."""

    def __init__(self, statistics: Statistics, most_steps: int = MOST_STEPS) -> None:
        self.most_steps = most_steps
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
        is_small = self.steps(group) <= self.most_steps
        self._small[_key(inspection, decisive)] = is_small
        self._decisive[inspection.skeleton] = decisive
        return is_small

    def steps(self, group: Group) -> int:
        """Return how many steps an evaluation of a group takes at most."""
        return self._group(group)[0]

    def _group(self, group: Group) -> tuple[int, int]:
        """Return the steps and the solutions of a group, at most."""
        is_alone = not group.unions and group.values == 1 and not group.is_split
        steps, size = self._joined(group.patterns, frozenset(), is_alone)
        size *= group.values
        steps = max(steps, size)
        for branches in group.unions:
            each = [self._group(branch) for branch in branches]
            steps += sum(branch[0] for branch in each)
            size *= sum(branch[1] for branch in each)
            steps += size
        for optional in group.optionals:
            if not group.is_split and _is_looked_up(optional, group.certain):
                each_steps, matches = self._joined(optional.patterns, group.certain, True)
                steps += size * max(1, each_steps)
                size *= max(1, matches)
                continue
            inner_steps, inner_size = self._group(optional)
            if not optional.unions and not optional.optionals:
                matches = self._extended(group.certain, optional.patterns) * optional.values
            else:
                matches = inner_size
            steps += inner_steps + size * max(1, matches)
            size *= max(1, matches)
        return steps, size

    def _joined(self, patterns: list[Pattern], given: frozenset[str], is_alone: bool) -> tuple[int, int]:
        """Return the steps and the solutions of joined patterns where some variables have a value.

        Only where nothing else is joined with them is it known which patterns the engine starts with.
        """
        if not patterns:
            return 1, 1
        if len(patterns) > MOST_PATTERNS:
            return MOST_STEPS + 1, MOST_STEPS + 1
        sizes: dict[frozenset[int], int] = {frozenset(): 1}
        steps = 0
        # Patterns can be connected by a predicate too, which is not looked into here.
        is_known = is_alone and sum(pattern.predicate is None for pattern in patterns) < 2
        starts = _starts(patterns, given) if is_known else set(range(len(patterns)))
        for length in range(1, len(patterns) + 1):
            most = 0
            for chosen in combinations(range(len(patterns)), length):
                members = frozenset(chosen)
                sizes[members] = min(self._added(patterns, given, members - {last}, last, sizes) for last in chosen)
                is_met = not starts.isdisjoint(members) and _is_connected([patterns[i] for i in chosen], given)
                if length == len(patterns) or is_met:
                    most = max(most, sizes[members])
            steps += most
        return steps, sizes[frozenset(range(len(patterns)))]

    def _added(
        self,
        patterns: list[Pattern],
        given: frozenset[str],
        before: frozenset[int],
        last: int,
        sizes: dict[frozenset[int], int],
    ) -> int:
        bound = given.union(*(patterns[i].variables for i in before))
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
            counts = self.statistics.any_predicate
        else:
            counts = self.statistics.predicates.get(pattern.predicate, NONE)
        if pattern.is_closure:
            # Walked from one end, all that is reached but the start itself are other ends, each of whose triples is met.
            if has_subject:
                return min(counts.triples, (counts.objects + 1) * counts.of_subject) + 1
            if has_object:
                return min(counts.triples, (counts.subjects + 1) * counts.of_object) + 1
            return (self.statistics.triples * 2 + 1) * (counts.triples + 1)
        if has_subject and has_object:
            return 1 if pattern.predicate is not None else min(counts.of_subject, counts.of_object)
        if has_subject:
            return counts.of_subject
        return counts.of_object if has_object else counts.triples


def _key(inspection: Inspection, decisive: tuple[int, ...]) -> tuple[str, ...]:
    iris = inspection.iris
    return (inspection.skeleton, *[iris[place] for place in decisive])


def _starts(patterns: list[Pattern], given: frozenset[str]) -> set[int]:
    """Return the patterns that the engine may start with: in each connected part those with most of their terms given."""
    starts: set[int] = set()
    left = set(range(len(patterns)))
    while left:
        part = {min(left)}
        while near := {i for i in left - part if any(_have_common(patterns[i], patterns[j], given) for j in part)}:
            part |= near
        fewest = min(_expected(patterns[place], given) for place in part)
        # What the engine expects of a closure depends on more, and with two open ends it may be walked from all of them.
        starts |= {place for place in part if patterns[place].is_closure}
        starts |= {place for place in part if _expected(patterns[place], given) == fewest}
        left -= part
    return starts


def _expected(pattern: Pattern, given: frozenset[str]) -> int:
    if pattern.is_closure:
        return max(EXPECTED.values())
    has_subject, has_object = (not name or name in given for name in (pattern.subject, pattern.object))
    return EXPECTED[has_subject, pattern.predicate is not None, has_object]


def _have_common(one: Pattern, other: Pattern, given: frozenset[str]) -> bool:
    return bool((one.variables & other.variables) - given)


def _is_looked_up(optional: Group, certain: frozenset[str]) -> bool:
    """Return whether the engine looks an optional group up for each solution, and does not make all of it before."""
    patterns = optional.patterns
    if not patterns or not optional.is_plain or any(pattern.is_closure for pattern in patterns):
        return False
    shared = frozenset().union(*(pattern.variables for pattern in patterns)) & certain
    return bool(shared) and _is_connected(patterns, certain)


def _is_connected(patterns: list[Pattern], given: frozenset[str]) -> bool:
    reached = patterns[0].variables - given
    left = patterns[1:]
    while left:
        near = [pattern for pattern in left if pattern.variables & reached]
        if not near:
            return False
        for pattern in near:
            reached |= pattern.variables - given
            left.remove(pattern)
    return True
