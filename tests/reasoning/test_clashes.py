"""Contradictions that need no search: each rule of OWL 2 RL that ends in false, on its smallest example and beside it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from kouan.cli.commands import main

PREFIXES = """@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DENIED = "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :a ; owl:assertionProperty :p ; "
NONE = ':M owl:onProperty :p ; owl:{} "{}"^^xsd:nonNegativeInteger . '
FUNCTIONAL = ":p a owl:FunctionalProperty . "
# What contradicts itself, and what stands beside it and does not.
RULES = {
    "eq-diff1": (":a owl:sameAs :b ; owl:differentFrom :b .", ":a owl:sameAs :b ; owl:differentFrom :c ."),
    "eq-diff1 of what follows": (
        FUNCTIONAL + ":a :p :x, :y . :x owl:differentFrom :y .",
        FUNCTIONAL + ":a :p :x . :b :p :y . :x owl:differentFrom :y .",
    ),
    "eq-diff1 by a key of equal values": (
        ":C owl:hasKey ( :p ) . :a a :C ; :p 1 . :b a :C ; :p 01 ; owl:differentFrom :a .",
        ":C owl:hasKey ( :p ) . :a a :C ; :p 1 . :b a :C ; :p 10 ; owl:differentFrom :a .",
    ),
    "eq-diff2": (
        "[] a owl:AllDifferent ; owl:members ( :a :b :c ) . :a owl:sameAs :c .",
        "[] a owl:AllDifferent ; owl:members ( :a :b :c ) . :a owl:sameAs :d .",
    ),
    "eq-diff3": (
        "[] a owl:AllDifferent ; owl:distinctMembers ( :a :b ) . :a owl:sameAs :b .",
        "[] a owl:AllDifferent ; owl:distinctMembers ( :a :b ) . :c owl:sameAs :b .",
    ),
    "prp-irp": (":p a owl:IrreflexiveProperty . :a :p :a .", ":p a owl:IrreflexiveProperty . :a :p :b ."),
    "prp-irp of equals": (
        ":p a owl:IrreflexiveProperty . :a :p :b . :b owl:sameAs :a .",
        ":p a owl:IrreflexiveProperty . :a :p :b . :b owl:sameAs :c .",
    ),
    "prp-asyp": (
        ":p a owl:AsymmetricProperty . :a :p :b . :b :p :a .",
        ":p a owl:AsymmetricProperty . :a :p :b . :b :p :c .",
    ),
    "prp-pdw": (
        ":p owl:propertyDisjointWith :q . :a :p :b ; :q :b .",
        ":p owl:propertyDisjointWith :q . :a :p :b ; :q :c .",
    ),
    "prp-pdw of the other way round": (
        ":p owl:propertyDisjointWith [ owl:inverseOf :q ] . :a :p :b . :b :q :a .",
        ":p owl:propertyDisjointWith [ owl:inverseOf :q ] . :a :p :b ; :q :b .",
    ),
    "prp-pdw of values": (
        ":p owl:propertyDisjointWith :q . :a :p 1 ; :q 1.0 .",
        ":p owl:propertyDisjointWith :q . :a :p 1 ; :q 1e0 .",
    ),
    "prp-adp": (
        "[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) . :a :p :b ; :r :b .",
        "[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) . :a :p :b . :b :r :a .",
    ),
    "prp-npa1": (DENIED + "owl:targetIndividual :b . :a :p :b .", DENIED + "owl:targetIndividual :b . :a :p :c ."),
    "prp-npa2": (DENIED + 'owl:targetValue "1" . :a :p "1" .', DENIED + 'owl:targetValue "1" . :a :p 1 .'),
    "prp-npa2 by value": (DENIED + "owl:targetValue 1 . :a :p 1.0 .", DENIED + "owl:targetValue 1 . :a :p 1.5 ."),
    "cls-nothing2": (":a a owl:Nothing .", ":C rdfs:subClassOf owl:Nothing ."),
    "cls-com": (":A owl:complementOf :B . :a a :A, :B .", ":A owl:complementOf :B . :a a :A . :b a :B ."),
    "cls-com of a class without a name": (
        ":A rdfs:subClassOf [ owl:complementOf :B ] . :a a :A, :B .",
        ":A rdfs:subClassOf [ owl:complementOf :B ] . :a a :A, :C .",
    ),
    "cls-maxc1": (
        NONE.format("maxCardinality", 0) + ":a a :M ; :p :b .",
        NONE.format("maxCardinality", 0) + ":a a :M ; :q :b .",
    ),
    "cls-maxc1 of equal classes": (
        NONE.format("maxCardinality", 0) + ":N owl:onProperty :q ; owl:sameAs :M . :a a :N ; :q :b .",
        NONE.format("maxCardinality", 0) + ":N owl:onProperty :q . :a a :N ; :q :b .",
    ),
    "cls-maxc2 of values": (
        NONE.format("maxCardinality", 1) + ":a a :M ; :p 1, 2 .",
        NONE.format("maxCardinality", 1) + ":a a :M ; :p 1, 1.0 .",
    ),
    "cls-maxqc1": (
        NONE.format("maxQualifiedCardinality", 0) + ":M owl:onClass :C . :a a :M ; :p :b . :b a :C .",
        NONE.format("maxQualifiedCardinality", 0) + ":M owl:onClass :C . :a a :M ; :p :b . :b a :D .",
    ),
    "cls-maxqc2": (
        NONE.format("maxQualifiedCardinality", 0) + ":M owl:onClass owl:Thing . :a a :M ; :p :b .",
        NONE.format("maxQualifiedCardinality", 0) + ":M owl:onClass owl:Thing . :a a :M . :c :p :b .",
    ),
    "cax-dw": (":C owl:disjointWith :D . :a a :C, :D .", ":C owl:disjointWith :D . :a a :C . :b a :D ."),
    "cax-dw of a datatype": (
        ":C owl:disjointWith xsd:integer . :p rdfs:range :C . :a :p 1 .",
        ':C owl:disjointWith xsd:integer . :p rdfs:range :C . :a :p "1" .',
    ),
    "cax-adc": (
        "[] a owl:AllDisjointClasses ; owl:members ( :C :D :E ) . :a a :C, :E .",
        "[] a owl:AllDisjointClasses ; owl:members ( :C :D :E ) . :a a :C, :F .",
    ),
    "dt-diff and eq-diff1": (FUNCTIONAL + ":a :p 1, 2 .", FUNCTIONAL + ":a :p 1 . :b :p 2 ."),
    "dt-diff and eq-diff1 of texts": (FUNCTIONAL + ':a :p "x"@en, "x"@de .', FUNCTIONAL + ':a :p "x"@en, "x"@EN .'),
    "dt-diff and eq-diff1 of numbers": (FUNCTIONAL + ":a :p 1, 1e0 .", FUNCTIONAL + ":a :p 1, 01, 1.0, +1.00 ."),
    "dt-not-type of a range": (':p rdfs:range xsd:integer . :a :p "1" .', ":p rdfs:range xsd:integer . :a :p 1.0 ."),
    "dt-not-type of fillers": (
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom xsd:integer ] . :a a :C ; :p 1.5 .",
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom xsd:integer ] . :a a :D ; :p 1.5 .",
    ),
    "dt-not-type of what is above": (
        ":p rdfs:range :Age . :Age rdfs:subClassOf xsd:byte . :a :p 300 .",
        ":p rdfs:range :Age . :Age rdfs:subClassOf xsd:byte . :a :p 100 .",
    ),
}
# Values that a datatype has, and some that it has not.
RANGES = {
    "xsd:nonNegativeInteger": ("1, 0, -0, 1.0", "-1"),
    "xsd:decimal": ("1, 1.5", "1e0"),
    "xsd:byte": ('127, "5"^^xsd:unsignedLong', "128"),
    "xsd:double": ('1e0, "INF"^^xsd:double', '"1"^^xsd:float'),
    "xsd:string": ('"x", "x"^^xsd:token', '"x"@en'),
    "xsd:token": ('"a b"', '"a  b"'),
    "rdf:PlainLiteral": ('"x", "x"@en', "1"),
    "rdf:langString": ('"x"@en', '"x"'),
    "rdfs:Literal": ('1, "x"@en', None),
    "xsd:anyURI": ('"urn:a"^^xsd:anyURI', '"urn:a"'),
    "xsd:dateTimeStamp": ('"2020-01-01T00:00:00Z"^^xsd:dateTime', '"2020-01-01T00:00:00"^^xsd:dateTime'),
    "xsd:date": ('"-0044-03-15"^^xsd:date', '"2020-01-01T00:00:00"^^xsd:dateTime'),
    "xsd:dayTimeDuration": ('"PT5M"^^xsd:duration, "P0M"^^xsd:yearMonthDuration', '"P1Y"^^xsd:duration'),
    ":Own": ('1, "x"^^:Own', None),
}
# Forms of one value, each in the lexical space of its datatype.
SAME = [
    '"1"^^xsd:boolean, true',
    '"1e0"^^xsd:double, "1.0"^^xsd:double, "10E-1"^^xsd:double',
    '"INF"^^xsd:float, "+INF"^^xsd:float, "1e39"^^xsd:float',
    '"2020-12-31T24:00:00"^^xsd:dateTime, "2021-01-01T00:00:00.0"^^xsd:dateTime',
    '"-0001-12-31T24:00:00Z"^^xsd:dateTime, "0000-01-01T00:00:00+00:00"^^xsd:dateTimeStamp',
    '"2020-01-01Z"^^xsd:date, "2020-01-01-00:00"^^xsd:date',
    '"12:00:00.50"^^xsd:time, "12:00:00.5"^^xsd:time',
    '"P1D"^^xsd:duration, "PT24H"^^xsd:dayTimeDuration, "PT86400.0S"^^xsd:duration',
    '"P14M"^^xsd:duration, "P1Y2M"^^xsd:yearMonthDuration',
    '"ff"^^xsd:hexBinary, "FF"^^xsd:hexBinary',
    '"x", "x"^^xsd:token, "x"^^xsd:NCName',
    # Of a datatype of one's own nobody knows which values are one.
    '"1"^^:Own, "2"^^:Own',
    '"x"^^rdf:XMLLiteral, "y"^^rdf:XMLLiteral',
]
DIFFERENT = [
    '"0.0"^^xsd:double, "-0.0"^^xsd:double',
    '"2020-01-01T10:00:00Z"^^xsd:dateTime, "2020-01-01T11:00:00+01:00"^^xsd:dateTime',
    '"2020-01-01"^^xsd:date, "2020-01-01Z"^^xsd:date',
    '"ff"^^xsd:hexBinary, "/w=="^^xsd:base64Binary',
    '"P1M"^^xsd:duration, "P30D"^^xsd:duration',
    '"x", "x"^^xsd:anyURI',
    "9007199254740992, 9007199254740993",
]
ILL_TYPED = [
    *('"abc"^^xsd:integer', '"300"^^xsd:byte', '"2020-13-41"^^xsd:date', '" 5"^^xsd:integer', '"yes"^^xsd:boolean'),
    *('"5e0"^^xsd:decimal', '"P1W"^^xsd:duration', '"a:b"^^xsd:NCName'),
]


