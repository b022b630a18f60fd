"""Read triples and property paths (SPARQL 1.2 Query, sections 4.2, 9.1 and 19.8, rules 57 to 59 and 80 to 124)."""

from __future__ import annotations

from kouan.sparql.terms import IRIS, NIL, TERM, TYPE, TermReader
from kouan.sparql.tree import (
    AnnotationBlock,
    BlankNode,
    BlankNodePropertyList,
    Collection,
    GraphNode,
    Iri,
    Path,
    PathAlternative,
    PathInverse,
    PathNegatedPropertySet,
    PathRepeated,
    PathSequence,
    ReifiedTriple,
    Reifier,
    TriplePattern,
    TriplesBlock,
    Var,
    Verb,
)

VERB = frozenset({"var", "pname", "iri", "a"})
PATH = VERB | {"^", "!", "("}
# What makes a path of the IRI before it.
GOES_ON = frozenset({"/", "|", "*", "+", "?"})
REPEATS = frozenset({"*", "+", "?"})


class TriplesReader(TermReader):
    """Reads triples; `with_paths` says whether their verbs may be paths, which they may in patterns and not in templates."""

    def triples(self, with_paths: bool) -> TriplesBlock:
        """Return triples up to the first terminal that starts none."""
        kinds = self.kinds
        start = self.starts[self.at]
        found: list[TriplePattern | BlankNodePropertyList | Collection | ReifiedTriple] = []
        while True:
            subject, is_complete = self._subject(with_paths)
            if kinds[self.at] in (PATH if with_paths else VERB):
                found += self._properties(subject, subject.start, with_paths)
            elif is_complete:
                assert isinstance(subject, BlankNodePropertyList | Collection | ReifiedTriple)
                found.append(subject)
            else:
                raise self.error(f"expected a verb after the subject of a triple, but {self.found()}")
            if kinds[self.at] != ".":
                if kinds[self.at] in TERM:
                    raise self.error(f"expected '.' between two triples, but {self.found()}")
                break
            self.at += 1
            if kinds[self.at] not in TERM:
                break
        return TriplesBlock(start, self.ends[self.at - 1], found)

    def _subject(self, with_paths: bool) -> tuple[GraphNode, bool]:
        """Return a subject, and whether it is a triple already."""
        kind = self.kinds[self.at]
        if kind == "var" or kind in IRIS:
            return self.simple_term("a subject"), False
        node = self.graph_node("a subject", with_paths)
        return node, isinstance(node, BlankNodePropertyList | Collection | ReifiedTriple)

    def graph_node(self, what: str, with_paths: bool) -> GraphNode:
        """Return a term, or what stands for one and holds triples of its own."""
        at = self.at
        kind = self.kinds[at]
        if kind == "[" and not self.is_empty():
            return self._property_list(with_paths)
        if kind == "(":
            if self.is_empty():
                self.at = at + 2
                return Iri(self.starts[at], self.ends[at + 1], NIL)
            return self._collection(with_paths)
        if kind == "<<":
            return self.reified_triple()
        return self.simple_term(what)

    def _property_list(self, with_paths: bool) -> BlankNodePropertyList:
        start = self.starts[self.at]
        self.enter()
        subject = BlankNode(start, self.ends[self.at], "")
        self.at += 1
        found = self._properties(subject, self.starts[self.at], with_paths)
        end = self.expect("]", "to close the bracket", start)
        self.room += 1
        return BlankNodePropertyList(start, end, found)

    def _collection(self, with_paths: bool) -> Collection:
        start = self.starts[self.at]
        self.enter()
        self.at += 1
        items = []
        while self.kinds[self.at] != ")":
            items.append(self.graph_node(f"')' to close the list opened at {self._shown(start)}", with_paths))
        end = self.expect(")", "to close the list", start)
        self.room += 1
        return Collection(start, end, items)

    def _shown(self, offset: int) -> str:
        line, column = self.place(offset)
        return f"line {line}, column {column}, or a term"

    def reified_triple(self) -> ReifiedTriple:
        """Return << subject verb object ~ reifier >>."""
        start = self.starts[self.at]
        self.enter()
        self.at += 1
        subject = self._reified_part("the subject of a reified triple")
        verb = self.verb()
        value = self._reified_part("the object of a reified triple")
        reifier = self._reifier() if self.kinds[self.at] == "~" else None
        end = self.expect(">>", "to close the reified triple", start)
        self.room += 1
        return ReifiedTriple(start, end, subject, verb, value, reifier)

    def _reified_part(self, what: str) -> GraphNode:
        return self.reified_triple() if self.kinds[self.at] == "<<" else self.simple_term(what)

    def _reifier(self) -> Reifier:
        at = self.at
        start, end = self.starts[at], self.ends[at]
        self.at = at + 1
        kind = self.kinds[at + 1]
        term: Var | Iri | BlankNode | None = None
        if kind == "var" or kind in IRIS:
            term = self.var_or_iri("a reifier")
        elif kind == "blank" or (kind == "[" and self.is_empty()):
            term = self.blank_node()
        return Reifier(start, end if term is None else term.end, term)

    def _properties(self, subject: GraphNode, start: int, with_paths: bool) -> list[TriplePattern]:
        """Return the triples of one subject: verb object , object ; verb object."""
        kinds = self.kinds
        found: list[TriplePattern] = []
        while True:
            verb: Verb = self._path_or_verb() if with_paths else self.verb()
            while True:
                value = self.graph_node("an object", with_paths)
                kind = kinds[self.at]
                if kind == "~" or kind == "{|":
                    notes = self._annotations(verb, with_paths)
                    found.append(TriplePattern(start, self.ends[self.at - 1], subject, verb, value, notes))
                    kind = kinds[self.at]
                else:
                    found.append(TriplePattern(start, value.end, subject, verb, value))
                if kind != ",":
                    break
                self.at += 1
                start = self.starts[self.at]
            if kind != ";":
                return found
            while kinds[self.at] == ";":
                self.at += 1
            if kinds[self.at] not in (PATH if with_paths else VERB):
                return found
            start = self.starts[self.at]

    def _annotations(self, verb: Verb, with_paths: bool) -> tuple[Reifier | AnnotationBlock, ...]:
        if not isinstance(verb, Var | Iri):
            raise self.error("a reifier or an annotation may not follow the object of a property path")
        found: list[Reifier | AnnotationBlock] = []
        while (kind := self.kinds[self.at]) == "~" or kind == "{|":
            if kind == "~":
                found.append(self._reifier())
                continue
            start = self.starts[self.at]
            self.enter()
            reifier = found[-1].term if found and isinstance(found[-1], Reifier) else None
            subject = reifier or BlankNode(start, self.ends[self.at], "")
            self.at += 1
            triples = self._properties(subject, self.starts[self.at], with_paths)
            end = self.expect("|}", "to close the annotation", start)
            self.room += 1
            found.append(AnnotationBlock(start, end, triples))
        return tuple(found)

    # ---- paths

    def _path_or_verb(self) -> Verb:
        at = self.at
        kind = self.kinds[at]
        if kind == "var":
            return self.var_or_iri("a verb")
        if kind == "a" and self.kinds[at + 1] not in GOES_ON:
            self.at = at + 1
            return Iri(self.starts[at], self.ends[at], TYPE)
        if kind in IRIS and self.kinds[at + 1] not in GOES_ON:
            return self.iri()
        if kind not in PATH:
            raise self.error(f"expected a verb or a property path, but {self.found()}")
        return self.path()

    def path(self) -> Path:
        """Return a property path: alternatives of sequences."""
        start = self.starts[self.at]
        parts = [self._path_sequence()]
        while self.kinds[self.at] == "|":
            self.at += 1
            parts.append(self._path_sequence())
        return parts[0] if len(parts) == 1 else PathAlternative(start, self.ends[self.at - 1], parts)

    def _path_sequence(self) -> Path:
        start = self.starts[self.at]
        parts = [self._path_element()]
        while self.kinds[self.at] == "/":
            self.at += 1
            parts.append(self._path_element())
        return parts[0] if len(parts) == 1 else PathSequence(start, self.ends[self.at - 1], parts)

    def _path_element(self) -> Path:
        start = self.starts[self.at]
        is_inverse = self.kinds[self.at] == "^"
        if is_inverse:
            self.at += 1
        inner = self.starts[self.at]
        path = self._path_primary()
        kind = self.kinds[self.at]
        if kind in REPEATS:
            path = PathRepeated(inner, self.ends[self.at], path, kind)
            self.at += 1
        return PathInverse(start, self.ends[self.at - 1], path) if is_inverse else path

    def _path_primary(self) -> Path:
        at = self.at
        kind = self.kinds[at]
        start = self.starts[at]
        if kind == "!":
            self.at = at + 1
            return self._negated(start)
        if kind == "(":
            self.enter()
            self.at = at + 1
            path = self.path()
            self.expect(")", "to close the property path", start)
            self.room += 1
            return path
        return self._step()

    def _step(self) -> Iri:
        at = self.at
        if self.kinds[at] == "a":
            self.at = at + 1
            return Iri(self.starts[at], self.ends[at], TYPE)
        return self.iri("a property: an IRI or a")

    def _negated(self, start: int) -> PathNegatedPropertySet:
        if self.kinds[self.at] != "(":
            parts = [self._one_in_set()]
            return PathNegatedPropertySet(start, parts[0].end, parts)
        opened = self.starts[self.at]
        self.at += 1
        parts = [self._one_in_set()]
        while self.kinds[self.at] == "|":
            self.at += 1
            parts.append(self._one_in_set())
        end = self.expect(")", "to close the set of properties", opened)
        return PathNegatedPropertySet(start, end, parts)

    def _one_in_set(self) -> Iri | PathInverse:
        start = self.starts[self.at]
        if self.kinds[self.at] != "^":
            return self._step()
        self.at += 1
        step = self._step()
        return PathInverse(start, step.end, step)
