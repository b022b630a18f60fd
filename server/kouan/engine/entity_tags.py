"""What an answer is known by, for ever the same bytes (RFC 9110, sections 8.8.3 and 13.1.2)."""

from __future__ import annotations

from hashlib import blake2b

from kouan.engine.answer import SURROGATES
from kouan.evaluation.question import Question
from kouan.formats.table import Format


def entity_tag(version: str, question: Question, chosen: Format) -> str:
    """Return what the answer to a question on a version in a format is known by: the same bytes for ever (RFC 9110, 8.8.3)."""
    parts = f"{version}\n{chosen.name}{question.dataset_said}\n{question.text}"
    return blake2b(parts.encode("utf-8", SURROGATES), digest_size=16).hexdigest()


def matches(condition: str, tag: str) -> bool:
    """Return whether an If-None-Match names an entity tag, in whatever coding it was sent (RFC 9110, section 13.1.2)."""
    if not tag:
        return False
    bare = tag.partition("-")[0]
    each = (one.strip().removeprefix("W/").strip('"') for one in condition.split(","))
    return any(one.partition("-")[0] == bare for one in each)
