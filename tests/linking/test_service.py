"""The reconciliation service speaks both versions of its API, by the specification's own schemas where they are at hand."""

from __future__ import annotations

import json
import os
import re
import statistics
from collections import defaultdict
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

SUITES = Path(os.environ.get("KOUAN_SUITES", Path(__file__).parents[3] / "shared" / "suites"))
NAMED = {"conditions": [{"matchType": "name", "propertyValue": "Heihe"}]}
BATCH = {
    "q0": {"query": "Kiamusze"},
    "q1": {"query": "黑河", "type": "City", "limit": 1},
    "q2": {"query": "no such thing"},
}


def check(version, name, document):
    folder = SUITES / "recon" / version / "schemas"
    if not folder.is_dir():
        pytest.skip("the specification's schemas are not here; KOUAN_SUITES names the folder that holds them")
    schemas = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")}
    registry = Registry()
    for file, schema in schemas.items():
        # The schemas say http://json-schema.org/schema#, which is draft-07 to every validator.
        schema["$schema"] = "http://json-schema.org/draft-07/schema#"
        resource = Resource(contents=schema, specification=DRAFT7)
        places = {
            file,
            schema.get("$id", file),
            f"https://reconciliation-api.github.io/specs/{version}/schemas/{file}",
            f"https://reconciliation-api.github.io/specs/draft/schemas/{file}",
        }
        registry = registry.with_resources(
            [(place.rstrip("#"), resource) for place in places] + [(p, resource) for p in places]
        )
    jsonschema.Draft7Validator(schemas[f"{name}.json"], registry=registry).validate(document)


def test_manifest_names_every_service(client):
    manifest = client.get("/reconcile").json()
    check("0.2", "manifest", manifest)
    assert set(manifest["suggest"]) == {"entity", "type", "property"}


def test_batch_is_answered_by_form_and_by_address(client):
    by_form = client.post("/reconcile", data={"queries": json.dumps(BATCH)}).json()
    by_address = client.get("/reconcile", params={"queries": json.dumps(BATCH)}).json()
    check("0.2", "reconciliation-result-batch", by_form)
    assert by_form == by_address
    assert by_form["q0"]["result"][0]["id"] == "jiamusi"
    assert by_form["q0"]["result"][0]["match"] is True
    assert [c["id"] for c in by_form["q1"]["result"]] == ["heihe"]
    assert by_form["q2"]["result"] == []


def test_callback_wraps_the_answer_and_must_be_a_name(client):
    assert client.get("/reconcile", params={"callback": "cb"}).text.startswith("cb(")
    assert client.get("/reconcile", params={"callback": "alert(1)//"}).status_code == 400


@pytest.mark.parametrize("limit", ["2", 2.0])
def test_limit_that_is_written_as_text_or_with_a_point_is_a_number(client, limit):
    asked = {"q0": {"query": "Heihe", "limit": limit}}
    found = client.post("/reconcile", data={"queries": json.dumps(asked)}).json()["q0"]["result"]
    assert 1 <= len(found) <= 2


@pytest.mark.parametrize("queries", ["{", "[]", '{"q0": 5}', '{"q0": {"query": "a", "limit": -1}}'])
def test_batch_that_is_none_is_refused(client, queries):
    answer = client.post("/reconcile", data={"queries": queries})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_query_at_fault_is_told_so_and_the_others_are_answered(client):
    batch = {"good": {"query": "Heihe"}, "bad": {"query": "Heihe", "tpye": "City"}, "none": 5}
    answers = client.post("/reconcile", data={"queries": json.dumps(batch)}).json()
    check("0.2", "reconciliation-result-batch", answers)
    assert answers["good"]["result"][0]["id"] == "heihe"
    assert answers["bad"]["result"] == answers["none"]["result"] == []
    assert "A query has no tpye" in answers["bad"]["error"]
    drafted = client.post("/reconcile/1.0/match", json={"queries": [{"conditions": []}, NAMED]}).json()["results"]
    assert (drafted[0]["candidates"], drafted[1]["candidates"][0]["id"]) == ([], "heihe")
    assert "at least one" in drafted[0]["error"]


