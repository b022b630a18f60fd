"""Areas that are no more, by the records of divisions: what lay in one is found by it, and what it became is told from what it held."""

from __future__ import annotations

import json

import pytest


def asked(client, name, area, **more):
    properties = [{"pid": "locatedIn", "v": area}, *({"pid": pid, "v": value} for pid, value in more.items())]
    query = {"q": {"query": name, "properties": properties}}
    return client.get("/reconcile", params={"queries": json.dumps(query)}).json()["q"]["result"]


@pytest.mark.parametrize(
    ("name", "area", "thing"),
    [
        ("凭祥", "南宁地区", "pingxiang"),
        ("Pingxiang", "Nanning Prefecture", "pingxiang"),
        ("龙州县", "广西南宁地区", "longzhou"),
        ("同江", "合江地区", "tongjiang"),
        ("虎林", "牡丹江地区", "hulin"),
        ("满洲里", "呼伦贝尔盟", "manzhouli"),
        ("满洲里口岸", "呼伦贝尔盟", "manzhouli-port"),
        ("Barkol", "Hami Prefecture", "barkol"),
        ("Ergun", "Hulunbuir League", "ergun"),
        ("长白", "浑江市", "changbai"),
        ("塔城", "塔城地区", "tacheng"),
        ("霍城县", "伊犁地区", "huocheng"),
    ],
)
def test_what_lay_in_an_area_of_old_is_found_by_it(client, name, area, thing):
    first = asked(client, name, area)[0]
    assert (first["id"], first["match"]) == (thing, True)


@pytest.mark.parametrize(
    ("name", "area", "thing"),
    [
        ("哈密市", "哈密地区", "hami"),
        ("哈密", "新疆哈密地区", "hami"),
        ("Hami", "Hami Prefecture", "hami"),
        ("黑河市", "黑河地区", "heihe"),
        ("Heihe", "Heihe Prefecture", "heihe"),
        ("百色市", "百色地区", "baise"),
    ],
)
def test_city_of_today_is_not_the_one_that_lay_in_the_prefecture_that_it_was(client, name, area, thing):
    found = asked(client, name, area)
    assert found[0]["id"] == thing
    assert not any(each["match"] for each in found)


def test_city_of_today_is_found_by_its_own_code_whatever_it_was(client):
    first = asked(client, "哈密市", "哈密地区", adminCode="650500")[0]
    assert (first["id"], first["match"]) == ("hami", True)


@pytest.mark.parametrize(
    ("name", "area"),
    [("防城港市", "南宁地区"), ("Pingxiang", "Heihe Prefecture"), ("凭祥", "百色地区"), ("东宁", "合江地区")],
)
def test_what_lay_elsewhere_is_not_found_by_an_area_of_old(client, name, area):
    assert not any(each["match"] for each in asked(client, name, area))


def test_prefecture_that_still_is_holds_itself(client):
    first = asked(client, "Tacheng Prefecture", "塔城地区")[0]
    assert (first["id"], first["match"]) == ("tacheng-prefecture", True)


@pytest.mark.parametrize(
    ("name", "area", "thing"),
    [
        ("八道江区", "白山市", "hunjiang"),
        ("八道江区", "吉林", "hunjiang"),
        ("Badaojiang Qu", "Jilin", "hunjiang"),
        ("临江区", "浑江市", "linjiang"),
        ("哈密县", "哈密市", "yizhou-hami"),
        ("哈密县", "新疆", "yizhou-hami"),
        ("爱辉县", "黑河市", "aihui"),
    ],
)
def test_division_is_found_by_the_name_that_it_had_where_it_lay(client, name, area, thing):
    first = asked(client, name, area)[0]
    assert (first["id"], first["match"]) == (thing, True)


@pytest.mark.parametrize(
    ("name", "area"), [("八道江区", "黑龙江"), ("八道江区", ""), ("临江区", ""), ("哈密县", "甘肃")]
)
def test_name_that_a_division_had_is_doubtful_elsewhere_and_a_districts_without_a_place(client, name, area):
    assert not any(each["match"] for each in asked(client, name, area))


@pytest.mark.parametrize(("name", "thing"), [("哈密市", "hami"), ("黑河市", "heihe"), ("哈密", "hami")])
def test_name_that_a_part_had_is_the_citys_of_today(client, name, thing):
    first = asked(client, name, "")[0]
    assert (first["id"], first["match"]) == (thing, True)
