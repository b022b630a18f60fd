"""The graph is held against a slice of Wikidata: what agrees, what each lacks, what conflicts, and what nobody can say."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from kouan.linking.wikidata.comparing import compare
from kouan.linking.wikidata.slices import read_slice
from kouan.linking.wikidata.values import WikidataValue, is_same, is_same_name, time

HOME = Path(__file__).parents[2]
FIXTURES = HOME / "tests" / "fixtures" / "wikidata"
PREFIXES = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix wikibase: <http://wikiba.se/ontology#> .
"""


def held_against(facts, tmp_path, turtle, thing, property):
    """Return (status, ours, theirs, note) of what is found of one property, with a slice that says only this."""
    file = tmp_path / "slice.ttl"
    file.write_text(PREFIXES + turtle, encoding="utf-8")
    comparison = compare(facts, read_slice(file, facts.kinds))
    return [
        (each.status, comparison.shown(each.ours), comparison.shown(each.theirs), each.note)
        for each in comparison.findings
        if each.thing.identifier == thing and each.property.id == property
    ]


def test_same_value_agrees_and_another_conflicts(facts, tmp_path):
    code = held_against(facts, tmp_path, 'wd:Q349983 wdt:P442 "231100" .', "heihe", "P442")
    assert code == [("agrees", "231100", "231100", "")]
    code = held_against(facts, tmp_path, 'wd:Q349983 wdt:P442 "231102" .', "heihe", "P442")
    assert code == [("conflicts", "231100", "231102", "")]


def test_what_a_slice_does_not_say_is_lacking_only_where_it_is_whole(facts, tmp_path):
    partial = held_against(facts, tmp_path, 'wd:Q349983 rdfs:label "Heihe"@en .', "heihe", "P442")
    assert partial == [("not in the slice", "231100", "", "")]
    whole = held_against(facts, tmp_path, "wd:Q349983 wikibase:statements 40 .", "heihe", "P442")
    assert whole == [("Wikidata lacks", "231100", "", "")]


def test_slice_covers_the_properties_that_its_description_lists(facts, tmp_path):
    said = """@prefix void: <http://rdfs.org/ns/void#> .
    [] a void:Dataset ; void:propertyPartition [ void:property wdt:P442 ] . wd:Q349983 wdt:P17 wd:Q148 ."""
    assert held_against(facts, tmp_path, said, "heihe", "P442")[0][0] == "Wikidata lacks"
    assert held_against(facts, tmp_path, said, "heihe", "P1566")[0][0] == "not in the slice"


@pytest.mark.parametrize(
    ("codes", "status", "note"),
    [
        ('"222404"', "agrees", ""),
        ('"222404", "222425"', "agrees", ""),
        ('"222425"', "conflicts", "Wikidata has a code that it had before"),
        ('"222405"', "conflicts", ""),
    ],
)
def test_code_of_the_years_before_a_change_is_told_as_such(facts, tmp_path, codes, status, note):
    [found] = held_against(facts, tmp_path, f"wd:Q128674 wdt:P442 {codes} .", "hunchun", "P442")
    assert (found[0], found[-1]) == (status, note)


@pytest.mark.parametrize(
    ("turtle", "status", "note"),
    [
        ("wd:Q349983 wdt:P131 wd:Q19206 .", "agrees", ""),
        ("wd:Q349983 wdt:P131 wd:Q148 .", "agrees", "Wikidata names a wider area"),
        ("wd:Q349983 wdt:P131 wd:Q1 . wd:Q1 wdt:P131 wd:Q19206 .", "agrees", "Wikidata names a nearer area"),
        ("wd:Q349983 wdt:P131 wd:Q43194 .", "conflicts", ""),
        ("wd:Q349983 wdt:P131 wd:Q1 .", "not in the slice", "nothing here says where Q1 lies"),
    ],
)
def test_area_on_the_same_way_up_is_no_conflict(facts, tmp_path, turtle, status, note):
    found = held_against(facts, tmp_path, turtle, "heihe", "P131")
    assert [(each[0], each[3]) for each in found] == [(status, note)]


