"""Call things of Kouan's graph that have no name of their own by those that they are about. Knows four kinds; asks nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kouan.http.languages import CHINESE, ENGLISH
from kouan.vocabulary import DCT, KOUAN

QB = "http://purl.org/linked-data/cube#"


@dataclass(frozen=True)
class Kind:
    """A kind of things: how one says what it is about as ?a, and as ?b, and how its name is put together in each language."""

    pattern: str
    english: str
    chinese: str


KINDS = (
    Kind(
        f"?thing a <{KOUAN}PopulationCount> ; <{KOUAN}refArea> ?a ; <{KOUAN}refYear> ?b",
        "population of {a}, {b}",
        "{a}人口（{b}年）",
    ),
    Kind(f"?thing a <{QB}Slice> ; <{KOUAN}refArea> ?a", "population of {a} over the years", "{a}历年人口"),
    Kind(
        f"?thing a <{KOUAN}Membership> ; <{KOUAN}memberArea> ?a ; <{KOUAN}memberOf> ?b",
        "membership of {a} in {b}",
        "{a}在{b}的成员资格",
    ),
    Kind(f"?thing <{DCT}isReplacedBy> ?a", "{a} (former identifier)", "{a}（旧标识）"),
)


def composed_query(iris: Iterable[str]) -> str:
    """Return the query of what the things of some IRIs are about: ?thing, ?kind, ?a and ?b."""
    things = " ".join(f"<{iri}>" for iri in iris)
    kinds = " UNION ".join(f"{{ {kind.pattern} BIND({number} AS ?kind) }}" for number, kind in enumerate(KINDS))
    return f"SELECT ?thing ?kind ?a ?b {{ VALUES ?thing {{ {things} }} {kinds} }}"


def composed(kind: int, a: dict[str, str], b: dict[str, str]) -> dict[str, str]:
    """Return the name of a thing in each language in which what it is about has one."""
    patterns = {ENGLISH: KINDS[kind].english, CHINESE: KINDS[kind].chinese}
    return {
        tag: text.format(a=a[tag], b=b.get(tag, b.get("", "")))
        for tag, text in patterns.items()
        if tag in a and ("{b}" not in text or tag in b or "" in b)
    }
