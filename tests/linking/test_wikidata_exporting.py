"""What Wikidata could take is written as commands that a strict reader takes, with references, and only what it lacks."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from quickstatements_grammar import NotACommand, read_commands, read_table

from kouan.linking.wikidata.proposals import Proposal, Proposals
from kouan.linking.wikidata.quickstatements import write_commands, write_table
from kouan.linking.wikidata.references import Reference, Sources, licence_name
from kouan.linking.wikidata.values import WikidataValue, time
from kouan.vocabulary import DCT, KOUAN, SRC

PREFIXES = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix wikibase: <http://wikiba.se/ontology#> .
"""
WHOLE = PREFIXES + 'wd:Q19206 wikibase:statements 1 ; wdt:P300 "CN-HL" ; wdt:P17 wd:Q159 .'


@pytest.fixture
def slice(tmp_path):
    """A slice in which Heilongjiang is whole: its ISO code is known, its country another, the rest lacking."""
    (tmp_path / "slice.ttl").write_text(WHOLE, encoding="utf-8")
    return tmp_path / "slice.ttl"


def commands(done):
    assert done.returncode == 0, done.stderr
    return read_commands(done.stdout)


def test_every_line_is_a_command_and_every_statement_has_a_reference(kouan):
    found = commands(kouan("wikidata", "export"))
    assert len(found) > 50
    assert all({"S854", "S1476"} & set(sources) for _, what, _, sources in found if what[0] == "P")


def test_wikidata_never_rests_on_itself_or_on_a_wikipedia(kouan):
    done = kouan("wikidata", "export", "--include-licence", "CC-BY-4.0", "--include-licence", "MIT")
    pages = [sources.get("S854", "") for *_, sources in commands(done)]
    assert not [page for page in pages if "wikidata.org" in page or "wikipedia.org" in page]
    assert "only Wikimedia's own pages say so" in done.stderr


def test_reference_says_where_the_fact_was_read_and_when(kouan):
    (iso,) = [each for each in commands(kouan("wikidata", "export")) if each[:2] == ("Q19206", "P300")]
    assert iso[2:] == (
        '"CN-HL"',
        {
            "S854": '"https://www.naturalearthdata.com/downloads/10m-cultural-vectors/"',
            "S1476": 'en:"Natural Earth, 1:10m cultural vectors"',
            "S577": "+2022-05-09T00:00:00Z/11",
            "S813": "+2026-11-24T00:00:00Z/11",
        },
    )


def test_same_graph_gives_the_same_bytes(kouan):
    assert kouan("wikidata", "export").stdout == kouan("wikidata", "export").stdout


def test_table_says_the_same_as_the_commands(kouan, slice):
    asked = ("wikidata", "export", "--against", slice, "--include-licence", "CC-BY-4.0", "--include-licence", "mit")
    by_line = commands(kouan(*asked))
    by_row = read_table(kouan(*asked, "--format", "csv").stdout)
    assert sorted(map(str, by_row)) == sorted(map(str, by_line))
    assert {what for _, what, *_ in by_line} >= {"Lzh", "Azh", "P131", "P442", "P625", "P1566"}


def test_only_what_a_given_slice_lacks_is_proposed(kouan, slice):
    found = commands(kouan("wikidata", "export", "--against", slice))
    assert {subject for subject, *_ in found} == {"Q19206"}
    assert {what for _, what, *_ in found} >= {"Len", "Lzh", "P131"}
    assert "P300" not in {what for _, what, *_ in found}, "Wikidata has it"


def test_what_conflicts_is_proposed_only_when_asked(kouan, slice):
    kept = commands(kouan("wikidata", "export", "--against", slice))
    asked = commands(kouan("wikidata", "export", "--against", slice, "--conflicts"))
    assert "P17" not in {what for _, what, *_ in kept}
    assert ("Q19206", "P17", "Q148") in {each[:3] for each in asked}


def test_label_is_never_set_where_wikidata_may_have_one(kouan):
    assert {what for _, what, *_ in commands(kouan("wikidata", "export"))} & {"Len", "Lzh", "Aen", "Azh"} == set()


def test_facts_under_a_licence_stay_out_until_it_is_named(kouan):
    kept = kouan("wikidata", "export")
    assert "geonames.org" not in kept.stdout
    assert "openstreetmap.org" not in kept.stdout
    assert "--include-licence ODbL-1.0 takes them" in kept.stderr
    assert "--include-licence CC-BY-4.0 takes them" in kept.stderr
    taken = commands(kouan("wikidata", "export", "--include-licence", "cc by 4.0"))
    (heihe,) = [each for each in taken if each[:2] == ("Q349983", "P625")]
    assert (heihe[3]["S854"], heihe[3]["S248"]) == ('"https://www.geonames.org/"', "Q830106")


