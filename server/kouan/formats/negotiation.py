"""Choose the format that a client likes best (RFC 9110, section 12.5.1), or that it names. Knows no requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from kouan.errors import BadRequest, NotAcceptable
from kouan.formats.header_values import cut
from kouan.formats.table import GRAPH_FORMATS, SOLUTION_FORMATS, WITH_MARK, Format, formats_of

Offer = TypeVar("Offer")
HTML = "text/html"
# After the name of a format, or none: with a byte order mark, where the format has one.
MARK = "+bom"
# What clients name in a parameter besides the names, media types and subtypes of formats, and the formats that they may mean by
# it: the first of them that the form has.
SENT_BY_CLIENTS = {
    "text": ("csv", "nt"),
    "ntriples": ("nt",),
    "json-ld": ("jsonld",),
    "rdf xml": ("rdf",),
    "rdfxml": ("rdf",),
    "rdf/xml": ("rdf",),
    "rdf-xml": ("rdf",),
    "rdf/json": ("rj",),
    "rdf-json": ("rj",),
    "rdfjson": ("rj",),
    "nquads": ("nq",),
    "srj": ("json",),
    "srx": ("xml",),
    "excel": ("xlsx",),
    "xls": ("xlsx",),
    "application/vnd.ms-excel": ("xlsx",),
    "text/x-html+tr": ("html",),
    "application/sparql-results+xml": ("xml", "rdf"),
    "application/sparql-results+json": ("json", "jsonld"),
    "sparql-results+xml": ("xml", "rdf"),
    "sparql-results+json": ("json", "jsonld"),
}
# Forms of other servers send these where nobody chose.
WHATEVER = {"auto"}
# Names that libraries send beside their Accept whatever the form of the query is; others are what somebody wants.
SENT_WHATEVER_THE_FORM = {
    *("xml", "json", "ttl", "nt", "jsonld", "csv", "tsv", "rdf"),
}
# Clients that take results only, and ask for a graph, take it in the format of the same family (roqet), and the other way round.
MEANT_OF_GRAPHS = {
    "application/sparql-results+xml": "rdf",
    "application/sparql-results+json": "jsonld",
    "text/csv": "ttl",
    "text/tab-separated-values": "ttl",
}
MEANT_OF_RESULTS = {"application/rdf+xml": "xml", "application/ld+json": "json", "text/plain": "csv"}


FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
# What a form of answers is called, where queries of two forms have it.
SAID = {"CONSTRUCT": "CONSTRUCT or DESCRIBE"}


Liking = tuple[float, bool, int]
"""How much a header likes an offer: its quality, whether it names it instead of taking whatever comes, and how early it does.

