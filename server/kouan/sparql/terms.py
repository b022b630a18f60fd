"""Read prologues and terms (SPARQL 1.2 Query, sections 4.1 and 19.8, from rule 4 and from rule 115). Knows no patterns."""

from __future__ import annotations

import re

from kouan.sparql.cursor import Cursor
from kouan.sparql.iris import absolute, is_absolute_iri, is_language
from kouan.sparql.tree import BlankNode, Iri, Literal, Prologue, TripleTerm, Var
from kouan.sparql.tree import Term as AnyTerm

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE, NIL = RDF + "type", RDF + "nil"
STRING, BOOLEAN = XSD + "string", XSD + "boolean"
ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
MEANT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
# Behind these no letter can turn a legal IRI into one that is none: the authority is complete.
SAFE_ENDS = ("/", "#", "=", "_")
TERM = frozenset({"var", "pname", "iri", "string", "number", "signed", "blank", "true", "false", "[", "(", "<<(", "<<"})
IRIS = frozenset({"iri", "pname"})
DOTS = re.compile(r"(?<!\\)\.+")


class TermReader(Cursor):
    """Reads the smallest things."""

    def prologue(self) -> Prologue:
        """Return what BASE, PREFIX and VERSION declare."""
        kinds = self.kinds
        start = end = self.starts[self.at]
        version = ""
        while (kind := kinds[self.at]) in {"PREFIX", "BASE", "VERSION"}:
            self.at += 1
            if kind == "VERSION":
                if kinds[self.at] != "string" or self._is_long():
                    raise self.error(f'VERSION is followed by a short string such as "1.2", but {self.found()}')
                version = self._string()
                end = self.ends[self.at - 1]
                continue
            prefix = ""
            if kind == "PREFIX":
                prefix = self.text[self.starts[self.at] : self.ends[self.at]]
                if kinds[self.at] != "pname" or prefix[-1] != ":" or prefix.count(":") > 1:
                    raise self.error(f"PREFIX is followed by a prefix and a colon, but {self.found()}")
                self.at += 1
            if kinds[self.at] != "iri":
                raise self.error(f"{kind} {prefix} is followed by an IRI in <…>, but {self.found()}")
            value = self.iri().value
            end = self.ends[self.at - 1]
            if kind == "BASE":
                self.base = value
            else:
                self.prefixes[prefix[:-1]] = value
        return Prologue(start, end, self.base, {**self.preset, **self.prefixes}, self.borrowed, version)

    def iri(self, what: str = "an IRI") -> Iri:
        """Return an IRI, written in full or by its prefix."""
        at = self.at
        kind = self.kinds[at]
        start, end = self.starts[at], self.ends[at]
        if kind == "pname":
            written = self.text[start:end]
            value = self.names.get(written)
            if value is None:
                value = self._named(written, start)
            self.at = at + 1
            return Iri(start, end, value)
        if kind != "iri":
            raise self.error(f"expected {what}, but {self.found()}")
        reference = self.text[start + 1 : end - 1]
        value = absolute(reference, self.base)
        if value is None:
            is_relative = not self.base and ":" not in reference
            why = "is relative, and there is no BASE to resolve it by" if is_relative else "is no legal IRI"
            raise self.error(f"{self.text[start:end]} {why}", start)
        self.at = at + 1
        return Iri(start, end, value)

    def _named(self, written: str, start: int) -> str:
        prefix, _, local = written.partition(":")
        base = self.prefixes.get(prefix)
        if base is None:
            base = self.preset.get(prefix)
            self.borrowed.add(prefix)
        if base is None:
            raise self.error(f"the prefix {prefix}: is not declared; declare it with PREFIX {prefix}: <…>", start)
        if "\\" in local:
            local = local.replace("\\", "")
        value = base + local
        if not (base.endswith(SAFE_ENDS) and base.count("/") > 2 and local.isascii() and local.isidentifier()):
            self._check_name(written, value, start)
        self.names[written] = value
        return value

    def _check_name(self, written: str, value: str, start: int) -> None:
        if not written.isascii() or len(DOTS.findall(written.partition(":")[2])) > 1:
            # The engine reads dots at one place of a name only, and no character above U+FFFF.
            self.only_printed = True
        if not is_absolute_iri(value):
            raise self.error(f"{written} stands for <{value}>, which is no legal IRI", start)

    def var(self, what: str = "a variable") -> Var:
        """Return a variable."""
        at = self.at
        if self.kinds[at] != "var":
            raise self.error(f"expected {what}, but {self.found()}")
        self.at = at + 1
        start, end = self.starts[at], self.ends[at]
        return Var(start, end, self.text[start + 1 : end])

    def var_or_iri(self, what: str) -> Var | Iri:
        """Return a variable, which is in scope from here on, or an IRI."""
        if self.kinds[self.at] == "var":
            found = self.var()
            self.scope[found.name] = None
            return found
        return self.iri(f"{what}: a variable or an IRI")

    def verb(self) -> Var | Iri:
        """Return what stands between subject and object: a variable, an IRI or `a`."""
        at = self.at
        if self.kinds[at] == "a":
            self.at = at + 1
            return Iri(self.starts[at], self.ends[at], TYPE)
        return self.var_or_iri("a verb")

    def literal(self) -> Literal:
        """Return the literal at the cursor, which is known to start one."""
        at = self.at
        kind = self.kinds[at]
        start, end = self.starts[at], self.ends[at]
        if kind == "string":
            return self._string_literal(start)
        self.at = at + 1
        written = self.text[start:end]
        if kind == "true" or kind == "false":
            # The engine knows these two in small letters only.
            self.only_printed |= written != kind
            return Literal(start, end, kind, BOOLEAN)
        return Literal(start, end, written, datatype_of(written))

    def _string_literal(self, start: int) -> Literal:
        lexical = self._string()
        at = self.at
        kind = self.kinds[at]
        if kind == "lang":
            self.at = at + 1
            written = self.text[self.starts[at] + 1 : self.ends[at]]
            language, _, direction = written.partition("--")
            if not is_language(language):
                raise self.error(f"@{language} is no well-formed language tag (RFC 5646)", self.starts[at])
            if direction not in {"", "ltr", "rtl"}:
                raise self.error(f"--{direction} is no direction of a text; --ltr and --rtl are", self.starts[at])
            return Literal(start, self.ends[at], lexical, "", language, direction)
        if kind == "^^":
            self.at = at + 1
            datatype = self.iri("the IRI of a datatype")
            return Literal(start, datatype.end, lexical, datatype.value)
        return Literal(start, self.ends[at - 1], lexical, STRING)

    def _is_long(self) -> bool:
        start, end = self.starts[self.at], self.ends[self.at]
        return end - start >= 6 and self.text[start : start + 3] in {'"""', "'''"}

    def _string(self) -> str:
        """Return what the string at the cursor means, and go past it."""
        at = self.at
        cut = 3 if self._is_long() else 1
        value = self.text[self.starts[at] + cut : self.ends[at] - cut]
        if "\\" in value:
            value = ESCAPE.sub(self._escaped, value)
        self.at = at + 1
        return value

    def string(self) -> str:
        """Return a string without language and datatype."""
        if self.kinds[self.at] != "string":
            raise self.error(f"expected a string, but {self.found()}")
        return self._string()

    def _escaped(self, found: re.Match[str]) -> str:
        if found[3] is not None:
            if found[3] not in MEANT:
                raise self.error(
                    rf"{found.group()} is no escape in a string; \t, \b, \n, \r, \f, \", \', \\ and \u are"
                )
            return MEANT[found[3]]
        code = int(found[1] or found[2], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise self.error(f"{found.group()} stands for no character")
        return chr(code)

    def blank_node(self) -> BlankNode:
        """Return the blank node at the cursor, which is a label or []."""
        at = self.at
        start, end = self.starts[at], self.ends[at]
        if self.kinds[at] == "[":
            self.at = at + 2
            return BlankNode(start, self.ends[at + 1], "")
        label = self.text[start + 2 : end]
        if label in self.spent_labels:
            raise self.error(
                f"_:{label} stands in two basic graph patterns, and a label belongs to one; use a variable", start
            )
        self.labels.add(label)
        self.at = at + 1
        return BlankNode(start, end, label)

    def simple_term(self, what: str) -> AnyTerm:
        """Return a term that holds no triples of its own; a variable is in scope from here on."""
        at = self.at
        kind = self.kinds[at]
        if kind == "var":
            start, end = self.starts[at], self.ends[at]
            name = self.text[start + 1 : end]
            self.scope[name] = None
            self.at = at + 1
            return Var(start, end, name)
        if kind in IRIS:
            return self.iri()
        if kind == "blank" or (kind == "[" and self.is_empty()):
            return self.blank_node()
        if kind == "<<(":
            return self.triple_term()
        if kind in {"string", "number", "signed", "true", "false"}:
            return self.literal()
        raise self.error(f"expected {what}, but {self.found()}")

    def triple_term(self) -> TripleTerm:
        """Return <<( subject verb object )>> among patterns."""
        start = self.starts[self.at]
        self.enter()
        self.at += 1
        subject = self.simple_term("the subject of a triple term")
        verb = self.verb()
        value = self.simple_term("the object of a triple term")
        end = self.expect(")>>", "to close the triple term", start)
        self.room += 1
        return TripleTerm(start, end, subject, verb, value)


def datatype_of(number: str) -> str:
    """Return the datatype of a number as it is written."""
    if "e" in number or "E" in number:
        return XSD + "double"
    return XSD + ("decimal" if "." in number else "integer")
