"""What a write to our own graph leads to is what a build of the files and of all writes leads to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kouan.errors import error_said
from kouan.history.entry import Entry
from kouan.snapshot import build_own
from kouan.snapshot.opening import open_exact, open_latest
from kouan.vocabulary import INFERRED_GRAPH
from kouan.writes.change import UPDATE, Write
from kouan.writes.policy import Author, policy_of
from kouan.writes.request import Request, undo
from kouan.writes.work import DatasetState, outcome

NOTE = """
PREFIX dct: <http://purl.org/dc/terms/> PREFIX id: <https://w3id.org/kouan/id/>
PREFIX kouan: <https://w3id.org/kouan/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX src: <https://w3id.org/kouan/source/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT DATA {
  GRAPH src:NAME {
    src:NAME a kouan:Source ; rdfs:label "Notes"@en, "笔记"@zh ; dct:title "Notes"@en ; dct:language "en" ;
      dct:issued "2026-01-01"^^xsd:date ; dct:publisher id:tsinghua-university ; dct:rights "Our own."@en, "自有。"@zh .
    <https://w3id.org/kouan/source/NAME/p01> a kouan:Passage ; rdfs:label "Notes, the text"@en, "笔记正文"@zh ;
      kouan:number 1 ; kouan:passageOf src:NAME .
  }
  GRAPH <https://w3id.org/kouan/source/NAME/p01> { id:harbin kouan:locatedIn id:heilongjiang . }
}"""


@pytest.mark.timeout(600)
def test_writes_lead_where_a_build_leads(settings, small_home, tmp_path):
    journal = str(tmp_path / "journal")
    settings = replace(settings, home=small_home, snapshots=tmp_path / "snapshots", journal=journal)
    snapshot = build_own(settings, progress=lambda _: None)
    opened = open_latest(replace(snapshot, journal=str(tmp_path / "journal" / "kouan")), settings)
    now, data, head = opened.snapshot, opened.data, ""
    policy = policy_of(now, data, settings)
    now.writes.folder.mkdir(parents=True)
    first = now.version
    inferred = set(data.quads(INFERRED_GRAPH))
    asked = [Write(UPDATE, NOTE.replace("NAME", "one")), Write(UPDATE, NOTE.replace("NAME", "two")), undo(1), undo(2)]
    for write in asked:
        # What works a write out changes its data, so that it takes a copy, as a process of its own has.
        copy = open_exact(now)
        said = outcome(DatasetState(now, copy, head, policy), Request(write, Author("me")), settings)
        if not isinstance(said, Entry):
            raise error_said(said["error"])
        entry = Entry.parse(said.text(), "entry")
        head = now.writes.append(entry)
        for patch in (entry.written, entry.followed):
            data.apply(patch)
        now = now.after(entry.commit)
        policy.advance(entry)
        if entry.commit.number == 2:
            assert set(data.quads(INFERRED_GRAPH)) > inferred
            built = build_own(replace(settings, snapshots=tmp_path / "built"), progress=lambda _: None)
            assert (built.version, built.graphs, built.triples) == (now.version, now.graphs, now.triples)
            assert {str(quad) for quad in built.source_quads()} == {str(quad) for quad in now.source_quads()}
    assert now.version == first
    assert set(data.quads(INFERRED_GRAPH)) == inferred
    assert now.writes.check().fault == ""
