"""What a server refuses is said in Chinese to who reads Chinese, whatever is refused: the sentences are those of the code."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import kouan
from kouan import errors
from kouan.errors import RequestError
from kouan.http.languages import retold

PACKAGE = Path(kouan.__file__).parent
# Where a request may be refused; the library and the command line speak English.
PLACES = (
    *("http", "pages", "sparql", "evaluation", "formats", "linking", "engine", "validation", "reasoning"),
    *("writes", "history", "snapshot", "app"),
)
REFUSALS = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, RequestError)}
HTML = {"Accept": "text/html"}
UNSEARCHABLE = 'PREFIX search: <https://w3id.org/kouan/search#> SELECT * { <urn:a> search:label "x" }'
# These are for the command line, or are made of sentences that are told by themselves.
ASIDE = (
    ".: write ",
    "{}; /wikidata lists those that have one.",
    "The data says more than {} things of what it names;",
    "{} is no http address of a SPARQL service;",
    "The service <{}> answers with more than {} rows; raise KOUAN_SERVICE_ROWS",
    "The service <{}> answers with other columns",
)


def test_every_refusal_has_its_chinese(chinese):
    said = {sentence for place in PLACES for file in (PACKAGE / place).rglob("*.py") for sentence in refusals(file)}
    assert len(said) > 200
    assert [each for each in sorted(said) if not each.startswith(ASIDE) and not is_told(each)] == []


def is_told(sentence: str) -> bool:
    detail = sentence.format(*["XX"] * sentence.count("{}"))
    return bool(retold(detail) or retold(detail.removesuffix(".")))


@pytest.fixture
def chinese() -> Iterator[None]:
    """A request of who reads Chinese."""
    from flask import Flask

    with Flask(__name__).test_request_context("/?lang=zh"):
        yield


def refusals(file: Path) -> Iterator[str]:
    """The sentences with which a module refuses a request; `{}` stands for what is put in."""
    module = importlib.import_module("kouan." + file.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."))
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (called := ast.unparse(node.func)) in REFUSALS | {"_amiss", "self._amiss"}:
            said = (sentence(each, vars(module)) for each in node.args)
            yield from (each if called in REFUSALS else f"{each}: write {{}}." for each in said if " " in each)


def sentence(node: ast.expr, names: dict[str, object]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value).replace("{", "{{").replace("}", "}}")
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = (sentence(each, names) if isinstance(each, ast.Constant) else put_in(each, names) for each in node.values)
    return "".join(parts)


def put_in(node: ast.expr, names: dict[str, object]) -> str:
    """What a value is in a sentence: a constant's text, the end that most have, or anything."""
    inner = node.value.id if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name) else ""
    if inner == "message":
        return "."
    value = names.get(inner) if inner.isupper() else None
    return sentence(ast.Constant(value), names) if isinstance(value, str) and " " in value else "{}"


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("/sparql", {"query": "ASK {}", "infer": "maybe"}, "infer 的值为 true 或 false，不能是 'maybe'。"),
        ("/sparql", {"query": "SELECT * { ?s <urn:p> \\u0041bc }"}, "SPARQL 1.2 不允许在此处转义"),
        (
            "/sparql",
            {"query": "SELECT * { SERVICE wikibase:label { ?a ?b ?c . ?d <urn:e> ?f } }"},
            "标签服务不认识 ?a ?b；请写 SERVICE wikibase:label",
        ),
        (
            "/sparql",
            {"query": UNSEARCHABLE},
            "要搜索的须为变量：请写 ?thing search:label",
        ),
        ("/fragments", {"page": "none"}, "page 是从 1 开始的整数。"),
        ("/fragments", {"predicate": "rdfs label"}, "须为绝对 IRI"),
        ("/reconcile/suggest/thing", {"prefix": "a"}, "没有 thing 这类建议"),
        ("/lighthouses", {}, "/lighthouses 处没有内容；首页列出本站的内容。"),
    ],
)
def test_refusal_of_a_page_is_told_in_chinese(client, path, fields, told):
    answer = client.get(path, params=fields | {"lang": "zh"}, headers=HTML)
    assert answer.status_code >= 400
    assert told in re.sub("<[^>]+>", "", answer.text).replace("&#34;", '"').replace("&#39;", "'")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"data": ""}, '表单没有字段 "data"'),
        ({"data": "<urn:a> <urn:b> ."}, "无法读取数据："),
        ({"data": "<urn:a> <urn:b> 1 .", "shapes": "oops"}, "无法读取形状约束："),
        ({"data": "<urn:a> <urn:b> <<( <urn:c> <urn:d> 1 )>> ."}, "数据含有三元组项（RDF 1.2）"),
    ],
)
def test_refusal_of_what_is_validated_is_told_in_chinese(client, fields, told):
    answer = client.post("/validate?lang=zh", data=fields, headers=HTML)
    assert answer.status_code >= 400
    assert told in answer.text.replace("&#34;", '"')


def test_what_cannot_be_read_stays_in_the_form_beside_what_is_wrong_with_it(client):
    sent = {"data": "<urn:a> <urn:b> .", "shapes": "<urn:s> <urn:t> 1 ."}
    answer = client.post("/validate", data=sent, headers=HTML)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    for name, text in sent.items():
        assert text.replace("<", "&lt;").replace(">", "&gt;") in answer.text.partition(f'name="{name}"')[2]
    assert client.post("/validate", data=sent, headers={"Accept": "application/json"}).json()["title"] == "Bad request"