@pytest.mark.parametrize(
    ("kind", "prefix", "schema", "first"),
    [
        ("entity", "Heih", "suggest-entities-response", "heihe"),
        ("type", "port of", "suggest-types-response", "Port"),
        ("property", "located", "suggest-properties-response", "locatedIn"),
    ],
)
def test_suggest_and_flyout(client, kind, prefix, schema, first):
    suggested = client.get(f"/reconcile/suggest/{kind}", params={"prefix": prefix}).json()
    check("0.2", schema, suggested)
    assert suggested["result"][0]["id"] == first
    flyout = client.get(f"/reconcile/flyout/{kind}", params={"id": first}).json()
    assert flyout["id"] == first
    assert "<p>" in flyout["html"]


def test_preview_is_a_page(client):
    preview = client.get("/reconcile/preview", params={"id": "heihe"})
    assert preview.headers["content-type"].startswith("text/html")
    assert "黑河" in preview.text
    assert "Heilongjiang, China" in preview.text


def test_preview_may_be_framed_by_other_sites_and_runs_nothing(client):
    policy = client.get("/reconcile/preview", params={"id": "heihe"}).headers["content-security-policy"]
    assert "frame-ancestors" not in policy
    assert "default-src 'none'" in policy


# Ten names of one kind each, the ports and zones of which are candidates too.
COLUMNS_OF_ONE_KIND = {
    "border cities": "Heihe Hunchun Manzhouli Erenhot Ruili Pingxiang Dongxing Suifenhe Khorgos Tacheng",
    "counties": "Raohe Hulin Mishan Longzhou Yadong Huma Jiayin Changbai Burang Jeminay",
    "ports": "黑河口岸 珲春口岸 满洲里口岸 二连浩特口岸 瑞丽口岸 东兴口岸 霍尔果斯口岸 吉木乃口岸 红其拉甫口岸 吐尔尕特口岸",
    "provinces": "Yunnan Guangxi Tibet Xinjiang Gansu Jilin Liaoning Heilongjiang 内蒙古 新疆",
}


@pytest.mark.parametrize("names", COLUMNS_OF_ONE_KIND.values(), ids=COLUMNS_OF_ONE_KIND)
def test_openrefine_proposes_places_whatever_kind_of_places_a_column_holds(client, names):
    asked = {f"q{n}": {"query": name, "limit": 3} for n, name in enumerate(names.split())}
    answers = client.post("/reconcile", data={"queries": json.dumps(asked)}).json()
    scores = defaultdict(list)
    # As its command guess-types-of-column reckons.
    for answer in answers.values():
        for rank, candidate in enumerate(answer["result"]):
            kinds = candidate["type"]
            for place, kind in enumerate(kinds):
                scores[kind["id"]].append((len(kinds) - place) / len(kinds) / (1 + rank))
    best = max(scores, key=lambda kind: (min(10, len(scores[kind])), statistics.mean(scores[kind])))
    assert best == "Place"


def test_widest_type_of_a_candidate_comes_first(client):
    answer = client.post("/reconcile", data={"queries": json.dumps({"q": {"query": "Kiamusze"}})}).json()
    kinds = [kind["id"] for kind in answer["q"]["result"][0]["type"]]
    assert kinds[0] == "Place"
    assert kinds.index("City") < kinds.index("PortCity")


def test_properties_are_proposed_and_extend_a_table(client):
    proposed = client.get("/reconcile/properties", params={"type": "City", "limit": 3}).json()
    check("0.2", "data-extension-property-proposal", proposed)
    assert len(proposed["properties"]) == 3
    query = {"ids": ["heihe", "erenhot"], "properties": [{"id": "locatedIn"}, {"id": "inSector"}]}
    extended = client.post("/reconcile", data={"extend": json.dumps(query)}).json()
    check("0.2", "data-extension-response", extended)
    assert {"id": "heilongjiang", "name": "Heilongjiang"} in extended["rows"]["heihe"]["locatedIn"]


def test_draft_has_its_own_root(client):
    manifest = client.get("/reconcile/1.0").json()
    check("1.0-draft", "manifest", manifest)
    queries = [{"type": "City", "conditions": [{"matchType": "name", "propertyValue": "Tsitsihar"}]}]
    answer = client.post("/reconcile/1.0/match", json={"queries": queries}).json()
    check("1.0-draft", "reconciliation-result-batch", answer)
    assert answer["results"][0]["candidates"][0]["id"] == "qiqihar"
    extended = client.post("/reconcile/1.0/extend", json={"ids": ["heihe"], "properties": [{"id": "locatedIn"}]}).json()
    check("1.0-draft", "data-extension-response", extended)


