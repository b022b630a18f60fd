"""A table gets columns from what its cells mean: one value each, found by the words that people type."""

from __future__ import annotations

import json

import pytest

COLUMNS = [
    "wikidata",
    "geonames",
    "latitude",
    "longitude",
    "wkt",
    "labelEn",
    "labelZh",
    "country",
    "province",
    "prefecture",
    "adminCode",
    "unlocode",
]


def extended(client, identifiers, properties):
    query = {"ids": identifiers, "properties": [{"id": each} for each in properties]}
    answer = client.post("/reconcile", data={"extend": json.dumps(query)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_column_has_one_value_at_most(client):
    rows = extended(client, ["hunchun", "heihe-port", "russia", "inner-mongolia"], COLUMNS)["rows"]
    assert all(len(row[column]) <= 1 for row in rows.values() for column in COLUMNS)


@pytest.mark.parametrize(
    ("thing", "column", "value"),
    [
        ("hunchun", "wikidata", {"str": "Q128674"}),
        ("hunchun", "geonames", {"str": "2036653"}),
        ("hunchun", "adminCode", {"str": "222404"}),
        ("hunchun", "labelZh", {"str": "珲春"}),
        ("hunchun", "labelEn", {"str": "Hunchun"}),
        ("hunchun", "country", {"id": "china", "name": "China"}),
        ("hunchun", "province", {"id": "jilin", "name": "Jilin"}),
        ("hunchun", "prefecture", {"id": "yanbian", "name": "Yanbian Korean Autonomous Prefecture"}),
        ("heihe-port", "prefecture", {"id": "heihe", "name": "Heihe"}),
        ("tacheng", "prefecture", {"id": "tacheng-prefecture", "name": "Tacheng Prefecture"}),
        ("baketu-port", "prefecture", {"id": "tacheng-prefecture", "name": "Tacheng Prefecture"}),
        ("khorgos", "prefecture", {"id": "ili", "name": "Ili Kazakh Autonomous Prefecture"}),
        ("heihe-port", "unlocode", {"str": "CNHEK"}),
        ("kashgar-port", "prefecture", {"id": "kashgar-prefecture", "name": "Kashgar Prefecture"}),
    ],
)
def test_column_says_what_it_is_called(client, thing, column, value):
    assert extended(client, [thing], [column])["rows"][thing][column] == [value]


def test_coordinates_are_numbers_and_a_point(client):
    row = extended(client, ["hunchun"], ["latitude", "longitude", "wkt"])["rows"]["hunchun"]
    north, east = row["latitude"][0]["float"], row["longitude"][0]["float"]
    assert (round(north), round(east)) == (43, 130)
    assert row["wkt"] == [{"str": f"POINT({east} {north})"}]


@pytest.mark.parametrize("thing", ["muse", "blagoveshchensk", "alar"])
def test_city_abroad_or_of_the_corps_is_no_prefecture(client, thing):
    assert extended(client, [thing], ["prefecture"])["rows"][thing]["prefecture"] == []


def test_property_is_found_by_its_name_in_chinese(client):
    result = client.get("/reconcile/suggest/property", params={"prefix": "位于"}).json()["result"]
    assert "locatedIn" in {each["id"] for each in result}


def test_what_a_thing_has_not_is_empty(client):
    assert extended(client, ["russia", "no-such-thing"], ["unlocode"])["rows"] == {
        "russia": {"unlocode": []},
        "no-such-thing": {"unlocode": []},
    }


def test_areas_come_nearest_first(client):
    query = {"ids": ["hunchun"], "properties": [{"id": "locatedIn", "settings": {"limit": 1}}]}
    rows = client.post("/reconcile", data={"extend": json.dumps(query)}).json()["rows"]
    assert [value["id"] for value in rows["hunchun"]["locatedIn"]] == ["yanbian"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("coord", {"latitude", "longitude", "wkt"}),
        ("wiki", {"wikidata"}),
        ("label", {"labelEn", "labelZh"}),
        ("code", {"adminCode", "unlocode"}),
        ("lat", {"latitude"}),
        ("prov", {"province"}),
        ("GeoNames ID", {"geonames"}),
        ("ID Wikidata", {"wikidata"}),
        ("标签", {"labelEn", "labelZh"}),
        ("坐标", {"latitude", "longitude", "wkt"}),
        ("代码", {"adminCode", "unlocode"}),
    ],
)
def test_columns_are_found_by_what_is_typed(client, typed, found):
    result = client.get("/reconcile/suggest/property", params={"prefix": typed}).json()["result"]
    assert found <= {each["id"] for each in result}
    assert all(each["description"] for each in result if each["id"] in found)


def test_columns_are_proposed_first_each_with_a_flyout(client):
    proposed = client.get("/reconcile/properties", params={"type": "Place"}).json()["properties"]
    assert [each["id"] for each in proposed[: len(COLUMNS)]] == COLUMNS
    for each in proposed:
        flyout = client.get("/reconcile/flyout/property", params={"id": each["id"]})
        assert flyout.status_code == 200, each
        assert each["name"] in flyout.json()["html"]


def test_column_that_things_of_a_type_have_not_is_not_proposed(client):
    proposed = {
        each["id"] for each in client.get("/reconcile/properties", params={"type": "Policy"}).json()["properties"]
    }
    assert "labelZh" in proposed
    assert not proposed & {"unlocode", "adminCode"}


@pytest.mark.parametrize("ids", [[None], [5], [["heihe"]]])
def test_identifier_that_is_no_text_is_refused(client, ids):
    query = {"ids": ids, "properties": [{"id": "country"}]}
    assert client.post("/reconcile", data={"extend": json.dumps(query)}).status_code == 400


def test_column_of_things_says_their_type(client):
    meta = extended(client, ["hunchun"], ["province", "wikidata"])["meta"]
    assert meta[0]["type"]["id"] == "Province"
    assert "type" not in meta[1]
