"""Find the things that a sentence names, as a question does. Knows names to the letter, and nothing of what is asked."""

from __future__ import annotations

import re

from pyoxigraph import Literal

from kouan.graph.naming import ALSO_NAMED_BY, NAMED_BY
from kouan.pages.asking import Named
from kouan.pages.dataset import KnownDataset
from kouan.vocabulary import OWL, SCHEMA, SCHEMA_HTTP

# A word, or one Chinese character, for nothing stands between those.
TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:['’-][^\W\u3400-\u9fff]+)*")
SAME = (SCHEMA + "sameAs", SCHEMA_HTTP + "sameAs", OWL + "sameAs")
MOST_TOKENS, LONGEST_NAME = 24, 5
MENTIONED = 0.59
MOST_OF_ONE_NAME = 3


def mentioned(dataset: KnownDataset, text: str) -> dict[str, tuple[float, Named]]:
    """Return the things whose whole names stand in a text, a name within a longer one left out, in the order of the text."""
    parts = _parts(text)
    if len(parts) < 2:
        return {}
    spellings = {spelling: part for part in parts.values() for spelling in _spellings(part)}
    values = " ".join(f"{Literal(each)} {Literal(each, language=_tongue(each))}" for each in spellings)
    by = " ".join(f"<{iri}>" for iri in (*NAMED_BY, *ALSO_NAMED_BY))
    # What is another's name of a thing that is here is not listed beside it.
    same = " ".join(f"<{iri}>" for iri in SAME)
    rows = dataset.asking.rows(
        f"SELECT DISTINCT ?thing ?label {{ VALUES ?label {{ {values} }} VALUES ?by {{ {by} }} ?thing ?by ?label "
        f"FILTER(isIRI(?thing)) FILTER NOT EXISTS {{ VALUES ?same {{ {same} }} ?other ?same ?thing ; ?named ?label }} }} "
        f"ORDER BY ?thing"
    )
    things: dict[str, dict[str, Named]] = {}
    for row in rows:
        label = row["label"]
        named = Named(label["value"], label.get("xml:lang", ""), row["thing"]["value"])
        things.setdefault(spellings[label["value"]], {}).setdefault(named.iri, named)
    taken: set[int] = set()
    found: dict[str, tuple[float, Named]] = {}
    for (start, end), part in sorted(parts.items(), key=lambda each: (each[0][0] - each[0][1], each[0])):
        if part in things and not taken.intersection(range(start, end)):
            taken.update(range(start, end))
            found |= {iri: (MENTIONED, named) for iri, named in list(things[part].items())[:MOST_OF_ONE_NAME]}
    return found


def _parts(text: str) -> dict[tuple[int, int], str]:
    """Return what may be a name in a text, by the places of its first token and of the one after its last."""
    tokens = list(TOKEN.finditer(text))[:MOST_TOKENS]
    ranges = ((start, end) for start in range(len(tokens)) for end in range(start + 1, start + 1 + LONGEST_NAME))
    slices = {
        (start, end): text[tokens[start].start() : tokens[end - 1].end()] for start, end in ranges if end <= len(tokens)
    }
    return {place: part for place, part in slices.items() if len(part) > 1 and not part.isdigit()}


def _spellings(part: str) -> set[str]:
    return {part, part.title(), part.capitalize(), part.lower()}


def _tongue(part: str) -> str:
    return "en" if part.isascii() else "zh"
