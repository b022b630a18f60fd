"""The engine, in a process that may die of what it is asked and reaches nobody."""

from __future__ import annotations

import json
import random
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHILD = Path(__file__).with_name("engine_child.py")
PATIENCE = 10.0


class Engine:
    """Answers what it is asked; None where it died of it or took too long."""

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        answer = self._line()
        assert answer is not None
        self.is_walled = answer["walled"]

    def _stop(self) -> None:
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()

    def _line(self) -> dict[str, Any] | None:
        assert self.child.stdout is not None
        ready, _, _ = select.select([self.child.stdout], [], [], PATIENCE)
        line = self.child.stdout.readline() if ready else ""
        return json.loads(line) if line else None

    def ask(self, text: str, data: str = "", *, is_update: bool, is_judged_only: bool = False) -> dict[str, Any] | None:
        assert self.child.stdin is not None
        wanted = {"text": text, "data": data, "is_update": is_update, "is_judged_only": is_judged_only}
        self.child.stdin.write(json.dumps(wanted) + "\n")
        self.child.stdin.flush()
        answer = self._line()
        if answer is None:
            self._stop()
            self._start()
        return answer

    def reads(self, text: str, *, is_update: bool) -> bool | None:
        answer = self.ask(text, is_update=is_update, is_judged_only=True)
        return None if answer is None else answer["valid"]


def some_data(numbers: random.Random) -> str:
    """Return a small dataset as TriG, with a default graph and two named ones."""
    terms = [":s1", ":s2", ":s3", ":p", "1", "2", "1.5", '"x"', '"x"@en', "true", "_:n", "<<( :s1 :p 1 )>>"]

    def triples(count: int) -> str:
        return " ".join(
            f"{numbers.choice(terms[:4])} {numbers.choice([':p', ':q', 'a'])} {numbers.choice(terms)} ."
            for _ in range(count)
        )

    return f"PREFIX : <http://ex.org/> {triples(8)} :g {{ {triples(5)} }} :h {{ {triples(3)} }}"
