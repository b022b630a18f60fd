"""Say who may write, by bearer tokens (RFC 6750) of which only hashes are kept. Knows headers, no requests."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b64decode
from dataclasses import dataclass

from kouan.errors import Forbidden, SettingsError, Unauthorized

READ, WRITE = "read", "write"
ENTRY = re.compile(r"([A-Za-z0-9._@-]+):(read|write):([0-9a-f]{64})")
# A plain token shorter than this could be guessed.
SHORTEST = 8


@dataclass(frozen=True)
class Token:
    """Who holds a token, what it allows and the SHA-256 of it.

    `write` is all; `read` is to be told what a write would change, and who changed what.
    """

    name: str
    scope: str
    digest: str


def read_tokens(setting: str) -> tuple[Token, ...]:
    """Return the tokens that the setting names; raises SettingsError where it names none that can be used."""
    words = setting.split()
    entries = [ENTRY.fullmatch(word) for word in words]
    found = tuple(Token(*entry.groups()) for entry in entries if entry)
    if len(found) == len(words):
        return found
    if len(words) == 1 and len(setting) >= SHORTEST:
        return (Token("token", WRITE, hash_of(words[0])),)
    raise SettingsError(
        f"KOUAN_TOKEN is one token of {SHORTEST} characters or more, or entries that `kouan token NAME` prints, separated by "
        "spaces."
    )


def new_token(name: str, scope: str) -> tuple[str, str]:
    """Return a new token, and the entry of KOUAN_TOKEN that lets it in."""
    if not re.fullmatch(r"[A-Za-z0-9._@-]+", name):
        raise SettingsError(f"A token's name has letters, digits and . _ @ - only, unlike {name!r}.")
    token = secrets.token_urlsafe(32)
    return token, f"{name}:{scope}:{hash_of(token)}"


def hash_of(token: str) -> str:
    """Return the SHA-256 of a token; a token of 256 random bits needs no slower hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _given(authorization: str) -> str:
    """Return the token of an Authorization header: a bearer's, or the password of one who knows only Basic (RFC 7617)."""
    kind, _, given = authorization.partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return b64decode(given.strip(), validate=True).decode("utf-8").partition(":")[2]
    except ValueError:
        return ""


def allowed(tokens: tuple[Token, ...], authorization: str, scope: str) -> Token:
    """Return whose token a request bears.

    Raises Forbidden where nobody may or the token does not, Unauthorized where there is no token that is known.
    """
    if not tokens:
        raise Forbidden("Writes are switched off on this server; its operator switches them on with KOUAN_TOKEN.")
    given = _given(authorization)
    if not given:
        raise Unauthorized("Send a token: Authorization: Bearer TOKEN, or as the password of Basic authentication.")
    digest = hash_of(given)
    # Every entry is compared, each in constant time, so that the time says nothing of any.
    matching = [token for token in tokens if hmac.compare_digest(token.digest, digest)]
    if not matching:
        raise Unauthorized("This token is not known here; ask the operator for one that is.")
    if scope == WRITE and all(token.scope != WRITE for token in matching):
        raise Forbidden("This token may ask what a write would change, with ?dry-run, and may not write.")
    return next((token for token in matching if token.scope == WRITE), matching[0])
