"""What an IRI and a language tag may look like, and how a relative IRI is made absolute (RFC 3987, 3986 and 5646)."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

OTHER = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef" + "".join(
    f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14)
)
OTHER += f"{chr(0xE1000)}-{chr(0xEFFFD)}"
PRIVATE = f"\ue000-\uf8ff{chr(0xF0000)}-{chr(0xFFFFD)}{chr(0x100000)}-{chr(0x10FFFD)}"
PLAIN = rf"A-Za-z0-9\-._~!$&'()*+,;={OTHER}"
PERCENT = "%[0-9A-Fa-f]{2}"
HOST = rf"(?P<literal>\[[^\]]*\])|(?:[{PLAIN}]++|{PERCENT})*+"
AUTHORITY = rf"//(?:(?:[{PLAIN}:]++|{PERCENT})*@)?(?:{HOST})(?::[0-9]*)?(?=[/?\#]|\Z)"
PATH = rf"(?:[{PLAIN}:@/]++|{PERCENT})*+"
QUERY = rf"(?:[{PLAIN}:@/?{PRIVATE}]++|{PERCENT})*+"
FRAGMENT = rf"(?:[{PLAIN}:@/?]++|{PERCENT})*+"
ABSOLUTE = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*+:(?:{AUTHORITY}|(?!//)){PATH}(?:\?{QUERY})?(?:\#{FRAGMENT})?")
# A first segment with a colon would be a scheme (RFC 3986, section 4.2).
RELATIVE = re.compile(rf"(?:{AUTHORITY}|(?!//)(?![^/?\#]*:)){PATH}(?:\?{QUERY})?(?:\#{FRAGMENT})?")
# RFC 3986, appendix B: the scheme, the authority, the path, the query and the fragment.
SPLIT = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
VERSION_ADDRESS = re.compile(rf"[vV][0-9A-Fa-f]+\.[{PLAIN}:]+")

LANGUAGE = re.compile(
    r"""
      (?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})
      (?:-[a-z]{4})? (?:-(?:[a-z]{2}|[0-9]{3}))? (?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*
      (?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)* (?:-x(?:-[a-z0-9]{1,8})+)?
    | x(?:-[a-z0-9]{1,8})+
    | en-gb-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|sgn-(?:be-fr|be-nl|ch-de)
    """,
    re.VERBOSE,
)


def is_absolute_iri(text: str) -> bool:
    """Return whether a text is an absolute IRI that may stand in RDF."""
    return _is_legal(ABSOLUTE.fullmatch(text))


def _is_legal(found: re.Match[str] | None) -> bool:
    if found is None:
        return False
    literal = found["literal"]
    return literal is None or _is_address(literal[1:-1])


def _is_address(text: str) -> bool:
    if VERSION_ADDRESS.fullmatch(text):
        return True
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return "%" not in text


def absolute(reference: str, base: str) -> str | None:
    """Return a reference made absolute (RFC 3986, section 5.2); None where it is not legal, or relative without a base.

    As with the engine, . and .. are taken out of a relative path only: an absolute IRI stays as it is written.
    """
    if is_absolute_iri(reference):
        return reference
    if not base or not _is_legal(RELATIVE.fullmatch(reference)):
        return None
    scheme, authority, before, query, _ = _split(base)
    _, new_authority, path, new_query, fragment = _split(reference)
    if new_authority is not None:
        return f"{scheme}:{reference}"
    if not path:
        path = before
        query = query if new_query is None else new_query
    else:
        path = _merged(authority, before, path)
        query = new_query
    if authority is None and path.startswith("//"):
        return None
    host = f"//{authority}" if authority is not None else ""
    return (
        f"{scheme}:{host}{path}"
        + (f"?{query}" if query is not None else "")
        + (f"#{fragment}" if fragment is not None else "")
    )


def _split(iri: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    found = SPLIT.fullmatch(iri)
    assert found is not None
    return found[1], found[2], found[3], found[4], found[5]


def _merged(authority: str | None, before: str, path: str) -> str:
    """Return a relative path behind the folder of another, without its . and .. (RFC 3986, sections 5.2.3 and 5.2.4)."""
    if path.startswith("/"):
        kept, path = [""], path[1:]
    else:
        kept = before.split("/")[:-1] or ([""] if authority is not None else [])
    parts = path.split("/")
    least = 1 if kept and kept[0] == "" else 0
    for part in parts:
        if part == "..":
            if len(kept) > least:
                kept.pop()
        elif part != ".":
            kept.append(part)
    if parts[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)


def is_language(tag: str) -> bool:
    """Return whether a language tag is well formed."""
    return LANGUAGE.fullmatch(tag.lower()) is not None
