"""Read the questions that stand in files of their own. Knows their comment lines; knows nothing of what they ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kouan.errors import SourceError

THEME = re.compile(r"^# theme: (\w+)$", re.MULTILINE)
FORM = re.compile(r"^\s*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.MULTILINE)


@dataclass(frozen=True)
class LibraryQuestion:
    """A question in words, in both languages, and the query that answers it."""

    name: str
    english: str
    chinese: str
    query: str

    @property
    def theme(self) -> str:
        """Return what it is about, in one word, "" where the file does not say it."""
        found = THEME.search(self.query)
        return found[1] if found else ""

    @property
    def form(self) -> str:
        """Return which of the four forms of a query it is."""
        found = FORM.search(self.query)
        return found[1] if found else "SELECT"

    @property
    def path(self) -> str:
        """Return the address that asks it."""
        return "/sparql?query=" + quote(self.query)


def read_questions(folder: Path) -> list[LibraryQuestion]:
    """Return the questions of a folder by name; SourceError for a file without its two comment lines."""
    return [_read(file) for file in sorted(folder.glob("*.rq"))]


def _read(file: Path) -> LibraryQuestion:
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) < 3 or not (lines[0].startswith("# ") and lines[1].startswith("# ")):
        raise SourceError("a question starts with two comment lines, in English and in Chinese.", file, 1)
    return LibraryQuestion(file.stem, lines[0].removeprefix("# "), lines[1].removeprefix("# "), text)
