"""Where a parser stands among the terminals of a text, and how it says what is wrong. Knows no rule of the grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from unicodedata import name

from kouan.errors import QuerySyntaxError
from kouan.sparql.escapes import Decoded
from kouan.sparql.lexer import place, scan
from kouan.sparql.tree import BuiltInCall, ServiceGraphPattern

# How many levels of brackets may be open at once.
NESTING = 200
# How much work a text may cause by `<` that stand for "less than" and look like the start of an IRI.
PATIENCE = 50_000_000
# What clients send that encode a text twice, or a form under the type of a query.
ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
AS_A_FORM = re.compile(r"(?:query|update)=")
LONGEST_SHOWN = 40
CLOSES = {"(": ")", "[": "]"}
SIGNS_THAT_START_LESS = {"iri", "<<", "<<("}


class Cursor:
    """The terminals of a text and a place among them; what a parser has noted on its way."""

    def __init__(self, text: str, base: str, prefixes: Mapping[str, str] | None, nesting: int) -> None:
        text = text.removeprefix("\ufeff")
        self.decoded = Decoded(text) if "\\u" in text or "\\U" in text else None
        self.text = text if self.decoded is None else self.decoded.text
        self.kinds, self.starts, self.ends = scan(self.text)
        self.at = 0
        self.base = base
        # What the text declares, what holds where it declares nothing, and what it uses of that.
        self.prefixes: dict[str, str] = {}
        self.preset = prefixes or {}
        self.borrowed: set[str] = set()
        self.names: dict[str, str] = {}
        self.room = self.nesting = nesting
        self.patience = PATIENCE
        # The variables in scope in the group that is read, in order of appearance.
        self.scope: dict[str, None] = {}
        # Labels of blank nodes: those of this basic graph pattern, and those of others, which may not come again.
        self.labels: set[str] = set()
        self.spent_labels: set[str] = set()
        # Whether an aggregate may stand here, and where the first one stood; why none may, in words.
        self.has_aggregates = False
        self.no_aggregate = "an aggregate stands in SELECT, HAVING or ORDER BY only"
        self.services: list[ServiceGraphPattern] = []
        self.volatile: list[BuiltInCall] = []
        # Whether the text says something in a way that the engine does not read, and would where it is printed from its tree.
        self.only_printed = False

    def error(self, message: str, offset: int | None = None) -> QuerySyntaxError:
        """Return the error to raise about an offset, or about where the cursor stands."""
        if offset is None:
            offset = self.starts[self.at]
        return QuerySyntaxError(message, *self.place(offset))

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset in the text that was sent, both counted from 1."""
        return place(self.text, offset) if self.decoded is None else self.decoded.place(offset)

    def places(self) -> Callable[[int], tuple[int, int]]:
        """Return what tells places, for a tree to keep without all the terminals."""
        return partial(place, self.text) if self.decoded is None else self.decoded.place

    def found(self) -> str:
        """Return what stands at the cursor, for a message."""
        kind = self.kinds[self.at]
        shown = self.text[self.starts[self.at] : self.ends[self.at]]
        if kind == "end":
            return "the text ends here"
        if kind == "bad" and shown in "\"'":
            return f"a string opens with {shown} and is not closed"
        if kind == "<":
            return "'<' stands here and starts no IRI"
        if AS_A_FORM.match(self.text) and self.starts[self.at] == 0:
            return f"{shown}= stands here, as in a form: send the text alone, or as application/x-www-form-urlencoded"
        if ENCODED.match(self.text, self.starts[self.at]):
            return f"{shown} stands here: the text is percent-encoded once more than it was decoded"
        if len(shown) > LONGEST_SHOWN:
            shown = shown[:LONGEST_SHOWN] + "…"
        if kind == "bad" and len(shown) == 1 and not (shown.isascii() and shown.isprintable()):
            # Some cannot be seen, and others look like the sign that is meant.
            code, called = f"U+{ord(shown):04X}", name(shown, "").lower()
            shown = f"{shown} ({code}, {called})" if called else f"the character {code}, which cannot be seen,"
        return f"{shown} stands here"

    def expect(self, kind: str, why: str, opened: int | None = None) -> int:
        """Go past a terminal and return the offset where it ends; raises QuerySyntaxError where it does not stand here."""
        at = self.at
        if self.kinds[at] != kind:
            shown = kind if kind.isupper() else f"'{kind}'"
            where = ""
            if opened is not None:
                line, column = self.place(opened)
                where = f" opened at line {line}, column {column}"
            raise self.error(f"expected {shown} {why}{where}, but {self.found()}")
        self.at = at + 1
        return self.ends[at]

    def is_empty(self) -> bool:
        """Return whether a bracket at the cursor closes at once; raises QuerySyntaxError where a comment stands in it.

        () and [] are terminals, between whose signs is white space alone (NIL and ANON).
        """
        at = self.at
        if self.kinds[at + 1] != CLOSES[self.kinds[at]]:
            return False
        between = self.text[self.ends[at] : self.starts[at + 1]]
        if between and "#" in between:
            raise self.error("a comment may not stand between the brackets of () and []")
        return True

    def enter(self) -> None:
        """Note that one more bracket is open; raises QuerySyntaxError where they are too many."""
        self.room -= 1
        if self.room < 0:
            raise QuerySyntaxError(
                f"brackets may be nested {self.nesting} deep, and this one is deeper; write it flatter, or ask the operator to "
                "raise KOUAN_QUERY_NESTING",
                *self.place(self.starts[self.at]),
                limit="query_nesting",
            )

    def split_less(self) -> None:
        """Read what starts with `<` at the cursor as an operator, and what follows it anew.

        An IRI may look like `<?b&&?c>`; where an operator is due, "less than" is meant (SPARQL 1.2 Query, section 19.8: which
        terminals may stand somewhere is the grammar's to say).
        """
        at, start = self.at, self.starts[self.at]
        after = start + (2 if self.text.startswith("<=", start) else 1)
        new_kinds, new_starts, new_ends = scan(self.text, after, frozenset(self.starts[at + 1 : at + 65]))
        until = new_ends[-1] if new_ends else after
        resume = at + 1
        while resume < len(self.starts) and self.starts[resume] < until:
            resume += 1
        if new_kinds and new_kinds[-1] == "end":
            resume = len(self.starts)
        self.patience -= until - after + (len(self.starts) - resume) // 8
        if self.patience < 0:
            raise self.error(
                "'<' stands for \"less than\" too often without a space after it; write a space there", start
            )
        self.kinds[at:resume] = [self.text[start:after], *new_kinds]
        self.starts[at:resume] = [start, *new_starts]
        self.ends[at:resume] = [after, *new_ends]
