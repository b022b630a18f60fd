"""Tell in which words a dataset is written: its prefixes, classes and properties, and which go together. Knows SPARQL, no page."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kouan.errors import KouanError
from kouan.graph.naming import COMMENTED_BY, DESCRIBED_BY, NAMED_BY, plain_text
from kouan.graph.place_names import latin
from kouan.snapshot import Snapshot
from kouan.vocabulary import FUNCTION, KOUAN, OWL, PREFIXES, RDF, RDFS, SEARCH, SKOS, XSD

Answer = Callable[[str, str], bytes]
Json = dict[str, Any]

# What a query may want whatever the data holds.
STANDING = {"owl": OWL, "rdf": RDF, "rdfs": RDFS, "skos": SKOS, "xsd": XSD}
OWN = PREFIXES | {"search": SEARCH, "fn": FUNCTION}
MOST_TERMS = 3000
PORTION = 400
LANGUAGES = ("en", "zh")
USED = f"""SELECT ?class ?property (COUNT(DISTINCT ?thing) AS ?count) {{
  ?thing a ?class ; ?property ?value FILTER(isIRI(?class))
}} GROUP BY ?class ?property ORDER BY DESC(?count) LIMIT {20 * MOST_TERMS}"""
PROPERTIES = (
    f"SELECT ?term (COUNT(*) AS ?count) {{ ?s ?term ?o }} GROUP BY ?term ORDER BY DESC(?count) LIMIT {MOST_TERMS}"
)

LARGEST = f"""SELECT ?class (COUNT(?thing) AS ?count) {{
  ?thing a ?class FILTER(isIRI(?class) && !REGEX(STR(?class), "^({OWL}|{RDF}|{RDFS})"))
}} GROUP BY ?class ORDER BY DESC(?count) ?class LIMIT 1"""


def read_vocabulary(answer: Answer, snapshot: Snapshot) -> Json:
    """Return the vocabulary of a dataset: each term with its names, definitions and how often it is used, most used first."""
    used: dict[str, list[str]] = defaultdict(list)
    members: dict[str, int] = {}
    for row in _rows(answer, USED):
        if row["property"] == RDF + "type":
            members[row["class"]] = int(row["count"])
        else:
            used[row["class"]].append(row["property"])
    classes = dict(sorted(members.items(), key=lambda each: -each[1])[:MOST_TERMS])
    properties = {row["term"]: int(row["count"]) for row in _rows(answer, PROPERTIES)}
    told = _told(answer, [*classes, *properties])
    places = {iri: place for place, iri in enumerate(properties)}
    return {
        "prefixes": prefixes_of(snapshot),
        "classes": [_term(iri, count, told[iri]) for iri, count in classes.items()],
        "properties": [_term(iri, count, told[iri]) for iri, count in properties.items()],
        "used": {
            iri: [places[each] for each in found if each in places] for iri, found in used.items() if iri in classes
        },
    }


def prefixes_of(snapshot: Snapshot) -> dict[str, str]:
    """Return the prefixes that a query on a dataset begins with, those of the data before those that stand everywhere."""
    own = OWN if snapshot.is_own else {"search": SEARCH}
    return dict(snapshot.prefixes) | {
        name: iri for name, iri in (own | STANDING).items() if name not in snapshot.prefixes
    }


def first_query(answer: Answer, snapshot: Snapshot) -> str:
    """Return the query that the editor opens with: the members of a class that tells most, with the prefixes that it needs."""
    kind, called = KOUAN + "BorderCity", RDFS + "label"
    if not snapshot.is_own:
        try:
            kind = next((row["class"] for row in _rows(answer, LARGEST)), "")
            called = _called(answer, kind) if kind else ""
        except KouanError:
            # A query can be written while the data cannot be asked.
            kind = ""
    if not kind:
        return "SELECT ?subject ?predicate ?object\nWHERE {\n  ?subject ?predicate ?object .\n}\nLIMIT 100\n"
    prefixes = prefixes_of(snapshot)
    terms = [_short(iri, prefixes) for iri in (kind, called) if iri]
    declared = sorted({text.partition(":")[0] for text in terms if not text.startswith("<")})
    head = "".join(f"PREFIX {prefix}: <{prefixes[prefix]}>\n" for prefix in declared)
    pattern = f"  ?thing a {terms[0]} .\n" + "".join(f"  ?thing {term} ?name .\n" for term in terms[1:])
    names = "?thing ?name" if called else "?thing"
    return f"{head}\nSELECT {names}\nWHERE {{\n{pattern}}}\nLIMIT 100\n".lstrip()


def _called(answer: Answer, kind: str) -> str:
    """Return the property that members of a class are called by, "" where there is none."""
    names = " ".join(f"<{iri}>" for iri in NAMED_BY)
    query = (
        f"SELECT DISTINCT ?says {{ VALUES ?says {{ {names} }} FILTER EXISTS {{ ?thing a <{kind}> ; ?says ?name }} }}"
    )
    found = {row["says"] for row in _rows(answer, query)}
    return next((iri for iri in NAMED_BY if iri in found), "")


def _short(iri: str, prefixes: dict[str, str]) -> str:
    fits = [(base, name) for name, base in prefixes.items() if iri.startswith(base)]
    base, name = max(fits, key=lambda each: len(each[0]), default=("", ""))
    rest = iri.removeprefix(base)
    return f"{name}:{rest}" if base and rest.replace("_", "").replace("-", "").isalnum() else f"<{iri}>"


def _rows(answer: Answer, query: str) -> Iterator[dict[str, str]]:
    for row in json.loads(answer(query, "application/sparql-results+json"))["results"]["bindings"]:
        yield {name: plain_text(term["value"], term.get("datatype", "")) for name, term in row.items()}


def _told(answer: Answer, iris: Iterable[str]) -> dict[str, Json]:
    """Return what terms are called and how they are defined, by language."""
    told: dict[str, Json] = defaultdict(dict)
    says = (*NAMED_BY, *DESCRIBED_BY, *COMMENTED_BY)
    wanted = sorted({iri for iri in iris if not set('<>"{}|^`\\ ').intersection(iri)})
    for start in range(0, len(wanted), PORTION):
        things = " ".join(f"<{iri}>" for iri in wanted[start : start + PORTION])
        query = (
            f"SELECT DISTINCT ?term ?says ?text (LANG(?text) AS ?language) {{ VALUES ?term {{ {things} }} "
            f"VALUES ?says {{ {' '.join(f'<{iri}>' for iri in says)} }} "
            "{ ?term ?says ?text } UNION { GRAPH ?g { ?term ?says ?text } } FILTER(isLiteral(?text)) }"
        )
        for row in sorted(_rows(answer, query), key=lambda row: (says.index(row["says"]), row["text"])):
            language = row["language"].lower().partition("-")[0] or "en"
            if language in LANGUAGES and "latn" not in row["language"].lower():
                name = language if row["says"] in NAMED_BY else f"says_{language}"
                told[row["term"]].setdefault(name, row["text"])
    return told


def _term(iri: str, count: int, told: Json) -> Json:
    sound = {"sound": latin(told["zh"])} if "zh" in told else {}
    return {"iri": iri, "count": count} | told | sound
