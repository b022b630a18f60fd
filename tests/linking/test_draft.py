"""The draft of version 1.0: conditions, quantifiers, languages, and words for a client of 0.2 that is lost."""

from __future__ import annotations

import json

import pytest

from kouan.linking.asked import BATCH_LIMIT

NAME = {"matchType": "name", "propertyValue": "Heihe"}


def ask(client, *conditions, headers=None, **query):
    body = {"queries": [{"conditions": list(conditions), **query}]}
    answer = client.post("/reconcile/1.0/match", json=body, headers=headers or {})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"][0]["candidates"]


def said(pid, value, **more):
    return {"matchType": "property", "propertyId": pid, "propertyValue": value, **more}


@pytest.mark.parametrize("send", ["get", "form", "form to match", "json"])
def test_client_of_the_version_before_is_told_so(client, send):
    batch = {"q0": {"query": "Heihe"}}
    if send == "get":
        answer = client.get("/reconcile/1.0", params={"queries": json.dumps(batch)})
    elif send == "form":
        answer = client.post("/reconcile/1.0", data={"queries": json.dumps(batch)})
    elif send == "form to match":
        answer = client.post("/reconcile/1.0/match", data={"queries": json.dumps(batch)})
    else:
        answer = client.post("/reconcile/1.0/match", json=batch)
    assert answer.status_code == 400
    assert "1.0" in answer.json()["detail"]
    assert "/reconcile" in answer.json()["detail"]


def test_client_of_the_draft_is_told_so_at_the_address_of_the_version_before(client):
    answer = client.post("/reconcile", json={"queries": [{"conditions": [NAME]}]})
    assert answer.status_code == 400
    assert "/reconcile/1.0/match" in answer.json()["detail"]


def test_manifest_says_how_large_a_batch_may_be_and_a_larger_one_is_refused(client):
    manifest = client.get("/reconcile/1.0").json()
    assert manifest["batchSize"] == BATCH_LIMIT
    assert manifest["standardizedScore"] is True
    queries = [{"conditions": [NAME]}] * (BATCH_LIMIT + 1)
    assert client.post("/reconcile/1.0/match", json={"queries": queries}).status_code == 413


def test_scores_are_from_0_to_100_and_features_have_names(client):
    found = ask(client, NAME, said("province", "Heilongjiang"), said("country", "China"), type="Place")
    assert all(0 <= candidate["score"] <= 100 for candidate in found)
    assert found[0]["match"] is True
    assert all(set(feature) == {"id", "name", "value"} for feature in found[0]["features"])


@pytest.mark.parametrize(
    ("language", "told"), [("en", "how alike the names are, 0 to 96"), ("zh-Hans", "名称的相似程度，0 至 96")]
)
def test_features_are_named_in_the_language_of_who_asks(client, language, told):
    [first, *_] = ask(client, NAME, headers={"Accept-Language": language})
    assert told in {feature["name"] for feature in first["features"]}


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("zh", "黑河"),
        ("zh-CN,zh;q=0.9,en;q=0.5", "黑河"),
        ("zh-Hans,en;q=0.5", "黑河"),
        ("en", "Heihe"),
        ("fr", "Heihe"),
    ],
)
def test_names_are_in_the_language_that_is_asked_for(client, tag, name):
    assert ask(client, NAME, headers={"Accept-Language": tag})[0]["name"] == name
    query = {"ids": ["hunchun"], "properties": [{"id": "country"}]}
    preview = client.get("/reconcile/1.0/preview", params={"id": "heihe"}, headers={"Accept-Language": tag}).text
    assert f"<b>{name}</b>" in preview
    rows = client.post("/reconcile/1.0/extend", json=query, headers={"Accept-Language": tag}).json()["rows"]
    country = rows[0]["properties"][0]["values"][0]["name"]
    assert country == ("中国" if name == "黑河" else "China")


def test_columns_are_proposed_and_headed_in_the_language(client):
    chinese = {"Accept-Language": "zh-CN"}
    proposed = client.get("/reconcile/1.0/extend/propose", params={"type": "City"}, headers=chinese).json()[
        "properties"
    ]
    assert {"id": "province", "name": "省级行政区"} in proposed
    assert {"id": "locatedIn", "name": "位于"} in proposed
    query = {"ids": ["heihe"], "properties": [{"id": "province"}]}
    answer = client.post("/reconcile/1.0/extend", json=query, headers=chinese).json()
    assert answer["meta"][0]["name"] == "省级行政区"


def test_language_of_a_query_goes_before_that_of_the_client(client):
    assert ask(client, NAME, headers={"Accept-Language": "en"}, lang="zh")[0]["name"] == "黑河"


