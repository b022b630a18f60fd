"""Choose the format that a client likes best (RFC 9110, section 12.5.1), or that it names. Knows no requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kouan.errors import BadRequest, NotAcceptable
from kouan.formats.table import Format, formats_of

HTML = "text/html"
# What SPARQLWrapper names in a parameter, whatever its Accept says.
SENT_BY_CLIENTS = {"turtle": "ttl", "n3": "ttl", "json-ld": "jsonld", "rdf+xml": "rdf", "rdf xml": "rdf"}


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
        return 3 + len(self.parameters)


@lru_cache(maxsize=1024)
def best_of(accept: str, offers: tuple[str, ...]) -> str | None:
    """Return the offer that the Accept header likes best, the first of equals; None where it takes none.

    Raises BadRequest where the header cannot be read.
    """
    ranges = _read(accept)
    if not ranges:
        return offers[0]
    best, best_quality = None, 0.0
    for offer in offers:
        quality = _quality(offer, ranges)
        if quality > best_quality:
            best, best_quality = offer, quality
    return best


def _quality(offer: str, ranges: Sequence[MediaRange]) -> float:
    main, sub, parameters = _media_type(offer)
    fitting = [(fit, each.quality) for each in ranges if (fit := each.specificity(main, sub, parameters))]
    return max(fitting)[1] if fitting else 0.0


def _read(accept: str) -> list[MediaRange]:
    ranges = []
    for part in accept.split(","):
        if not part.strip():
            continue
        pieces = [piece.strip() for piece in part.split(";")]
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
        # A charset does not choose between formats here: all text is UTF-8.
        chosen = frozenset(p for p in parameters if p[0] != "charset")
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
    pieces = [piece.strip() for piece in text.lower().split(";")]
    main, _, sub = pieces[0].partition("/")
    if pieces[0] == "*":
        main, sub = "*", "*"
    parameters = frozenset(
        (n.strip(), v.strip().strip('"')) for n, _, v in (piece.partition("=") for piece in pieces[1:]) if n
    )
    return main.strip(), sub.strip(), parameters


def choose(form: str, name: str, accept: str) -> Format | None:
    """Return the format of the answer to a query of a form, by its name or by what is accepted; None is a page for a browser.

    Raises NotAcceptable where there is none, BadRequest where the header cannot be read.
    """
    available = formats_of(form)
    if name:
        return _named(name, form, available)
    meant, offers = _offers(form)
    media_type = best_of(accept, offers)
    if media_type is None:
        raise NotAcceptable(
            f"The answer to {form} cannot be had as {accept}; it can be had as {', '.join(offers)}.",
            available=list(offers),
        )
    return meant.get(media_type)


def _offers(form: str) -> tuple[dict[str, Format], tuple[str, ...]]:
    if form not in OFFERED:
        meant: dict[str, Format] = {}
        for each in formats_of(form):
            # Who accepts HTML gets the page; the bare table is to be had by its name.
            for media_type in (each.media_type, *each.others) if each.is_available and each.media_type != HTML else ():
                meant.setdefault(media_type, each)
        OFFERED[form] = (meant, (*meant, HTML))
    return OFFERED[form]


OFFERED: dict[str, tuple[dict[str, Format], tuple[str, ...]]] = {}


def _named(name: str, form: str, available: tuple[Format, ...]) -> Format:
    by_name = {each.name: each for each in available} | {each.media_type: each for each in available}
    # A + in an address is a space.
    name = SENT_BY_CLIENTS.get(name, name)
    found = by_name.get(name) or by_name.get(name.replace(" ", "+"))
    if found is None:
        names = [each.name for each in available if each.is_available]
        raise NotAcceptable(f"There is no format {name!r} for {form}; there are {', '.join(names)}.", available=names)
    if not found.is_available:
        raise NotAcceptable(
            f"{found.name} needs {found.library}, which is not installed here; the operator adds it with "
            "pip install 'kouan[tables]'.",
            available=[each.name for each in available if each.is_available],
        )
    return found
