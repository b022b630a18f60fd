"""Write what is explored as SPARQL that people can read and go on with. Knows the language, no data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from kouan.errors import BadRequest
from kouan.graph.naming import local_name
from kouan.pages.explore.state import Narrowing, Stage, State
from kouan.pages.ways import Names, Way
from kouan.vocabulary import KOUAN, RDF, RDFS, XSD

TYPE = RDF + "type"
WRITTEN_LITERAL = re.compile(r'"((?:[^"\\\n\r]|\\["\\nrt])*)"(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^(\S+))?\Z')
ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z")
DATE = re.compile(r"-?\d{4,}(?:-\d\d(?:-\d\d)?)?\Z")


def read_term(text: str, names: Names) -> NamedNode | Literal:
    """Return the term that an address writes: a name, or a literal as Turtle has it; raises BadRequest."""
    found = WRITTEN_LITERAL.match(text)
    try:
        if found is None:
            return NamedNode(names.iri(text))
        value = re.sub(r"\\.", lambda escape: ESCAPES[escape[0]], found[1])
        if found[2]:
            return Literal(value, language=found[2].lower())
        return Literal(value, datatype=NamedNode(names.iri(found[3]))) if found[3] else Literal(value)
    except ValueError as error:
        raise BadRequest(f"{text!r} is no value: {error}.") from error


def write_term(term: Mapping[str, str], names: Names) -> str:
    """Return a term of an answer as an address and a query write it."""
    if term["type"] == "uri":
        return names.short(term["value"])
    text = str(Literal(term["value"]))
    if "xml:lang" in term:
        return f"{text}@{term['xml:lang']}"
    return f"{text}^^{names.short(term['datatype'])}" if "datatype" in term else text


@dataclass
class Pattern:
    """What a set of things has to match: lines of a group, and the variable for the things."""

    names: Names
    is_own: bool
    inverses: Mapping[str, frozenset[str]]
    """The properties that say the same from the other side."""
    with_unnamed: frozenset[str]
    """The classes that have members without a name of their own, which are left out."""
    lines: list[str] = field(default_factory=list)
    variable: str = ""
    taken: set[str] = field(default_factory=set)

    def of(self, state: State) -> Pattern:
        """Return this pattern, filled with all the stages of a state."""
        for stage in state.stages:
            self._stage(stage)
        return self

    @property
    def text(self) -> str:
        """Return the lines of the group."""
        return "\n".join(f"  {line}" for line in self.lines)

    def set_of(self, limit: int = 0) -> str:
        """Return a sub-select of the things, each once, no more than a limit."""
        most = f" LIMIT {limit}" if limit else ""
        return f"{{ SELECT DISTINCT ?{self.variable} WHERE {{\n{self.text}\n}}{most} }}"

    def fresh(self, hint: str) -> str:
        """Return a variable that no other part of the query has."""
        plain = re.sub(r"\W", "", local_name(hint), flags=re.ASCII) or "thing"
        name = plain[0].lower() + plain[1:]
        name = name if name[0].isalpha() else f"x{name}"
        number = 2
        chosen = name
        while chosen in self.taken:
            chosen, number = f"{name}{number}", number + 1
        self.taken.add(chosen)
        return chosen

    def _stage(self, stage: Stage) -> None:
        before = self.variable
        self.variable = self.fresh(stage.kind or stage.way[-1].iri)
        if stage.way:
            self.lines.append(f"?{before} {self.names.written(stage.way)} ?{self.variable} .")
        if stage.kind:
            self.lines.append(f"?{self.variable} a {self.names.short(stage.kind)} .")
        if not stage.kind or stage.kind in self.with_unnamed:
            self.lines.append(f"FILTER(isIRI(?{self.variable}))")
        for each in stage.filters:
            self.lines += self._filter(each, stage)

    def _filter(self, filtered: Narrowing, stage: Stage) -> Iterator[str]:
        thing, way = f"?{self.variable}", self.names.written(filtered.way)
        if filtered.how == "is":
            yield f"{thing} {way} {self.term(filtered.value)} ."
            return
        if filtered.how == "said":
            yield from self.said(thing, filtered.way, f"?{self.fresh(filtered.way[-1].iri)}", filtered.value)
            return
        value = f"?{self.fresh(filtered.way[-1].iri)}"
        if filtered.how == "none":
            yield f"FILTER NOT EXISTS {{ {thing} {way} {value} }}"
        elif filtered.how in {"many", "kinds"}:
            kind = f"{thing} a {self.names.short(stage.kind)} ; " if stage.kind else f"{thing} "
            counted, more = (value, "") if filtered.how == "many" else self.kinds_of(value)
            having = f"HAVING(COUNT(DISTINCT {counted}) >= {int(filtered.value)})"
            yield f"{{ SELECT {thing} WHERE {{ {kind}{way} {value} .{more} }} GROUP BY {thing} {having} }}"
        else:
            yield f"{thing} {way} {value} ."
            if filtered.how == "kind":
                yield f"{value} a {self.names.short(filtered.value[1:-1])} ."
            elif filtered.how == "text":
                yield f"FILTER(CONTAINS(LCASE(STR({value})), {Literal(filtered.value.lower())}))"
            elif filtered.how in {"from", "to"}:
                yield _range(value, filtered)

    def term(self, text: str) -> str:
        """Return a term that an address writes, checked, as a query writes it; raises BadRequest."""
        term = read_term(text, self.names)
        if isinstance(term, NamedNode):
            return self.names.short(term.value)
        plain = term.datatype.value == XSD + "string" or term.language
        return str(term) if plain else f"{Literal(term.value)}^^{self.names.short(term.datatype.value)}"

    def kinds_of(self, value: str) -> tuple[str, str]:
        """Return a variable for the kinds of a value, and what finds them: those that no narrower kind of it makes needless."""
        kind, narrower = f"?{self.fresh('kind')}", f"?{self.fresh('narrower')}"
        below = self.names.short(RDFS + "subClassOf")
        return kind, (
            f" {value} a {kind} . FILTER NOT EXISTS {{ {value} a {narrower} . {narrower} {below}+ {kind} . "
            f"FILTER NOT EXISTS {{ {kind} {below}+ {narrower} }} }}"
        )

    def said(self, thing: str, way: Way, value: str, who: str, graph: str = "") -> Iterator[str]:
        """Yield what finds a fact that is said by somebody: in our own graph by sources of a grade, else in a graph.

        `graph` is the variable for the graph that states it, where that is wanted too.
        """
        if len(way) > 1:
            between = f"?{self.fresh('between')}"
            yield f"{thing} {self.names.written(way[:-1])} {between} ."
            thing = between
        last = way[-1]
        subject, value_of = (value, thing) if last.is_back else (thing, value)
        graph = graph or f"?{self.fresh('passage')}"
        facts = [f"{subject} {self.names.short(last.iri)} {value_of}"]
        facts += [f"{value_of} {self.names.short(each)} {subject}" for each in sorted(self.inverses.get(last.iri, ()))]
        yield (
            f"GRAPH {graph} {{ {' } UNION { '.join(facts)} }}"
            if len(facts) == 1
            else (f"GRAPH {graph} {{ {{ {' } UNION { '.join(facts)} }} }}")
        )
        if self.is_own:
            of, grade = self.names.short(KOUAN + "passageOf"), self.names.short(KOUAN + "grade")
            yield f"{graph} {of}/{grade} {self.term(who) if who[0] != '?' else who} ."
        elif who[0] == "?":
            yield f"BIND({graph} AS {who})"
        else:
            yield f"FILTER({graph} = {self.term(who)})"


def _range(value: str, filtered: Narrowing) -> str:
    sign = ">=" if filtered.how == "from" else "<="
    bound = filtered.value
    if not DATE.match(bound) and not NUMBER.match(bound):
        raise BadRequest(f"{bound!r} is neither a number nor a date such as 2013, 2013-09 or 2013-09-07.")
    dated = f'SUBSTR(STR({value}), 1, {len(bound)}) {sign} "{bound}"'
    if not NUMBER.match(bound):
        return f"FILTER({dated})"
    if not DATE.match(bound):
        return f"FILTER({value} {sign} {bound})"
    return f"FILTER(IF(isNumeric({value}), {value} {sign} {bound}, {dated}))"