def test_any_of_the_values_is_enough_and_all_must_be_true_where_all_is_said(client):
    areas = ["Jilin", "Heilongjiang"]
    assert ask(client, NAME, said("locatedIn", areas))[0]["match"] is True
    assert ask(client, NAME, said("locatedIn", areas, matchQuantifier="any", required=True))[0]["id"] == "heihe"
    assert ask(client, NAME, said("locatedIn", areas, matchQuantifier="all"))[0]["match"] is False
    assert ask(client, NAME, said("locatedIn", areas, matchQuantifier="all", required=True)) == []


def test_none_of_the_values_leaves_out_the_things_that_have_one(client):
    found = ask(client, NAME, said("locatedIn", ["Heilongjiang"], matchQuantifier="none"))
    assert "heihe" not in {candidate["id"] for candidate in found}
    assert ask(client, NAME, said("locatedIn", ["Jilin"], matchQuantifier="none"))[0]["id"] == "heihe"


def test_identifier_is_a_condition(client):
    found = ask(client, {"matchType": "id", "propertyValue": "hunchun"})
    assert (found[0]["id"], found[0]["match"]) == ("hunchun", True)


@pytest.mark.parametrize(
    "condition",
    [
        {"matchType": "name"},
        {"matchType": "nothing", "propertyValue": "x"},
        {"matchType": ["name"], "propertyValue": "x"},
        {"matchType": "property", "propertyValue": "x"},
        {"matchType": "name", "propertyValue": "x", "matchQuantifier": "some"},
    ],
)
def test_condition_that_is_none_is_refused(client, condition):
    assert client.post("/reconcile/1.0/match", json={"queries": [{"conditions": [condition]}]}).status_code == 400


def called(*names, **more):
    return {"matchType": "name", "propertyValue": names[0] if len(names) == 1 else list(names), **more}


def firsts(found):
    return [(candidate["id"], candidate["match"]) for candidate in found][:1]


@pytest.mark.parametrize(
    ("names", "thing"),
    [
        (("黑河市", "xqzw"), "heihe"),
        (("xqzw", "黑河市"), "heihe"),
        (("Hunchun City", "xqzw", "훈춘"), "hunchun"),
        (("Pingxiang", "凭祥市"), "pingxiang"),
    ],
)
def test_any_of_several_names_finds_the_thing(client, names, thing):
    assert firsts(ask(client, called(*names))) == [(thing, True)]
    assert firsts(ask(client, *(called(name) for name in names))) == [(thing, True)]


def test_names_of_two_things_match_neither_and_find_both(client):
    found = ask(client, called("黑河市", "珲春市"))
    assert {"heihe", "hunchun"} <= {candidate["id"] for candidate in found}
    assert not any(candidate["match"] for candidate in found)


def test_none_of_the_names_leaves_out_what_is_called_so_by_its_kind(client):
    found = {each["id"] for each in ask(client, called("Heihe"), called("黑河", matchQuantifier="none"))}
    assert "heihe" not in found
    assert "heihe-port" in found
    assert "heihe" in {
        each["id"] for each in ask(client, called("Heihe"), called("Heihe Port", matchQuantifier="none"))
    }
    assert ask(client, called("Heihe", matchQuantifier="none")) == []


def test_all_of_the_names_must_be_the_things_where_all_is_said(client):
    assert firsts(ask(client, called("Heihe", "黑河", matchQuantifier="all"))) == [("heihe", True)]
    assert firsts(ask(client, called("黑河", "Hunchun", matchQuantifier="all"))) != [("heihe", True)]
    assert not any(each["match"] for each in ask(client, called("Heihe", "xqzw", matchQuantifier="all")))
    assert ask(client, called("Heihe", "Hunchun", matchQuantifier="all", required=True)) == []
    assert firsts(ask(client, called("Heihe", "黑河", matchQuantifier="all", required=True))) == [("heihe", True)]


def test_required_name_leaves_out_what_is_not_called_so(client):
    loose, strict = ask(client, called("Heihee")), ask(client, called("Heihee", required=True))
    assert "heihe" in {each["id"] for each in loose}
    assert strict == []
    code = {"matchType": "id", "propertyValue": "hunchun"}
    assert ask(client, called("Heihe", required=True), code)[0]["id"] == "heihe"
    assert "hunchun" not in {each["id"] for each in ask(client, called("Heihe", required=True), code)}


def test_name_that_is_demanded_settles_no_namesake(client):
    assert firsts(ask(client, called("Pingxiang", matchQuantifier="all"))) == [("pingxiang", False)]
    assert firsts(ask(client, called("Pingxiang", required=True))) == [("pingxiang", False)]
