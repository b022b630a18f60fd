"""Say what is wrong with a document that a parser refuses. Knows the parsers' messages, no files."""

from __future__ import annotations

NO_CONTEXT = "No LoadDocumentCallback"


def why_refused(error: SyntaxError) -> str:
    """Return what is wrong with an RDF document, without a stop at the end."""
    if NO_CONTEXT in error.msg:
        return (
            "its @context is an address, which is not fetched here; write the context itself into the document "
            "(JSON-LD 1.1, section 3.1), or send the data as Turtle"
        )
    return error.msg