def test_points_are_the_same_within_a_distance_that_is_stated(facts, tmp_path):
    near = 'wd:Q349983 wdt:P625 "Point(127.528 50.245)"^^geo:wktLiteral .'
    ((status, _, _, note),) = held_against(facts, tmp_path, near, "heihe", "P625")
    assert (status, note) == ("agrees", "2.7 km apart, 25 km are allowed")
    far = 'wd:Q349983 wdt:P625 "Point(126.5 50.245)"^^geo:wktLiteral .'
    ((status, _, _, note),) = held_against(facts, tmp_path, far, "heihe", "P625")
    assert (status, note) == ("conflicts", "70.4 km apart, 25 km are allowed")


def test_neighbours_are_a_set_in_which_neither_side_contradicts_the_other(facts, tmp_path):
    found = held_against(facts, tmp_path, "wd:Q148 wdt:P47 wd:Q711, wd:Q14773 .", "china", "P47")
    assert Counter(status for status, *_ in found) == {"agrees": 1, "not in the slice": 13, "Kouan lacks": 1}
    assert ("Kouan lacks", "", "Q14773", "") in found


def test_another_class_in_wikidata_may_say_ours_and_more(facts, tmp_path):
    found = held_against(facts, tmp_path, "wd:Q19206 wdt:P31 wd:Q1615742, wd:Q35657 .", "heilongjiang", "P31")
    assert [status for status, *_ in found] == ["agrees"]
    found = held_against(facts, tmp_path, "wd:Q19206 wdt:P31 wd:Q35657 .", "heilongjiang", "P31")
    assert [(each[0], each[3]) for each in found] == [("not in the slice", "a class of Wikidata may be narrower")]


@pytest.mark.parametrize(
    ("turtle", "status"),
    [
        ('wd:Q349983 rdfs:label "黑河市"@zh .', "agrees"),
        ('wd:Q349983 rdfs:label "黑河"@zh-hans .', "agrees"),
        ('wd:Q349983 rdfs:label "海兰泡"@zh ; skos:altLabel "黑河"@zh .', "agrees"),
        ('wd:Q349983 rdfs:label "海兰泡"@zh .', "conflicts"),
    ],
)
def test_labels_are_compared_after_normalising_and_by_their_aliases(facts, tmp_path, turtle, status):
    assert held_against(facts, tmp_path, turtle, "heihe", "Lzh")[0][0] == status


def test_names_of_places_of_two_kinds_are_not_the_same():
    assert is_same_name("Heihe City", "Heihe")
    assert not is_same_name("和田县", "和田市")


def test_dates_agree_as_far_as_both_are_precise():
    day, year = time("2016-04-27"), time("+2016-00-00T00:00:00Z", 9)
    assert is_same(day, year, 0)
    assert not is_same(day, time("2016-04-28"), 0)
    assert not is_same(day, time("2015"), 0)
    assert time("+1200-00-00T00:00:00Z", 7) is None


@pytest.mark.parametrize("text", ["POINT(1.2.3 4)", "POINT(. 4)", "POINT(1e999 4)", "POINT(Infinity NaN)"])
def test_point_that_is_none_says_nothing(facts, tmp_path, text):
    turtle = f'wd:Q349983 wdt:P625 "{text}"^^geo:wktLiteral .'
    assert [found[0] for found in held_against(facts, tmp_path, turtle, "heihe", "P625")] == ["not in the slice"]
    degrees = dict(zip(("longitude", "latitude"), (float("inf"), float("nan")), strict=True))
    snak = {"snaktype": "value", "datavalue": {"type": "globecoordinate", "value": degrees}}
    (tmp_path / "one.json").write_text(json.dumps({"id": "Q349983", "claims": {"P625": [{"mainsnak": snak}]}}), "utf-8")
    assert not read_slice(tmp_path / "one.json", facts.kinds).items["Q349983"].statements["P625"]


def test_entity_json_is_read_as_truthy_statements(facts):
    found = read_slice(FIXTURES / "Q2112.json", facts.kinds)
    bielefeld = found.items["Q2112"]
    assert (found.date, bielefeld.labels["zh"], bielefeld.is_whole) == ("2023-04-04", "比勒费尔德", True)
    assert bielefeld.statements["P571"] == {WikidataValue("time", "1214-01-01", precision=9)}
    assert bielefeld.statements["P625"] == {WikidataValue("point", "8.53333333 52.0166667")}
    assert bielefeld.statements["P1566"] == {WikidataValue("string", "3221125")}
    # The preferred rank hides the countries that the city once lay in, as it does in Wikidata's own truthy statements.
    assert bielefeld.statements["P17"] == {WikidataValue("item", "Q183")}


