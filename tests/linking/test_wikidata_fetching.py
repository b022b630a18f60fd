"""A slice is taken from a SPARQL service only when asked, politely, within bounds, and serves as any other slice."""

from __future__ import annotations

import json

import pytest

EMPTY = json.dumps({"head": {"vars": ["item", "predicate", "value"]}, "results": {"bindings": []}}).encode()
RESULTS = "application/sparql-results+json"


@pytest.fixture
def service(speaker):
    """A server that gives the answers that a test puts into `answers`, then empty ones."""
    speaker.answers = []

    def answer(request, _):
        status, body, headers = speaker.answers.pop(0) if speaker.answers else (200, EMPTY, {})
        request.say(status, body, **({"Content_Type": RESULTS} | headers))

    speaker.answer = answer
    return speaker


def test_fetched_slice_is_dated_and_says_what_wikidata_lacks(kouan, wikidata, tmp_path):
    file = tmp_path / "slice.ttl"
    done = kouan("wikidata", "fetch", "--endpoint", wikidata, "-o", file)
    assert done.returncode == 0, done.stderr
    compared = kouan("wikidata", "compare", "--slice", file, "--format", "json")
    document = json.loads(compared.stdout)
    assert document["slice"]["date"][:3] == "202"
    assert document["summary"]["Wikidata lacks"] > 300
    found = {(each["label"], each["property"], each["status"]) for each in document["findings"]}
    assert ("Heilongjiang", "P31", "agrees") in found
    assert ("Heilongjiang", "P442", "Wikidata lacks") in found
    assert ("Russia", "P625", "conflicts") in found


def test_comparison_can_ask_the_service_that_is_set(kouan, wikidata):
    done = kouan("wikidata", "compare", "--endpoint", "--format", "json", KOUAN_WIKIDATA_ENDPOINT=wikidata)
    assert json.loads(done.stdout)["slice"]["name"] == wikidata
    assert wikidata in done.stderr


@pytest.mark.parametrize("option", ["--endpoint", "--against"])
def test_export_against_the_service_proposes_what_it_lacks(kouan, wikidata, option):
    done = kouan("wikidata", "export", option, wikidata)
    assert "Q19206\tP131\tQ148\t" in done.stdout
    assert "Q148\tP297\t" not in done.stdout, "it has the code of China"


def test_items_are_asked_in_batches_by_an_agent_with_a_name(kouan, service, tmp_path):
    done = kouan(
        "wikidata", "fetch", "--endpoint", service.url, "-o", tmp_path / "s.ttl", KOUAN_CONTACT="mailto:a@b.example"
    )
    assert done.returncode == 0, done.stderr
    items = [query.count("/entity/Q") for query in service.asked]
    assert len(items) >= 2
    assert set(items[:-1]) == {50}, "no more batches than the items need"
    assert items[-1] <= 50
    assert {agent.split(" ")[1] for agent in service.agents} == {"(mailto:a@b.example)"}
    assert service.agents[0].startswith("Kouan/")


COLUMNS = b'{"head":{"vars":[%s]},"results":{"bindings":[{}]}}'


@pytest.mark.parametrize("status", [429, 503])
def test_busy_service_is_asked_again_when_it_says(kouan, service, tmp_path, status):
    service.answers = [(status, b"later", {"Retry_After": "1"})]
    done = kouan("wikidata", "fetch", "--endpoint", service.url, "-o", tmp_path / "s.ttl")
    assert done.returncode == 0, done.stderr
    assert "is busy; asking again in 1 seconds" in done.stderr


def test_service_that_asks_for_too_long_a_wait_is_left_alone(kouan, service, tmp_path):
    service.answers = [(429, b"", {"Retry_After": "3600"})]
    done = kouan("wikidata", "fetch", "--endpoint", service.url, "-o", tmp_path / "s.ttl")
    assert (done.returncode, len(service.asked)) == (1, 1)
    assert service.url in done.stderr
    assert not (tmp_path / "s.ttl").exists()


@pytest.mark.parametrize(
    ("answer", "environment", "says"),
    [
        ((200, b"{", {}), {}, "cannot be read"),
        ((200, b"<html>", {"Content_Type": "text/html"}), {}, "holds no SPARQL results"),
        ((200, COLUMNS % b'"x"', {}), {}, "other columns than it was asked for"),
        ((200, COLUMNS % b'"x","s","p","q"', {}), {}, "other columns than it was asked for"),
        ((400, b"no", {}), {}, "cannot read its part"),
        ((200, b" " * 4096, {}), {"KOUAN_SERVICE_BYTES": "1000"}, "more than 1,000 bytes"),
    ],
)
def test_answer_that_is_none_or_too_large_is_an_error_that_names_the_service(
    kouan, service, tmp_path, answer, environment, says
):
    service.answers = [answer]
    done = kouan("wikidata", "fetch", "--endpoint", service.url, "-o", tmp_path / "s.ttl", **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert service.url in done.stderr


def test_more_rows_than_allowed_are_refused(kouan, wikidata, tmp_path):
    done = kouan("wikidata", "fetch", "--endpoint", wikidata, "-o", tmp_path / "s.ttl", KOUAN_SERVICE_ROWS="100")
    assert done.returncode == 1
    assert "more than 100 rows" in done.stderr


def test_address_that_is_none_is_told(kouan, tmp_path):
    for address in ("http://[::1/q", "http://a b/"):
        done = kouan("wikidata", "fetch", "--endpoint", address, "-o", tmp_path / "s.ttl")
        assert (done.returncode, "is no http address of a SPARQL service" in done.stderr) == (1, True), done.stderr


def test_service_that_is_not_there_is_named(kouan, tmp_path):
    done = kouan("wikidata", "fetch", "-o", tmp_path / "s.ttl", KOUAN_WIKIDATA_ENDPOINT="http://nowhere.invalid/sparql")
    assert done.returncode == 1
    assert "nowhere.invalid cannot be reached" in done.stderr
    again = kouan("wikidata", "fetch", "--endpoint", "nowhere", "-o", tmp_path / "s.ttl")
    assert "'nowhere' is no http address" in again.stderr
