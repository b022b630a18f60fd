"""Read queries (SPARQL 1.2 Query, sections 10, 11, 15, 16 and 19.8, rules 2 to 30). Knows what a SELECT may select."""

from __future__ import annotations

from collections.abc import Iterator

from kouan.sparql.modifiers import ModifierReader
from kouan.sparql.terms import IRIS, TERM
from kouan.sparql.tree import (
    Aggregate,
    Alias,
    BuiltInCall,
    DatasetClause,
    Exists,
    GroupGraphPattern,
    InlineData,
    Iri,
    Node,
    Query,
    SelectClause,
    SolutionModifier,
    SubSelect,
    TriplesBlock,
    Var,
    children,
)

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"})
# What tools put before a query that is for them alone.
BEFORE_QUERIES = {
    "DEFINE": "define is of Virtuoso alone, and nothing is known of what it sets; leave it out",
    "SPARQL": "the word SPARQL before a query is of Virtuoso's own console; leave it out",
    "`": "a query stands between the fences of a block of Markdown, and is sent without them",
}
NO_ONE_VALUE = "is neither grouped by nor in an aggregate, so that a group has no one value of it"
NO_TEMPLATE = "GROUP BY, or an aggregate, needs a CONSTRUCT with a template, which says what is made of each group"


class QueryReader(ModifierReader):
    """Reads whole queries."""

    def query(self) -> Query:
        """Return the query that the text is."""
        prologue = self.prologue()
        form = self.kinds[self.at]
        if form in UPDATES:
            raise self.error(f"{form} starts an update, and a query is due here; over HTTP an update goes to /update")
        if form not in FORMS:
            if why := BEFORE_QUERIES.get(self.text[self.starts[self.at] : self.ends[self.at]].upper()):
                raise self.error(why)
            raise self.error(f"a query starts with SELECT, ASK, CONSTRUCT or DESCRIBE, but {self.found()}")
        self.no_aggregate = ""
        select = template = where = None
        targets: list[Var | Iri] = []
        if form == "SELECT":
            select = self._select_clause()
        else:
            self.at += 1
        if form == "DESCRIBE":
            targets = self._targets()
        if form == "CONSTRUCT" and self.kinds[self.at] == "{":
            template = self.template("the template of CONSTRUCT")
            self.labels.clear()
        self.scope = {}
        dataset = self._dataset("FROM")
        if form == "CONSTRUCT" and template is None:
            where = self._template_as_pattern()
        elif form != "DESCRIBE" or self.kinds[self.at] in {"WHERE", "{"}:
            where = self._where()
        modifier, values, variables = self._tail(select, targets, is_inner=False)
        if select is None and (modifier.group or self.has_aggregates):
            if form == "CONSTRUCT" and template is None:
                raise self.error(NO_TEMPLATE, modifier.start)
            # The engine makes groups in a SELECT only.
            self.only_printed = True
        self.services.sort(key=lambda node: node.start)
        self.volatile.sort(key=lambda node: node.start)
        return Query(
            prologue.start,
            self.ends[self.at - 1],
            self.text,
            prologue,
            form,
            select,
            template,
            targets,
            dataset,
            where,
            modifier,
            values,
            variables,
            self.services,
            self.volatile,
            self.places(),
            self.only_printed,
        )

    def sub_select(self) -> SubSelect:
        """Return the SELECT at the cursor, which stands in a group."""
        start = self.starts[self.at]
        has, none = self.has_aggregates, self.no_aggregate
        self.has_aggregates, self.no_aggregate = False, ""
        select = self._select_clause()
        if self.kinds[self.at] == "FROM":
            raise self.error("FROM belongs to the whole query, not to a SELECT in it")
        where = self._where()
        modifier, values, variables = self._tail(select, [], is_inner=True)
        self.has_aggregates, self.no_aggregate = has, none
        return SubSelect(start, self.ends[self.at - 1], select, where, modifier, values, variables)

    # ---- what comes before WHERE

    def _select_clause(self) -> SelectClause:
        start = self.starts[self.at]
        self.at += 1
        modifier = ""
        if self.kinds[self.at] in {"DISTINCT", "REDUCED"}:
            modifier = self.kinds[self.at]
            self.at += 1
        items: list[Var | Alias] = []
        if self.kinds[self.at] == "*":
            self.at += 1
            return SelectClause(start, self.ends[self.at - 1], modifier, items)
        while (kind := self.kinds[self.at]) == "var" or kind == "(":
            items.append(self.var() if kind == "var" else self._alias("SELECT"))
        if not items:
            raise self.error(
                f"SELECT is followed by *, by variables or by (expression AS ?variable), but {self.found()}"
            )
        if self.kinds[self.at] not in {"WHERE", "{", "FROM"}:
            raise self.error(
                "after the columns of SELECT stands WHERE or '{', and what is computed in brackets, as in "
                f"(STR(?x) AS ?text), but {self.found()}"
            )
        return SelectClause(start, self.ends[self.at - 1], modifier, items)

    def _alias(self, clause: str) -> Alias:
        start = self.starts[self.at]
        self.enter()
        self.at += 1
        expression = self.expression()
        self.expect("AS", f"and a variable, which name what stands in brackets in {clause}")
        variable = self.var()
        end = self.expect(")", "to close the bracket", start)
        self.room += 1
        return Alias(start, end, expression, variable)

    def _targets(self) -> list[Var | Iri]:
        if self.kinds[self.at] == "*":
            self.at += 1
            return []
        found: list[Var | Iri] = []
        while self.kinds[self.at] in IRIS or self.kinds[self.at] == "var":
            found.append(self.var_or_iri("what to describe"))
        if not found:
            raise self.error(f"DESCRIBE is followed by *, by variables or by IRIs, but {self.found()}")
        return found

    def _dataset(self, word: str) -> list[DatasetClause]:
        found = []
        while self.kinds[self.at] == word:
            start = self.starts[self.at]
            self.at += 1
            is_named = self.kinds[self.at] == "NAMED"
            self.at += is_named
            graph = self.iri("the IRI of a graph")
            found.append(DatasetClause(start, graph.end, graph, is_named))
        return found

    def template(self, what: str) -> TriplesBlock:
        """Return triples in braces, in which there are no paths; the braces belong to the block."""
        opened, end, block = self._braced(what)
        return TriplesBlock(opened, end, [] if block is None else block.triples)

    def _braced(self, what: str) -> tuple[int, int, TriplesBlock | None]:
        opened = self.starts[self.at]
        self.expect("{", f"to open {what}")
        self.enter()
        block = self.triples(False) if self.kinds[self.at] in TERM else None
        end = self.expect("}", f"to end {what}", opened)
        self.room += 1
        return opened, end, block

    def _template_as_pattern(self) -> GroupGraphPattern:
        """Return what follows CONSTRUCT without a template: WHERE and triples alone (section 16.2.4)."""
        self.expect("WHERE", "or a template after CONSTRUCT")
        opened, end, block = self._braced("the pattern of CONSTRUCT WHERE, which is triples alone,")
        return GroupGraphPattern(opened, end, [] if block is None else [block], tuple(self.scope))

    def _where(self) -> GroupGraphPattern:
        if self.kinds[self.at] == "WHERE":
            self.at += 1
        elif self.kinds[self.at] != "{":
            raise self.error(f"expected WHERE or '{{', but {self.found()}")
        return self.group()

    # ---- what comes after it

    def _tail(
        self, select: SelectClause | None, targets: list[Var | Iri], *, is_inner: bool
    ) -> tuple[SolutionModifier, InlineData | None, tuple[str, ...]]:
        """Return what follows the pattern, and the columns; raises QuerySyntaxError where something is selected that may not be."""
        scope = self.scope
        modifier = self.modifier()
        self.scope = scope
        if modifier.group or self.has_aggregates:
            names = (
                each if isinstance(each, Var) else each.variable
                for each in modifier.group
                if isinstance(each, Var | Alias)
            )
            self.scope = {each.name: None for each in names}
        values = None
        if self.kinds[self.at] == "VALUES":
            self.at += 1
            values = self.data_block(self.starts[self.at - 1])
        if self.kinds[self.at] != ("}" if is_inner else "end"):
            wanted = "'}' to end the group of the inner SELECT" if is_inner else "the end of the query"
            raise self.error(f"expected {wanted}, or a clause that may stand here, but {self.found()}")
        is_grouped = bool(modifier.group) or self.has_aggregates
        items = [target for target in targets if isinstance(target, Var)] if select is None else select.items
        if select is not None and not items:
            if is_grouped:
                raise self.error(
                    "SELECT * may not stand with GROUP BY or an aggregate; name what is selected", select.start
                )
            return modifier, values, tuple(self.scope)
        columns = self._columns(items, is_grouped)
        named = {item.variable.name for item in items if isinstance(item, Alias)}
        # By the standard these are named after HAVING; elsewhere they are known in it, and so they are here.
        self.only_printed |= any(used.name in named for each in modifier.having for used in _used(each))
        return modifier, values, columns

    def _columns(self, items: list[Var] | list[Var | Alias], is_grouped: bool) -> tuple[str, ...]:
        """Return the names of what is selected (section 18.2.1 and 18.2.4.4)."""
        columns: dict[str, None] = {}
        for item in items:
            variable = item if isinstance(item, Var) else item.variable
            if variable.name in columns:
                raise self.error(f"?{variable.name} is selected twice", variable.start)
            columns[variable.name] = None
            if isinstance(item, Alias):
                if variable.name in self.scope:
                    raise self.error(
                        f"?{variable.name} is bound already by the pattern, and AS needs a new variable", variable.start
                    )
            elif is_grouped and variable.name not in self.scope:
                raise self.error(
                    f"?{variable.name} {NO_ONE_VALUE}",
                    item.start,
                )
            if is_grouped and isinstance(item, Alias):
                self._check_grouped(item, columns)
        return tuple(columns)

    def _check_grouped(self, item: Alias, columns: dict[str, None]) -> None:
        """Refuse an expression whose value is not one for each group."""
        for used in _used(item.expression):
            if used.name in self.scope:
                continue
            if used.name in columns and used.name != item.variable.name:
                # The engine lets no other column of groups use it.
                self.only_printed = True
                continue
            raise self.error(f"?{used.name} {NO_ONE_VALUE}", used.start)


def _used(expression: Node) -> Iterator[Var]:
    """Return the variables of which a group must have one value each for an expression to have one."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Var):
            yield node
        elif not isinstance(node, Aggregate | Exists) and not (
            isinstance(node, BuiltInCall) and node.name in {"BOUND", "COALESCE"}
        ):
            waiting += reversed(children(node))
