"""Other people's files become a snapshot, on disk as in memory, and one that cannot be read becomes none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from pyoxigraph import BlankNode, parse

from kouan.errors import SourceError
from kouan.settings import read_settings
from kouan.snapshot import build_foreign
from kouan.snapshot.opening import open_store

IN_MEMORY, ON_DISK = 1000, 10


@pytest.fixture
def settings(tmp_path):
    return replace(read_settings(), snapshots=tmp_path / "snapshots")


def _built(settings, tmp_path, files, memory_quads):
    said = []
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [tmp_path / name for name in files]
    snapshot = build_foreign(paths, replace(settings, memory_quads=memory_quads), said.append)
    return snapshot, open_store(snapshot), said


LINES = "".join(f"<urn:s{i}> <urn:p> <urn:o{i % 7}> .\n" for i in range(40))
NAMED = "".join(f"<urn:s{i}> <urn:p> <urn:o{i % 7}> <urn:g{i % 2}> .\n" for i in range(40))
BLANK = "".join(f"_:b{i % 5} <urn:p{i}> <urn:o> .\n" for i in range(40))


@pytest.mark.parametrize("memory_quads", [IN_MEMORY, ON_DISK], ids=["in memory", "on disk"])
@pytest.mark.parametrize(
    "files",
    [
        {"a.nt": LINES},
        {"a.nt": LINES.rstrip(), "b.nt": LINES.replace("urn:p", "urn:q")},
        {"a.nt": f"# {LINES}", "b.ttl": "<urn:a> a <urn:B> ."},
        {"a.nq": NAMED},
        {"a.trig": f"{{ {LINES} }} <urn:g> {{ {LINES} }}"},
    ],
    ids=["lines", "two of lines, one without an end", "lines and turtle", "named graphs", "trig"],
)
def test_everything_stated_is_in_the_store_and_in_the_source(settings, tmp_path, files, memory_quads):
    snapshot, store, _ = _built(settings, tmp_path, files, memory_quads)
    stated = {quad for name in files for quad in parse(path=tmp_path / name)}
    assert snapshot.storage == ("memory" if memory_quads == IN_MEMORY else "disk")
    assert set(snapshot.source_quads()) == stated
    assert {quad.triple for quad in store.quads_for_pattern(None, None, None, None)} == {q.triple for q in stated}
    assert snapshot.triples == len({quad.triple for quad in stated})
    assert snapshot.graphs == Counter(q.graph_name.value for q in stated if hasattr(q.graph_name, "value"))


@pytest.mark.parametrize("memory_quads", [IN_MEMORY, ON_DISK], ids=["in memory", "on disk"])
@pytest.mark.parametrize("count", [1, 2])
def test_blank_nodes_of_two_files_are_never_the_same(settings, tmp_path, memory_quads, count):
    snapshot, store, _ = _built(settings, tmp_path, {f"{n}.nt": BLANK for n in range(count)}, memory_quads)
    for quads in (list(snapshot.source_quads()), list(store)):
        nodes = {quad.subject for quad in quads}
        assert all(isinstance(node, BlankNode) for node in nodes)
        assert (len(quads), len(nodes)) == (40 * count, 5 * count)


@pytest.mark.parametrize("memory_quads", [IN_MEMORY, ON_DISK], ids=["in memory", "on disk"])
def test_line_that_cannot_be_read_is_named_and_nothing_is_published(settings, tmp_path, memory_quads):
    lines = LINES.splitlines(keepends=True)
    lines[29] = "<urn:s> nonsense .\n"
    with pytest.raises(SourceError) as raised:
        _built(settings, tmp_path, {"a.nt": LINES, "b.nt": "".join(lines)}, memory_quads)
    assert (raised.value.file, raised.value.line) == (tmp_path / "b.nt", 30)
    assert not list(settings.snapshots.glob("*/snapshot.json"))
    assert not list(settings.snapshots.glob(".unfinished-*"))


def test_merge_is_made_of_named_graphs_only_where_the_settings_say_so(settings, tmp_path):
    _, store, _ = _built(replace(settings, default_graph="own"), tmp_path, {"a.nq": NAMED}, ON_DISK)
    assert len(store) == 40
    _, store, _ = _built(settings, tmp_path, {"a.nq": NAMED}, ON_DISK)
    assert len(store) == 80


def test_one_of_anything_is_told_as_one(settings, tmp_path):
    _, _, said = _built(settings, tmp_path, {"a.nt": "<urn:s> <urn:p> <urn:o> .\n"}, IN_MEMORY)
    assert said[0].startswith("read 1 statement of 1 file in")
    assert said[1].startswith("loaded 1 triple in")


LANGUAGES = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
OPENED = f'<rdf:RDF xmlns:rdf="{LANGUAGES}" xmlns:p="urn:">\n<rdf:Description rdf:about="urn:s">\n'
WITHOUT_LANGUAGE = {
    "a.rdf": OPENED + '<p:p rdf:datatype="%s">x</p:p>\n<p:p>ok</p:p></rdf:Description></rdf:RDF>',
    "a.jsonld": '{"@id": "urn:s", "urn:p": [{"@value": "x", "@type": "%s"}, "ok"]}',
    "a.n3": '<urn:s> <urn:p> "x"^^<%s>, "ok" .',
    "a.ttl": '<urn:s> <urn:p>\n"x"^^<%s>, "ok" .',
    "a.nq": '<urn:s> <urn:p> <<( <urn:s> <urn:p> "x"^^<%s> )>> .\n<urn:s> <urn:p> "ok" .',
}


@pytest.mark.parametrize("name", ["langString", "dirLangString"])
@pytest.mark.parametrize("file", WITHOUT_LANGUAGE)
def test_text_without_a_language_that_should_have_one_is_left_out_alone(settings, tmp_path, file, name):
    files = {file: WITHOUT_LANGUAGE[file] % (LANGUAGES + name)}
    with pytest.raises(SourceError, match=name) as raised:
        _built(settings, tmp_path, files, IN_MEMORY)
    assert (raised.value.file, raised.value.line) == (
        tmp_path / file,
        {"a.rdf": 3, "a.ttl": 2, "a.nq": 1}.get(file),
    )
    snapshot, store, _ = _built(replace(settings, lenient=True), tmp_path, files, IN_MEMORY)
    assert [str(quad.object) for quad in store] == ['"ok"']
    assert [name in fault for fault in snapshot.faults] == [True]


NOTATION3 = "@prefix : <urn:x#> .\n:a :b 1 .\n"
STATES_NOTHING = {
    "formula": (":c :says\n  { :x :p 1 } .\n:d :e 2 .", 4),
    "empty formula": (":c :says {} .", 3),
    "rule": ("{ :x :p ?y } => { ?y :q :x } .", 3),
    "variable": (':c :says """{?"\n""", ?x .', 4),
}


