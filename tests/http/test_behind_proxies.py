"""Behind proxies every link leads to where the client came from: through them, and below their path."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import httpx
import pytest

PUBLIC = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "kg.example.org"}
ROOT = "https://kg.example.org/kouan/"


@pytest.fixture(scope="module")
def below(start, snapshot, settings):
    environment = {
        "KOUAN_SNAPSHOTS": str(settings.snapshots),
        "KOUAN_WORKERS": "1",
        "KOUAN_PROXIES": "127.0.0.0/8 10.1.2.3",
        "KOUAN_BASE_PATH": "/kouan",
    }
    with (
        start([], environment) as address,
        httpx.Client(base_url=address, headers=PUBLIC, timeout=30, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize("path", ["/", "/sparql", "/page/heihe", "/ontology", "/dump", "/nosuch", "/validate"])
@pytest.mark.parametrize("prefix", ["", "/kouan"])
def test_page_has_no_link_past_the_path(below, path, prefix):
    page = below.get(prefix + path, headers={"Accept": "text/html"}, follow_redirects=False)
    if page.status_code == 303:
        assert page.headers["location"].startswith("/kouan/")
        page = below.get(page.headers["location"], headers={"Accept": "text/html"})
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text)
    assert len(links) > 5
    assert {link for link in links if not link.startswith("/kouan/") or link.startswith("/kouan/kouan/")} == set()


@pytest.mark.parametrize("path", ["/void", "/dcat", "/sparql"])
def test_descriptions_name_the_public_address(below, path):
    said = below.get(path, headers={"Accept": "text/turtle"}).text
    assert f"<{ROOT}sparql>" in said
    assert "127.0.0.1" not in said


def test_reconciliation_names_the_public_address(below):
    said = below.get("/reconcile").json()
    assert said["view"]["url"] == ROOT + "id/{{id}}"
    assert said["suggest"]["entity"]["service_url"] == ROOT + "reconcile"


def test_see_other_and_problems_are_below_the_path(below):
    assert below.get("/kouan/id/heihe").headers["location"] == "/kouan/doc/heihe.ttl"
    assert below.get("/kouan/dump/nosuch").json()["instance"] == "/kouan/dump/nosuch"
    assert below.get("/kouan/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
    assert below.get("/kouanother").status_code == 404


@pytest.mark.parametrize("value", ["a" * 16_000, 'for="' * 3_000, "a" * 60_000, "for=127.0.0.1," * 4_000])
@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For"])
def test_what_a_proxy_passes_on_is_read_in_one_pass(below, name, value):
    started = time.monotonic()
    answer = below.get("/kouan/health", headers={name: value})
    assert time.monotonic() - started < 1
    assert answer.status_code == (431 if len(value) > 32_768 else 200)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"Forwarded": 'for=192.0.2.7;proto=https;host="kg.org:8443"'}, "https://kg.org:8443/kouan/"),
        ({"Forwarded": "host=evil.org;proto=http, for=192.0.2.7;host=kg.org;proto=https"}, "https://kg.org/kouan/"),
        ({"Forwarded": "for=192.0.2.7;host=kg.org;proto=https, for=10.1.2.3;host=in.org"}, "https://kg.org/kouan/"),
        ({"X-Forwarded-Prefix": "/other/"}, "https://kg.example.org/other/"),
        ({"X-Forwarded-Host": "evil.org, kg.org", "X-Forwarded-For": "192.0.2.7"}, "https://kg.org/kouan/"),
        ({"Forwarded": "host=evil.org;proto=http", "X-Forwarded-For": "192.0.2.7"}, "https://kg.example.org/kouan/"),
        ({"X-Forwarded-Port": "8443"}, "https://kg.example.org:8443/kouan/"),
        ({"X-Forwarded-Host": "kg.org/<script>"}, None),
        ({"X-Forwarded-Prefix": '/"><script>'}, "https://kg.example.org/kouan/"),
    ],
)
def test_nearest_trusted_proxy_is_believed(below, said, expected):
    view = below.get("/reconcile", headers=said).json()["view"]["url"]
    assert "<" not in view
    if expected:
        assert view == expected + "id/{{id}}"


def test_nobody_is_believed_where_no_proxy_is_trusted(client):
    view = client.get("/reconcile", headers=PUBLIC | {"Forwarded": "host=evil.org", "X-Forwarded-Prefix": "/p"})
    assert view.json()["view"]["url"] == f"{str(client.base_url).rstrip('/')}/id/{{{{id}}}}"


def test_settings_that_are_neither_addresses_nor_paths_are_refused(tmp_path):
    (tmp_path / "a.nt").write_text("<urn:a> <urn:p> 'x' .\n".replace("'", '"'), encoding="utf-8")
    for name, value in {"KOUAN_PROXIES": "nginx", "KOUAN_BASE_PATH": "kouan"}.items():
        said = subprocess.run(
            [sys.executable, "-m", "kouan", "serve", "--port", "0", str(tmp_path / "a.nt")],
            env={"KOUAN_SNAPSHOTS": str(tmp_path / "s"), name: value} | _environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert said.returncode == 1
        assert name in said.stderr


def _environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("KOUAN_")}
