"""Read the entity tags that conditions name (RFC 9110, section 13.1), in whatever coding the answer was sent. Knows no answers.

The tag of an answer in a coding is that of the answer as it is, with the name of the coding behind it (section 8.8.3.3).
"""

from __future__ import annotations

from kouan.http.compression import CODINGS


def tags_in(condition: str) -> list[str]:
    """Return the entity tags of an If-Match or If-None-Match, * among them, without their marks."""
    found = (each.strip().removeprefix("W/").strip('"') for each in condition.split(","))
    return [each for each in found if each]


def is_met(condition: str, tag: str) -> bool:
    """Return whether an If-None-Match names an entity tag, or the same without a coding (RFC 9110, section 13.1.2)."""
    return bool(tag) and not {"*", tag, tag.partition("-")[0]}.isdisjoint(tags_in(condition))


def of_states(condition: str) -> str:
    """Return a condition of a write, each of its tags without the coding that the state was sent in, which is the same state."""
    return ", ".join(f'"{_state(tag)}"' if tag != "*" else tag for tag in tags_in(condition))


def _state(tag: str) -> str:
    bare, _, coding = tag.rpartition("-")
    return bare if coding in CODINGS else tag


def bare_tags(condition: str, coding: str) -> str:
    """Return the entity tags of an If-None-Match that are met by what this client would be sent, without their coding."""
    parts = (tag.partition("-") for tag in tags_in(condition))
    return ",".join(bare for bare, _, sent_in in parts if sent_in in {"", coding})


def tag_met(condition: str, tag: str) -> str:
    """Return the entity tag that a 304 says of what is sent with a tag: without its coding where the client has that alone."""
    bare, named = tag.partition("-")[0], tags_in(condition)
    return bare if bare in named and tag not in named else tag


def tag_known(condition: str, tag: str, coding: str) -> str:
    """Return the entity tag that a 304 says: of the coded answer where the client has that (RFC 9110, section 15.4.5)."""
    coded = f"{tag}-{coding}"
    return coded if coding and coded in tags_in(condition) else tag
