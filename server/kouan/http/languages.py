"""Say what a page says in the reader's language, and keep it from page to page without a cookie. Knows requests; knows no page.

A template or a function writes `_("English text")`; the Chinese stands beside the English in a file of words/, one line each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, g, request
from markupsafe import Markup

ENGLISH, CHINESE = "en", "zh"
LANGUAGES = {ENGLISH: "English", CHINESE: "中文"}
# How a sentence ends, and what stands between the parts of one and before what it announces.
MARKS = {
    ENGLISH: {"stop": ".", "comma": ", ", "semicolon": "; ", "colon": ": ", "opening": " (", "closing": ")"},
    CHINESE: {"stop": "。", "comma": "、", "semicolon": "；", "colon": "：", "opening": "（", "closing": "）"},
}
# Nobody reads so many languages that their tags would take more.
LONGEST_HEADER = 2_000
SIGNS = r"\S+(?:(?: or|,) \S+)*"
FOLDER = Path(__file__).parents[1] / "words"


@cache
def words() -> dict[str, str]:
    """Return the Chinese of every English text of the pages; both may hold markup and `{name}` for a value."""
    lines = (
        line for file in sorted(FOLDER.glob("*.tsv")) for line in file.read_text(encoding="utf-8").splitlines() if line
    )
    return dict(line.split("\t", 1) for line in lines)


def in_chinese(iri: str, short: str) -> str:
    """Return what a common term is called in Chinese, by its IRI or by the end of it in words; "" where that is not known."""
    return words().get(iri) or words().get(short, "")


def column_head(name: str) -> str:
    """Return the Chinese that heads the column of a variable, which is given in words; "" where that is not known."""
    return words().get(f"column: {name}") or words().get(f"column: {name.removesuffix(' name')}", "")


def _valued(found: re.Match[str]) -> str:
    """Return what a value in a detail may be: a sign or some, which are no sentences, or any text."""
    return f"(?P<{found[1]}>{SIGNS if found[1] == 'sign' else '.+?'})"


@cache
def _details() -> list[tuple[re.Pattern[str], str]]:
    lines = (FOLDER / "details.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t", 1) for line in lines)
    # What says more of a text by itself goes before what leaves more of it open.
    ordered = sorted(pairs, key=lambda pair: len(re.sub(r"\{\w+\}", "", pair[0])), reverse=True)
    return [
        (re.compile(re.sub(r"\\{(\w+)\\}", _valued, re.escape(english)), re.DOTALL), chinese)
        for english, chinese in ordered
    ]


def retold(detail: str) -> str:
    """Return in the language of the page what an error says in English; "" where no words are known for it."""
    if language() != CHINESE:
        return ""
    for english, chinese in _details():
        found = english.fullmatch(detail)
        if found:
            return chinese.format(**{name: retold(value) or value for name, value in found.groupdict().items()})
    return ""


def preferred() -> str:
    """Return the language that the client's Accept-Language likes best of ours (RFC 9110, section 12.5.4), else English."""
    if "preferred" not in g:
        is_short = len(request.headers.get("Accept-Language", "")) <= LONGEST_HEADER
        ranked = request.accept_languages if is_short else ()
        tags = [tag.lower().partition("-")[0] for tag, quality in ranked if quality > 0]
        g.preferred = next((tag for tag in tags if tag in LANGUAGES), ENGLISH)
    return str(g.preferred)


def language() -> str:
    """Return the language of the page that is asked for: the one that `lang` names in its address, else the preferred one."""
    # A page asks thousands of times.
    if "language" not in g:
        asked = request.args.get("lang", "")
        g.language = asked if asked in LANGUAGES else preferred()
    return str(g.language)


def say(text: str, **values: object) -> Markup:
    """Return a text in the language of the page; values are escaped."""
    told = words().get(text, text) if language() == CHINESE else text
    return Markup(told).format(**values) if values else Markup(told)


def link(address: str, **parameters: str) -> str:
    """Return an address of this server with more parameters, in the language that the reader chose for this page."""
    chosen = {} if language() == preferred() else {"lang": language()}
    return extended(address, {name: value for name, value in parameters.items() if value} | chosen)


def extended(address: str, parameters: Mapping[str, str]) -> str:
    """Return an address with more parameters, before its fragment."""
    if not parameters:
        return address
    place, mark, fragment = address.partition("#")
    return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(parameters)}{mark}{fragment}"


def here_in(chosen: str) -> str:
    """Return the address of this page in a language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', chosen)])}"


def speak(app: Flask) -> None:
    """Give every template of an application `_`, `lang`, `link`, `here_in`, the marks of its language,
    `languages` and `language_field`. What is said by the reader's language says so to caches."""

    @app.after_request
    def by_language(answer: Response) -> Response:
        # Where somebody is led elsewhere, nothing is said yet.
        if "preferred" in g and answer.location is None:
            answer.vary.add("Accept-Language")
        return answer

    @app.context_processor
    def spoken() -> dict[str, Any]:
        lang = language()
        kept = "" if lang == preferred() else lang
        return {
            "_": say,
            "retold": retold,
            "lang": lang,
            **MARKS[lang],
            "languages": LANGUAGES,
            "link": link,
            "here_in": here_in,
            "language_field": Markup('<input type="hidden" name="lang" value="{}">').format(kept) if kept else "",
        }
