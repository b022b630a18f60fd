"""Read expressions, by the precedence of their operators (SPARQL 1.2 Query, sections 17 and 19.8, rules 127 to 148)."""

from __future__ import annotations

from kouan.sparql.cursor import SIGNS_THAT_START_LESS
from kouan.sparql.functions import AGGREGATES, ARGUMENTS, NAMED_AGGREGATES, VOLATILE, counted
from kouan.sparql.terms import IRIS, datatype_of
from kouan.sparql.tree import (
    Aggregate,
    And,
    Arithmetic,
    BuiltInCall,
    Comparison,
    Exists,
    Expression,
    FunctionCall,
    GroupGraphPattern,
    In,
    Iri,
    Literal,
    Or,
    TripleTerm,
    Unary,
    Var,
)
from kouan.sparql.triples import TriplesReader

COMPARISONS = frozenset({"=", "!=", "<", ">", "<=", ">="})
# How tightly an operator binds; what is no operator binds not at all.
OR, AND, RELATION, SUM, PRODUCT = 1, 2, 3, 4, 5
BINDS = (
    {"||": OR, "&&": AND, "+": SUM, "-": SUM, "signed": SUM, "*": PRODUCT, "/": PRODUCT}
    | dict.fromkeys(COMPARISONS, RELATION)
    | dict.fromkeys(("IN", "NOT", "iri", "<<", "<<("), RELATION)
)
LITERALS = frozenset({"string", "number", "signed", "true", "false"})
CALLS = frozenset(ARGUMENTS) | AGGREGATES | {"BOUND", "EXISTS", "NOT"}
# More than these end the engine (measured: it reads 1,900 and dies of 100,000).
MOST_NEGATED = 2_000


