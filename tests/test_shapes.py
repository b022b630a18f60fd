"""Every shape accepts its valid cases and refuses its invalid ones, with the message that the case names.

The cases are validated in one run, each with names of its own, so that none can meet another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Quad
from rdflib.namespace import SH

from kouan.graph.dataset import SourceDataset, SourceFile, read_file
from kouan.reasoning import closure
from kouan.validation import Finding, validate
from kouan.vocabulary import ID, KOUAN, SRC

HOME = Path(__file__).parent.parent
CASES = sorted(path for path in (HOME / "tests" / "shapes").rglob("*.*") if path.suffix in {".ttl", ".trig"})
SHAPES = sorted((HOME / "shapes").glob("*.ttl"))
VALID = [path for path in CASES if path.name.startswith("valid.")]
INVALID = [path for path in CASES if path.name.startswith("invalid.")]
# What the shapes themselves name, which means the same in every case.
SHARED = {ID + name for name in ("china", "measure-pilot-zones", "unit-job", "unit-number")}


NAMESPACES = f"{re.escape(ID)}|{re.escape(SRC)}"
ITEM = re.compile(r"^(http://www[.]wikidata[.]org/entity/Q|https://sws[.]geonames[.]org/)([0-9]+)")


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name.rsplit('.', 1)[0]}"


@dataclass(frozen=True)
class Case:
    """One case with names of its own: the message it names, its file, and the names."""

    expected: str
    file: SourceFile
    names: frozenset[str]

    def is_named_by(self, finding: Finding) -> bool:
        return finding.focus_node in self.names


def read_case(path: Path, number: int) -> Case:
    def own(iri: str) -> str:
        if iri in SHARED or iri.startswith(SRC + "kouan/"):
            return iri
        return re.sub(rf"^({NAMESPACES})(?=\w)", rf"\g<1>case{number}-", re.sub(ITEM, rf"\g<1>{number}0\g<2>", iri))

    def term(value):
        return NamedNode(own(value.value)) if isinstance(value, NamedNode) else value

    # A loose file stands in no passage; a TriG file says itself which graphs it has.
    file = read_file(path, path.as_posix(), path.as_uri())
    quads = tuple(Quad(term(q.subject), q.predicate, term(q.object), term(q.graph_name)) for q in file.quads)
    subjects = {value.value for q in quads for value in (q.subject, q.object) if isinstance(value, NamedNode)}
    terms = {value.value for q in quads for value in (q.predicate, q.object) if isinstance(value, NamedNode)}
    examples = {name for name in subjects | terms if name.startswith(KOUAN + "example")}
    names = {
        name for name in subjects if f"case{number}-" in name or not name.startswith((ID, SRC, KOUAN, "http://www.w3"))
    }
    first = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    written = {value.value for q in file.quads for value in q if isinstance(value, NamedNode)}
    expected = re.sub(
        r"https?://[^\s,:]*[^\s,:.]", lambda found: own(found[0]) if found[0] in written else found[0], first
    )
    return Case(expected, replace(file, quads=quads), frozenset(names | examples))


@pytest.fixture(scope="module")
def cases() -> dict[Path, Case]:
    return {path: read_case(path, number) for number, path in enumerate(CASES, 1)}


@pytest.fixture(scope="module")
def findings(cases, dataset) -> tuple[Finding, ...]:
    standing = [file for file in dataset.files if not file.name.startswith("triples/")]
    together = SourceDataset(dataset.home, (*standing, *(case.file for case in cases.values())))
    return validate(together, closure(together.asserted())).findings


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_valid_case_is_accepted(path, cases, findings):
    about = [finding for finding in findings if cases[path].is_named_by(finding)]
    assert [f"{f.focus_node}: {f.message}" for f in about if f.severity == "Violation"] == []


@pytest.mark.parametrize("path", INVALID, ids=name_of)
def test_invalid_case_is_refused_with_its_message(path, cases, findings):
    assert cases[path].expected in {finding.message for finding in findings if cases[path].is_named_by(finding)}


@pytest.mark.parametrize("path", INVALID, ids=name_of)
def test_finding_says_what_to_do_in_chinese_too(path, cases, findings):
    found = [f for f in findings if cases[path].is_named_by(f) and f.message == cases[path].expected]
    assert all(re.search("[一-鿿]", finding.message_zh) for finding in found)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.stem)
def test_shape_has_a_valid_and_an_invalid_case(shape):
    assert {path.name.split(".", 1)[0] for path in CASES if path.parent.name == shape.stem} == {"valid", "invalid"}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.stem)
def test_every_message_of_a_shape_is_seen_in_a_case(shape):
    firsts = [path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in INVALID]
    for message in messages(shape, "en"):
        pattern = "(.*)".join(re.escape(part) for part in re.split(r"\{\?\w+\}", message))
        assert any(re.fullmatch(pattern, first) for first in firsts), message


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.stem)
def test_every_constraint_has_a_severity_and_a_message_in_both_languages(shape):
    graph = rdflib.Graph().parse(shape)
    constraints = (
        set(graph.subjects(SH.message)) | set(graph.objects(None, SH.property)) | set(graph.objects(None, SH.sparql))
    )
    assert constraints
    for node in constraints:
        assert {m.language for m in graph.objects(node, SH.message)} == {"en", "zh"}
        # The severity of a SPARQL constraint is that of the shape it stands in.
        holder = graph.value(None, SH.sparql, node) or node
        assert graph.value(holder, SH.severity) in {SH.Violation, SH.Warning, SH.Info}


def test_every_class_of_the_ontology_has_a_shape_file():
    graph = rdflib.Graph().parse(HOME / "ontology" / "kouan.ttl")
    classes = set(graph.subjects(rdflib.RDF.type, rdflib.OWL.Class))
    named = {str(each).removeprefix(KOUAN) for each in classes if str(each).startswith(KOUAN)}
    assert named <= {shape.stem for shape in SHAPES}


def messages(shape: Path, language: str) -> list[str]:
    graph = rdflib.Graph().parse(shape)
    return [str(m) for m in graph.objects(None, SH.message) if isinstance(m, rdflib.Literal) and m.language == language]


def test_messages_hold_no_text_of_another_language():
    for shape in SHAPES:
        graph = rdflib.Graph().parse(shape)
        for message in graph.objects(None, SH.message):
            assert isinstance(message, Literal | rdflib.Literal)
            assert bool(re.search("[一-鿿]", re.sub(r"“.*?”|\".*?\"|自治区", "", str(message)))) == (
                message.language == "zh"
            )