The order counts where a header has none but general types, as those of axios and of Angular; libraries of RDF name all that
they know, in any order.
"""
GENERAL = {("application", "json"), ("text", "plain"), ("application", "xml"), ("text", "xml"), ("text", "html")}
EXACTLY = 3
CHOOSING = {"version", "bom"}
# More than any client needs, and few enough to be weighed against every format in no time.
MOST_RANGES = 200
# What is chosen by one is remembered.
LONGEST_ACCEPT = 8_000


@dataclass(frozen=True)
class MediaRange:
    """A media range of an Accept header, with its parameters and its quality."""

    main: str
    sub: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    def specificity(self, main: str, sub: str, parameters: frozenset[tuple[str, str]]) -> int:
        """Return how closely the range fits a media type: 0 not at all, 1 */*, 2 main/*, 3 and more exactly."""
        if (self.main, self.sub) == ("*", "*"):
            return 1
        if self.main != main:
            return 0
        if self.sub == "*":
            return 2
        if self.sub != sub or not self.parameters <= parameters:
            return 0
        return EXACTLY + len(self.parameters)


@lru_cache(maxsize=1024)
def best_of(accept: str, offers: tuple[str, ...]) -> str | None:
    """Return the offer that the Accept header likes best; None where it takes none.

    Raises BadRequest where the header cannot be read.
    """
    ranges = _read(accept)
    if not ranges:
        return offers[0]
    return _liked_best(offers, lambda offer: _liking(offer, ranges))


def best_format(accept: str, available: Sequence[Format]) -> Format | None:
    """Return the format that the Accept header likes best; None where it takes none.

    A type of a format that is named decides for it, with its aliases; a range of types holds for its own type alone, so that
    what is sent lies in the range. Raises BadRequest where the header cannot be read.
    """
    ranges = _read(accept)
    if not ranges:
        return available[0]
    return _liked_best(available, lambda each: _liking_of_format(each, ranges))


def _liked_best(offers: Sequence[Offer], liking: Callable[[Offer], Liking]) -> Offer | None:
    """Return the offer that is liked best, the first of equals; None where none is liked."""
    best = max(offers, key=liking, default=None)
    return best if best is not None and liking(best)[0] > 0 else None


def _liking_of_format(chosen: Format, ranges: Sequence[MediaRange]) -> Liking:
    likings = (_liking(each, ranges) for each in (chosen.media_type, *chosen.others))
    return next((each for each in likings if each[1]), _liking(chosen.media_type, ranges))


def _liking(offer: str, ranges: Sequence[MediaRange]) -> Liking:
    main, sub, parameters = _media_type(offer)
    fits = ((each.specificity(main, sub, parameters), each.quality, -place) for place, each in enumerate(ranges))
    fit, quality, place = max(fits, default=(0, 0.0, 0))
    is_named = fit >= EXACTLY
    is_ordered = is_named and all(each.sub == "*" or (each.main, each.sub) in GENERAL for each in ranges)
    return (quality, is_named, place if is_ordered else 0) if fit else (0.0, False, 0)


def _read(accept: str) -> list[MediaRange]:
    ranges = []
    if accept.count(",") >= MOST_RANGES or len(accept) > LONGEST_ACCEPT:
        raise BadRequest(
            f"The Accept header has more than {MOST_RANGES} media ranges or {LONGEST_ACCEPT:,} characters; name those that you "
            "like best."
        )
    for part in cut(accept, ","):
        pieces = cut(part, ";") or [""]
        quality = 1.0
        kept = [pieces[0]]
        for piece in pieces[1:]:
            name, _, value = piece.partition("=")
            if name.strip().lower() == "q":
                quality = _number(value.strip(), accept)
            elif piece:
                kept.append(piece)
        main, sub, parameters = _media_type(";".join(kept))
        if not main or not sub:
            raise BadRequest(f"The Accept header {accept!r} cannot be read; a media range is written type/subtype.")
        # Nothing else chooses between formats here: all text is UTF-8 and has a header, and what says no version is of 1.1.
        chosen = frozenset(p for p in parameters if p[0] in CHOOSING and p[1] != "1.1")
        ranges.append(MediaRange(main, sub, chosen, quality))
    return ranges


def _number(text: str, accept: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise BadRequest(f"The Accept header {accept!r} has the quality {text!r}; a quality is a number from 0 to 1.")
    return number


def _media_type(text: str) -> tuple[str, str, frozenset[tuple[str, str]]]:
    pieces = cut(text.lower(), ";") or [""]
    main, _, sub = pieces[0].partition("/")
    if pieces[0] == "*":
        main, sub = "*", "*"
    parameters = frozenset(
        (n.strip(), v.strip().strip('"')) for n, _, v in (piece.partition("=") for piece in pieces[1:]) if n
    )
    return main.strip(), sub.strip(), parameters


@lru_cache(maxsize=256)
def accepted_as(name: str) -> str:
    """Return the Accept header that means what the name of a format does, "" where there is no such format."""
    kinds = (each for each in (*SOLUTION_FORMATS, *GRAPH_FORMATS) if is_called(each, name))
    return ", ".join(dict.fromkeys(each for kind in kinds for each in (kind.media_type, *kind.others)))


def choose(form: str, name: str, accept: str, without: frozenset[str] = frozenset()) -> Format | None:
    """Return the format of the answer to a query of a form, by its name or by what is accepted; None is a page for a browser.

    A name of a format that no answer to this form has leaves the choice to what is accepted. `without` are media
    types that are not to be had, whatever their version. Raises NotAcceptable where there is none, BadRequest where the header
    cannot be read.
    """
    bare = name.removesuffix(MARK)
    chosen = (_named(bare, form) if bare else None) or _accepted(form, accept, without)
    if bare == name:
        return chosen
    # A browser that asks for the mark wants no page but the table that has one.
    return WITH_MARK["csv"] if chosen is None else WITH_MARK.get(chosen.name, chosen)


@lru_cache(maxsize=1024)
def forms_as_pages(accept: str) -> frozenset[str]:
    """Return the forms of queries whose answer a client would rather have as a page than in any format.

    Raises BadRequest where the header cannot be read.
    """
    return frozenset(form for form in FORMS if _is_page(form, accept))


def _is_page(form: str, accept: str) -> bool:
    try:
        return _accepted(form, accept, frozenset()) is None
    except NotAcceptable:
        return False


@lru_cache(maxsize=1024)
def _accepted(form: str, accept: str, without: frozenset[str]) -> Format | None:
    # Who accepts HTML gets the page; the bare table is to be had by its name.
    hidden = {HTML, *without}
    available = [
        each for each in formats_of(form) if each.is_available and each.media_type.partition(";")[0] not in hidden
    ]
    page = Format("page", HTML, available[0].serialiser, ("application/xhtml+xml",))
    found = best_format(accept, [*available, page])
    if found is None:
        family = MEANT_OF_RESULTS if form in {"SELECT", "ASK"} else MEANT_OF_GRAPHS
        meant = best_of(accept, tuple(family))
        found = next((each for each in available if meant and each.name == family[meant]), None)
    if found is None:
        offers = [each.media_type for each in (*available, page)]
        raise NotAcceptable(
            f"The answer to {SAID.get(form, form)} cannot be had as {accept}; it can be had as {', '.join(offers)}.",
            available=offers,
        )
    return None if found is page else found


def is_called(chosen: Format, name: str) -> bool:
    """Return whether a name may mean a format: its own name, media type or subtype, or what clients call it."""
    said = _without_charset(name.lower())
    # A + in an address is a space.
    names = {said, said.replace(" ", "+")}
    if any(chosen.name in SENT_BY_CLIENTS.get(each, ()) for each in names):
        return True
    media_types = (chosen.media_type, *chosen.others)
    return not names.isdisjoint((chosen.name, *media_types, *(each.partition("/")[2] for each in media_types)))


def _without_charset(name: str) -> str:
    """Return what names a format without those parameters of a media type that choose between none."""
    kept, *parameters = cut(name, ";") or [""]
    return ";".join([kept, *(each for each in parameters if each.partition("=")[0].strip() in CHOOSING)])


def named_among(name: str, available: Sequence[Format]) -> Format | None:
    """Return the format among some that a name means, None where it leaves the choice; raises NotAcceptable where none is meant."""
    if not name or name in WHATEVER:
        return None
    found = next((each for each in available if is_called(each, name)), None)
    if found is None:
        there = [each.name for each in available if not each.is_announced]
        raise NotAcceptable(f"There is no format {name}; there are {', '.join(there)}.", available=there)
    return found


def _named(name: str, form: str) -> Format | None:
    available = formats_of(form)
    found = next((each for each in available if is_called(each, name)), None)
    if found is None and (name in WHATEVER or "/" in name):
        return None
    if found is None:
        elsewhere = (each for each in (*SOLUTION_FORMATS, *GRAPH_FORMATS) if each.name in SENT_WHATEVER_THE_FORM)
        if any(is_called(each, name) for each in elsewhere):
            return None
        known = [each.name for each in available if each.is_available]
        raise NotAcceptable(
            f"There is no format {name!r} for {SAID.get(form, form)}; there are {', '.join(known)}.", available=known
        )
    if not found.is_available:
        raise NotAcceptable(
            f"{found.name} needs {found.library}, which is not installed here; the operator adds it with "
            "pip install 'kouan[tables]'.",
            available=[each.name for each in available if each.is_available],
        )
    return found
