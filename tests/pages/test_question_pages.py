"""From the page of a question a reader goes on to its things, and to who says so."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from kouan.graph.questions import read_questions
from kouan.sparql.parser import parse_query
from kouan.sparql.provenance import basis_of
from kouan.vocabulary import BASE

HOME = Path(__file__).parents[2]
HTML = {"Accept": "text/html"}
QUESTIONS = read_questions(HOME / "questions")


def cells(page):
    """Return the cells of the rows of a table, as HTML."""
    return re.findall(r"<td>(.*?)</td>", page.partition("<tbody>")[2].partition("</tbody>")[0], re.DOTALL)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_of_every_question_it_can_be_said_what_its_rows_rest_on(question):
    assert basis_of(parse_query(question.query, base=BASE)).patterns


@pytest.mark.parametrize("name", ["cities-with-more-kinds-of-zones", "approved-and-not-opened", "article-spellings"])
def test_who_says_so_leads_to_the_passages_of_every_row(client, name):
    page = client.get(f"/questions/{name}", headers=HTML).text
    [address] = re.findall(r'href="([^"]*evidence=true[^"]*)"', page)
    told = client.get(html.unescape(address), headers=HTML)
    assert told.status_code == 200
    assert '<th scope="col">Passages</th>' in told.text
    passages = cells(told.text)[-1]
    assert re.search(r'href="/source/[^"]*"[^>]*>[^<]*, paragraph \d+</a>|href="/source/kouan', passages)


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_names_in_an_answer_lead_to_their_things(client, spoken):
    page = client.get("/questions/border-cities", params={"lang": spoken}, headers=HTML).text
    name = {"en": "Erenhot", "zh": "二连浩特"}[spoken]
    assert re.search(rf'<td><a href="/id/erenhot[^"]*">{name}</a></td>', page)


def test_what_is_counted_and_what_several_things_are_called_leads_nowhere(client):
    page = client.get("/questions/border-counties-with-and-without-ports", headers=HTML).text
    assert cells(page)
    assert "<a " not in "".join(cells(page))


def test_without_scripts_things_and_passages_are_called_by_their_names(client):
    query = (
        "PREFIX kouan: <https://w3id.org/kouan/ontology#> SELECT ?c ?z ?t { VALUES ?z { <https://w3id.org/kouan/id/ruili-pilot-zone> } "
        "?c kouan:hostsZone ?z BIND(<<( ?c kouan:hostsZone 1 )>> AS ?t) }"
    )
    asked = {"query": query, "evidence": "true"}
    page = client.get("/sparql", params=asked, headers=HTML).text
    city, zone, triple, passages = cells(page)[:4]
    assert ">Ruili</a>" in city
    assert "pilot zone for development and opening up</a>" in zone
    assert ">Ruili</a>" in triple
    assert triple.startswith("&lt;&lt;( <a ")
    assert triple.endswith("<span>1</span> )&gt;&gt;")
    assert ">Chen Wei 2018, paragraph 32</a>" in passages
    page = client.get("/sparql", params=asked | {"lang": "zh"}, headers=HTML).text
    assert ">瑞丽" in cells(page)[0]