@pytest.fixture
def check(tmp_path):
    def run(text, *options):
        file = tmp_path / "asked.ttl"
        file.write_text(PREFIXES + text, encoding="utf-8")
        return CliRunner().invoke(main, ["reason", str(file), "--check", *options])

    return run


def assert_consistent(result):
    assert (result.exit_code, result.stdout) == (0, "The facts are consistent with the ontology.\n")


def assert_contradicts(result, rule):
    assert result.exit_code == 1
    assert "The facts contradict the ontology by a rule of OWL 2 RL." in result.stdout
    assert f" ({rule}): " in result.stdout


@pytest.mark.parametrize("name", RULES)
def test_contradiction_is_told_with_its_rule(name, check):
    rule = name.split(" of ")[0].split(" by ")[0].replace("cls-maxc2", "dt-diff and eq-diff1")
    assert_contradicts(check(RULES[name][0]), rule)


@pytest.mark.parametrize("name", RULES)
def test_what_is_beside_a_contradiction_is_consistent(name, check):
    assert_consistent(check(RULES[name][1]))


@pytest.mark.parametrize("datatype", RANGES)
def test_value_is_of_each_datatype_that_has_it(datatype, check):
    assert_consistent(check(f":p rdfs:range {datatype} . :a :p {RANGES[datatype][0]} ."))


