"""The server shows how Kouan and Wikidata stand to each other, to people and to tools."""

from __future__ import annotations

import csv
import html
import io
import json

import httpx
import pytest

HTML = {"Accept": "text/html"}


def test_page_says_the_date_of_the_slice_and_lists_what_conflicts(client):
    page = client.get("/wikidata", headers=HTML)
    assert page.headers["content-type"].startswith("text/html")
    assert "2020-05-15 to 2025-08-27" in page.text
    assert "格鲁吉亚共和国" in page.text
    assert "P131" in page.text


def test_values_and_notes_are_in_the_language_of_the_page(client):
    page = client.get("/wikidata", params={"lang": "zh"}, headers=HTML).text
    assert [said for said in ("印度 (Q668)", "国家 (Q6256)", "公里，容许", "仅写法不同") if said not in page] == []
    assert "km apart" not in page
    thing = client.get("/wikidata/heihe", params={"lang": "zh"}, headers=HTML).text
    assert "<h1>黑河" in thing
    assert "黑龙江" in thing
    assert "located in the administrative" not in thing
    assert "India (Q668)" in client.get("/wikidata", headers=HTML).text


def test_source_without_a_title_of_its_own_has_the_name_that_kouan_gives_it_and_its_copys_address(client):
    page = client.get("/wikidata/heihe", headers=HTML).text
    assert "GeoNames geographical database</a> <small>2026-07</small></td>" in page
    assert "; <small>" not in page
    assert 'rel="external">Xinhua on Heihe road port</a> <small>2021-09-10</small>' in page
    assert "新华社关于黑河公路口岸</a>" in client.get("/wikidata/heihe", params={"lang": "zh"}, headers=HTML).text
    for findings in (client.get(address).json()["findings"] for address in ("/wikidata", "/wikidata/heihe")):
        titles = {source["title"] for each in findings for source in each["sources"]}
        assert [title for title in titles if not title or title.startswith("http")] == []


def test_page_of_a_thing_has_the_commands_that_the_export_writes_for_it(client, kouan):
    page = html.unescape(client.get("/wikidata/heihe", headers=HTML).text)
    exported = [line for line in kouan("wikidata", "export").stdout.splitlines() if line.startswith("Q349983\t")]
    assert exported
    assert "<code>" + "\n".join(exported) + "\n</code>" in page


def test_page_of_a_thing_leads_to_the_one_with_both_sides_where_it_has_an_item(client):
    assert 'href="/wikidata/heihe"' in client.get("/page/heihe", headers=HTML).text
    assert "/wikidata/" not in client.get("/page/amity", headers=HTML).text


@pytest.mark.parametrize("address", ["/wikidata", "/wikidata/heihe"])
def test_each_side_says_whose_it_is_where_the_head_of_the_table_has_no_room(client, address):
    page = client.get(address, headers=HTML).text
    assert '<td data-side="Kouan">' in page
    assert '<td data-side="Wikidata">' in page


def test_names_that_no_passage_says_are_the_editors_with_their_day(client):
    conflicts = client.get("/wikidata.json", params={"status": "conflicts"}).json()["findings"]
    (label,) = [each for each in conflicts if each["item"].endswith("/Q884") and each["property"] == "Lzh"]
    (source,) = label["sources"]
    assert (source["title"], source["url"]) == ("The Kouan editors", label["thing"])
    assert source["date"] >= "2026-11-28"
    assert "口岸编者" in client.get("/wikidata", params={"lang": "zh"}, headers=HTML).text


def test_tools_get_json_and_a_table(client):
    document = client.get("/wikidata").json()
    assert document == client.get("/wikidata.json").json()
    assert sum(document["summary"].values()) == len(document["findings"])
    table = client.get("/wikidata.csv")
    assert table.headers["content-disposition"] == 'attachment; filename="kouan-wikidata.csv"'
    assert len(list(csv.DictReader(io.StringIO(table.text)))) == len(document["findings"])
    assert client.get("/wikidata", headers={"Accept": "text/csv"}).text == table.text


@pytest.mark.parametrize("address", ["/wikidata", "/wikidata/heihe"])
def test_format_is_named_in_the_address(client, address):
    findings = client.get(address, params={"format": "json"}, headers=HTML).json()["findings"]
    for form, separator in (("csv", ","), ("tsv", "\t"), ("text/tab-separated-values", "\t")):
        table = client.get(address, params={"format": form}, headers=HTML)
        assert table.headers["content-type"].startswith("text/tab" if separator == "\t" else "text/csv")
        assert len(list(csv.DictReader(io.StringIO(table.text), delimiter=separator))) == len(findings)
    assert client.get(address, params={"format": "xlsx"}).status_code == 406
    assert client.get("/wikidata.tsv").text == client.get("/wikidata", params={"format": "tsv"}).text


def test_one_status_can_be_asked_for_and_no_other_than_there_are(client):
    found = client.get("/wikidata.json", params={"status": "conflicts"}).json()["findings"]
    assert {each["status"] for each in found} == {"conflicts"}
    refused = client.get("/wikidata.json", params={"status": "odd"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")


def test_type_that_is_not_to_be_had_is_refused(client):
    assert client.get("/wikidata", headers={"Accept": "image/png"}).status_code == 406


def test_server_of_other_data_has_no_such_page(start, tmp_path):
    (tmp_path / "other.ttl").write_text("<urn:a> <urn:b> <urn:c> .", encoding="utf-8")

    with start([str(tmp_path / "other.ttl")], {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots")}) as address:
        assert httpx.get(f"{address}/wikidata").status_code == 404


def test_items_of_wikidata_are_no_things_of_ours(client):
    asked = {"q": {"query": "People's Republic of China"}}

    found = client.post("/reconcile", data={"queries": json.dumps(asked)}).json()["q"]["result"]
    assert all("wikidata" not in each["id"] for each in found)
    suggested = client.get("/reconcile/suggest/entity", params={"prefix": "province of"}).json()["result"]
    assert all(not each["id"].startswith("http") for each in suggested)


def test_page_of_a_thing_shows_both_sides_with_who_says_so(client):
    page = client.get("/wikidata/heihe", headers=HTML)
    assert page.status_code == 200
    assert "https://www.wikidata.org/wiki/Q349983" in page.text
    assert "2018" in page.text
    assert client.get("/wikidata/Q349983", headers=HTML).status_code == 200
    findings = client.get("/wikidata/heihe").json()["findings"]
    assert {each["thing"] for each in findings} == {"https://w3id.org/kouan/id/heihe"}
    assert any(source["date"] for each in findings for source in each["sources"])


def test_thing_without_an_item_is_told_from_one_that_is_not_there(client):
    for name, why in (("amity", "no item"), ("nowhere", "no thing")):
        answer = client.get(f"/wikidata/{name}")
        assert (answer.status_code, why in answer.json()["detail"]) == (404, True)


def test_what_kouan_lacks_has_the_place_where_wikidata_says_it(client):
    table = csv.DictReader(io.StringIO(client.get("/wikidata.csv", params={"status": "Kouan lacks"}).text))
    for row in table:
        assert row["Wikidata reference"].startswith(f"https://www.wikidata.org/wiki/{row['item']}")


def test_conflict_says_the_source_of_kouans_value_and_its_date(client):
    conflicts = client.get("/wikidata.json", params={"status": "conflicts"}).json()["findings"]
    assert [
        each for each in conflicts if not any(source["title"] and source["date"] for source in each["sources"])
    ] == []
