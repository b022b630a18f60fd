"""An update reads no other address, and graphs that are not there are no trouble."""

from __future__ import annotations

import pytest

from kouan.errors import BadRequest, Forbidden, QueryError, QuerySyntaxError
from kouan.sparql.requested import read_update, update_text


def text(update, *clauses):
    return update_text(read_update(update, is_asked=True), clauses)


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <http://e/x>",
        "INSERT DATA {} ; load <http://e/x> INTO GRAPH <http://e/g>",
        "INSERT { ?s ?p ?o } WHERE {\n SERVICE <http://e/> { ?s ?p ?o } }",
        "INSERT {} WHERE { SERVICE SILENT ?x { ?s ?p ?o } }",
    ],
)
def test_what_would_read_another_address_is_forbidden_with_its_place(update):
    with pytest.raises(Forbidden) as refused:
        read_update(update)
    assert refused.value.extra["line"] == (2 if "\n" in update else 1)


@pytest.mark.parametrize(
    "update",
    [
        "LOAD ;",
        "CREATE GRAPH <urn:g> LOAD <http://e/x> INTO GRAPH <urn:g>",
        "CREATE GRAPH <urn:g> ;; LOAD <http://e/x> INTO GRAPH <urn:g>",
        "PREFIX x: <http://127.0.0.1:9/> LOADx:",
        "LOADSILENT<http://127.0.0.1:9/>",
        "INSERT {} WHERE { SERVICEx:{?a ?b ?c} }",
        "SELECT * {}",
    ],
)
def test_what_is_no_update_is_refused_as_such(update):
    with pytest.raises(QuerySyntaxError):
        read_update(update, is_asked=True)


def test_load_in_silence_does_nothing_and_the_rest_goes_on():
    assert text("LOAD SILENT <http://e/x> ; CREATE GRAPH <urn:g>") == "INSERT DATA {} ; CREATE SILENT GRAPH <urn:g>"


def test_graph_that_is_not_there_may_be_dropped():
    assert text("DROP GRAPH <urn:g> ; CLEAR SILENT GRAPH <urn:h> ; DROP ALL ; clear graph <urn:i>") == (
        "DROP SILENT GRAPH <urn:g> ; CLEAR SILENT GRAPH <urn:h> ; DROP ALL ; CLEAR SILENT graph <urn:i>"
    )


def test_dataset_of_the_protocol_is_said_where_the_pattern_starts():
    assert text("DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "USING <urn:g>") == (
        "DELETE { ?s ?p ?o } USING <urn:g> WHERE { ?s ?p ?o }"
    )
    assert text("DELETE WHERE { ?s ?p 'WHERE' }", "USING <urn:g>") == (
        "DELETE { ?s ?p 'WHERE' } USING <urn:g> WHERE { ?s ?p 'WHERE' }"
    )
    for twice in ("WITH <urn:g> DELETE {} WHERE {}", "DELETE {} USING <urn:g> WHERE {}"):
        with pytest.raises(BadRequest):
            text(twice, "USING <urn:h>")


def test_data_is_not_parsed_and_patterns_are():
    assert read_update("INSERT DATA { <urn:s> <urn:p> 'x' }") is None
    assert read_update("INSERT {} WHERE {}") is not None
    with pytest.raises(QueryError, match="nested"):
        read_update("INSERT DATA { <urn:s> <urn:p> " + "(" * 300 + ")" * 300 + "}")


def test_prefixes_hold_from_where_they_are_declared():
    written = "PREFIX x: <http://x/> INSERT DATA { x:s x:p TRUE } ; PREFIX x: <http://y/> INSERT DATA { x:s x:p.q.r 1 }"
    assert " ".join(text(written).split()) == (
        "BASE <https://w3id.org/kouan/> INSERT DATA { <http://x/s> <http://x/p> true } ; INSERT DATA { <http://y/s> <http://y/p.q.r> 1 }"
    )
