"""Read updates (SPARQL 1.2 Update, section 3; SPARQL 1.2 Query, section 19.8, rules 31 to 54). Knows what data may hold."""

from __future__ import annotations

from kouan.sparql.queries import FORMS, UPDATES, QueryReader
from kouan.sparql.terms import TERM
from kouan.sparql.tree import (
    BlankNode,
    BlankNodePropertyList,
    Clear,
    Collection,
    Create,
    DeleteData,
    DeleteWhere,
    InsertData,
    Iri,
    Literal,
    Load,
    Modify,
    Operation,
    Quads,
    QuadsNotTriples,
    ReifiedTriple,
    Transfer,
    TriplePattern,
    TriplesBlock,
    TripleTerm,
    Update,
    Var,
    walk,
)

# What makes a new blank node of itself.
MAKERS = BlankNode | BlankNodePropertyList | Collection


class UpdateReader(QueryReader):
    """Reads whole updates."""

    def update(self) -> Update:
        """Return the update that the text is; it may be empty."""
        prologue = self.prologue()
        operations: list[Operation] = []
        data_labels: set[str] = set()
        while self.kinds[self.at] != "end":
            operation = self._operation()
            operations.append(operation)
            if isinstance(operation, InsertData):
                self._check_shared(operation, data_labels)
            self.labels, self.spent_labels = set(), set()
            if self.kinds[self.at] == "end":
                break
            self.expect(";", "between two operations")
            if self.kinds[self.at] in {"PREFIX", "BASE", "VERSION"}:
                # The engine reads these at the start of an update only. What they say holds from here on.
                self.only_printed = True
                self.names.clear()
                self.prologue()
        self.services.sort(key=lambda node: node.start)
        self.volatile.sort(key=lambda node: node.start)
        end = self.ends[self.at - 1] if self.at else prologue.end
        return Update(
            prologue.start,
            end,
            self.text,
            prologue,
            operations,
            self.services,
            self.volatile,
            self.places(),
            self.only_printed,
        )

    def _check_shared(self, operation: InsertData, before: set[str]) -> None:
        labels: set[str] = set()
        for node in walk(operation):
            if isinstance(node, BlankNode) and node.label:
                if node.label in before:
                    raise self.error(f"_:{node.label} stands in two INSERT DATA, and would be two nodes", node.start)
                labels.add(node.label)
        before |= labels

    def _operation(self) -> Operation:
        word = self.kinds[self.at]
        if word in FORMS:
            raise self.error(f"{word} starts a query, and an update is due here; over HTTP a query goes to /sparql")
        if word not in UPDATES:
            raise self.error(f"an operation starts with INSERT, DELETE, WITH, LOAD, CLEAR, …, but {self.found()}")
        if word in {"INSERT", "DELETE", "WITH"}:
            return self._change(word)
        start = self.starts[self.at]
        self.at += 1
        is_silent = self.kinds[self.at] == "SILENT"
        self.at += is_silent
        if word == "LOAD":
            source = self.iri("the IRI of what to load")
            graph = None
            if self.kinds[self.at] == "INTO":
                self.at += 1
                graph = self._graph()
            return Load(start, self.ends[self.at - 1], source, graph, is_silent)
        if word == "CREATE":
            created = self._graph()
            return Create(start, created.end, created, is_silent)
        if word in {"CLEAR", "DROP"}:
            target = self._target(word)
            return Clear(start, self.ends[self.at - 1], word, target, is_silent)
        from_graph = self._graph_or_default(word)
        self.expect("TO", f"after the first graph of {word}")
        to_graph = self._graph_or_default("TO")
        return Transfer(start, self.ends[self.at - 1], word, from_graph, to_graph, is_silent)

    def _graph(self) -> Iri:
        self.expect("GRAPH", "and an IRI")
        return self.iri("the IRI of a graph")

    def _target(self, word: str) -> Iri | str:
        kind = self.kinds[self.at]
        if kind == "GRAPH":
            return self._graph()
        if kind not in {"DEFAULT", "NAMED", "ALL"}:
            raise self.error(f"{word} is followed by GRAPH <…>, DEFAULT, NAMED or ALL, but {self.found()}")
        self.at += 1
        return kind

    def _graph_or_default(self, after: str) -> Iri | None:
        if self.kinds[self.at] == "DEFAULT":
            self.at += 1
            return None
        if self.kinds[self.at] == "GRAPH":
            self.at += 1
        return self.iri(f"DEFAULT or the IRI of a graph after {after}")

    # ---- INSERT, DELETE, WITH

    def _change(self, word: str) -> Operation:
        start = self.starts[self.at]
        after = self.kinds[self.at + 1]
        if after in {"INTO", "IN", "FROM"}:
            raise self.error(f"{word} {after} is older than SPARQL 1.1; write {word} DATA {{ GRAPH <…> {{ … }} }}")
        if word != "WITH" and after == "DATA":
            self.at += 2
            quads = self._quads()
            self._check_data(quads, word)
            return (InsertData if word == "INSERT" else DeleteData)(start, quads.end, quads)
        if word == "DELETE" and after == "WHERE":
            self.at += 2
            quads = self._quads()
            self._refuse_blank(quads, "DELETE WHERE")
            return DeleteWhere(start, quads.end, quads)
        return self._modify(start)

    def _modify(self, start: int) -> Modify:
        graph = delete = insert = None
        if self.kinds[self.at] == "WITH":
            self.at += 1
            graph = self.iri("the IRI of a graph after WITH")
            if self.kinds[self.at] not in {"INSERT", "DELETE"}:
                raise self.error(f"WITH <…> is followed by DELETE or INSERT, but {self.found()}")
        if self.kinds[self.at] == "DELETE":
            self.at += 1
            delete = self._quads()
            self._refuse_blank(delete, "DELETE")
        if self.kinds[self.at] == "INSERT":
            self.at += 1
            insert = self._quads()
        self.labels = set()
        using = self._dataset("USING")
        self.expect("WHERE", "and a pattern, which DELETE and INSERT need")
        where = self.group()
        return Modify(start, where.end, graph, delete, insert, using, where)

    def _quads(self) -> Quads:
        opened = self.starts[self.at]
        self.expect("{", "to open the triples")
        self.enter()
        parts: list[TriplesBlock | QuadsNotTriples] = []
        if self.kinds[self.at] in TERM:
            parts.append(self.triples(False))
        while self.kinds[self.at] == "GRAPH":
            start = self.starts[self.at]
            self.at += 1
            name = self.var_or_iri("the name of a graph")
            block = self.template("the triples of a graph")
            parts.append(QuadsNotTriples(start, block.end, name, block if block.triples else None))
            if self.kinds[self.at] == ".":
                self.at += 1
            if self.kinds[self.at] in TERM:
                parts.append(self.triples(False))
        end = self.expect("}", "to end the triples", opened)
        self.room += 1
        return Quads(opened, end, parts)

    def _check_data(self, quads: Quads, word: str) -> None:
        """Refuse what data may not hold; the walk goes through all of it once."""
        for node in walk(quads):
            if isinstance(node, Var):
                raise self.error(
                    f"{word} DATA holds no variables, and ?{node.name} is one; use {word} … WHERE", node.start
                )
            if isinstance(node, TriplePattern | ReifiedTriple | TripleTerm) and isinstance(
                node.subject, Literal | TripleTerm
            ):
                raise self.error("a literal or a triple term is no subject of data", node.subject.start)
        if word == "DELETE":
            self._refuse_blank(quads, "DELETE DATA")

    def _refuse_blank(self, quads: Quads, where: str) -> None:
        for node in walk(quads):
            makes = isinstance(node, MAKERS) or (isinstance(node, ReifiedTriple) and _is_new(node))
            if makes or (isinstance(node, TriplePattern) and _has_new_reifier(node)):
                raise self.error(f"{where} holds no blank nodes, and one stands or is made here", node.start)


def _is_new(node: ReifiedTriple) -> bool:
    return node.reifier is None or node.reifier.term is None


def _has_new_reifier(node: TriplePattern) -> bool:
    """Return whether an annotation of a triple makes a blank node; that of an annotation block is the subject of its triples."""
    return any(getattr(note, "term", note) is None for note in node.annotations)
