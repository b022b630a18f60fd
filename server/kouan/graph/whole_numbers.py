"""Read the whole numbers that people and programs write as text. Knows nothing of what they count."""

from __future__ import annotations

MOST_DIGITS = 9


def whole_number(text: str) -> int | None:
    """Return the number that up to nine digits of ASCII say, or None for any other text.

    str.isdigit takes "²" too, and int refuses it, as it does a text of thousands of digits.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
