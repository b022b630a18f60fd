"""Know where on this server the page of a thing stands, and send there who asks elsewhere. Knows addresses, no content."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, redirect, request
from werkzeug.routing import IntegerConverter

from kouan.graph.whole_numbers import MOST_DIGITS
from kouan.http.languages import link
from kouan.vocabulary import BASE

ONTOLOGY = BASE + "ontology#"
SHAPES = BASE + "shapes#"
# What is quoted already stays as it is.
RESERVED = "!#$%&'()*+,/:;=?@[]~"


class WholeNumber(IntegerConverter):
    """A number in an address as `whole_number` reads one: int takes the digits of every script."""

    regex = f"[0-9]{{1,{MOST_DIGITS}}}"


def page_of(iri: str, *, is_own: bool) -> str:
    """Return the address of the page of a thing that the data speaks of: by its name where it is ours, else by its IRI."""
    if is_own and iri.startswith(ONTOLOGY):
        return "/ontology/" + quote(iri.removeprefix(ONTOLOGY))
    if is_own and iri.startswith(SHAPES):
        return "/shapes/" + quote(iri.removeprefix(SHAPES))
    if is_own and iri.startswith(BASE):
        return "/" + quote(iri.removeprefix(BASE), safe="/#")
    return "/thing?iri=" + quote(iri, safe="")


def sent_to(address: str, status: int = 303) -> Response:
    """Return the redirection to an address (RFC 9110, section 15.4)."""
    # A name in it may have come with signs that no header can hold.
    answer = redirect(quote(address, safe=RESERVED), code=status)
    assert isinstance(answer, Response)
    return answer


def moved_to(address: str, status: int = 303) -> Response:
    """Return the redirection to where what was asked for stands, in the language and the form that it was asked for."""
    return sent_to(link(address, **{name: request.args.get(name, "") for name in ("format", "bom")}), status)