def test_one_entity_and_a_list_of_entities_are_read_too(facts, tmp_path):
    entity = json.loads((FIXTURES / "Q2112.json").read_text(encoding="utf-8"))["entities"]["Q2112"]
    for name, document in (("one.json", entity), ("list.json", [entity])):
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
        assert set(read_slice(tmp_path / name, facts.kinds).items) == {"Q2112"}


@pytest.mark.parametrize(("suffix", "form"), [(".nt", RdfFormat.N_TRIPLES), (".jsonld", RdfFormat.JSON_LD)])
def test_slice_is_the_same_in_every_form_of_rdf(facts, tmp_path, suffix, form):
    turtle = HOME / "triples" / "wikidata" / "statements.ttl"
    serialize((quad.triple for quad in parse(path=turtle)), tmp_path / f"slice{suffix}", form)
    assert read_slice(tmp_path / f"slice{suffix}", facts.kinds).items == read_slice(turtle, facts.kinds).items


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.json", "{}", "no entity of Wikidata"),
        ("broken.json", "{", "no JSON"),
        ("odd.json", '{"id": "Q1", "labels": {"en": "x"}}', "Q1 is not in the form of Special:EntityData"),
        (
            "time.json",
            '{"id": "Q1", "claims": {"P1": [{"mainsnak": {"datavalue": {"type": "time", "value": 5}}}]}}',
            "Q1",
        ),
        ("name.json", '{"id": "Q1", "labels": {"en": {"value": 5}}}', "Q1 is not in the form of Special:EntityData"),
        ("list.json", '{"entities": []}', "no entity of Wikidata"),
        pytest.param("deep.json", "[" * 200_000, "no JSON", id="deep"),
        pytest.param("half.json.gz", gzip.compress(b"{}" * 999)[:-9], "no JSON", id="cut"),
        ("other.ttl", "<urn:a> <urn:b> <urn:c> .", "nothing of an item of Wikidata"),
        ("broken.ttl", "wd:Q1 a", "broken.ttl:1"),
        ("slice.txt", "", "RDF format"),
    ],
)
def test_file_that_is_no_slice_is_refused_with_what_is_amiss(kouan, tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    done = kouan("wikidata", "compare", "--slice", tmp_path / name)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_command_compares_with_the_packaged_slice_and_says_its_dates(kouan):
    done = kouan("wikidata", "compare", "--format", "csv", "--status", "conflict")
    assert done.returncode == 1, "a conflict is a fault of the data"
    assert "of 2020-05-15 to 2025-08-27" in done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["status"] for row in rows} == {"conflicts"}
    assert ("Russia", "coordinate location") in {(row["label"], row["property label"]) for row in rows}


def test_every_form_holds_the_same_findings(kouan, tmp_path):
    forms = {}
    for form in ("json", "csv", "table", "html"):
        kouan("wikidata", "compare", "--format", form, "--status", "agree", "-o", tmp_path / form)
        forms[form] = (tmp_path / form).read_text(encoding="utf-8")
    document = json.loads(forms["json"])
    number = len(document["findings"])
    assert number == document["summary"]["agrees"] > 300
    assert len(list(csv.DictReader(io.StringIO(forms["csv"])))) == number
    assert forms["table"].count("\n") == number + 2
    assert forms["html"].count("<tr><td>") == number
    assert "<link" not in forms["html"], "it stands alone"


def test_file_that_cannot_be_written_is_named(kouan, tmp_path):
    done = kouan("wikidata", "compare", "-o", tmp_path / "none" / "report.txt")
    assert done.returncode == 1
    assert done.stderr == f"kouan: {tmp_path}/none/report.txt cannot be written: No such file or directory.\n"


def test_slice_and_endpoint_together_are_refused(kouan, tmp_path):
    (tmp_path / "s.ttl").write_text(PREFIXES + "wd:Q1 wdt:P17 wd:Q2 .", encoding="utf-8")
    done = kouan("wikidata", "compare", "--slice", tmp_path / "s.ttl", "--endpoint", "http://127.0.0.1:9/")
    assert (done.returncode, done.stderr) == (1, "kouan: Give a slice or an endpoint, not both.\n")
