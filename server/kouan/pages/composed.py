"""Call things that have no name of their own by those that they are about, and people by the parts of theirs. Knows kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kouan.graph.naming import NAMED_IN_PARTS_BY, personal_names
from kouan.http.languages import CHINESE, ENGLISH
from kouan.vocabulary import DCT, ID, KOUAN

Row = dict[str, dict[str, str]]
Texts = dict[str, str]
PARTS = ("a", "b", "c")
QB = "http://purl.org/linked-data/cube#"


@dataclass(frozen=True)
class ComposedName:
    """A kind of things: how one says what it is about as ?a, ?b and ?c, and how its name is put together in each language."""

    pattern: str
    english: str
    chinese: str


KINDS = (
    ComposedName(
        f"?thing a <{KOUAN}PopulationCount> ; <{KOUAN}refArea> ?a ; <{KOUAN}refYear> ?b",
        "population of {a}, {b}",
        "{a}人口（{b}年）",
    ),
    ComposedName(f"?thing a <{QB}Slice> ; <{KOUAN}refArea> ?a", "population of {a} over the years", "{a}历年人口"),
    ComposedName(
        f"?thing a <{KOUAN}Membership> ; <{KOUAN}memberArea> ?a ; <{KOUAN}memberOf> ?b",
        "membership of {a} in {b}",
        "{a}在{b}的成员资格",
    ),
    ComposedName(
        f"?thing a <{KOUAN}ListEntry> ; <{KOUAN}listed> ?a ; <{KOUAN}entryOf> ?b",
        "{a} on the list: {b}",
        "{b}：{a}",
    ),
    ComposedName(
        f"?thing a <{KOUAN}PortFlow> ; <{KOUAN}refPort> ?a ; <{KOUAN}flowKind> ?b ; <{KOUAN}refYear> ?c",
        "{a}: {b}, {c}",
        "{a}：{b}（{c}年）",
    ),
    ComposedName(f"?thing <{DCT}isReplacedBy> ?a", "{a} (former identifier)", "{a}（旧标识）"),
)


def people(
    iris: Iterable[str], rows: Callable[[str], list[Row]], where: Callable[[str], str] = str
) -> dict[str, Texts]:
    """Return what those of some things are called that have a name in parts alone, by language.

    `rows` answers a query, `where` tells where in the data a pattern is looked for.
    """
    things, by = (" ".join(f"<{iri}>" for iri in some) for some in (iris, NAMED_IN_PARTS_BY))
    found = rows(
        f"SELECT DISTINCT ?thing ?by ?part {{ VALUES ?thing {{ {things} }} VALUES ?by {{ {by} }} "
        f"{where('?thing ?by ?part')} FILTER(isLiteral(?part)) }}"
    )
    parts: dict[str, list[tuple[str, str, str]]] = {}
    for row in found:
        part = row["by"]["value"], row["part"]["value"], row["part"].get("xml:lang", "")
        parts.setdefault(row["thing"]["value"], []).append(part)
    return {thing: personal_names(those) for thing, those in parts.items()}


def compose(
    iris: Iterable[str], rows: Callable[[str], list[Row]], names: Callable[[list[str]], Mapping[str, Texts]]
) -> dict[str, Texts]:
    """Return what those of some things of ours that are called by what they are about are called, by language.

    `rows` answers a query, `names` tells what other things are called.
    """
    iris = [iri for iri in iris if iri.startswith(ID)]
    kinds = " UNION ".join(f"{{ {kind.pattern} BIND({number} AS ?kind) }}" for number, kind in enumerate(KINDS))
    things = " ".join(f"<{iri}>" for iri in iris)
    found = rows(f"SELECT ?thing ?kind ?a ?b ?c {{ VALUES ?thing {{ {things} }} {kinds} }}") if iris else []
    terms = [row[key] for row in found for key in PARTS if key in row]
    about = dict(names(sorted({term["value"] for term in terms if term["type"] == "uri"} - set(iris)))) if terms else {}
    about |= {term["value"]: {"": term["value"]} for term in terms if term["type"] != "uri"}
    return {
        row["thing"]["value"]: _told(
            KINDS[int(row["kind"]["value"])], {key: about.get(row[key]["value"], {}) for key in PARTS if key in row}
        )
        for row in found
    }


def _told(kind: ComposedName, parts: Mapping[str, Texts]) -> Texts:
    """Return the name of a thing in each language in which what it is about has one."""
    told = {}
    for tag, text in ((ENGLISH, kind.english), (CHINESE, kind.chinese)):
        names = {key: texts.get(tag) or texts.get("", "") for key, texts in parts.items()}
        if all(names.values()):
            told[tag] = text.format(**names)
    return told
