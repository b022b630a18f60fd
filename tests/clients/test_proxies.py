"""The recipes of the documentation work with the real nginx and Varnish: nothing is older than it says, and links lead back."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

RECIPES = (Path(__file__).parents[2] / "docs" / "behind-proxies.md").read_text(encoding="utf-8")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
VARNISH = shutil.which("varnishd") or shutil.which("varnishd", path="/usr/sbin")
TOKEN = "a-secret-token"
COUNT = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
CSV = {"Accept": "text/csv", "Accept-Encoding": "identity"}
LONG = {"query": COUNT["query"] + " # " + " " * 18_000}
# What is kept of it would lead others there.
EVIL = {
    "Forwarded": "host=evil.org",
    "X-Forwarded-Host": "evil.org",
    "X-Forwarded-Port": "6666",
    "X-Forwarded-Prefix": "/evil",
    "Accept": "text/turtle",
}
LED_ASTRAY = re.compile("evil|:6666/")
LARGE = {"query": "SELECT * { ?s ?p ?o } ORDER BY ?o"}


def recipe(language):
    return re.search(rf"```{language}\n(.*?)```", RECIPES, re.DOTALL)[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def started(command, port):
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(150):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, f"{command[0]} ended at once"
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextlib.contextmanager
def behind_nginx(server, folder, *, keeps):
    port = free_port()
    text = recipe("nginx").replace("listen 80;", f"listen 127.0.0.1:{port};").replace("http://127.0.0.1:8000", server)
    text = text.replace("/var/cache/nginx/kouan", str(folder / "cache"))
    if not keeps:
        text = re.sub(r"\n\s*proxy_cache(?:_\w+)? [^;]*;", "", text)
    places = "".join(
        f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder / 'pid'}; error_log {folder / 'error.log'}; worker_processes 1; user root;"
        f"events {{}} http {{ access_log off; {places} {text} }}",
        encoding="utf-8",
    )
    with started([NGINX, "-p", folder, "-c", folder / "nginx.conf"], port):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def behind_varnish(server, folder):
    port = free_port()
    (folder / "kouan.vcl").write_text(
        recipe("vcl").replace('"8000"', f'"{server.rpartition(":")[2]}"'), encoding="utf-8"
    )
    command = [
        VARNISH,
        *("-j", "none"),
        "-F",
        "-a",
        f"127.0.0.1:{port}",
        "-f",
        folder / "kouan.vcl",
        "-n",
        folder / "work",
        "-s",
        "malloc,64m",
        *re.search(r"`((?:-p [\w=]+ ?)+)`", RECIPES)[1].split(),
    ]
    with started(command, port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def served(start, tmp_path):
    lines = "".join(f'<urn:s{i}> <urn:p> "{i:05} {"x" * 40}" .\n' for i in range(2000))
    (tmp_path / "data.nt").write_text(lines, encoding="utf-8")

    def run(**environment):
        given = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": TOKEN, "KOUAN_PROXIES": "127.0.0.1"}
        return start([str(tmp_path / "data.nt")], given | environment)

    return run


def insert(client, path, number):
    answer = client.post(
        path,
        data={"update": f"INSERT DATA {{ <urn:new{number}> <urn:p> 1 }}"},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    assert answer.status_code in {200, 204}, answer.text


def count(client, path):
    return int(client.get(path, params=COUNT, headers=CSV).text.split()[1])


@pytest.mark.skipif(NGINX is None, reason="nginx is not on this machine")
def test_nginx_leads_back_below_its_path(served, tmp_path):
    with served(KOUAN_BASE_PATH="/kouan") as server, behind_nginx(server, tmp_path, keeps=True) as address:
        said = httpx.get(f"{address}/kouan/void", headers={"Accept": "text/turtle"}, trust_env=False).text
        assert f"<{address}/kouan/sparql>" in said
        assert server.rpartition(":")[2] not in said
        assert not LED_ASTRAY.search(httpx.get(f"{address}/kouan/sparql", headers=EVIL, trust_env=False).text)


@pytest.mark.skipif(NGINX is None, reason="nginx is not on this machine")
def test_nginx_passes_conditions_on_and_is_never_stale_where_nothing_may_be_kept(served, tmp_path):
    with (
        served(KOUAN_BASE_PATH="/kouan") as server,
        behind_nginx(server, tmp_path, keeps=False) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        for number in range(3):
            insert(client, "/kouan/update", number)
            assert count(client, "/kouan/sparql") == 2001 + number
        first = client.get("/kouan/sparql", params=LARGE, headers=CSV)
        assert first.headers["cache-control"] == "public, no-cache"
        again = client.get("/kouan/sparql", params=LARGE, headers=CSV | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.skipif(NGINX is None, reason="nginx is not on this machine")
def test_nginx_takes_long_queries_in_addresses_and_says_what_is_too_long(served, tmp_path):
    with (
        served(KOUAN_BASE_PATH="/kouan") as server,
        behind_nginx(server, tmp_path, keeps=True) as address,
        httpx.Client(base_url=f"{address}/kouan", trust_env=False, timeout=30) as client,
    ):
        assert client.get("/sparql", params=LONG, headers=CSV).text.split() == ["n", "2000"]
        # nginx keeps an address before the lead of its answer, and has little room for both where nobody gives it more.
        for length in range(2_500, 5_000, 250):
            longer = {"query": f"ASK {{}} #{'a' * length}"}
            assert client.get("/sparql", params=longer).status_code == 200
            assert client.get("/sparql-ui", params=longer).status_code == 302
        # httpx itself asks for no address as long as this.
        with contextlib.closing(http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)) as connection:
            connection.request("GET", f"/kouan/sparql?query={'a' * 80_000}", headers={"Origin": "http://example.org"})
            answer = connection.getresponse()
            problem = json.load(answer)
        assert (answer.status, problem["status"], "POST" in problem["detail"]) == (414, 414, True)
        assert answer.getheader("Content-Type") == "application/problem+json"
        assert answer.getheader("Access-Control-Allow-Origin") == "*"


@pytest.mark.skipif(VARNISH is None, reason="varnish is not on this machine")
def test_varnish_takes_long_queries_in_addresses(served, tmp_path):
    with served() as server, behind_varnish(server, tmp_path) as address:
        assert not LED_ASTRAY.search(httpx.get(f"{address}/sparql", headers=EVIL, trust_env=False).text)
        answer = httpx.get(f"{address}/sparql", params=LONG, headers=CSV, trust_env=False, timeout=30)
        assert answer.text.split() == ["n", "2000"]


@pytest.mark.alone
@pytest.mark.skipif(NGINX is None, reason="nginx is not on this machine")
def test_nginx_keeps_for_as_long_as_is_said_and_no_longer(served, tmp_path):
    with (
        served(KOUAN_BASE_PATH="/kouan", KOUAN_FRESH="2") as server,
        behind_nginx(server, tmp_path, keeps=True) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        before = count(client, "/kouan/sparql")
        first = client.get("/kouan/sparql", params=LARGE, headers=CSV)
        insert(client, "/kouan/update", 1)
        # It is kept for all who ask for the same, and told apart from what is asked for in another format.
        assert count(client, "/kouan/sparql") == before
        assert client.get("/kouan/sparql", params=COUNT, headers={"Accept": "application/json"}).json()
        again = client.get("/kouan/sparql", params=LARGE, headers=CSV | {"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        time.sleep(3.2)
        assert count(client, "/kouan/sparql") == before + 1
        assert client.get("/kouan/sparql", params={"query": "SELECT"}).headers["cache-control"] == "no-store"


@pytest.mark.skipif(VARNISH is None, reason="varnish is not on this machine")
def test_varnish_keeps_what_must_be_asked_about_and_asks(served, tmp_path):
    with (
        served() as server,
        behind_varnish(server, tmp_path) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        first = client.get("/sparql", params=LARGE, headers=CSV)
        assert first.headers["cache-control"] == "public, no-cache"
        again = client.get("/sparql", params=LARGE, headers=CSV | {"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        plain = client.get("/sparql", params=LARGE, headers=CSV)
        assert (plain.status_code, plain.content) == (200, first.content)
        for number in range(3):
            insert(client, "/update", number)
            assert count(client, "/sparql") == 2001 + number
        assert client.get("/sparql", params=COUNT, headers={"Accept": "application/json"}).json()["head"]
        void = client.get("/void", headers={"Accept": "text/turtle"}).text
        assert f"<{address}/sparql>" in void
        assert client.get("/void", headers={"Accept": "text/turtle"}).text == void


@pytest.mark.alone
@pytest.mark.skipif(VARNISH is None, reason="varnish is not on this machine")
def test_varnish_answers_by_itself_for_as_long_as_is_said(served, tmp_path):
    with (
        served(KOUAN_FRESH="2") as server,
        behind_varnish(server, tmp_path) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        before = count(client, "/sparql")
        insert(client, "/update", 1)
        answer = client.get("/sparql", params=COUNT, headers=CSV)
        assert (int(answer.text.split()[1]), len(answer.headers["x-varnish"].split())) == (before, 2)
        time.sleep(2.5)
        # Varnish answers once more with what is past, while it asks for what is not, unless it is told otherwise.
        count(client, "/sparql")
        time.sleep(0.5)
        assert count(client, "/sparql") == before + 1
