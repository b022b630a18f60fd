"""Requests that say little of themselves are read, and large extensions are answered in time."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("said", ["text/plain", "", "application/octet-stream"])
def test_json_that_does_not_say_so_is_read(client, said):
    body = json.dumps({"queries": {"a": {"query": "Heihe"}}})
    answer = client.post("/reconcile", content=body, headers={"Content-Type": said} if said else {})
    assert answer.json()["a"]["result"][0]["id"] == "heihe"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/reconcile", {"queries": {"a": {"query": "Heihe"}}}),
        ("/reconcile/1.0/match", {"queries": [{"conditions": [{"matchType": "name", "propertyValue": "Heihe"}]}]}),
    ],
)
def test_byte_order_mark_before_json_is_skipped(client, path, body):
    content = b"\xef\xbb\xbf" + json.dumps(body).encode()
    answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    assert '"heihe"' in answer.text


def test_body_that_is_nothing_is_refused(client):
    answer = client.post("/reconcile", content="Heihe", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["detail"]


def test_properties_that_are_not_there_cost_little(client):
    query = {"ids": ["hunchun"] * 5_000, "properties": [{"id": f"zz{number}"} for number in range(20)]}
    answer = client.post("/reconcile", data={"extend": json.dumps(query)}, timeout=60)
    assert answer.status_code == 200, answer.text
    assert not any(answer.json()["rows"]["hunchun"].values())
    draft = client.post("/reconcile/1.0/extend", json=query, timeout=60)
    assert draft.status_code == 200, draft.text
