"""For data that another server holds: say what it is to be asked, and read what it answered. Knows no HTTP."""

from __future__ import annotations

import json
import re
from typing import IO, Any

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from kouan.errors import BadGateway, BadRequest
from kouan.evaluation.question import Question
from kouan.formats.table import BY_MEDIA_TYPE
from kouan.formats.writing import write, write_graph
from kouan.formats.xml import has_end
from kouan.sparql.door import Known, read
from kouan.sparql.query import functions
from kouan.sparql.rewriting import sendable
from kouan.sparql.search import search_in
from kouan.vocabulary import BASE, FUNCTION

# What may be an IRI without a scheme; two comparisons may look like one, and lose nothing by it.
RELATIVE = re.compile(r"""<(?![A-Za-z][A-Za-z0-9+.-]*:)[^<>"{}|^`\\\s]*>""")
# What makes an IRI of a text.
MADE = re.compile(r"\b[iu]ri\s*[(#]", re.IGNORECASE)
ASK_AS_ROWS = b'"__ASK_RETVAL"'


def plain_for_others(question: Question, known: Known) -> str:
    """Return the query as another engine is asked it, with all prefixes declared.

    Raises BadRequest where it asks for what only our own engine has.
    """
    # Others' services stand in the question no more.
    tree = known.tree if known.tree is not None and not known.services else read(question.text)
    if not question.infer:
        raise BadRequest("infer=false is not to be had here: the engine behind this server decides what it infers.")
    if search_in(tree) is not None:
        raise BadRequest("Label search is not to be had here: the engine behind this server keeps the labels.")
    # Beside a SERVICE of another server they were rewritten already, with functions of our own.
    if any(name.startswith(FUNCTION) for name in functions(tree)) or known.is_adapted:
        raise BadRequest(
            "What only this server's own engine has is not to be had here, such as the services and hints of Wikidata's: "
            "another engine evaluates; write it in plain SPARQL."
        )
    if question.evidence:
        raise BadRequest("Evidence is not to be had here: the engine behind this server keeps the graphs.")
    return with_base(sendable(tree, is_ours=False))


def with_base(text: str) -> str:
    """Return a query or an update whose relative IRIs are not resolved against the address at which another engine is asked."""
    return f"BASE <{BASE}> {text}" if RELATIVE.search(text) or MADE.search(text) else text


def convert(body: bytes, given_type: str, wanted_type: str, form: str, output: IO[bytes]) -> bool:
    """Return whether the answer to a query of a form is as it is wanted already; otherwise write it so.

    Raises BadGateway where it cannot be read, or answers a query of another form.
    """
    given, wanted = BY_MEDIA_TYPE[given_type].serialiser, BY_MEDIA_TYPE[wanted_type].serialiser
    try:
        if ASK_AS_ROWS in body:
            write(_results(_yes_or_no(body), QueryResultsFormat.JSON, form), wanted_type, {}, output)
        elif isinstance(given, RdfFormat):
            # A document is read to its end, so that garbage and halves are found.
            triples = dict.fromkeys(quad.triple for quad in parse(body, format=given))
            if given == wanted and given != RdfFormat.RDF_XML:
                return True
            write_graph(triples, wanted_type, {}, output)
        elif isinstance(given, QueryResultsFormat):
            if given == wanted == QueryResultsFormat.CSV:
                return _is_csv_plain(body)
            # In XML others write what no parser reads, and carriage returns that none reads back.
            if given == wanted and given != QueryResultsFormat.XML and _is_whole(body, given, form):
                return True
            write(_results(body, given, form), wanted_type, {}, output)
        else:
            raise BadGateway("The engine behind this server answered in a format of another kind.")
    except (SyntaxError, ValueError, OSError, KeyError, RecursionError) as error:
        raise BadGateway("The engine behind this server sent an answer that cannot be read.") from error
    return False


def _is_csv_plain(body: bytes) -> bool:
    """Return whether CSV can be passed on: it says nothing that could be checked."""
    body.decode("utf-8")
    return True


def _is_whole(body: bytes, given: QueryResultsFormat, form: str) -> bool:
    results = _results(body, given, form)
    if isinstance(results, QuerySolutions):
        for _ in results:
            pass
    if given == QueryResultsFormat.JSON:
        # The engine's reader is content with the first value; the rest of a text has to be none.
        json.loads(body)
    return True


def _results(body: bytes, given: QueryResultsFormat, form: str) -> QuerySolutions | QueryBoolean:
    if given == QueryResultsFormat.CSV:
        raise BadGateway("The engine behind this server answered in CSV, which does not say what terms are.")
    if given == QueryResultsFormat.XML and not has_end(body):
        raise ValueError("the results have no end")
    found: Any = parse_query_results(body, format=given)
    assert isinstance(found, QuerySolutions | QueryBoolean)
    if isinstance(found, QueryBoolean) != (form == "ASK"):
        raise BadGateway(f"The engine behind this server answered {form} with what answers another form of query.")
    return found


def _yes_or_no(body: bytes) -> bytes:
    """Return the answer to ASK in JSON, made of a row of XML with 1 or 0."""
    rows = parse_query_results(body, format=QueryResultsFormat.XML)
    assert isinstance(rows, QuerySolutions)
    is_so = any(row[0] is not None and row[0].value == "1" for row in rows)
    return json.dumps({"head": {}, "boolean": is_so}).encode()
