"""Read the tables that are offered whole, each a query in questions/tables. Knows their comment lines; knows nothing of what they hold."""

from __future__ import annotations

from pathlib import Path

from kouan.graph.questions import LibraryQuestion, read_questions

# The column that says where something lies.
GEOMETRY = "wkt"


def read_tables(home: Path) -> dict[str, LibraryQuestion]:
    """Return the tables of a home folder by name, such as ports; SourceError for one without its two comment lines."""
    return {table.name: table for table in read_questions(home / "questions" / "tables")}
