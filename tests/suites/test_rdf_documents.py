"""Documents of other people's suites are put to the graph store and read back: term by term what the suites say, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

HERE = Path(__file__).parent
TOKEN = "for-the-suites"
NAMED = {"application/n-quads", "application/trig"}
N_QUADS = "application/n-quads; version=1.2"


@pytest.fixture(scope="module")
def store(start, tmp_path_factory):
    """A client of a server without data, which takes writes."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "empty.nt").write_text("", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TOKEN": TOKEN}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with (
        start([str(folder / "empty.nt")], environment) as address,
        httpx.Client(base_url=address, headers=headers, timeout=60) as client,
    ):
        yield client


def read_suite(name):
    return json.loads((HERE / name / "tests.json").read_text(encoding="utf-8"))


def meaning(text, media_type, base):
    """Return the quads of a text whose terms are kept as they stand, blank nodes by a name that depends on what is said of them."""
    dataset = Dataset(parse(text, format=RdfFormat.from_media_type(media_type), base_iri=base))
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return set(dataset)


def as_sent(test, media_type):
    """Return the headers that ask for what a test has as an option: parameters of the media type, or the context of JSON that has none."""
    name, _, value = test.get("option", "").partition(": ")
    if name == "expandContext":
        context = f"<data:application/ld+json,{quote(test['context'])}>"
        return {"Content-Type": "application/json", "Link": f'{context}; rel="http://www.w3.org/ns/json-ld#context"'}
    return {"Content-Type": f"{media_type}; {name}={value}" if name else media_type}


def outcome(store, test, media_type, base, expected, *, is_whole):
    """Return "" where a document means what is expected (None: only that it is read), else what came instead."""
    place = {} if is_whole else {"graph": base}
    put = store.put("/data", params=place, content=test["in"].encode(), headers=as_sent(test, media_type))
    if test.get("kind") == "negative":
        return "" if put.status_code == 400 else f"taken: {put.status_code}"
    if put.status_code >= 300:
        return put.text
    read = store.get(
        "/data", params=place, headers={"Accept": N_QUADS if is_whole else "application/n-triples; version=1.2"}
    )
    got = meaning(read.text, "application/n-quads", base) if read.status_code == 200 else set()
    return "" if expected is None or got == expected else f"{sorted(map(str, got ^ expected))[:4]}"


@pytest.mark.timeout(1800)
def test_documents_of_rdf_come_back_term_by_term(store):
    tests = read_suite("documents")
    failed = {}
    for test in tests:
        is_whole = test["type"] in NAMED
        base = f"{store.base_url}/data" if is_whole else test["base"]
        expected = None
        if test.get("kind") != "negative":
            said, media_type = (test["out"], test["out_type"]) if "out" in test else (test["in"], test["type"])
            # Where the document stands now, and what stands beside it.
            moved = said.replace(test["base"], base).replace(test["base"].rpartition("/")[0], base.rpartition("/")[0])
            expected = meaning(moved, media_type, base)
        if why := outcome(store, test, test["type"], base, expected, is_whole=is_whole):
            failed[test["id"]] = why
    assert failed == {}
    assert len(tests) == 1242


@pytest.mark.parametrize("asked", ["", "; rdfDirection=i18n-datatype"])
@pytest.mark.timeout(1800)
def test_json_ld_means_what_its_suite_says_but_for_the_known(store, asked):
    lines = (HERE / "jsonld" / "known_fail.txt").read_text(encoding="utf-8").splitlines()
    known = dict(line.split(maxsplit=1) for line in lines if not line.startswith("#"))
    failed = {}
    for test in read_suite("jsonld"):
        if asked and "@direction" in test["in"] + test.get("option", ""):
            continue
        base = test.get("base", f"https://w3c.github.io/json-ld-api/tests/{test['input']}")
        expected = meaning(test["out"], "application/n-quads", base) if "out" in test else None
        is_whole = bool(expected) and any(
            quad.graph_name.value for quad in expected if hasattr(quad.graph_name, "value")
        )
        if why := outcome(store, test, f"application/ld+json{asked}", base, expected, is_whole=is_whole):
            failed[test["id"]] = why
    assert failed.keys() == known.keys(), {
        name: failed.get(name, "passes now") for name in failed.keys() ^ known.keys()
    }
    assert all(
        "its @context is <https://w3c.github.io/" in failed[name]
        for name in known
        if "at another address" in known[name]
    )
