"""Hold values against a pattern as SPARQL's REGEX does, with all of its flags (SHACL, section 4.4.3).

The validator's expressions are those of Python, whose `$` matches before a line end, and it passes over most flags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import rdflib
from pyoxigraph import Literal, QuerySolutions, Store
from pyshacl.constraints.core.string_based_constraints import PatternConstraintComponent, StringBasedConstraintBase
from rdflib.namespace import SH as S

from kouan.errors import BadRequest
from kouan.validation.judging import Nodes, wrong

FLAGS = "smixq"
# What is left out of a class, which the engine writes with two signs (XML Schema 1.1, part 2, G.4.2).
LEFT_OUT = re.compile(r"(?<=[^\\\[])-\[(?=[^\]]*\]\])")
IN_PYTHON = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.VERBOSE}


class RegularExpression:
    """A regular expression with its flags."""

    def __init__(self, text: str, flags: str) -> None:
        """Raise BadRequest where it cannot be read."""
        strange = "".join(sorted(set(flags) - set(FLAGS)))
        if strange:
            raise BadRequest(
                f"sh:flags are of s, m, i, x and q, as those of REGEX in SPARQL, and {flags!r} has {strange!r}."
            )
        said = LEFT_OUT.sub("--[", text)
        self._asked = f"{Literal(said)}, {Literal(flags)}"
        self._in_python: re.Pattern[str] | None = None
        if not self._solutions(f'BIND(REGEX("", {self._asked}) AS ?t) FILTER(BOUND(?t))'):
            # What the engine does not read, such as a look ahead, Python may; it is read as other validators do then.
            try:
                self._in_python = re.compile(text, sum(IN_PYTHON.get(each, 0) for each in set(flags)))
            except re.error as error:
                raise BadRequest(f"The sh:pattern {text!r} cannot be read: {error}.") from error

    def matching(self, texts: Iterable[str]) -> set[str]:
        """Return the texts that have it somewhere."""
        if self._in_python is not None:
            return {text for text in texts if self._in_python.search(text)}
        values = " ".join(str(Literal(text)) for text in texts)
        return self._solutions(f"VALUES ?t {{ {values} }} FILTER(REGEX(?t, {self._asked}))")

    @staticmethod
    def _solutions(pattern: str) -> set[str]:
        found = Store().query(f"SELECT ?t {{ {pattern} }}")
        assert isinstance(found, QuerySolutions)
        return {row["t"].value for row in found}


def _begin(component: Any, shape: Any) -> None:
    StringBasedConstraintBase.__init__(component, shape)
    component.string_rules = sorted(shape.objects(S.pattern))
    flags = "".join(map(str, shape.objects(S.flags)))
    component.compiled_cache = {rule: RegularExpression(str(rule), flags) for rule in component.string_rules}


def _evaluate(component: Any, rule: rdflib.Literal, data: Any, nodes: Nodes) -> tuple[bool, list[Any]]:
    said = {str(value) for values in nodes.values() for value in values if not isinstance(value, rdflib.BNode)}
    matching = component.compiled_cache[rule].matching(said)
    results = wrong(component, data, nodes, lambda value: isinstance(value, rdflib.BNode) or str(value) not in matching)
    return bool(results), results


def have_patterns_as_sparql() -> None:
    """Let the validator do so, in this process."""
    setattr(PatternConstraintComponent, "__init__", _begin)  # noqa: B010
    setattr(PatternConstraintComponent, "_evaluate_string_rule", _evaluate)  # noqa: B010
