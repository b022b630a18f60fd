"""Columns that are called as something that they are not, numbers in two orders, and identifiers as the service hands them out."""

from __future__ import annotations

import json

import pytest


def first(client, name, *properties, **more):
    asked = {"query": name, "properties": [{"pid": pid, "v": value} for pid, value in properties]} | more
    answer = client.post("/reconcile", data={"queries": json.dumps({"q": asked})})
    assert answer.status_code == 200, answer.text
    return answer.json()["q"]["result"][0]


def features(candidate):
    return {each["id"]: each["value"] for each in candidate["features"]}


@pytest.mark.parametrize(("name", "area"), [("河口", "山西"), ("抚远", "云南"), ("Suifenhe", "Yunnan")])
def test_area_in_a_column_of_locations_is_compared(client, name, area):
    assert not first(client, name, ("location", area))["match"]


def test_area_in_a_column_of_locations_confirms(client):
    assert features(first(client, "黑河", ("location", "黑龙江")))["within"] is True


@pytest.mark.parametrize("text", ["50.24N 127.49E", "somewhere by the river", "@50.24/127.49"])
def test_location_that_is_neither_a_point_nor_an_area_is_not_compared_and_said_so(client, text):
    found = first(client, "Heihe", ("point", text))
    assert found["match"]
    assert features(found)["not compared: point"] is False


@pytest.mark.parametrize("text", ["68726", "68,726 km2", "6.8万平方公里", 68726])
def test_number_in_a_column_called_area_is_no_area(client, text):
    found = first(client, "Heihe", ("area", text))
    assert (found["id"], found["match"]) == ("heihe", True)
    assert features(found)["not compared: area"] is False


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("霍尔果斯", "80.41,44.21"),
        ("霍尔果斯", "44.21,80.41"),
        ("塔城", "82.98,46.75"),
        ("日喀则", "88.88,29.27"),
        ("黑河", "127.49,50.24"),
        ("黑河", "50.24,127.49"),
    ],
)
def test_point_is_read_in_the_order_in_which_something_lies_there(client, name, text):
    found = first(client, name, ("location", text))
    assert found["match"]
    assert features(found)["near"] is True


@pytest.mark.parametrize("value", ["hunchun", {"id": "hunchun"}, "https://w3id.org/kouan/id/hunchun", "Q128674"])
def test_identifier_of_another_thing_makes_a_name_doubtful(client, value):
    found = first(client, "Heihe", ("id", value))
    assert not found["match"]
    assert features(found)["identifier"] is False


def test_label_alone_is_what_is_looked_for(client):
    assert first(client, "", ("labelZh", "黑河"))["id"] == "heihe"
