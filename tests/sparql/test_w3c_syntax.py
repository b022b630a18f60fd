"""Other people's tests of the language: the syntax tests of the W3C are read, or refused, as they say."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat

from kouan.errors import QuerySyntaxError
from kouan.sparql.parser import parse_query, parse_update
from kouan.sparql.printer import print_tree

HERE = Path(__file__).parent
FETCHED = HERE.parents[1] / "build" / "suites"
BESIDE = HERE.parents[2] / "shared" / "suites"
SUITES = (
    Path(os.environ.get("KOUAN_SUITES") or (FETCHED if (FETCHED / "w3c-sparql").is_dir() else BESIDE)) / "w3c-sparql"
)
pytestmark = pytest.mark.skipif(
    not SUITES.is_dir(), reason="the W3C suites are not here; make suites fetches them, KOUAN_SUITES names their folder"
)

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
TYPE = pyoxigraph.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
ACTION = pyoxigraph.NamedNode(f"{MF}action")
POSITIVE = re.compile(r"#Positive(?:Update)?Syntax")
NEGATIVE = re.compile(r"#Negative(?:Update)?Syntax")
# Valid by the suites and refused by the engine, whose refusal we follow.
REFUSED_BY_THE_ENGINE = {
    "sparql12/grouping/select-variable-reuse.rq",
    "sparql10/expr-builtin/case-insensitive-booleans.rq",
}
ENDINGS = {".rq", ".ru", ".arq"}


@cache
def syntax_tests() -> dict[Path, str]:
    """Return the files that the manifests name, with the kind of their test."""
    found = {}
    for manifest in sorted(SUITES.rglob("manifest*.ttl")):
        store = pyoxigraph.Store()
        store.load(path=manifest, format=RdfFormat.TURTLE, base_iri=manifest.as_uri())
        for quad in store.quads_for_pattern(None, TYPE, None):
            for file in files(store, quad.subject):
                if file.startswith("file:") and Path(file[7:]).suffix in ENDINGS:
                    found[Path(file[7:])] = str(quad.object.value)
    return found


def files(store: pyoxigraph.Store, test: pyoxigraph.Term) -> Iterator[str]:
    """Return the IRIs that a test's action is, or names."""
    for action in store.quads_for_pattern(test, ACTION, None):
        yield str(getattr(action.object, "value", ""))
        if isinstance(action.object, pyoxigraph.BlankNode):
            for part in store.quads_for_pattern(action.object, None, None):
                yield str(getattr(part.object, "value", ""))


def chosen(kind: re.Pattern[str]) -> list[Path]:
    return [file for file, test in syntax_tests().items() if kind.search(test)] if SUITES.is_dir() else []


def name(file: Path) -> str:
    return file.relative_to(SUITES).as_posix()


def parsed(file: Path):
    text = file.read_bytes().decode()
    return (parse_update if file.suffix == ".ru" else parse_query)(text, base="http://example.org/base/")


def is_refused_by_the_engine(text: str, *, is_update: bool) -> bool:
    store = pyoxigraph.Store()
    try:
        (store.update if is_update else store.query)(text, base_iri="http://example.org/base/")
    except SyntaxError:
        return True
    except (RuntimeError, OSError, ValueError):
        return False
    return False


@pytest.mark.parametrize("file", chosen(POSITIVE), ids=name)
def test_positive_syntax_test_is_read(file):
    if name(file) in REFUSED_BY_THE_ENGINE:
        pytest.skip("the engine refuses it, and so do we")
    assert print_tree(parsed(file)) or file.suffix == ".ru"


@pytest.mark.parametrize("file", chosen(NEGATIVE), ids=name)
def test_negative_syntax_test_is_refused_as_the_engine_refuses_it(file):
    text = file.read_bytes().decode()
    if not is_refused_by_the_engine(text, is_update=file.suffix == ".ru"):
        pytest.skip("the engine reads it")
    with pytest.raises(QuerySyntaxError) as refused:
        parsed(file)
    assert refused.value.line is not None


def test_suites_have_hundreds_of_syntax_tests():
    assert len(chosen(POSITIVE)) > 140
    assert len(chosen(NEGATIVE)) > 60


def test_every_query_of_the_evaluation_tests_is_read_and_printed_back_to_the_same_tree():
    failed = {}
    count = 0
    for file, kind in syntax_tests().items():
        if not POSITIVE.search(kind) and not NEGATIVE.search(kind) and name(file) not in REFUSED_BY_THE_ENGINE:
            count += 1
            try:
                once = print_tree(parsed(file))
                is_update = file.suffix == ".ru"
                again = print_tree((parse_update if is_update else parse_query)(once))
                if once != again:
                    failed[name(file)] = (once, again)
            except QuerySyntaxError as error:
                failed[name(file)] = (error.message, str(error.line))
    assert failed == {}
    assert count > 250
