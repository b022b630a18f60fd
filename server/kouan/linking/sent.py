"""Read what a request of reconciliation sends, whatever form it has: in UTF-8, or refused. Knows no queries.

The library puts signs in the place of bytes that are no UTF-8, and forgets a form that it cannot read: a table would come back
without a match, and nobody would know why.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import request

from kouan.errors import BadRequest

FORM, IN_PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


def refuse_unreadable() -> None:
    """Raise BadRequest where the address or the body of a request is no UTF-8, as it is or once its percent signs are decoded."""
    is_form = request.mimetype == FORM
    _read(request.query_string, "The address", is_quoted=True)
    _read(request.get_data(), "The form" if is_form else "The body", is_quoted=is_form)
    if request.mimetype == IN_PARTS and request.get_data() and not (request.form or request.files):
        raise BadRequest("The form cannot be read: it has no fields, or breaks off.")


def fields() -> dict[str, str]:
    """Return the fields of the address and of the form of a request, files among them as their text."""
    return request.values.to_dict() | {name: file.read().decode() for name, file in request.files.items()}


def _read(sent: bytes, what: str, *, is_quoted: bool) -> None:
    try:
        sent.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"{what} is not UTF-8 at byte {error.start}.") from error
    try:
        if is_quoted:
            unquote_to_bytes(sent).decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"{what} is not UTF-8 once its percent signs are decoded.") from error
