"""Whatever is written, taken back, killed and started again, in whichever order: what stands is what was told."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from kouan.writes.change import DELETE, Write
from kouan.writes.request import undo

from .conftest import START, Dataset

VALUES = some.sampled_from(
    [
        "1",
        "01",
        "1.0",
        "'a\\u2028b'@en",
        "'\\u0085'",
        '"1"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>',
        "<urn:o>",
    ]
)
GRAPHS = some.sampled_from(["urn:g", "urn:h"])
MOMENTS = some.floats(0.0, 0.06)


class Writes(RuleBasedStateMachine):
    """`states` are what must stand after each write, of which the last does."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.dataset = Dataset(self.folder)
        self.states = [self.dataset.standing()]
        assert len(self.states[0]) == len(START.splitlines())

    def told(self, record) -> None:
        """Take what a client is told of a write for true."""
        if "commit" not in record:
            assert self.dataset.standing() == self.states[-1]
            return
        assert record["commit"] == len(self.states)
        entry = self.dataset.journal.entry(record["commit"])
        removed, added = ({str(quad) for quad in quads} for quads in (entry.written.removed, entry.written.added))
        assert (len(removed), len(added)) == (record["removed"], record["added"])
        assert removed <= self.states[-1]
        assert not added & self.states[-1]
        self.states.append((self.states[-1] - removed) | added)

    @rule(graph=GRAPHS, value=VALUES)
    def insert(self, graph, value):
        self.told(self.dataset.update(f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:s> <urn:p> {value} }} }}"))

    @rule(graph=GRAPHS, value=VALUES)
    def delete(self, graph, value):
        self.told(self.dataset.update(f"DELETE DATA {{ GRAPH <{graph}> {{ <urn:s> <urn:p> {value} }} }}"))

    @rule(graph=GRAPHS, value=VALUES)
    def put(self, graph, value):
        self.told(self.dataset.put(graph, f"<urn:s> <urn:p> {value} ."))
        assert len([quad for quad in self.states[-1] if quad.endswith(f"<{graph}>")]) == 1

    @rule(graph=GRAPHS)
    def empty(self, graph):
        self.told(self.dataset.ask(Write(DELETE, graph=graph)))
        assert not [quad for quad in self.states[-1] if quad.endswith(f"<{graph}>")]

    @rule(graph=GRAPHS)
    def copy(self, graph):
        self.told(self.dataset.update(f"COPY DEFAULT TO <{graph}>"))

    @precondition(lambda self: len(self.states) > 1)
    @rule(back=some.integers(1, 4))
    def revert(self, back):
        number = max(1, len(self.states) - back)
        last = number == len(self.states) - 1
        self.told(self.dataset.ask(undo(number)))
        assert not last or self.states[-1] == self.states[number - 1]

    @rule(value=VALUES, moment=MOMENTS)
    def write_that_is_killed(self, value, moment):
        timer = self.dataset.killed_after(moment)
        record = self.dataset.put("urn:g", f"<urn:s> <urn:p> {value} ; <urn:q> 1 .")
        timer.join()
        self.told(record)

    @rule(value=VALUES)
    def write_that_is_sent_twice(self, value):
        key = uuid.uuid4().hex
        first = self.dataset.put("urn:g", f"<urn:s> <urn:p> {value} .", id=key)
        self.told(first)
        again = self.dataset.put("urn:g", f"<urn:s> <urn:p> {value} .", id=key)
        assert again.get("commit") == first.get("commit")

    @rule()
    def restart(self):
        self.dataset.end()
        self.dataset.start()
        graphs = {
            quad.rsplit(" <", 1)[1][:-1]
            for quad in self.states[-1]
            if quad.endswith(("g>", "h>")) and quad[-6:] != "urn:o>"
        }
        assert set(self.dataset.opened.snapshot.graphs) == graphs & {"urn:g", "urn:h"}

    @invariant()
    def what_stands_is_what_was_told(self):
        assert self.dataset.standing() == self.states[-1]

    def teardown(self):
        self.dataset.end()
        shutil.rmtree(self.folder)


@pytest.mark.timeout(7200)
def test_what_stands_is_what_was_told_whatever_happens():
    examples = int(os.environ.get("KOUAN_TEST_EXAMPLES", "40"))
    chosen = settings(
        max_examples=examples,
        stateful_step_count=15,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Writes, settings=chosen)