@pytest.mark.parametrize("name", STATES_NOTHING)
def test_what_notation3_quotes_is_not_stated_but_refused_with_its_line(settings, tmp_path, name):
    text, line = STATES_NOTHING[name]
    with pytest.raises(SourceError, match="Notation3") as raised:
        _built(settings, tmp_path, {"a.n3": NOTATION3 + text}, IN_MEMORY)
    assert (raised.value.file, raised.value.line) == (tmp_path / "a.n3", line)
    snapshot, store, _ = _built(replace(settings, lenient=True), tmp_path, {"a.n3": NOTATION3 + text}, IN_MEMORY)
    assert [str(quad.predicate) for quad in store] == ["<urn:x#b>"]
    assert ["The rest of it is left out" in fault for fault in snapshot.faults] == [True]


def test_notation3_without_formulas_is_read(settings, tmp_path):
    text = '\ufeff@prefix : <urn:x#> .\n:a = <urn:b?c> . :d is :e of :f . # {?\n:a :b "{?", \'{\', """{\n?"\\""" """, "\\"{" .'
    _, store, _ = _built(settings, tmp_path, {"a.n3": text}, IN_MEMORY)
    assert len(store) == 6


ENTITIES = '<!DOCTYPE rdf:RDF [ <!ENTITY xml "http://www.w3.org/XML/1998/namespace"> <!ENTITY none ""> ]>'
BEGUN = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="urn:" xml:lang="en"'
ABOUT = '<rdf:Description rdf:about="urn:s"'
OF_NO_LANGUAGE = {
    "property": f'>{ABOUT}><p:q xml:lang="">x</p:q><p:r>y</p:r>',
    "element": f">{ABOUT} p:q='x' xml:lang = ''><p:r xml:lang='en'>y</p:r>",
    "entities": f' xmlns:xml="&xml;">{ABOUT}><p:q xml:lang="&none;">x</p:q><p:r>y</p:r>',
    "property beside an attribute": f'>{ABOUT} p:r="y"><p:q xml:lang="">x</p:q>',
}
ENDED = "</rdf:Description></rdf:RDF>"


@pytest.mark.parametrize("name", OF_NO_LANGUAGE)
def test_text_of_xml_may_be_in_no_language(settings, tmp_path, name):
    _, store, _ = _built(settings, tmp_path, {"a.rdf": ENTITIES + BEGUN + OF_NO_LANGUAGE[name] + ENDED}, IN_MEMORY)
    assert {str(quad.object) for quad in store} == {'"x"', '"y"@en'}


def test_text_that_looks_like_an_attribute_and_literals_of_xml_stay_as_they_are(settings, tmp_path):
    text = (
        BEGUN
        + """><rdf:Description rdf:about="urn:s" xml:lang="" p:q=" xml:lang='' "><p:r rdf:parseType="Literal" xml:lang="">"""
        '<b xml:lang="">x</b></p:r></rdf:Description></rdf:RDF>'
    )
    _, store, _ = _built(settings, tmp_path, {"a.rdf": text}, IN_MEMORY)
    assert {quad.object.value for quad in store} == {" xml:lang='' ", '<b xml:lang="">x</b>'}