@pytest.mark.parametrize(
    ("pid", "value", "is_match"),
    [
        ("bordersCountry", "Russia", True),
        ("bordersCountry", "Mongolia", False),
        ("population", "1286000", True),
        ("P442", "231100", True),
        ("administrativeCode", "150781", False),
        ("geonames", "2036973", True),
        ("P1566", "2036653", False),
    ],
)
def test_property_speaks_for_or_against_where_the_graph_has_it(client, pid, value, is_match):
    query = {"query": "Heihe", "properties": [{"pid": pid, "v": value}]}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert (found[0]["id"], found[0]["match"]) == ("heihe", is_match)


@pytest.mark.parametrize("strict", ["maybe", [], 5])
def test_strictness_that_is_none_is_refused(client, strict):
    query = {"query": "Heihe", "type": "City", "type_strict": strict}
    assert client.post("/reconcile", data={"queries": json.dumps({"q": query})}).status_code == 400


@pytest.mark.parametrize("query", ["Heihe", '{"query": "Heihe"}'])
def test_one_query_by_itself_is_answered(client, query):
    found = client.get("/reconcile", params={"query": query}).json()["result"]
    assert found[0]["id"] == "heihe"


@pytest.mark.parametrize("body", [{"queries": BATCH}, BATCH])
def test_batch_may_come_as_json(client, body):
    assert (
        client.post("/reconcile", json=body).json()
        == client.post("/reconcile", data={"queries": json.dumps(BATCH)}).json()
    )


@pytest.mark.parametrize(
    "prefix", ["Q128674", "https://w3id.org/kouan/id/hunchun", "222404", "http://www.wikidata.org/entity/Q128674"]
)
@pytest.mark.parametrize("root", ["/reconcile", "/reconcile/1.0"])
def test_identifier_that_is_pasted_is_suggested_first(client, root, prefix):
    found = client.get(f"{root}/suggest/entity", params={"prefix": prefix}).json()["result"]
    assert found[0]["id"] == "hunchun"


@pytest.mark.parametrize(("root", "skipping"), [("/reconcile", "cursor"), ("/reconcile/1.0", "offset")])
def test_suggestions_may_be_few_and_go_on(client, root, skipping):
    def suggested(**more):
        found = client.get(f"{root}/suggest/entity", params={"prefix": "he"} | more)
        return [each["id"] for each in found.json()["result"]]

    assert suggested(limit=3) == suggested()[:3]
    assert suggested(limit=3, **{skipping: 3}) == suggested()[3:6]
    assert client.get("/reconcile/suggest/entity", params={"prefix": "he", "limit": "few"}).status_code == 400


def test_type_may_come_with_its_name(client):
    query = {"query": "Heihe", "type": {"id": "City", "name": "city"}}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert (found[0]["id"], found[0]["match"]) == ("heihe", True)


def test_form_without_what_it_asks_is_refused(client):
    assert client.post("/reconcile", data={"quaries": "{}"}).status_code == 400


@pytest.mark.parametrize(
    ("pid", "value"),
    [
        ("prefecture", "Heilongjiang"),
        ("located in", "Heilongjiang"),
        ("https://w3id.org/kouan/ontology#locatedIn", "https://w3id.org/kouan/id/heilongjiang"),
        ("borders country", "Russia"),
        ("Borders Country", "https://w3id.org/kouan/id/russia"),
        ("has port", "Heihe port of entry"),
        ("has port", "Heihe Port"),
        ("hasPort", "黑河"),
        ("type", "Border City"),
        ("type", "口岸城市"),
        ("labelZh", "黑河"),
        ("colour", "red"),
        ("wikidata", "N/A"),
        # Five letters are a code of a place elsewhere, too.
        ("id", "heihe"),
    ],
)
def test_property_that_is_true_or_unknown_undoes_no_match(client, pid, value):
    query = {"query": "Heihe", "properties": [{"pid": pid, "v": value}]}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert (found[0]["id"], found[0]["match"]) == ("heihe", True)