class ExpressionReader(TriplesReader):
    """Reads expressions; groups, for EXISTS, are read by the class that builds on it."""

    def group(self) -> GroupGraphPattern:
        """Return a group graph pattern."""
        raise NotImplementedError

    def expression(self) -> Expression:
        """Return an expression."""
        start = self.starts[self.at]
        left = self._operand()
        if self.kinds[self.at] in BINDS:
            return self._climb(left, start, OR)
        return left

    def bracketed(self) -> Expression:
        """Return the expression in the brackets at the cursor."""
        opened = self.starts[self.at]
        self.enter()
        self.at += 1
        found = self.expression()
        self.expect(")", "to close the bracket", opened)
        self.room += 1
        return found

    def constraint(self, what: str) -> Expression:
        """Return what may follow FILTER: a bracketed expression or a call."""
        kind = self.kinds[self.at]
        if kind == "(":
            return self.bracketed()
        if kind in CALLS:
            return self._call(kind)
        if kind in IRIS:
            name = self.iri()
            if self.kinds[self.at] != "(":
                raise self.error(
                    f"{what} takes a call or an expression in brackets, and this IRI has no arguments", name.start
                )
            return self._function(name)
        raise self.error(f"{what} takes a call or an expression in brackets, but {self.found()}")

    # ---- operators

    def _climb(self, left: Expression, start: int, least: int) -> Expression:
        """Return an expression that starts with an operand and goes on with operators that bind as tightly as `least`."""
        while (level := BINDS.get(self.kinds[self.at], 0)) >= least:
            if level == RELATION:
                left = self._related(left, start)
                after = BINDS.get(self.kinds[self.at], 0)
                if after == RELATION:
                    raise self.error("a comparison may not follow another; put the first one in brackets")
                if after > RELATION:
                    raise self.error("nothing is reckoned with a comparison; put it in brackets")
            elif level >= SUM:
                left = self._arithmetic(left, start, level)
            else:
                sign = self.kinds[self.at]
                operands = [left]
                while self.kinds[self.at] == sign:
                    self.at += 1
                    operands.append(self._above(level))
                kind = Or if level == OR else And
                left = kind(start, self.ends[self.at - 1], operands)
        return left

    def _above(self, level: int) -> Expression:
        """Return an operand of an operator, with what binds tighter than that."""
        start = self.starts[self.at]
        operand = self._operand()
        if BINDS.get(self.kinds[self.at], 0) > level:
            return self._climb(operand, start, level + 1)
        return operand

    def _related(self, left: Expression, start: int) -> Expression:
        kind = self.kinds[self.at]
        if kind in SIGNS_THAT_START_LESS:
            self.split_less()
            kind = self.kinds[self.at]
        self.at += 1
        if kind in COMPARISONS:
            right = self._above(RELATION)
            return Comparison(start, self.ends[self.at - 1], kind, left, right)
        if kind == "NOT":
            self.expect("IN", "after NOT behind a value")
        choices = self._arguments("IN")
        return In(start, self.ends[self.at - 1], left, choices, kind == "NOT")

    def _arithmetic(self, left: Expression, start: int, level: int) -> Expression:
        operands, operators = [left], []
        while BINDS.get(kind := self.kinds[self.at]) == level:
            at = self.at
            if kind == "signed":
                # `?x -1` is a difference, though -1 is one terminal (rule 133).
                begin, end = self.starts[at], self.ends[at]
                operators.append(self.text[begin])
                written = self.text[begin + 1 : end]
                self.at = at + 1
                operand: Expression = Literal(begin + 1, end, written, datatype_of(written))
                if BINDS.get(self.kinds[self.at]) == PRODUCT:
                    operand = self._arithmetic(operand, begin + 1, PRODUCT)
                operands.append(operand)
                continue
            self.at = at + 1
            operators.append(kind)
            operands.append(self._above(level))
        return Arithmetic(start, self.ends[self.at - 1], operands, operators)

    # ---- operands

    def _operand(self) -> Expression:
        at = self.at
        kind = self.kinds[at]
        if kind == "var":
            self.at = at + 1
            start, end = self.starts[at], self.ends[at]
            return Var(start, end, self.text[start + 1 : end])
        if kind in LITERALS:
            return self.literal()
        if kind in IRIS:
            name = self.iri()
            return self._function(name) if self.kinds[self.at] == "(" else name
        if kind == "(":
            self.enter()
            self.at = at + 1
            found = self.expression()
            self.expect(")", "to close the bracket", self.starts[at])
            self.room += 1
            return found
        if kind in CALLS:
            return self._call(kind)
        if kind == "!" or kind == "-" or kind == "+":
            return self._unary(kind)
        if kind == "<<(":
            return self._triple_term()
        raise self.error(f"expected an expression, but {self.found()}")

    def _unary(self, sign: str) -> Expression:
        start = self.starts[self.at]
        self.enter()
        self.at += 1
        if sign == "!":
            self._pass_pairs(start)
        if sign != "!" and self.kinds[self.at] in {"!", "+", "-"}:
            raise self.error(f"after {sign} stands a value, but {self.found()}; use brackets")
        operand = self._operand()
        self.room += 1
        return Unary(start, self.ends[self.at - 1], sign, operand)

    def _pass_pairs(self, start: int) -> None:
        """Pass over all that follow one `!` but the last, or none: `!!!x` is `!x`, in truth and in error (section 17.2.2)."""
        more = 0
        while self.kinds[self.at + more] == "!":
            more += 1
        if more >= MOST_NEGATED:
            raise self.error(f"{more + 1:,} times ! in a row are more than the {MOST_NEGATED:,} that are read", start)
        self.at += more - more % 2

    def _triple_term(self) -> TripleTerm:
        """Return <<( subject verb object )>> in an expression (rule 137)."""
        start = self.starts[self.at]
        self.enter()
        self.at += 1
        subject = self.var() if self.kinds[self.at] == "var" else self.iri("a variable or an IRI as subject")
        verb = self.var() if self.kinds[self.at] == "var" else self.verb()
        kind = self.kinds[self.at]
        value: Var | Iri | Literal | TripleTerm
        if kind == "<<(":
            value = self._triple_term()
        elif kind == "var":
            value = self.var()
        elif kind in LITERALS:
            value = self.literal()
        else:
            value = self.iri("an object: a variable, an IRI, a literal or a triple term")
        end = self.expect(")>>", "to close the triple term", start)
        self.room += 1
        return TripleTerm(start, end, subject, verb, value)

    # ---- calls

    def _arguments(self, name: str) -> list[Expression]:
        """Return the expressions in the brackets at the cursor, of which there may be none."""
        opened = self.starts[self.at]
        if self.kinds[self.at] != "(":
            raise self.error(f"expected '(' after {name}, but {self.found()}")
        is_empty = self.is_empty()
        self.enter()
        self.at += 1
        found: list[Expression] = []
        if not is_empty:
            found.append(self.expression())
            while self.kinds[self.at] == ",":
                self.at += 1
                found.append(self.expression())
        self.expect(")", f"to close the arguments of {name}", opened)
        self.room += 1
        return found

    def _function(self, name: Iri) -> FunctionCall | Aggregate:
        if self.kinds[self.at + 1] == "DISTINCT":
            self.at += 1
            raise self.error("DISTINCT stands in aggregates only, and the engine takes it in none that an IRI names")
        if name.value in NAMED_AGGREGATES:
            self.at -= 1
            return self._aggregate(name.value, name.start)
        arguments = self._arguments("a function")
        return FunctionCall(name.start, self.ends[self.at - 1], name, arguments)

    def _call(self, name: str) -> Expression:
        at = self.at
        start = self.starts[at]
        if name in AGGREGATES:
            return self._aggregate(name)
        self.at = at + 1
        if name == "NOT" or name == "EXISTS":
            if name == "NOT":
                self.expect("EXISTS", "after NOT")
            group = self._group_apart()
            return Exists(start, group.end, group, name == "NOT")
        if name == "BOUND":
            opened = self.starts[self.at]
            self.expect("(", "after BOUND")
            variable = self.var("a variable, which is all that BOUND asks about")
            end = self.expect(")", "to close the arguments of BOUND", opened)
            return BuiltInCall(start, end, name, [variable])
        self._note_space(name, at)
        arguments = self._arguments(name)
        if wrong := counted(name, len(arguments)):
            raise self.error(wrong, start)
        found = BuiltInCall(start, self.ends[self.at - 1], name, arguments)
        if name in VOLATILE:
            self.volatile.append(found)
        return found

    def _note_space(self, name: str, at: int) -> None:
        """Note where the engine wants no space between the name of a function and its bracket, and there is one."""
        is_strict = name in {"CONCAT", "COALESCE"} or (name == "BNODE" and self.kinds[at + 2] == ")")
        if is_strict and self.starts[at + 1] != self.ends[at]:
            self.only_printed = True

    def _group_apart(self) -> GroupGraphPattern:
        """Return the group of an EXISTS: its variables are not in scope around it, and aggregates are not at home in it."""
        scope, has, none = self.scope, self.has_aggregates, self.no_aggregate
        group = self.group()
        self.scope, self.has_aggregates, self.no_aggregate = scope, has, none
        return group

    def _aggregate(self, name: str, start: int | None = None) -> Aggregate:
        start = self.starts[self.at] if start is None else start
        if self.no_aggregate:
            raise self.error(f"{self.no_aggregate}, and {name} stands here")
        self.at += 1
        opened = self.starts[self.at]
        self.expect("(", f"after {name}")
        self.enter()
        is_distinct = self.kinds[self.at] == "DISTINCT"
        if is_distinct:
            self.at += 1
        argument: Expression | None = None
        if name == "COUNT" and self.kinds[self.at] == "*":
            self.at += 1
        else:
            self.no_aggregate = f"an aggregate may not stand in another, which is {name}"
            argument = self.expression()
            self.no_aggregate = ""
        separator = self._separator() if name == "GROUP_CONCAT" and self.kinds[self.at] == ";" else None
        end = self.expect(")", f"to close the argument of {name}", opened)
        self.room += 1
        self.has_aggregates = True
        return Aggregate(start, end, name, argument, is_distinct, separator)

    def _separator(self) -> str:
        self.at += 1
        self.expect("SEPARATOR", "after ';' in GROUP_CONCAT")
        self.expect("=", "after SEPARATOR")
        return self.string()
