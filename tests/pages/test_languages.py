"""Pages speak the reader's language: one at a time, the other a click away, kept from page to page."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from rdflib import SH, Graph
from rdflib.collection import Collection

import kouan
from kouan.graph.questions import read_questions
from kouan.http.languages import column_head, words
from kouan.pages import axioms, front, order, question_pages
from kouan.pages.sources import GRADES
from kouan.pages.terms import spelled

PACKAGE = Path(kouan.__file__).parent
HOME = Path(__file__).parents[2]
HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
SAID = re.compile(r"""\b_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


# What templates and functions say by a name that stands for it.
BY_NAME = {
    *(*order.GROUPS, order.OTHERS, order.NOT_FOUND),
    *GRADES,
    *front.PLURALS.values(),
    *question_pages.THEMES.values(),
    *axioms.IN_WORDS.values(),
    *axioms.COUNTS.values(),
    *axioms.CHARACTERISTICS.values(),
    *axioms.KINDS_OF_NODE.values(),
}


def texts():
    """Every English text that a template or a function says."""
    yield from BY_NAME
    for file in sorted((PACKAGE / "templates").glob("*.html")):
        yield from (ast.literal_eval(found) for found in SAID.findall(file.read_text(encoding="utf-8")))
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                yield from (part.value for part in node.args[:1] if isinstance(part, ast.Constant))


def test_every_text_of_the_pages_has_its_chinese():
    said = set(texts()) - {"English text"}
    assert len(said) > 20
    assert sorted(said - set(words())) == []


def test_texts_keep_their_values_and_their_markup_in_chinese():
    pattern = re.compile(r"\{\w*\}|</?[a-z]+|href=\"[^\"]*\"")
    unlike = {e for e, z in words().items() if sorted(set(pattern.findall(e))) != sorted(set(pattern.findall(z)))}
    assert unlike == set()


def test_every_column_of_the_questions_is_headed_in_chinese():
    heads = set()
    for question in read_questions(HOME / "questions"):
        chosen = re.search(r"^SELECT (.*?)\s*^WHERE", question.query, re.DOTALL | re.MULTILINE)
        heads |= {spelled(name) for name in re.findall(r"\?(\w+)\)?(?=\s|$)", chosen[1])} if chosen else set()
    assert len(heads) > 100
    assert {head for head in heads if not column_head(head)} == set()


def test_every_value_that_the_shapes_allow_has_its_chinese():
    allowed = Graph()
    for file in (HOME / "shapes").rglob("*.ttl"):
        allowed.parse(file)
    values = {str(each) for head in allowed.objects(None, SH["in"]) for each in Collection(allowed, head)}
    told = {each for each in values if not each.startswith("http") and re.search("[a-z]", each)}
    assert len(told) > 30
    assert {each for each in told if f"value: {each}" not in words()} == set()


