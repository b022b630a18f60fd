"""Say what is wrong with a document that a parser refuses. Knows the parsers' messages and terms, no files."""

from __future__ import annotations

from typing import Any

from pyoxigraph import Literal, Triple

from kouan.vocabulary import RDF

# No literal without a language has these (RDF 1.2 Concepts, section 3.3).
WITH_LANGUAGE = {RDF + "langString", RDF + "dirLangString"}
NO_CONTEXT = "No LoadDocumentCallback"


class StatementRefused(SyntaxError):
    """A statement is at fault, and what comes after it can be read."""


class DocumentRefused(SyntaxError):
    """What is at fault is no mistake of one statement, and what comes after it is not to be read either."""


def lacks_language(term: Any) -> bool:
    """Return whether a term is, or holds, a literal that is said to be text in a language, and of none."""
    if isinstance(term, Triple):
        return lacks_language(term.object)
    return isinstance(term, Literal) and not term.language and term.datatype.value in WITH_LANGUAGE


def refusal_of(statement: Any) -> StatementRefused:
    """Return why a statement is refused whose object lacks a language, without its place."""
    while isinstance(statement.object, Triple):
        statement = statement.object
    value = statement.object
    return StatementRefused(
        f'"{value.value[:40]}" at {statement.predicate} of {statement.subject} has the datatype {value.datatype} and no language'
    )


def why_refused(error: SyntaxError) -> str:
    """Return what is wrong with an RDF document, without a stop at the end."""
    if NO_CONTEXT in error.msg:
        return (
            "its @context is an address, which is not fetched here; write the context itself into the document "
            "(JSON-LD 1.1, section 3.1), or send the data as Turtle"
        )
    return error.msg
