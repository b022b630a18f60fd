"""Cut the value of a header where its signs stand outside of quotation marks (RFC 9110, section 5.6), in one pass. Knows no header."""

from __future__ import annotations

import re
from functools import cache


def cut(text: str, at: str) -> list[str]:
    """Return the parts of a value that a sign stands between, without those that are empty.

    What stands in quotation marks is one, and so is what follows one that is never closed.
    """
    found = text.split(at) if '"' not in text else _between(at).findall(text)
    return [part for part in (each.strip() for each in found) if part]


@cache
def _between(at: str) -> re.Pattern[str]:
    return re.compile(rf'(?:"(?:\\.|[^"\\])*+(?:"|\\?\Z)|[^"{at}])++', re.DOTALL)


def pairs(text: str) -> list[tuple[str, str]]:
    """Return the parameters of a value, their names in lower case and their values without quotation marks."""
    found = (each.partition("=") for each in cut(text, ";"))
    return [(name.strip().lower(), _unquoted(value.strip())) for name, _, value in found]


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if is_quoted else value
