"""Every question is asked of the running server and has the answer that was reviewed."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
QUESTIONS = sorted((HERE.parent.parent / "questions").glob("*.rq"))


def test_there_are_at_least_forty_questions():
    assert len(QUESTIONS) >= 40


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_question_has_its_answer(file, client):
    answer = client.post("/sparql", data={"query": file.read_text(encoding="utf-8")}, headers={"Accept": "text/csv"})
    expected = (HERE / f"{file.stem}.csv").read_text(encoding="utf-8")
    assert answer.text.replace("\r\n", "\n") == expected


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_question_is_worded_in_both_languages_and_ordered(file):
    english, chinese, *rest = file.read_text(encoding="utf-8").splitlines()
    assert english.startswith("# ")
    assert english.endswith("?")
    assert chinese.endswith("？")
    assert any(line.startswith("ORDER BY") for line in rest)
