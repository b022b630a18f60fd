"""Findings of a validation, and the forms in which they are shown. Knows nothing of how they were found."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kouan.graph.turtle import write_turtle
from kouan.vocabulary import PREFIXES, RDF, SH

VIOLATION, WARNING, INFO = "Violation", "Warning", "Info"
RANKS = {VIOLATION: 0, WARNING: 1, INFO: 2}
Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True, order=True)
class Finding:
    """One place where the data is not as a shape asks; `focus_term` and `value_term` are the terms as N-Triples write them."""

    severity: str
    focus_node: str
    path: str
    value: str
    message: str
    message_zh: str
    shape: str
    component: str
    file: str
    line: int | None
    focus_term: str = ""
    value_term: str = ""

    @property
    def place(self) -> str:
        """Return the file at fault and its line."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Report:
    """What a validation found, worst first; a strict one conforms where it found nothing at all (SHACL, section 3.6.1)."""

    findings: tuple[Finding, ...]
    is_strict: bool = False

    @classmethod
    def of(cls, findings: Iterable[Finding], *, is_strict: bool = False) -> Report:
        """Return the report of findings in any order; a severity of somebody's own is taken for a violation."""
        return cls(tuple(sorted(findings, key=lambda each: (RANKS.get(each.severity, 0), each))), is_strict)

    @property
    def violations(self) -> list[Finding]:
        """Return the findings that stop a build."""
        return [finding for finding in self.findings if finding.severity == VIOLATION]

    @property
    def conforms(self) -> bool:
        """Return whether nothing stops a build, or nothing was found where that is asked for."""
        return not (self.findings if self.is_strict else self.violations)

    @property
    def worst(self) -> str:
        """Return the severity of the worst finding, "" where there is none."""
        return self.findings[0].severity if self.findings else ""

    def of_files(self, names: Collection[str]) -> Report:
        """Return the findings for which these files are at fault."""
        return Report(tuple(finding for finding in self.findings if finding.file in names), self.is_strict)

    def summary(self) -> str:
        """Return how many findings there are of each severity."""
        counts = Counter(finding.severity for finding in self.findings)
        told = [f"{counts[s]} {s.lower()}{'' if counts[s] == 1 else 's'}" for s in RANKS]
        others = counts.total() - sum(counts[s] for s in RANKS)
        return ", ".join([*told, *([f"{others} of a severity of their own"] if others else [])])

    def table(self, most: int | None = None) -> str:
        """Return the findings, or the worst of them, as text for a terminal."""
        if not self.findings:
            return "The data conforms to every shape."
        blocks = []
        for f in self.findings[:most]:
            fact = " ".join(short(part) for part in (f.focus_node, f.path, f.value) if part)
            lines = [f"{f.severity}: {f.message}", f.message_zh, fact, f.place or "no single file"]
            blocks.append("\n  ".join(line for line in lines if line))
        left = len(self.findings) - len(blocks)
        more = [f"... and {left} more; kouan validate shows all."] if left else []
        return "\n".join([*blocks, *more, self.summary()])

    def turtle(self) -> str:
        """Return the report as RDF (SHACL, section 3.6)."""
        report = BlankNode("report")
        triples = [_triple(report, RDF + "type", NamedNode(SH + "ValidationReport"))]
        triples.append(_triple(report, SH + "conforms", Literal(self.conforms)))
        for number, f in enumerate(self.findings):
            result = BlankNode(f"result{number}")
            triples += [
                _triple(report, SH + "result", result),
                _triple(result, RDF + "type", NamedNode(SH + "ValidationResult")),
                _triple(result, SH + "resultSeverity", NamedNode(SH + f.severity)),
                _triple(result, SH + "focusNode", _term(f.focus_term)),
                _triple(result, SH + "resultMessage", Literal(f.message, language="en")),
                _triple(result, SH + "sourceConstraintComponent", NamedNode(f.component)),
            ]
            if f.message_zh:
                triples.append(_triple(result, SH + "resultMessage", Literal(f.message_zh, language="zh")))
            if f.path:
                triples.append(_triple(result, SH + "resultPath", NamedNode(f.path)))
            if f.value_term:
                triples.append(_triple(result, SH + "value", _term(f.value_term)))
            if f.shape:
                triples.append(_triple(result, SH + "sourceShape", NamedNode(f.shape)))
        return write_turtle(triples, PREFIXES)

    def json(self) -> str:
        """Return the findings as JSON."""
        document = {"conforms": self.conforms, "findings": [vars(finding) for finding in self.findings]}
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def csv(self) -> str:
        """Return the findings as CSV."""
        text = io.StringIO()
        told = [name for name in Finding.__dataclass_fields__ if not name.endswith("_term")]
        writer = csv.DictWriter(text, told, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(vars(finding) for finding in self.findings)
        return text.getvalue()

    def junit(self) -> str:
        """Return the findings as a JUnit file, a test for each file at fault and one for the whole."""
        suite = ElementTree.Element("testsuite", name="kouan validate", tests=str(len(self.findings) + 1))
        suite.set("failures", str(len(self.violations)))
        ElementTree.SubElement(suite, "testcase", classname="kouan.validate", name="every shape was checked")
        for f in self.findings:
            case = ElementTree.SubElement(
                suite, "testcase", classname=f.file or "graph", name=f"{short(f.focus_node)}: {f.message}"
            )
            if f.severity == VIOLATION:
                failure = ElementTree.SubElement(case, "failure", message=f.message)
                failure.text = f"{f.place}\n{f.focus_node} {f.path} {f.value}"
            else:
                ElementTree.SubElement(case, "system-out").text = f"{f.severity}: {f.message}"
        return ElementTree.tostring(suite, encoding="unicode") + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {
    "table": Report.table,
    "turtle": Report.turtle,
    "json": Report.json,
    "csv": Report.csv,
    "junit": Report.junit,
}


def short(text: str) -> str:
    """Return an IRI as a prefixed name where a prefix is known."""
    for prefix, iri in PREFIXES.items():
        if text.startswith(iri) and text != iri:
            return f"{prefix}:{text.removeprefix(iri)}"
    return text


def _term(text: str) -> Term:
    [quad] = parse(f"<urn:s> <urn:p> {text} .", RdfFormat.N_TRIPLES)
    term: Term = quad.object
    return term


def _triple(subject: BlankNode, predicate: str, value: Term) -> Triple:
    return Triple(subject, NamedNode(predicate), value)
