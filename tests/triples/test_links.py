"""Every link to Wikidata and GeoNames has its evidence, and every thing without one says so."""

from __future__ import annotations

import re
from collections import Counter
from math import hypot
from pathlib import Path

from geometry import KM_PER_DEGREE

from kouan.vocabulary import PREFIXES, RDF, RDFS, SCHEMA, SKOS, WDT

HOME = Path(__file__).parent.parent.parent

TYPE, SAME_AS = RDF + "type", SCHEMA + "sameAs"
WIKIDATA, GEONAMES = "http://www.wikidata.org/entity/", "https://sws.geonames.org/"
LINKED = ("Place", "Corridor", "CooperationPlatform", "Policy", "Organization", "Person")
NOT_FOUND = "sssom:NoTermFound"
# What a comment says of an item that Wikidata gives a code of GB/T 2260.
WITH_CODE = re.compile(r"Wikidata gives the item the code (\d{6}) and the name ([^,]+), at ([\d.]+) N ([\d.]+) E")
# Daxing'anling, whose point is its seat here and its middle in Wikidata, is the farthest apart.
CODE_KM = 95
# Slots of a mapping in SSSOM 1.0 that the set uses.
SLOTS = [
    *("subject_id", "subject_label", "predicate_id", "object_id", "object_label", "mapping_justification"),
    *("subject_source", "object_source", "mapping_tool", "mapping_date", "confidence", "reviewer_label", "comment"),
]
# What links of other files say, met while these were made; each is wrong.
TRAPS = {
    "pingxiang": "Q362865",
    "dongxing": "Q419809",
    "kashgar": "Q422429",
    "hekou-yunnan": "Q360693",
    "lhasa": "Q1026100",
    "mishan": "Q1014635",
    "tengchong": "Q7699838",
    "baise": "Q92381",
    "hotan-county": "Q235389",
}


def expanded(curie):
    return curie.replace("wd:", WIKIDATA).replace("gn:", GEONAMES)


def test_mapping_set_has_a_row_for_every_link_and_no_other(facts, mappings):
    rows = {(m["subject_id"].removeprefix("id:"), expanded(m["object_id"])) for m in mappings if is_link(m)}
    links = {(thing, link) for thing, known in facts.items() for link in known[SAME_AS]}
    assert rows == links
    assert len(links) > 325


def is_link(mapping):
    return mapping["predicate_id"] == "schema:sameAs" and mapping["object_id"] != NOT_FOUND


def test_every_place_body_and_policy_is_linked_or_says_that_nothing_was_found(facts):
    silent = []
    for thing, known in facts.items():
        if not known[TYPE] & set(LINKED):
            continue
        linked = {link.split("/")[2] for link in known[SAME_AS]}
        missing = {source.rsplit("/", 1)[1] for source in known["notFoundIn"]}
        if ("www.wikidata.org" in linked) == ("wikidata" in missing):
            silent.append(thing)
        if "Place" in known[TYPE] and ("sws.geonames.org" in linked) == ("geonames" in missing):
            silent.append(thing)
    assert silent == []


def test_an_item_or_a_feature_stands_for_one_thing(facts):
    uses = Counter(link for known in facts.values() for link in known[SAME_AS])
    assert {link: times for link, times in uses.items() if times > 1} == {}


def test_every_link_is_justified_and_sure(mappings):
    for mapping in filter(is_link, mappings):
        assert mapping["mapping_justification"] == "semapv:CompositeMatching"
        assert float(mapping["confidence"]) >= 0.9, mapping
        assert mapping["comment"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", mapping["mapping_date"])


def test_every_item_that_wikidata_gives_a_code_has_the_name_the_code_and_the_place_of_its_area(facts, mappings, points):
    read, wrong = set(), {}
    for mapping in filter(is_link, mappings):
        for code, name, north, east in WITH_CODE.findall(mapping["comment"]):
            area = mapping["subject_id"].removeprefix("id:")
            names = facts[area][RDFS + "label"] | facts[area][SKOS + "altLabel"]
            gap = hypot(float(north) - points[area][1], float(east) - points[area][0]) * KM_PER_DEGREE
            read.add(area)
            if (
                facts[area]["administrativeCode"] != {code}
                or not names & {name, name.removesuffix("市")}
                or gap > CODE_KM
            ):
                wrong[area] = code, name, round(gap)
    assert wrong == {}
    assert len(read) > 140


def test_mapping_set_uses_slots_of_sssom_and_prefixes_that_its_head_declares(mappings):
    head = [
        line
        for line in (HOME / "triples/links/kouan.sssom.tsv").read_text(encoding="utf-8").splitlines()
        if line.startswith("#")
    ]
    declared = {line[3:].split(":")[0] for line in head if line.startswith("#  ")}
    assert list(mappings[0]) == SLOTS
    assert {"#mapping_set_id", "#license"} <= {line.split(":")[0] for line in head}
    used = {
        m[slot].split(":")[0]
        for m in mappings
        for slot in ("subject_id", "predicate_id", "object_id", "mapping_justification", "object_source")
    }
    assert used <= declared


def test_known_mistakes_of_other_files_are_not_repeated(facts):
    assert {thing for thing, item in TRAPS.items() if WIKIDATA + item in facts[thing][SAME_AS]} == set()
    assert set(TRAPS) <= set(facts)


def test_a_city_and_the_prefecture_of_its_name_have_links_of_their_own(facts):
    for city, prefecture in (("kashgar", "kashgar-prefecture"), ("tacheng", "tacheng-prefecture")):
        assert facts[city][SAME_AS]
        assert facts[prefecture][SAME_AS]
        assert not facts[city][SAME_AS] & facts[prefecture][SAME_AS]


def test_mapping_set_has_the_alignments_with_wikidata_and_no_others(dataset, mappings):
    aligned = {
        (quad.subject.value, quad.predicate.value.removeprefix(SKOS), quad.object.value.rsplit("/", 1)[1])
        for quad in dataset.ontology()
        if quad.predicate.value.startswith(SKOS)
        and quad.predicate.value.endswith("Match")
        and getattr(quad.object, "value", "").startswith((WIKIDATA, WDT))
    }
    namespaces = PREFIXES | {"skos": SKOS}
    rows = {
        (
            namespaces[m["subject_id"].split(":")[0]] + m["subject_id"].split(":")[1],
            m["predicate_id"].removeprefix("skos:"),
            m["object_id"].removeprefix("wd:"),
        )
        for m in mappings
        if m["predicate_id"].startswith("skos:")
    }
    assert rows == aligned
    assert len(rows) > 25
