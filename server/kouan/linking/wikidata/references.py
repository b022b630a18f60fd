"""Turn the passages that say a fact into references as Wikidata writes them, and say whose licence lets them. Knows sources only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from kouan.linking.wikidata.values import QID, WikidataValue, time
from kouan.vocabulary import DCT, KOUAN, PROV, RDFS, SCHEMA, SRC, WD

# What may be entered as CC0; a source with no licence of its own states facts, which nobody owns one by one.
FREE = {"", "CC0-1.0", "PDM-1.0"}
# What Wikidata's sister projects and Wikidata itself say is no source for it: it would rest on itself.
WIKIMEDIA = re.compile(
    r"https?://(?:[\w-]+\.)*(?:wiki(?:data|pedia|media|source|voyage)|wiktionary)\.org(?:/|$)", re.IGNORECASE
)
CREATIVE_COMMONS = re.compile(r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/([\d.]+)")
PUBLIC_DOMAIN = {"zero": "CC0", "mark": "PDM"}
# Who chose the names that no passage says, and where the graph says who they are and of which day it is.
EDITORS = SRC + "kouan/"
GRAPH = KOUAN.removesuffix("#")


@dataclass(frozen=True, order=True)
class Reference:
    """A source as a reference names it; what it lacks is empty."""

    url: str
    source: str
    item: str = ""
    title: str = ""
    language: str = ""
    published: WikidataValue | None = None
    read: WikidataValue | None = None
    licence: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    copy: str = ""

    def called(self, language: str = "en") -> str:
        """Return what a reader is told that it is: its title, else what Kouan calls it, else its address."""
        names = dict(self.labels)
        return self.title or names.get(language) or names.get("en") or next(iter(names.values()), self.address)

    def tongue(self, language: str) -> str:
        """Return the language of what it is called, where that is not the reader's; else ""."""
        names = dict(self.labels)
        known = self.language if self.title else language if language in names else "en" if "en" in names else ""
        return known if known != language else ""

    @property
    def address(self) -> str:
        """Return where it stands, or else where a copy of it was read, or ""."""
        return self.url or self.copy

    @property
    def is_free(self) -> bool:
        """Return whether its facts may be entered under CC0 whatever their number."""
        return self.licence in FREE

    @property
    def is_circular(self) -> bool:
        """Return whether it leads back to Wikidata or to a project of its kind."""
        return bool(WIKIMEDIA.match(self.url))


class Sources:
    """The sources of one graph, by the passages that are parts of them."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        known: dict[str, dict[str, list[NamedNode | Literal]]] = defaultdict(lambda: defaultdict(list))
        for quad in quads:
            subject, value = quad.subject, quad.object
            if (
                isinstance(subject, NamedNode)
                and (subject.value.startswith(SRC) or subject.value == GRAPH)
                and isinstance(value, NamedNode | Literal)
            ):
                known[subject.value][quad.predicate.value].append(value)
        self._source_of = {
            p: facts[KOUAN + "passageOf"][0].value for p, facts in known.items() if KOUAN + "passageOf" in facts
        }
        self._references = {source: _reference(source, known[source]) for source in set(self._source_of.values())}
        self.editors = _editors(known[GRAPH])

    def references(self, passages: Iterable[str]) -> list[Reference]:
        """Return a reference for each source that has one of the passages, the sources in order of their names."""
        sources = {self._source_of[p] for p in passages if p in self._source_of}
        return sorted((self._references[source] for source in sources), key=lambda each: each.source)


OPEN_DATA_COMMONS = re.compile(r"https?://(?:www\.)?opendatacommons\.org/licenses/(odbl|by|pddl)/(\d)-(\d)/?\Z")
OPEN_DATA = {"odbl": "ODbL", "by": "ODC-By", "pddl": "PDDL"}
# What is longer is made of words.
LONGEST_INITIALS = 12


def licence_name(address: str) -> str:
    """Return the short name of a licence, as SPDX has it: CC-BY-4.0, CC0-1.0, MIT."""
    found = CREATIVE_COMMONS.match(address)
    if found:
        kind = PUBLIC_DOMAIN.get(found[2], f"CC-{found[2].upper()}")
        return f"{kind}-{found[3]}"
    if found := OPEN_DATA_COMMONS.match(address):
        return f"{OPEN_DATA[found[1]]}-{found[2]}.{found[3]}"
    host, _, path = address.partition("://")[2].rstrip("/").partition("/")
    # A licence that has a site of its own is called as that is.
    name = path.rsplit("/", 1)[-1] or host.removeprefix("www.").partition(".")[0]
    return name.upper() if len(name) <= LONGEST_INITIALS else name.replace("-", " ").capitalize()


def _reference(source: str, facts: dict[str, list[NamedNode | Literal]]) -> Reference:
    def first(predicate: str) -> NamedNode | Literal | None:
        # English before other languages, then in order of the text, so that the reference is always the same.
        values = facts.get(predicate, [])
        return min(values, key=lambda v: (getattr(v, "language", None) != "en", v.value), default=None)

    languages = {value.value for value in facts.get(DCT + "language", [])}
    # A title in a language that the source is not in is a translation by the editors.
    own = [t for t in facts.get(DCT + "title", []) if isinstance(t, Literal) and t.language in languages]
    title, address = min(own, key=lambda t: (t.language or "", t.value), default=None), first(DCT + "identifier")
    issued, read, licence = first(DCT + "issued"), first(KOUAN + "readOn"), first(DCT + "license")
    # A publisher's page that is gone was read in a copy: Wikidata gets the title alone, a reader the copy too.
    copies = sorted(v.value for v in facts.get(PROV + "wasDerivedFrom", []) if v.value.startswith("http"))
    links = [link.value.removeprefix(WD) for link in facts.get(SCHEMA + "sameAs", []) if link.value.startswith(WD)]
    return Reference(
        url=address.value if address is not None and address.value.startswith("http") else "",
        source=source,
        item=next((link for link in sorted(links) if QID.match(link)), ""),
        title=title.value if title is not None else "",
        language=(title.language or "") if title is not None else "",
        # Where something says on what the year rests, it is an estimate or a copy's, and no date of publication.
        published=time(issued.value) if issued is not None and KOUAN + "issuedBasis" not in facts else None,
        read=time(read.value) if read is not None else None,
        licence=licence_name(licence.value) if licence is not None else "",
        labels=_by_language(facts.get(RDFS + "label", []) or facts.get(DCT + "title", [])),
        copy=next(iter(copies), ""),
    )


def _editors(graph: dict[str, list[NamedNode | Literal]]) -> Reference:
    """Return the editors as a source, of the day that the graph gives itself."""
    changed = max((value.value for value in graph.get(DCT + "modified", [])), default="")
    return Reference(
        url="",
        source=EDITORS,
        published=time(changed),
        labels=_by_language(graph.get(DCT + "creator", [])) or (("en", "The Kouan editors"),),
    )


def _by_language(values: Iterable[NamedNode | Literal]) -> tuple[tuple[str, str], ...]:
    """Return texts with their languages; of several in one language the first in order."""
    texts = sorted(((v.language or "", v.value) for v in values if isinstance(v, Literal)), reverse=True)
    return tuple(sorted(dict(texts).items()))
