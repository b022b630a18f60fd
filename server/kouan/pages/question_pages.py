"""Show the library of questions: all of them, searched, and each with its query and its live answer. Knows requests."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request

from kouan.errors import NoEvidence, NotFound
from kouan.graph.naming import SHOWN_BY
from kouan.graph.place_names import alphabetical
from kouan.graph.question_search import alike
from kouan.graph.questions import LibraryQuestion, read_questions
from kouan.http.addresses import moved_to
from kouan.http.languages import CHINESE, language, say
from kouan.http.twins import twins, twins_by_query
from kouan.pages.asking import Answer
from kouan.pages.reading import Reading
from kouan.pages.terms import Value, ordered

JSON_RESULTS = "application/sparql-results+json"
TURTLE = "text/turtle"
CSV = "text/csv"
QUESTION_TABLES = {"application/json": "/questions.json", "text/csv": "/questions.csv"}
# How the questions ask for English names.
IN_ENGLISH = re.compile(r'(LANG\(\?\w+\) = )"en"')
SHOWN = 200
MOST_ALIKE = 10
# What the questions are about, in the order of the tale.
THEMES = {
    "cities": "Border cities",
    "ports": "Ports of entry and what passes them",
    "zones": "Zones",
    "corridors": "Corridors and platforms",
    "policies": "Policies and plans",
    "boundary": "The boundary and its divisions",
    "people": "People, by census",
    "names": "Names and codes",
    "sources": "Sources, and how far to trust them",
}
# The answers that were reviewed, beside the folder of the questions.
REVIEWED = Path("tests") / "questions"
SHOWN_TEXT = 20_000


@dataclass(frozen=True)
class AnsweredValue:
    """A value in a row, and the thing that it is the name of, as far as the row rests on that; "" where there is none, or several."""

    value: Value
    thing: str = ""


@dataclass(frozen=True)
class Answered:
    """The answer to a question: rows of values, or a verdict, or a graph as text; and whether it can be told who says so."""

    variables: list[str] = field(default_factory=list)
    rows: list[list[AnsweredValue | None]] = field(default_factory=list)
    count: int = 0
    verdict: bool | None = None
    text: str = ""
    is_told: bool = False

    @property
    def columns(self) -> list[int]:
        """Return the places of the columns that a reader needs: not those that repeat the names of the things of another."""
        return [at for at, name in enumerate(self.variables) if not self._is_said(at, name)]

    def _is_said(self, at: int, name: str) -> bool:
        thing = next((n for n, other in enumerate(self.variables) if name in {f"{other}Name", f"{other}Label"}), None)
        if thing is None or not self.rows:
            return False
        pairs = [(row[at], row[thing]) for row in self.rows]
        return all(name is not None and each is not None and name.value.text == each.value.name for name, each in pairs)


def add_questions(
    pages: Blueprint, reading: Callable[[], Reading], answer: Answer, told: Callable[[str], bytes], folder: Path
) -> None:
    """Add /questions and the page of each question; the names that others have for them lead there.

    `told` answers a query in JSON with what each row rests on.
    """

    def known() -> list[LibraryQuestion]:
        return read_questions(folder) if reading().is_own else []

    @pages.get("/questions")
    def questions() -> str:
        twins(QUESTION_TABLES)
        sought = request.args.get("q", "")
        found = [each for each in known() if _fits(each, sought)] or alike(known(), sought, MOST_ALIKE)
        return render_template(
            "questions.html", themes=_by_theme(found), sought=sought, found=len(found), all=len(known())
        )

    @pages.get("/questions/<name>")
    def question(name: str) -> str:
        ordered = _by_text(known())
        place = next((n for n, each in enumerate(ordered) if each.name == name), None)
        if place is None:
            raise NotFound(f"There is no question {name}; /questions lists those that there are.")
        found, now = _in_language(ordered[place]), datetime.now(UTC)
        twins_by_query(found.query, found.form)
        return render_template(
            "question.html",
            question=found,
            answer=_answered(reading(), answer, told, found),
            is_as_reviewed=_as_reviewed(answer, ordered[place], folder.parent / REVIEWED),
            shown=SHOWN,
            version=reading().snapshot.version,
            checked=now.strftime("%Y-%m-%d %H:%M UTC"),
            previous=ordered[place - 1] if place else None,
            following=ordered[place + 1] if place + 1 < len(ordered) else None,
        )

    @pages.get("/examples")
    @pages.get("/examples/<name>")
    def examples(name: str = "") -> Response:
        return moved_to(f"/questions/{name}" if name else "/questions", 301)


def _in_language(question: LibraryQuestion) -> LibraryQuestion:
    """Return a question whose query asks for names in the language of the page."""
    if language() != CHINESE:
        return question
    return replace(question, query=IN_ENGLISH.sub(rf'\1"{CHINESE}"', question.query))


def _as_reviewed(answer: Answer, question: LibraryQuestion, folder: Path) -> bool | None:
    """Return whether the answer of now is the one that was reviewed; None where none is on record."""
    try:
        reviewed = (folder / f"{question.name}.csv").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return answer(question.query, CSV).decode().replace("\r\n", "\n") == reviewed


def text_of(question: LibraryQuestion) -> str:
    """Return the question in the language of the page."""
    return question.chinese if language() == CHINESE else question.english


def _by_theme(questions: Iterable[LibraryQuestion]) -> list[tuple[str, str, list[LibraryQuestion]]]:
    """Return the themes that some questions have, each with its name and its questions."""
    ordered = _by_text(questions)
    themes = {theme: [each for each in ordered if each.theme == theme] for theme in THEMES}
    themes["other"] = [each for each in ordered if each.theme not in THEMES]
    return [(theme, say(THEMES.get(theme, "Other questions")), each) for theme, each in themes.items() if each]


def _by_text(questions: Iterable[LibraryQuestion]) -> list[LibraryQuestion]:
    return sorted(questions, key=lambda each: alphabetical(text_of(each)))


def _fits(question: LibraryQuestion, sought: str) -> bool:
    """Return whether a question speaks of all words that are sought, in either language or in its query."""
    text = f"{question.english} {question.chinese} {question.query}".casefold()
    return all(word in text for word in sought.casefold().split())


def _answered(reading: Reading, answer: Answer, told: Callable[[str], bytes], question: LibraryQuestion) -> Answered:
    """Return the answer to a question at the present version; raises RequestError."""
    if question.form not in {"SELECT", "ASK"}:
        return Answered(text=answer(question.query, TURTLE).decode()[:SHOWN_TEXT])
    document = _with_evidence(told, question) or json.loads(answer(question.query, JSON_RESULTS))
    if "boolean" in document:
        return Answered(verdict=bool(document["boolean"]))
    variables, rows = document["head"]["vars"], document["results"]["bindings"]
    named = reading.named(rows[:SHOWN])
    things = [_named_in(each["facts"]) for each in document.get("evidence", [])[:SHOWN]] or [{}] * SHOWN
    shown: list[list[AnsweredValue | None]] = []
    for row, known in zip(rows, things, strict=False):
        # What stands in the row itself is linked there.
        known = {name: thing for name, thing in known.items() if thing not in {term["value"] for term in row.values()}}
        cells = (row.get(name) for name in variables)
        shown.append([term and AnsweredValue(named(term), known.get(ordered(term), "")) for term in cells])
    return Answered(variables, shown, len(rows), is_told="evidence" in document)


def _with_evidence(told: Callable[[str], bytes], question: LibraryQuestion) -> dict[str, Any]:
    """Return the answer with what each row rests on, nothing where that cannot be told."""
    try:
        return dict(json.loads(told(question.query)))
    except NoEvidence:
        return {}


def _named_in(facts: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the things that facts name, by their names, without the names that several have."""
    found: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        if fact["predicate"]["value"] in SHOWN_BY and fact["subject"]["type"] == "uri":
            found[ordered(fact["object"])].add(fact["subject"]["value"])
    return {name: things.pop() for name, things in found.items() if len(things) == 1}
