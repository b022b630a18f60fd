"""What is recorded of a write is read back as it was, whatever its terms hold, and nothing that was altered is taken for it."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from kouan.errors import SourceError
from kouan.history.entry import Commit, Entry, commit_of
from kouan.history.patch import Patch, difference, joined
from kouan.vocabulary import XSD

TEXTS = some.text(some.characters(exclude_categories=["Cs"]), max_size=12)
TYPES = some.sampled_from([XSD + "integer", XSD + "string", XSD + "decimal", XSD + "nonNegativeInteger", "urn:type"])
LITERALS = some.one_of(
    TEXTS.map(Literal),
    some.builds(lambda text, kind: Literal(text, datatype=NamedNode(kind)), TEXTS, TYPES),
    some.builds(lambda text, tag: Literal(text, language=tag), TEXTS, some.sampled_from(["en", "zh-Hans", "de-at"])),
)
QUADS = some.builds(
    lambda value, graph: Quad(NamedNode("urn:s"), NamedNode("urn:p"), value, *graph),
    LITERALS,
    some.sampled_from([(), (NamedNode("urn:g"),)]),
)
PATCHES = some.builds(lambda old, new: difference(old, new), some.sets(QUADS, max_size=4), some.sets(QUADS, max_size=4))
ENDINGS = "\u2028\u2029\u0085\x0b\x0c\x1c\x1d\x1e\x00\x01\r\n\t\ufffe\U0010ffff\x7f"


def entry(patch: Patch, **said) -> Entry:
    commit = {
        "number": 1,
        "who": "a",
        "when": "now",
        "why": "",
        "before": "b",
        "version": "v",
        "added": 0,
        "removed": 0,
    }
    return Entry(Commit(**(commit | said)), patch)


@given(PATCHES, TEXTS, TEXTS)
def test_every_entry_is_read_back_as_it_was_written(patch, who, why):
    written = entry(patch, who=who, why=why, counts={why: 1})
    read = Entry.parse(written.text(), "entry")
    assert (set(read.written.added), set(read.written.removed)) == (set(patch.added), set(patch.removed))
    assert read.commit == written.commit == commit_of(written.text(), "entry")


@given(TEXTS, TEXTS)
def test_headers_are_terms_as_jena_reads_them(who, graph):
    text = entry(Patch(), who=who, counts={"": 1, graph: -2}).text()
    for line in text.partition("\nTX")[0].split("\n"):
        name, value = line.removeprefix("H ").removesuffix(" .").split(" ", 1)
        assert value.isdigit() or list(parse(f"<urn:{name}> <urn:p> {value} .", format=RdfFormat.N_TRIPLES))


def test_entry_whose_map_is_no_text_is_read():
    text = entry(Patch(), counts={"": 11}).text()
    older = text.partition("# sha256")[0].replace('H counts "{\\"\\": 11}" .', 'H counts {"": 11} .')
    older += f"# sha256 {sha256(older.encode()).hexdigest()}\n"
    assert '{"": 11}' in older
    assert Entry.parse(older, "entry").commit == commit_of(older, "entry") == commit_of(text, "entry")


@pytest.mark.parametrize("sign", ENDINGS, ids=lambda sign: f"U+{ord(sign):04X}")
def test_sign_that_looks_like_the_end_of_a_line_ends_none(sign):
    patch = Patch((Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(f"a{sign}b")),))
    assert Entry.parse(entry(patch, why=f"x{sign}y").text(), "entry").written == patch


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("urn:s", "urn:t"),
        lambda text: text.replace("H number 1", "H number 2"),
        lambda text: text[: len(text) // 2],
        lambda text: text[: text.rindex("\n", 0, -1) + 1],
        lambda text: text[: text.index("\n") + 1],
        lambda text: text + "A <urn:x> <urn:y> <urn:z> .\n",
        lambda _: "",
    ],
)
def test_entry_that_was_altered_or_cut_is_named(spoil):
    text = spoil(entry(Patch((Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(1)),))).text())
    with pytest.raises(SourceError, match="the-file"):
        commit_of(text, "the-file")


@given(some.lists(some.sets(QUADS, max_size=4), min_size=2, max_size=5))
def test_patches_that_are_joined_do_what_they_do_one_by_one(states):
    steps = [difference(old, new) for old, new in pairwise(states)]
    made = joined(steps)
    assert (states[0] - set(made.removed)) | set(made.added) == states[-1]
    assert not set(made.added) & states[0]
    assert set(made.removed) <= states[0]
