"""What is built for the browser is kept for ever, comes compressed, and no page names what is not there."""

from __future__ import annotations

import re

import pytest

HTML = {"Accept": "text/html"}


@pytest.fixture
def addresses(client):
    found = re.findall(r'"(/static/ui/[^"]*)"', client.get("/sparql", headers=HTML).text)
    if not found:
        pytest.skip("the browser's code is not built: python web/assets.py builds it")
    return found


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_asset_is_kept_for_ever_and_compressed_as_the_client_likes(client, addresses, coding):
    whole = client.get(addresses[0], headers={"Accept-Encoding": "identity"}).content
    answer = client.get(addresses[0], headers={"Accept-Encoding": coding})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"].lower() == "accept-encoding"
    assert answer.headers.get("content-encoding", "identity") == coding
    assert answer.content == whole


def test_every_asset_that_a_page_names_is_there(client, addresses):
    assert {client.get(address).status_code for address in addresses} == {200}


@pytest.mark.parametrize("name", ["nothing-00000000.js", "manifest.py", "..%2F..%2Fsettings.py"])
def test_what_is_no_asset_is_not_found(client, name):
    assert client.get(f"/static/ui/{name}").status_code == 404


def test_style_of_every_page_comes_compressed_too(client):
    [style] = re.findall(r'rel="stylesheet" href="([^"]*kouan.css)"', client.get("/", headers=HTML).text)
    plain = client.get(style, headers={"Accept-Encoding": "identity"})
    answer = client.get(style, headers={"Accept-Encoding": "br"})
    assert answer.headers["content-encoding"] == "br"
    assert "content-encoding" not in plain.headers
    assert answer.text == plain.text
