"""Read GROUP BY, HAVING, ORDER BY, LIMIT and OFFSET (SPARQL 1.2 Query, sections 11, 15 and 19.8, rules 20 to 29)."""

from __future__ import annotations

from kouan.sparql.expressions import CALLS
from kouan.sparql.patterns import PatternReader
from kouan.sparql.terms import IRIS
from kouan.sparql.tree import Alias, Expression, OrderCondition, SolutionModifier

LARGEST = 2**64 - 1


class ModifierReader(PatternReader):
    """Reads what follows a pattern."""

    def modifier(self) -> SolutionModifier:
        """Return what follows the pattern, all of which may be left out."""
        kinds = self.kinds
        start = self.starts[self.at]
        group: list[Expression | Alias] = []
        having: list[Expression] = []
        order: list[OrderCondition] = []
        if kinds[self.at] == "GROUP":
            group = self._group_by()
        if kinds[self.at] == "HAVING":
            self.at += 1
            having.append(self.constraint("HAVING"))
            while self._starts_constraint():
                having.append(self.constraint("HAVING"))
        if kinds[self.at] == "ORDER":
            order = self._order_by()
        limit = offset = None
        while (word := kinds[self.at]) in {"LIMIT", "OFFSET"}:
            if (limit if word == "LIMIT" else offset) is not None:
                raise self.error(f"{word} stands twice")
            self.at += 1
            number = self._number(word)
            limit, offset = (number, offset) if word == "LIMIT" else (limit, number)
        end = self.ends[self.at - 1]
        # Where nothing follows the pattern, that is where something could be put.
        start = min(start, end)
        return SolutionModifier(start, end, group, having, order, limit, offset)

    def _starts_constraint(self) -> bool:
        kind = self.kinds[self.at]
        return kind == "(" or kind in CALLS or kind in IRIS

    def _group_by(self) -> list[Expression | Alias]:
        self.at += 1
        self.expect("BY", "after GROUP")
        none, self.no_aggregate = self.no_aggregate, "an aggregate may not stand in GROUP BY, which comes before it"
        found: list[Expression | Alias] = []
        while True:
            kind = self.kinds[self.at]
            if kind == "var":
                found.append(self.var())
            elif kind == "(":
                found.append(self._group_condition())
            elif self._starts_constraint():
                found.append(self.constraint("GROUP BY"))
            else:
                break
        if not found:
            raise self.error(f"GROUP BY is followed by variables or expressions in brackets, but {self.found()}")
        self.no_aggregate = none
        return found

    def _group_condition(self) -> Expression | Alias:
        start = self.starts[self.at]
        self.enter()
        self.at += 1
        expression = self.expression()
        variable = None
        if self.kinds[self.at] == "AS":
            self.at += 1
            variable = self.var()
        end = self.expect(")", "to close the bracket", start)
        self.room += 1
        return expression if variable is None else Alias(start, end, expression, variable)

    def _order_by(self) -> list[OrderCondition]:
        self.at += 1
        self.expect("BY", "after ORDER")
        found: list[OrderCondition] = []
        while True:
            start = self.starts[self.at]
            kind = self.kinds[self.at]
            expression: Expression
            if kind == "var":
                expression = self.var()
            elif kind in {"ASC", "DESC"}:
                self.at += 1
                if self.kinds[self.at] != "(":
                    raise self.error(f"{kind} is followed by an expression in brackets, but {self.found()}")
                expression = self.bracketed()
            elif self._starts_constraint():
                expression = self.constraint("ORDER BY")
            else:
                break
            found.append(OrderCondition(start, self.ends[self.at - 1], expression, kind == "DESC"))
        if not found:
            raise self.error(f"ORDER BY is followed by variables or expressions in brackets, but {self.found()}")
        return found

    def _number(self, word: str) -> int:
        at = self.at
        written = self.text[self.starts[at] : self.ends[at]]
        if self.kinds[at] != "number" or not written.isdigit():
            raise self.error(f"{word} is followed by a whole number, but {self.found()}")
        if len(written) > 40 or int(written) > LARGEST:
            raise self.error(f"{word} may be {LARGEST} at most")
        self.at = at + 1
        return int(written)