@pytest.mark.parametrize(
    ("name", "pid", "value", "is_true"),
    [
        # As spreadsheets write numbers, and OpenRefine days.
        ("Belt and Road Initiative", "issuedYear", "2013.0", True),
        ("Belt and Road Initiative", "issuedYear", 2014, False),
        ("霍尔果斯口岸", "portClass", "1.0", True),
        ("Alashankou-Dostyk railway", "gaugeAbroad", "1,520", True),
        ("China-Mongolia Erenhot-Zamyn-Uud Economic Cooperation Zone", "approvedOn", "2024-03-19T00:00:00Z", True),
        ("China-Mongolia Erenhot-Zamyn-Uud Economic Cooperation Zone", "approvedOn", "2024-03-20T00:00:00Z", False),
    ],
)
def test_number_or_day_is_the_value_however_it_is_written(client, name, pid, value, is_true):
    query = {"query": name, "properties": [{"pid": pid, "v": value}]}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert {"id": "property", "value": is_true} in found[0]["features"]


def test_property_may_be_named_in_chinese(client):
    query = {"query": "Heihe", "properties": [{"pid": "位于", "v": "黑龙江"}]}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert {"id": "within", "value": True} in found[0]["features"]


def test_property_that_nothing_can_be_compared_with_is_named_in_the_features(client):
    query = {"query": "Heihe", "properties": [{"pid": "colour", "v": "red"}]}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert {"id": "not compared: colour", "value": False} in found[0]["features"]


LONG = [f"x{number}" for number in range(5_000)]
HALF = "\ud800"
ENDLESS = ("吉林省吉林", "内蒙吉林市", "a    ")


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("", {"q": {"query": "Heihe", "properties": [{"pid": "hasPort", "v": each} for each in LONG]}}),
        ("", {"q": {"query": "Heihe", "properties": [{"pid": "hasPort", "v": LONG}]}}),
        ("", {"q": {"query": "Heihe", "type": LONG}}),
        ("", {f"q{n}": {"query": "x", "properties": [{"pid": "name", "v": ["x"] * 99}]} for n in range(99)}),
        ("", {"extend": {"ids": ["heihe"], "properties": [{"id": each} for each in LONG]}}),
        ("", {"extend": {"ids": [*LONG, "heihe"], "properties": [{"id": "locatedIn"}]}}),
        ("/1.0/match", {"queries": [{"conditions": [{"matchType": "name", "propertyValue": LONG}]}]}),
        ("/1.0/match", {"queries": [{"conditions": [{"matchType": "name", "propertyValue": "x"}] * 5_000}]}),
    ],
)
def test_list_that_is_too_long_is_refused_with_its_limit(client, path, asked):
    told = client.post(f"/reconcile{path}", json=asked)
    assert told.status_code == 413
    assert re.search(r"may have 5,000|may be (100|5,000)", told.json()["detail"])


@pytest.mark.parametrize(
    "asked",
    [
        {"query": "Heihe", "properties": [{"pid": "coordinates", "v": f"{'9' * 400} {'9' * 400}"}]},
        {"query": "Heihe", "properties": [{"pid": "locatedIn", "v": "ab, " * 100_000}]},
        {"query": "Heihe", "properties": [{"pid": HALF, "v": HALF}, {"pid": "locatedIn", "v": HALF}]},
        {"query": "Heihe", "type": HALF},
        {
            "query": "Heihe",
            "properties": [{"pid": "locatedIn", "v": [each * 190 + str(n) for n in range(60)]} for each in ENDLESS],
        },
    ],
    ids=["no point on earth", "a long text", "half a character", "half a character as type", "areas without end"],
)
def test_value_that_means_nothing_says_nothing(client, asked):
    answer = client.post("/reconcile", data={"queries": json.dumps({HALF: asked})})
    assert answer.status_code == 200
    assert answer.json()[HALF]["result"][0]["name"] == "Heihe"


def test_long_text_in_the_place_of_an_identifier_is_read_in_time_by_its_length(client):
    identifier = "http://x" + "/id/a?" * 50_000 + " x"
    query = {"ids": [identifier], "properties": [{"id": "country"}]}
    answer = client.post("/reconcile", data={"extend": json.dumps(query)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"] == {identifier: {"country": []}}
