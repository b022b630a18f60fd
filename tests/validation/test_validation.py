"""A validation names the file and line at fault, and its report comes in every form."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from pyoxigraph import RdfFormat, parse

from kouan.graph.dataset import read_files
from kouan.reasoning import closure
from kouan.validation import FORMATS, validate, with_files
from kouan.vocabulary import SH


@pytest.fixture(scope="module")
def swapped(dataset, tmp_path_factory):
    """The report on a graph in which a plan ends before it starts."""
    file = tmp_path_factory.mktemp("home") / "triples" / "chen-2018" / "p26.ttl"
    file.parent.mkdir(parents=True)
    text = (dataset.home / "triples/chen-2018/p26.ttl").read_text(encoding="utf-8")
    file.write_text(text.replace("periodStart 2014", "periodStart 2021"), encoding="utf-8")
    given = with_files(dataset, read_files([file]))
    kept = tuple(f for f in given.files if f.name != "triples/chen-2018/p26.ttl")
    given = type(given)(given.home, kept)
    return validate(given, closure(given.asserted())), file


def test_the_graph_conforms(dataset):
    report = validate(dataset, closure(dataset.asserted()))
    assert report.conforms, report.table()


def test_finding_names_the_file_and_line_at_fault(swapped):
    report, file = swapped
    finding = next(f for f in report.violations if "starts before it ends" in f.message)
    line = file.read_text(encoding="utf-8").splitlines()[finding.line - 1]
    assert finding.file == file.as_posix()
    assert "periodStart 2021" in line
    assert "期限" in finding.message_zh


def test_report_comes_as_turtle_that_is_a_shacl_report(swapped):
    triples = [q.triple for q in parse(FORMATS["turtle"](swapped[0]), format=RdfFormat.TURTLE)]
    assert any(t.predicate.value == SH + "conforms" and t.object.value == "false" for t in triples)
    assert sum(t.predicate.value == SH + "result" for t in triples) == len(swapped[0].findings)


def test_report_comes_as_json_csv_and_junit(swapped):
    report, _ = swapped
    assert json.loads(FORMATS["json"](report))["conforms"] is False
    assert len(list(csv.DictReader(io.StringIO(FORMATS["csv"](report))))) == len(report.findings)
    suite = ElementTree.fromstring(FORMATS["junit"](report))
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) == len(report.violations)