@pytest.mark.parametrize(
    ("address", "accepted", "spoken"),
    [
        ("/", "", "en"),
        ("/", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("/", "en;q=0.4, zh-Hans;q=0.6", "zh"),
        ("/", "de, zh;q=0", "en"),
        ("/?lang=zh", "en", "zh"),
        ("/?lang=en", "zh", "en"),
        ("/?lang=tlh", "zh", "zh"),
    ],
)
def test_page_speaks_the_language_that_is_asked_for(client, address, accepted, spoken):
    page = client.get(address, headers=HTML | {"Accept-Language": accepted})
    assert f'<html lang="{spoken}">' in page.text
    assert page.headers["content-language"] == spoken
    assert "accept-language" in page.headers["vary"].lower()


def test_chosen_language_is_kept_in_every_link_and_form_and_another_is_one_click_away(client):
    page = client.get("/?lang=zh", headers=HTML | {"Accept-Language": "en"}).text
    head = page.partition("</header>")[0]
    inner = [address for address in re.findall(r'<a href="(/[^"]*)"', head) if not address.startswith("/?lang=en")]
    assert inner
    assert all("lang=zh" in address for address in inner)
    assert '<input type="hidden" name="lang" value="zh">' in head
    assert '<a href="/?lang=en" hreflang="en" lang="en">English</a>' in head


def test_language_that_the_browser_asks_for_stands_in_no_address(client):
    head = client.get("/", headers=HTML | {"Accept-Language": "zh"}).text.partition("</header>")[0]
    assert "lang=zh" not in head.replace('hreflang="zh" href="', "").partition("<body>")[2]


SAID_OF_ERRORS = [
    ("/nosuch", {}, "处没有内容"),
    ("/class", {}, "请用 IRI 指明类"),
    ("/timeline", {"from": "soon"}, "应为年份"),
    ("/help", {"format": "csv"}, "此处没有 csv 格式"),
    ("/search", {"q": "a", "format": "xml"}, "没有 xml 格式；可用格式：html, json"),
    ("/data", {"graph": "urn:none"}, "没有图 urn:none"),
    ("/sparql", {"query": "SELECT * { ?s ?p }"}, "此处应有宾语，但此处是 }"),
    (
        "/sparql",
        {"query": "PREFIX a: <b SELECT * {}"},
        "之后应为 &lt;…&gt; 中的 IRI，但此处的 &#39;&lt;&#39; 不是 IRI 的开头",
    ),
    ("/sparql", {"query": "SELECT ?x { ?s ?p ?o } GROUP BY ?s"}, "既不在 GROUP BY 中"),
    ("/sparql", {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "timeout": "0.2"}, "被终止"),
    ("/wikidata", {"format": "xlsx"}, "此对照的可用格式"),
    ("/explore", {"kind": "foo:bar"}, "本数据没有前缀 foo:；已有前缀："),
    ("/explore", {"kind": "kouan:City", "f": "zz"}, "&#39;zz&#39; 不构成筛选"),
    ("/explore", {"kind": "kouan:City", "page": "99"}, "没有第 99 页"),
    ("/search", {"q": "heihe", "page": "99"}, "没有第 99 页"),
    ("/sparql", {"query": "SELECT * { ?s ?p ?o } LIMIT 1", "format": "geojson"}, "没有几何列"),
    *[
        ("/sparql", {"query": query}, said)
        for query, said in {
            "SELECT ?x { ?x a ?y }\nSELECT": "此处应为查询末尾，或此处可用的子句，但此处是 SELECT",
            "SELECT ?x { FILTER }": "FILTER 之后应为函数调用或括号中的表达式，但此处是 }",
            "SELECT (COUNT(*) ?n) {}": "此处应有AS 和变量，为 SELECT 括号中的内容命名，但此处是 ?n",
            "SELECT ?x { BIND(1 AS) }": "此处应有BIND 的变量，但此处是 )",
            "SELECT ?x { VALUES (?x ?y) { (1) } }": "共有 2 个变量，此行有 1 个值",
            "SELECT ?x { ?x ?y ?z FILTER(REGEX(?x)) }": "REGEX 有 2 或 3 个参数，此处给了 1 个",
            "SELECT (SUM(COUNT(?y)) AS ?z) { ?x ?p ?y }": "聚合不能放在另一聚合 SUM 之中，而此处是 COUNT",
            "BASE SELECT": "BASE 之后应为 &lt;…&gt; 中的 IRI，但此处是 SELECT",
        }.items()
    ],
]


@pytest.mark.parametrize(("path", "asked", "said"), SAID_OF_ERRORS)
def test_error_says_in_chinese_what_happened(client, path, asked, said):
    page = client.get(path, params=asked | {"lang": "zh"}, headers=HTML)
    assert page.status_code >= 400
    [told] = re.findall(r'role="alert">\s*<p>(.*?)</p>', page.text, re.DOTALL)
    assert said in told


def test_reasons_of_failed_tests_are_told_in_chinese(client):
    page = client.get("/conformance", params={"lang": "zh"}, headers=HTML).text
    assert "结果集不同" in page
    assert "result sets differ" not in page


def test_chinese_names_are_listed_by_how_they_sound(client):
    page = client.get("/map", params={"lang": "zh"}, headers={"Accept": "text/html"}).text
    places = [page.index(f">{name}</a>") for name in ("阿拉山口", "白山", "长春", "丹东", "东兴")]
    assert places == sorted(places)
