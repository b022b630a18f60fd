"""Say what observations count, beside their names in a list. Knows the cubes' properties, no HTML."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.pages.order import UNIT
from kouan.pages.reading import Reading
from kouan.vocabulary import KOUAN

QB = "http://purl.org/linked-data/cube#"
# An observation may have more measures; these are what it is of.
CHIEF = tuple(KOUAN + name for name in ("population", "flow", "value"))
UNITS = (UNIT, KOUAN + "unit")


def amounts_of(reading: Reading, things: Iterable[str]) -> dict[str, str]:
    """Return what observations of our graph count, as 239,359 or 42.48 million yuan, by the IRI of each."""
    if not reading.is_own:
        return {}
    values = " ".join(f"<{iri}>" for iri in things)
    units = "|".join(f"<{iri}>" for iri in UNITS)
    rows = reading.rows(
        f"SELECT DISTINCT ?thing ?amount ?unit {{ VALUES ?thing {{ {values} }} ?thing a <{QB}Observation> . "
        f"VALUES ?by {{ {' '.join(f'<{iri}>' for iri in CHIEF)} }} ?thing ?by ?amount OPTIONAL {{ ?thing {units} ?unit }} }}"
    )
    named = reading.named(rows)
    return {
        row["thing"]["value"]: " ".join(named(row[part]).name for part in ("amount", "unit") if part in row)
        for row in rows
    }
