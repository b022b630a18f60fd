"""Read group graph patterns (SPARQL 1.2 Query, sections 5 to 10 and 19.8, rules 55 to 75). Knows what is in scope where."""

from __future__ import annotations

from kouan.errors import QuerySyntaxError
from kouan.sparql.expressions import ExpressionReader
from kouan.sparql.terms import IRIS, TERM
from kouan.sparql.tree import (
    Bind,
    DataValue,
    Element,
    Filter,
    GraphGraphPattern,
    GroupGraphPattern,
    InlineData,
    Iri,
    Lateral,
    Literal,
    Minus,
    Optional,
    ServiceGraphPattern,
    SubSelect,
    TripleTerm,
    Undef,
    Union,
    Var,
)

WORDS = frozenset({"OPTIONAL", "MINUS", "LATERAL", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES"})


class PatternReader(ExpressionReader):
    """Reads groups; the SELECT within a group is read by the class that builds on it."""

    def sub_select(self) -> SubSelect:
        """Return the SELECT at the cursor, which stands in a group."""
        raise NotImplementedError

    def group(self) -> GroupGraphPattern:
        """Return the group at the cursor; its variables are left in `scope`, in place of those before."""
        opened = self.starts[self.at]
        self.expect("{", "to open a group")
        self.enter()
        self._spend_labels()
        no_aggregate = self.no_aggregate
        self.no_aggregate = "an aggregate stands in SELECT, HAVING or ORDER BY only"
        self.scope = {}
        elements: list[Element]
        if self.kinds[self.at] == "SELECT":
            sub_select = self.sub_select()
            elements = [sub_select]
            self.scope = dict.fromkeys(sub_select.variables)
        else:
            elements = self._elements(opened)
        self._spend_labels()
        self.no_aggregate = no_aggregate
        end = self.expect("}", "to end the group", opened)
        self.room += 1
        return GroupGraphPattern(opened, end, elements, tuple(self.scope))

    def _spend_labels(self) -> None:
        """Note that a basic graph pattern ends here, and with it its labels of blank nodes."""
        if self.labels:
            self.spent_labels |= self.labels
            self.labels = set()

    def _elements(self, opened: int) -> list[Element]:
        kinds = self.kinds
        found: list[Element] = []
        if kinds[self.at] in TERM:
            found.append(self.triples(True))
        while (kind := kinds[self.at]) != "}":
            if kind == "{":
                found.append(self._group_or_union())
            elif kind in WORDS:
                found.append(self._clause(kind))
            else:
                raise self._not_in_group(opened)
            if kinds[self.at] == ".":
                self.at += 1
            if kinds[self.at] in TERM:
                found.append(self.triples(True))
        return found

    def _not_in_group(self, opened: int) -> QuerySyntaxError:
        line, column = self.place(opened)
        return self.error(
            f"expected '}}' to end the group opened at line {line}, column {column}, or a pattern, but {self.found()}"
        )

    def _inner(self, *, is_in_scope: bool = True) -> GroupGraphPattern:
        """Return a group within the one that is read, whose variables come into scope or not."""
        outer = self.scope
        group = self.group()
        if is_in_scope:
            outer.update(self.scope)
        self.scope = outer
        return group

    def _group_or_union(self) -> GroupGraphPattern | Union:
        groups = [self._inner()]
        while self.kinds[self.at] == "UNION":
            self.at += 1
            groups.append(self._inner())
        return groups[0] if len(groups) == 1 else Union(groups[0].start, groups[-1].end, groups)

    def _clause(self, word: str) -> Element:
        start = self.starts[self.at]
        self.at += 1
        if word == "FILTER":
            expression = self.constraint("FILTER")
            return Filter(start, self.ends[self.at - 1], expression)
        if word == "OPTIONAL":
            group = self._inner()
            return Optional(start, group.end, group)
        if word == "BIND":
            return self._bind(start)
        if word == "VALUES":
            self._spend_labels()
            return self.data_block(start)
        if word == "GRAPH":
            name = self.var_or_iri("the name of a graph")
            group = self._inner()
            return GraphGraphPattern(start, group.end, name, group)
        if word == "SERVICE":
            return self._service(start)
        if word == "MINUS":
            group = self._inner(is_in_scope=False)
            return Minus(start, group.end, group)
        return self._lateral(start)

    def _service(self, start: int) -> ServiceGraphPattern:
        is_silent = self.kinds[self.at] == "SILENT"
        if is_silent:
            self.at += 1
        # A variable that says where to ask does not come into scope by that (section 18.2.1).
        is_variable = self.kinds[self.at] == "var"
        name = self.var() if is_variable else self.iri("the address of a SERVICE: a variable or an IRI")
        group = self._inner()
        found = ServiceGraphPattern(start, group.end, name, group, is_silent)
        self.services.append(found)
        return found

    def _bind(self, start: int) -> Bind:
        self._spend_labels()
        opened = self.starts[self.at]
        self.expect("(", "after BIND")
        self.enter()
        expression = self.expression()
        self.expect("AS", "and a variable to close BIND")
        variable = self.var("the variable of BIND")
        if variable.name in self.scope:
            raise self.error(f"?{variable.name} is bound already by what stands above in this group", variable.start)
        end = self.expect(")", "to close BIND", opened)
        self.room += 1
        self.scope[variable.name] = None
        return Bind(start, end, expression, variable)

    def _lateral(self, start: int) -> Lateral:
        """Return LATERAL, in which nothing may be given a value that has one outside (SEP-0006)."""
        outer = self.scope
        group = self.group()
        inner, self.scope = self.scope, outer
        for name in sorted(_defined(group)):
            if name in outer:
                raise self.error(f"?{name} is bound already by what stands before LATERAL", group.start)
        outer.update(inner)
        return Lateral(start, group.end, group)

    # ---- VALUES

    def data_block(self, start: int) -> InlineData:
        """Return what follows VALUES; its variables are in scope from here on."""
        kinds = self.kinds
        if kinds[self.at] == "var":
            variables = [self.var()]
            opened = self.starts[self.at]
            self.expect("{", "after the variable of VALUES")
            rows = []
            while kinds[self.at] != "}":
                rows.append([self._data_value()])
        else:
            variables = self._data_variables()
            opened = self.starts[self.at]
            self.expect("{", "after the variables of VALUES")
            rows = []
            width = len(variables)
            while kinds[self.at] != "}":
                rows.append(self._row(width))
        for variable in variables:
            self.scope[variable.name] = None
        return InlineData(start, self.expect("}", "to end the values", opened), variables, rows)

    def _data_variables(self) -> list[Var]:
        opened = self.starts[self.at]
        self.expect("(", "or a variable after VALUES")
        variables: list[Var] = []
        names: set[str] = set()
        while self.kinds[self.at] != ")":
            variable = self.var("')' or a variable of VALUES")
            if variable.name in names:
                raise self.error(f"?{variable.name} stands twice among the variables of VALUES", variable.start)
            names.add(variable.name)
            variables.append(variable)
        self.expect(")", "to close the variables", opened)
        return variables

    def _row(self, width: int) -> list[DataValue]:
        opened = self.starts[self.at]
        self.expect("(", "to open a row of VALUES, or '}' to end the values")
        row: list[DataValue] = []
        while self.kinds[self.at] != ")":
            row.append(self._data_value())
        self.at += 1
        if len(row) != width:
            raise self.error(
                f"a row of VALUES has a value for each variable, of which there are {width}, and this one has {len(row)}; "
                "UNDEF stands for none",
                opened,
            )
        return row

    def _data_value(self) -> DataValue:
        at = self.at
        kind = self.kinds[at]
        if kind == "UNDEF":
            self.at = at + 1
            return Undef(self.starts[at], self.ends[at])
        if kind == "<<(":
            return self._data_triple()
        return self._constant("a value: an IRI, a literal, UNDEF or a triple term")

    def _constant(self, what: str) -> Iri | Literal:
        kind = self.kinds[self.at]
        if kind in IRIS:
            return self.iri()
        if kind in {"string", "number", "signed", "true", "false"}:
            return self.literal()
        raise self.error(f"expected {what}, but {self.found()}")

    def _data_triple(self) -> TripleTerm:
        """Return <<( iri iri value )>> (rule 122)."""
        start = self.starts[self.at]
        self.enter()
        self.at += 1
        subject = self.iri("an IRI as subject")
        verb = self.verb()
        if isinstance(verb, Var):
            raise self.error(f"?{verb.name} is a variable, and the values of VALUES are constants", verb.start)
        is_nested = self.kinds[self.at] == "<<("
        value = self._data_triple() if is_nested else self._constant("an object: an IRI, a literal or a triple term")
        end = self.expect(")>>", "to close the triple term", start)
        self.room += 1
        return TripleTerm(start, end, subject, verb, value)


def _defined(group: GroupGraphPattern) -> set[str]:
    """Return the variables that a group gives values by BIND, VALUES or SELECT … AS."""
    found: set[str] = set()
    for element in group.elements:
        if isinstance(element, Bind):
            found.add(element.variable.name)
        elif isinstance(element, InlineData):
            found |= {variable.name for variable in element.variables}
        elif isinstance(element, SubSelect):
            inner = _defined(element.where)
            aliases = {item.variable.name for item in element.select.items if not isinstance(item, Var)}
            if element.values is not None:
                inner |= {variable.name for variable in element.values.variables}
            found |= (inner | aliases) & set(element.variables)
        elif isinstance(element, GroupGraphPattern):
            found |= _defined(element)
        elif isinstance(element, Union):
            found |= set().union(*(_defined(each) for each in element.groups))
        elif isinstance(element, Optional | Minus | Lateral | GraphGraphPattern | ServiceGraphPattern):
            found |= _defined(element.group)
    return found
