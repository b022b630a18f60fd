"""What others' shapes ask that is not evaluated, or not asked as SHACL has it, is told in words and never passed over."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kouan.vocabulary import RDF

TURTLE = {"Content-Type": "text/turtle", "Accept": "application/json"}
PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix ex: <https://example.org/> .\n"
DATA = PREFIXES + "ex:a a ex:C ; ex:p 1 . ex:b a ex:C ."
SHAPE = PREFIXES + "ex:S a sh:NodeShape ; sh:targetClass ex:C ; "


def held(client, shapes):
    return client.post("/validate", content=DATA, headers=TURTLE, params={"shapes": shapes})


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ('sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this { ?this a <https://example.org/C> }" ] .', "target"),
        ("sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:q ; sh:object 1 ] .", "rule"),
        ('sh:js [ a sh:JSConstraint ; sh:jsFunctionName "f" ] .', "js"),
        ("sh:expression [ sh:path ex:p ] .", "expression"),
        ("sh:property [ sh:path ex:p ; sh:minCuont 1 ] .", "minCuont"),
        ("sh:property [ sh:path ex:p ; sh:reifierShape ex:T ] .", "reifierShape"),
    ],
)
def test_word_that_is_not_evaluated_is_told_with_its_shape(client, asked, word):
    report = held(client, SHAPE + asked).json()
    assert report["conforms"] is False
    [finding] = report["findings"]
    assert finding["severity"] == "Warning"
    assert finding["focus_node"] == finding["shape"] == "https://example.org/S"
    assert finding["message"].startswith(f"The shape has sh:{word}, which is not evaluated here")
    assert f"sh:{word}" in finding["message_zh"]


XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("bound", "values", "wrong"),
    [
        ("sh:maxInclusive 5", 'true , "3"^^ex:dt , "NaN"^^xsd:double , 4 , 5.0 , 6 , "x" , ex:a', 6),
        ("sh:minExclusive 5", "5 , 5.5 , 6e0 , -1", 2),
        ("sh:minExclusive 5", '"300"^^xsd:byte , "300"^^xsd:short , "-7"^^xsd:unsignedInt , "x"^^xsd:integer', 3),
        ("sh:lessThan ex:o", "false , true", 1),
        ("sh:lessThanOrEquals ex:o", 'true , "b"@en , "z"', 2),
        ('sh:maxExclusive "b"@en', '"a"@en , "a"@de , "a"', 3),
        ("sh:minLength 0", '[] , "" , ex:a , 1', 1),
        (
            'sh:maxExclusive "2020-01-01T00:00:00Z"^^xsd:dateTime',
            '"2030-01-01"^^xsd:date , "2019-01-01T00:00:00"^^xsd:dateTime',
            1,
        ),
        ("sh:lessThan ex:m", "1 , 2 , ex:a , true , 0.5", 3),
        ("sh:lessThanOrEquals ex:m", "1 , 2 , 2.0 , 3 , ex:a", 2),
        ("sh:lessThan ex:n", '"a" , "b" , 1', 2),
    ],
)
def test_value_that_cannot_be_compared_is_no_less(client, bound, values, wrong):
    head = PREFIXES + f"@prefix xsd: <{XSD}> .\n"
    shapes = head + f"ex:S a sh:NodeShape ; sh:targetNode ex:x ; sh:property [ sh:path ex:p ; {bound} ] ."
    data = head + f'ex:x ex:p {values} ; ex:m 2 ; ex:n "b" ; ex:o true .'
    report = client.post("/validate", content=data, headers=TURTLE, params={"shapes": shapes}).json()
    assert len(report["findings"]) == wrong, report["findings"]


@pytest.mark.parametrize(
    "asked", ["sh:node ex:S .", "sh:not ex:S .", "sh:or ( [ sh:property ex:T ] ) . ex:T sh:path ex:p ; sh:node ex:S ."]
)
def test_shape_that_leads_back_to_itself_is_told(client, asked):
    findings = held(client, SHAPE + asked).json()["findings"]
    told = [each for each in findings if each["severity"] == "Warning"]
    assert "https://example.org/S" in {each["shape"] for each in told}
    assert all("leads back to itself" in each["message"] for each in told)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("sh:property [ sh:path ex:p ; sh:in 1 ] .", "where SHACL asks for a list"),
        ("sh:closed true ; sh:ignoredProperties 3 .", "where SHACL asks for a list"),
        ("sh:or ( [ sh:class ex:D ] 5 ) .", "where SHACL asks for a list of shapes"),
        ("sh:or _:l . _:l <urn:first> 1 .", "where SHACL asks for a list of shapes"),
        (f"sh:or _:l . _:l <{RDF}first> ex:T ; <{RDF}rest> _:l .", "where SHACL asks for a list of shapes"),
        ("sh:maxExclusive ex:a .", "where SHACL asks for a literal"),
        ("sh:property 5 .", "where SHACL asks for a shape"),
        ("sh:nodeKind ex:Foo .", "where SHACL asks for one of SHACL's six kinds"),
        ('sh:targetClass "C" .', "where SHACL asks for an IRI"),
        *(
            (f"sh:property [ sh:path {path} ; sh:minCount 1 ] .", "where SHACL asks for a path")
            for path in (
                *("()", "( ex:p )", "5", "[ sh:zeroOrMorePath () ]", "[ sh:alternativePath ex:p ]"),
                *("[ sh:inversePath ex:p ; sh:zeroOrMorePath ex:q ]", "[ ]", '[ sh:inversePath "p" ]'),
            )
        ),
        ("sh:property [ sh:path ex:p ; sh:minInclusive 1, 2 ] .", "sh:minInclusive twice"),
        ('sh:equals "x" .', "where SHACL asks for an IRI"),
        ("sh:message 5 ; sh:nodeKind sh:Literal .", "where SHACL asks for a text"),
        ('sh:severity "high" ; sh:nodeKind sh:Literal .', "where SHACL asks for an IRI"),
        ('sh:deactivated "no" ; sh:nodeKind sh:Literal .', "where SHACL asks for true or false"),
        ('sh:sparql [ sh:select "SELECT ?x { ?x ?p ?o }" ] .', "does not select $this"),
        ('sh:sparql [ sh:select "SELECT * { ?x ?p ?o }" ] .', "does not select $this"),
        (
            "sh:deactivated true . ex:G sh:entailment <http://www.w3.org/ns/entailment/RDFS> .",
            "asks for the entailment",
        ),
    ],
)
def test_shapes_that_are_not_as_shacl_has_them_are_refused(client, asked, words):
    answer = held(client, SHAPE + asked)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        *("ex:p", "( ex:q ex:p )", "[ sh:inversePath ex:p ]", "[ sh:zeroOrOnePath [ sh:inversePath ex:p ] ]"),
        *("[ sh:alternativePath ( ex:p ( ex:q [ sh:oneOrMorePath ex:p ] ) ) ]", "[ sh:zeroOrMorePath ( ex:p ex:q ) ]"),
    ],
)
def test_path_of_each_kind_is_one(client, path):
    assert held(client, SHAPE + f"sh:property [ sh:path {path} ; sh:maxCount 9 ] .").json()["conforms"] is True


def test_severity_of_their_own_is_counted(tmp_path):
    (tmp_path / "shapes.ttl").write_text(SHAPE + "sh:severity ex:Mine ; sh:nodeKind sh:Literal .", encoding="utf-8")
    ended = validate_files(tmp_path)
    assert ended.returncode == 1
    assert ended.stdout.endswith("0 violations, 0 warnings, 0 infos, 2 of a severity of their own\n")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("sh:not ex:S .", 3),
        ("sh:datatype ex:A, ex:B .", 1),
        ('sh:property [ sh:path ex:p ; sh:hasValue "soon"^^<http://www.w3.org/2001/XMLSchema#date> ] .', 1),
    ],
)
def test_validator_writes_nothing_of_its_own_beside_the_report(tmp_path, asked, status):
    (tmp_path / "shapes.ttl").write_text(SHAPE + asked, encoding="utf-8")
    ended = validate_files(tmp_path)
    assert ended.returncode == status
    assert all(line.startswith(("kouan: ", "For reference, ")) for line in ended.stderr.splitlines()), ended.stderr


def validate_files(folder):
    (folder / "data.ttl").write_text(DATA, encoding="utf-8")
    command = [sys.executable, "-m", "kouan", "validate", "--shapes", "shapes.ttl", "data.ttl"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
