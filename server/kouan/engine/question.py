"""What is asked of an engine and what it answers. Knows no store and no HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

SELECT, ASK, CONSTRUCT, DESCRIBE = "SELECT", "ASK", "CONSTRUCT", "DESCRIBE"


@dataclass(frozen=True)
class Question:
    """A SPARQL query and the dataset that the protocol asks it of (SPARQL 1.1 Protocol, section 2.1.4)."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    infer: bool = True


@dataclass
class Answer:
    """Bytes of one media type; `chunks` are whole when `complete`, else they come as they are evaluated."""

    chunks: Iterator[bytes] | list[bytes]
    complete: bool
    seconds: float = 0.0

    def body(self) -> bytes:
        """Return all of it."""
        return b"".join(self.chunks)


class Engine(Protocol):
    """Something that answers questions about one version of one dataset."""

    @property
    def version(self) -> str:
        """Return the version of the dataset, or "" where it is not known."""

    def answer(self, question: Question, media_type: str, timeout: float) -> Answer:
        """Return the answer as a media type; raises RequestError."""