@pytest.mark.parametrize("datatype", [name for name, (_, outside) in RANGES.items() if outside])
def test_value_is_of_no_datatype_that_has_it_not(datatype, check):
    assert_contradicts(check(f":p rdfs:range {datatype} . :a :p {RANGES[datatype][1]} ."), "dt-not-type")


@pytest.mark.parametrize("values", SAME)
def test_forms_of_one_value_are_one(values, check):
    assert_consistent(check(f"{FUNCTIONAL} :a :p {values} ."))


@pytest.mark.parametrize("values", DIFFERENT)
def test_values_that_are_alike_are_two(values, check):
    assert_contradicts(check(f"{FUNCTIONAL} :a :p {values} ."), "dt-diff and eq-diff1")


@pytest.mark.parametrize("literal", ILL_TYPED)
def test_literal_that_is_not_written_as_its_datatype_asks_is_told(literal, check):
    assert_contradicts(check(f":a :p {literal} ."), "dt-not-type")


def test_what_contradicts_is_named(check):
    told = check(":p owl:propertyDisjointWith :q . :a :p :b ; :q :b .").stdout.splitlines()[1]
    names = "<http://example.org/a>, <http://example.org/p>, <http://example.org/q>, <http://example.org/b>"
    assert told == f"  two properties that exclude each other hold between the same things (prp-pdw): {names}"


def test_files_are_held_to_owl_whatever_rules_are_named_for_what_follows(check):
    assert_contradicts(check(RULES["prp-irp of equals"][0], "--infer", "rdfs"), "prp-irp")


def test_value_that_is_of_a_datatype_has_what_follows_of_that(check):
    text = ":C owl:equivalentClass [ owl:onProperty :p ; owl:someValuesFrom xsd:nonNegativeInteger ] ; owl:disjointWith :D . :a a :D ; :p "
    assert_contradicts(check(text + "1.0 ."), "cax-dw")
    assert_consistent(check(text + "-1 ."))
