"""The ontology and the shapes are told term by term, in words."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from kouan.vocabulary import ONTOLOGY_GRAPH

# How many axioms the OWL API reads in the first of some files, in the syntax that its ending says, and what the others have otherwise.
OWL_API = """
import json, sys
from pathlib import Path
from kouan.reasoning.profile import _java
api = _java(Path(sys.argv[1]))
FORMATS = "org.semanticweb.owlapi.formats."
formats = {"rdf": "RDFXML", "owx": "OWLXML", "ofn": "FunctionalSyntax"}
found = []
for file in sys.argv[2:]:
    form = api.JClass(FORMATS + formats[Path(file).suffix[1:]] + "DocumentFormat")()
    source = api.JClass("org.semanticweb.owlapi.io.FileDocumentSource")(api.JClass("java.io.File")(file), form)
    manager = api.JClass("org.semanticweb.owlapi.apibinding.OWLManager").createOWLOntologyManager()
    found.append(set(manager.loadOntologyFromOntologyDocument(source).getAxioms()))
print(json.dumps([len(found[0]), *([str(axiom) for axiom in each ^ found[0]] for each in found[1:])]))
"""
HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Language": "en"}


def text_of(client, path, **headers):
    answer = client.get(path, headers=HTML | headers, follow_redirects=True)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text.partition("<main")[2].partition("</main>")[0]).split())


def test_index_has_every_term_and_leads_to_its_page(client):
    page = client.get("/ontology", headers=HTML).text
    for name in ("BorderCity", "hasPort", "administrativeCode"):
        assert f'href="/ontology/{name}"' in page
    assert "<svg" in page
    assert len(page) < 200_000


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("BorderCity", "It is the same as: city and what has as “ borders country ” at least one country ."),
        ("BorderCity", "Each one is also: city ."),
        ("BorderCity", "https://schema.org/City"),
        ("BorderCity", "members."),
        ("hasPort", "Read backwards it is: port of ."),
        ("hasPort", "What has it is: administrative area ."),
        ("portOf", "Read backwards it is: has port ."),
        ("borders", "It holds both ways."),
        ("BorderProvince", "Shapes that constrain it"),
    ],
)
def test_page_of_a_term_says_what_holds_of_it(client, name, says):
    assert says in text_of(client, f"/ontology/{name}")


def test_axioms_are_told_in_chinese_too(client):
    assert "等同于： 城市 且 “ 与……国接壤 ”至少有一个 国家 者" in text_of(client, "/ontology/BorderCity?lang=zh")


def test_shape_is_told_in_words_with_what_it_says_to_who_breaks_it(client):
    text = text_of(client, "/shapes/BorderCity")
    assert "It looks at each border city" in text
    assert "borders country at least 1 warning only" in text
    assert "Name the country that the border city borders" in text


@pytest.mark.parametrize(("language", "script"), [("zh", r"[A-Za-z]"), ("en", r"[一-龥]")])
def test_every_shape_is_called_in_the_readers_language(client, language, script):
    page = client.get("/shapes", params={"lang": language}, headers=HTML).text
    names = re.findall(r'<a href="/shapes/[^"]*">([^<]*)</a>', page)
    assert len(names) > 100
    assert [each for each in names if re.search(script, each)] == []
    shown = client.get("/shapes/CitiesToReview", params={"lang": language}, headers=HTML).text
    assert f"<h1>{ {'zh': '所有城市（待查）', 'en': 'all cities, to review'}[language] }" in shown


@pytest.mark.parametrize("path", ["/ontology/Nothing", "/shapes/Nothing", "/questions/nothing"])
def test_what_is_no_term_is_not_found(client, path):
    page = client.get(path, headers=HTML)
    assert page.status_code == 404
    assert "Back to:" in page.text


def test_claims_of_wikidata_are_called_by_their_properties(client):
    assert ">ISO 3166-1 alpha-3 code</a>" in client.get("/alignments", headers=HTML).text
    chinese = client.get("/alignments", params={"lang": "zh"}, headers=HTML).text
    assert ">ISO 3166-1三位字母代码</a>" in chinese
    assert ">P298<" not in chinese
    assert "obs value" not in chinese


@pytest.mark.parametrize("path", ["/ontology", "/ontology/BorderCity", "/shapes", "/shapes/BorderCity", "/alignments"])
def test_tools_get_the_whole_document(client, path):
    answer = client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert answer.headers["content-type"].startswith("text/turtle")


@pytest.mark.parametrize(
    "path", ["/ontology/Nonsense", "/ontology/Nonsense.ttl", "/shapes/Nonsense", "/shapes/Nonsense.nt"]
)
def test_what_is_no_term_and_no_shape_leads_nowhere(client, path):
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 404
    assert "Nonsense; /" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("owx", "application/owl+xml"), ("ofn", "text/owl-functional")],
)
def test_ontology_is_to_be_had_in_the_syntaxes_of_owl(client, name, media_type):
    answer = client.get("/ontology", headers={"Accept": f"{media_type}, */*;q=0.1"}, follow_redirects=True)
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.url.path == f"/doc/ontology.{name}"
    assert client.get(f"/ontology/City.{name}", follow_redirects=True).text == answer.text
    assert client.get("/ontology", params={"format": name}, follow_redirects=True).text == answer.text
    assert f"/doc/ontology.{name}" in client.get("/ontology", headers=HTML).text
    before = client.get("/ontology/0.1.0", headers={"Accept": media_type})
    assert before.headers["content-type"].startswith(media_type)
    missing = client.get(f"/doc/heihe.{name}")
    assert missing.status_code == 404
    assert ".ttl" in missing.json()["detail"]


@pytest.mark.timeout(600)
def test_syntaxes_of_owl_say_what_the_triples_say(client, settings, tmp_path):
    files = [tmp_path / f"ontology.{name}" for name in ("rdf", "owx", "ofn")]
    for file in files:
        file.write_text(client.get(f"/doc/{file.name}").text, encoding="utf-8")
    # The document of triples tells of itself as well.
    graph = client.get("/data", params={"graph": ONTOLOGY_GRAPH}, headers={"Accept": "application/rdf+xml"})
    files[0].write_text(graph.text, encoding="utf-8")
    # In a process of its own: one that holds a Java machine cannot be forked safely any more.
    asked = subprocess.run(
        [sys.executable, "-c", OWL_API, settings.owlapi, *files], capture_output=True, text=True, timeout=500
    )
    if "SourceError" in asked.stderr:
        pytest.skip(asked.stderr.splitlines()[-1])
    assert asked.returncode == 0, asked.stderr
    number, *others = json.loads(asked.stdout)
    assert number > 2000
    assert others == [[], []]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/def", "/ontology"),
        ("/def/BorderCity", "/ontology/BorderCity"),
        ("/examples", "/questions"),
        ("/examples/border-cities", "/questions/border-cities"),
    ],
)
def test_other_names_lead_there(client, old, new):
    moved = client.get(old, headers=HTML)
    assert (moved.status_code, moved.headers["location"]) == (301, new)


def test_questions_are_searched_in_either_language(client):
    for sought in ("kind of zone", "不止一种合作区"):
        page = client.get("/questions", params={"q": sought}, headers=HTML).text
        assert 'href="/questions/cities-with-more-kinds-of-zones"' in page
        assert 'href="/questions/wikidata-codes"' not in page


def test_questions_stand_by_theme_with_their_counts(client):
    page = client.get("/questions", headers=HTML).text
    marks = re.findall(r'<li><a href="#(\w+)">[^<]+ <span class="number">(\d+)</span>', page)
    sections = re.findall(r'<h2 id="(\w+)">[^<]+ <span class="number">\d+</span></h2>(.*?)</section>', page, re.DOTALL)
    assert [(name, str(found.count("<li>"))) for name, found in sections] == marks
    assert len(marks) > 5
    assert "other" not in dict(marks)


def test_question_has_its_live_answer_its_query_and_its_last_check(client, snapshot):
    text = text_of(client, "/questions/cities-with-more-kinds-of-zones")
    assert "Erenhot 3 border economic cooperation zone" in text
    assert "GROUP BY ?city" in text
    assert re.search(rf"Last check: 20\d\d-\d\d-\d\d \d\d:\d\d UTC, of version {snapshot.version[:12]}", text)
    assert "The answer is the one that the editors reviewed." in text


def test_question_is_answered_in_the_language_of_the_page_and_names_nothing_twice(client):
    page = client.get("/questions/cities-with-more-kinds-of-zones", params={"lang": "zh"}, headers=HTML).text
    table = page.partition("<table")[2].partition("</table>")[0]
    assert re.findall(r"<th[^>]*>([^<]*)</th>", table) == ["城市", "类数", "类别名称"]
    assert "边境经济合作区" in table
    assert "Erenhot" not in table
    assert "与编者审定的答案一致" in page


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", ["/help", "/limits", "/accessibility", "/about/maps", "/data", "/history"])
def test_pages_of_words_speak_one_language(client, path, lang):
    page = client.get(path, params={"lang": lang}, headers=HTML).text
    main = re.sub(
        r'<code>.*?</code>|<pre.*?</pre>|<[^>]*lang="[^"]*"[^>]*>[^<]*<', "<", page.partition("<main")[2], flags=re.S
    )
    is_chinese = len(re.findall(r"[\u4e00-\u9fff]", re.sub(r"<[^>]*>", "", main.partition("</main>")[0]))) > 10
    assert is_chinese == (lang == "zh")


def test_data_is_a_page_for_a_browser_and_a_graph_for_a_tool(client):
    assert "/dump/SHA256SUMS" in client.get("/data", headers=HTML).text
    assert client.get("/data", headers={"Accept": "text/turtle"}).status_code == 400
    graph = client.get("/data", params={"graph": "https://w3id.org/kouan/ontology"}, headers={"Accept": "text/turtle"})
    assert graph.headers["content-type"].startswith("text/turtle")


def test_error_says_what_happened_what_to_do_and_leads_back(client):
    page = client.get("/nosuch", params={"lang": "zh"}, headers=HTML)
    assert page.status_code == 404
    assert "<h1>未找到</h1>" in page.text
    assert "<title>未找到 · " in page.text
    assert "<p>/nosuch 处没有内容；首页列出本站的内容。</p>" in page.text
    assert "怎么办" in page.text
    assert 'href="/?lang=zh"' in page.text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/page/nosuch", "图谱中没有"),
        (
            "/sparql?query=SELECT%20*%20%7B",
            "此处应有 &#39;}&#39; 以结束第 1 行第 10 列开始的组，或应有一个模式，但文本到此结束",
        ),
        ("/sparql?query=SELECT%20*%20%7B%3Fs%20foo%3Ap%201%7D", "前缀 foo: 未声明"),
        ("/ontology/nosuch", "本体中没有术语 nosuch"),
        ("/questions/nosuch", "没有问题 nosuch"),
        ("/doc/manzhouli.docx", "没有 .docx 格式"),
    ],
)
def test_error_says_what_happened_in_chinese(client, path, said):
    page = client.get(path, headers=HTML | {"Accept-Language": "zh-CN"})
    assert page.status_code >= 400
    assert said in page.text


def test_licence_that_has_a_site_of_its_own_is_called_by_its_name(client):
    assert ">WTFPL</a>" in client.get("/page/source/statistical-divisions", headers=HTML).text


@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "text/html"])
def test_version_that_is_served_leads_to_the_ontology(client, accept):
    answer = client.get("/ontology/0.2.0", headers={"Accept": accept}, follow_redirects=True)
    assert answer.status_code == 200
    assert "0.2.0" in answer.text


def test_version_before_is_kept_and_told_apart(client):
    answer = client.get("/ontology/0.1.0", headers={"Accept": "application/n-triples"})
    assert answer.status_code == 200
    assert "<https://w3id.org/kouan/ontology/0.1.0>" in answer.text
    assert "priorVersion" not in answer.text
    page = client.get("/ontology/0.1.0?lang=zh", headers={"Accept": "text/html"})
    assert page.headers["Content-Type"].startswith("text/html")
    assert "本体 0.1.0" in page.text
    assert ">口岸城市</a>" in page.text
    missing = client.get("/ontology/9.9.9", headers={"Accept": "text/turtle"})
    assert missing.status_code == 404
    assert "0.1.0, 0.2.0" in missing.text


def test_every_chief_class_hangs_on_another_in_the_drawing(client):
    page = client.get("/ontology", headers=HTML).text
    drawn = page.partition('<ul class="drawn">')[2].partition("</ul>")[0]
    for name in ("Country", "AdministrativeArea", "Corridor", "Port", "CooperationZone", "Event", "Policy", "Source"):
        assert f'href="/ontology/{name}"' in drawn