def test_new_item_is_made_only_for_a_thing_that_is_named_and_has_its_names_first(kouan):
    assert "CREATE" not in kouan("wikidata", "export").stdout
    done = kouan("wikidata", "export", "--create", "khorgos-port")
    assert commands(done)
    lines = done.stdout.splitlines()
    start = lines.index("CREATE")
    assert lines[start + 1 : start + 3] == ['LAST\tLen\t"Khorgos port of entry"', 'LAST\tLzh\t"霍尔果斯口岸"']
    assert any(line.startswith("LAST\tP17\tQ148\tS1476\ten:") for line in lines)


@pytest.mark.parametrize(("name", "says"), [("heihe", "has an item, Q349983"), ("nowhere", "no thing 'nowhere'")])
def test_new_item_for_what_has_one_or_is_not_there_is_refused(kouan, name, says):
    done = kouan("wikidata", "export", "--create", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr


def test_related_properties_are_left_out_until_asked(kouan):
    asked = ("wikidata", "export", "--create", "suifenhe-pilot-zone")
    assert "P571" not in {what for item, what, *_ in commands(kouan(*asked)) if item == "LAST"}
    related = commands(kouan(*asked, "--related"))
    assert ("LAST", "P571", "+2016-04-19T00:00:00Z/11") in {each[:3] for each in related}


@pytest.mark.parametrize("command", ["compare", "export", "fetch"])
def test_help_of_each_command_has_an_example(kouan, command):
    done = kouan("wikidata", command, "--help")
    assert done.returncode == 0
    assert f"Example: kouan wikidata {command if command != 'export' else 'fetch'}" in done.stdout


def test_slice_that_is_not_there_is_named(kouan):
    done = kouan("wikidata", "export", "--against", "nowhere.ttl")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "kouan: nowhere.ttl: there is no such file.\n"


SOURCE = Reference(
    url='https://example.org/a|b "c"', source="s", item="Q5", title="A title", language="en",
    published=time("2016-04"), read=time("2026-11-24"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (WikidataValue("item", "Q148"), "Q148"),
        (WikidataValue("point", "127.49 50.2441"), "@50.2441/127.49"),
        (WikidataValue("point", "-0.5 -12"), "@-12/-0.5"),
        (time("2016"), "+2016-01-01T00:00:00Z/9"),
        (time("2016-04"), "+2016-04-01T00:00:00Z/10"),
        (time("2016-04-27"), "+2016-04-27T00:00:00Z/11"),
    ],
)
def test_values_are_written_as_the_grammar_has_them(value, written):
    property = {"item": "P17", "point": "P625", "time": "P571"}[value.kind]
    line = write_commands(Proposals(known=[Proposal("Q1", property, value, (SOURCE,))]))
    ((_, _, found, sources),) = read_commands(line)
    assert found == written
    assert sources == {
        "S854": '"https://example.org/a%7Cb%20%22c%22"',
        "S248": "Q5",
        "S1476": 'en:"A title"',
        "S577": "+2016-04-01T00:00:00Z/10",
        "S813": "+2026-11-24T00:00:00Z/11",
    }


@pytest.mark.parametrize("name", ['the "Gate"', "a|b", "a\tb", "“Gate”"])
def test_text_that_no_command_can_write_is_left_out(name):
    made = Proposals(known=[Proposal("Q1", "Aen", WikidataValue("text", name, "en"))])
    assert write_commands(made) == ""
    assert write_table(made).count("\n") == 1


@pytest.mark.parametrize(("basis", "published"), [("", time("2016")), ("estimate", None), ("copy", None)])
def test_year_that_rests_on_something_else_is_no_date_of_publication(basis, published):
    source, passage = NamedNode(SRC + "s"), NamedNode(SRC + "s/p01")
    said = [(DCT + "issued", "2016")] + ([(KOUAN + "issuedBasis", basis)] if basis else [])
    quads = [Quad(source, NamedNode(predicate), Literal(value)) for predicate, value in said]
    quads.append(Quad(passage, NamedNode(KOUAN + "passageOf"), source))
    assert [each.published for each in Sources(quads).references([passage.value])] == [published]


def test_licences_have_their_short_names():
    assert licence_name("https://creativecommons.org/licenses/by/4.0/") == "CC-BY-4.0"
    assert licence_name("https://creativecommons.org/publicdomain/zero/1.0/") == "CC0-1.0"
    assert licence_name("https://opendatacommons.org/licenses/odbl/1-0/") == "ODbL-1.0"
    assert licence_name("https://opensource.org/license/mit") == "MIT"


@pytest.mark.parametrize(
    "line",
    [
        "Q1 P17 Q2",
        "Q1\tP17",
        'q1\tP17\tQ2\tS854\t"https://a.b"',
        "Q1\tP17\tQ2",
        'LAST\tLen\t"x"',
        'Q1\tP625\t@50.1\tS854\t"https://a.b"',
        'Q1\tP571\t+2016-04-27T00:00:00Z/9\tS854\t"https://a.b"',
    ],
)
def test_the_strict_reader_takes_no_line_that_is_amiss(line):
    with pytest.raises(NotACommand):
        read_commands(line + "\n")
