"""What constraints and components in SPARQL find is reported as SHACL has it (sections 5.3.2 and 6.3)."""

from __future__ import annotations

import pytest
import rdflib
from rdflib.namespace import SH

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
CONSTRAINT = PREFIXES + "ex:S sh:targetClass ex:C ; sh:sparql [ sh:message %s ; sh:select '''SELECT %s''' ] ."
COMPONENT = """
ex:Comp a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ;
  sh:%s [ a sh:SPARQL%sValidator ; sh:message "over {$most}: {?value}"@en, "ueber {$most}"@de ; sh:%s '''%s''' ] .
"""
ON_PROPERTY = PREFIXES + "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; ex:most %s ] ." + COMPONENT
IS_SHORT = ("validator", "Ask", "ask", "ASK { FILTER(STRLEN(STR($value)) <= $most) }")


def results_of(client, data, shapes):
    """Return the focus node, value and messages of each result."""
    answer = client.post(
        "/validate",
        content=PREFIXES + data,
        headers={"Content-Type": "text/turtle", "Accept": "text/turtle"},
        params={"shapes": shapes},
    )
    report = rdflib.Graph().parse(data=answer.text)
    return sorted(
        (
            str(report.value(result, SH.focusNode)).removeprefix("https://example.org/"),
            str(report.value(result, SH.value)),
            sorted(message.n3() for message in report.objects(result, SH.resultMessage)),
        )
        for result in report.objects(None, SH.result)
    )


def test_messages_of_a_constraint_keep_their_languages(client):
    shapes = CONSTRAINT % (
        '"one {?value}"@en, "eins {$value}"@de',
        "$this ?value { $this <https://example.org/p> ?value }",
    )
    assert results_of(client, "ex:a a ex:C ; ex:p 1 .", shapes) == [("a", "1", ['"eins 1"@de', '"one 1"@en'])]


@pytest.mark.parametrize("value", [r"a\\1b", r"\\g<0>", "{?value}", "{$this}", "$value", r"a\\"])
def test_value_of_any_letters_stands_in_a_message(client, value):
    shapes = CONSTRAINT % ('"<{?value}>"', "$this ?value { $this <https://example.org/p> ?value }")
    [(_, found, [message])] = results_of(client, f'ex:a a ex:C ; ex:p "{value}" .', shapes)
    assert rdflib.util.from_n3(message).value == f"<{found}>"


def test_message_that_a_query_selects_is_the_one(client):
    shapes = CONSTRAINT % ('"not this one"', '$this ("found"@en AS ?message) { $this <https://example.org/p> ?any }')
    assert results_of(client, "ex:a a ex:C ; ex:p 1 .", shapes) == [("a", "https://example.org/a", ['"found"@en'])]


def test_each_value_has_its_own_messages_and_stands_in_the_report(client):
    found = results_of(client, 'ex:a a ex:C ; ex:p "abc", "de", "f" .', ON_PROPERTY % ("1", *IS_SHORT))
    assert found == [
        ("a", "abc", ['"over 1: abc"@en', '"ueber 1"@de']),
        ("a", "de", ['"over 1: de"@en', '"ueber 1"@de']),
    ]


@pytest.mark.parametrize("value", ['""', "0", "false", "0.0"])
def test_value_that_is_nothing_is_bound_too(client, value):
    asked = ("validator", "Ask", "ask", "ASK { FILTER(BOUND($value)) }")
    assert results_of(client, f"ex:a a ex:C ; ex:p {value} .", ON_PROPERTY % ("1", *asked)) == []


def test_query_of_a_component_is_asked_where_there_is_no_value(client):
    asked = ("propertyValidator", "Select", "select", "SELECT $this { FILTER NOT EXISTS { $this $PATH ?any } }")
    found = results_of(client, "ex:a a ex:C . ex:b a ex:C ; ex:p 1 .", ON_PROPERTY % ("1", *asked))
    assert [(focus, value) for focus, value, _ in found] == [("a", "None")]


def test_solution_is_told_once_however_many_values_there_are(client):
    asked = ("propertyValidator", "Select", "select", "SELECT $this { $this $PATH ?one, ?other FILTER(?one < ?other) }")
    found = results_of(client, "ex:a a ex:C ; ex:p 1, 2, 3 .", ON_PROPERTY % ("1", *asked))
    assert [focus for focus, _, _ in found] == ["a"]


def test_each_value_of_a_parameter_that_is_alone_is_a_constraint(client):
    found = results_of(client, 'ex:a a ex:C ; ex:p "abc" .', ON_PROPERTY % ("1, 2, 3", *IS_SHORT))
    assert sorted(messages[0] for _, _, messages in found) == ['"over 1: abc"@en', '"over 2: abc"@en']


def test_message_of_a_component_holds_where_its_validator_has_none(client):
    shapes = (ON_PROPERTY % ("1", *IS_SHORT)).replace(
        'sh:message "over {$most}: {?value}"@en, "ueber {$most}"@de ;', ""
    )
    shapes += 'ex:Comp sh:message "too long: {?value}"@en .'
    assert results_of(client, 'ex:a a ex:C ; ex:p "abc" .', shapes) == [("a", "abc", ['"too long: abc"@en'])]
