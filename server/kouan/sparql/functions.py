"""The functions and aggregates of SPARQL 1.2 (Query, section 17.4), and of the engine's own, and how many arguments each takes."""

from __future__ import annotations

from kouan.vocabulary import GEOF

MANY = 1_000_000_000
# Two that the standard does not have yet: ADJUST is SPARQL-dev, SEP-0002. BOUND, EXISTS and NOT EXISTS have forms of their own.
ARGUMENTS: dict[str, tuple[int, int]] = (
    dict.fromkeys(("NOW", "RAND", "UUID", "STRUUID"), (0, 0))
    | {"BNODE": (0, 1), "COALESCE": (0, MANY), "CONCAT": (0, MANY)}
    | dict.fromkeys(
        (
            "ABS",
            "CEIL",
            "DATATYPE",
            "DAY",
            "ENCODE_FOR_URI",
            "FLOOR",
            "HASLANG",
            "HASLANGDIR",
            "HOURS",
            "IRI",
            "ISBLANK",
        ),
        (1, 1),
    )
    | dict.fromkeys(
        ("ISIRI", "ISLITERAL", "ISNUMERIC", "ISTRIPLE", "ISURI", "LANG", "LANGDIR", "LCASE", "MD5", "MINUTES", "MONTH"),
        (1, 1),
    )
    | dict.fromkeys(
        ("OBJECT", "PREDICATE", "ROUND", "SECONDS", "SHA1", "SHA256", "SHA384", "SHA512", "STR", "STRLEN", "SUBJECT"),
        (1, 1),
    )
    | dict.fromkeys(("TIMEZONE", "TZ", "UCASE", "URI", "YEAR"), (1, 1))
    | dict.fromkeys(
        (
            "ADJUST",
            "CONTAINS",
            "LANGMATCHES",
            "SAMETERM",
            "STRAFTER",
            "STRBEFORE",
            "STRDT",
            "STRENDS",
            "STRLANG",
            "STRSTARTS",
        ),
        (2, 2),
    )
    | {"REGEX": (2, 3), "SUBSTR": (2, 3), "REPLACE": (3, 4), "IF": (3, 3), "STRLANGDIR": (3, 3), "TRIPLE": (3, 3)}
)
AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
# Aggregates that an IRI names (GeoSPARQL 1.1, section 8.7).
NAMED_AGGREGATES = frozenset(
    GEOF + name
    for name in ("aggBoundingBox", "aggBoundingCircle", "aggCentroid", "aggConcaveHull", "aggConvexHull", "aggUnion")
)
# What another call answers otherwise, so that an answer with one of these may not be kept.
VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})


def counted(name: str, count: int) -> str:
    """Return a sentence on how many arguments a function takes where it got so many; "" where it takes that many."""
    least, most = ARGUMENTS[name]
    if least <= count <= most:
        return ""
    if most == 0:
        wanted = "no arguments"
    else:
        wanted = f"{least}" if least == most else f"{least} or {most}"
        wanted += " argument" if most == 1 else " arguments"
    return f"{name} takes {wanted} and has {count} here"
