"""What is given to run it elsewhere passes its own linters, and the proxy before two replicas is run."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
PORTS = Path(__file__).parents[1] / "fixtures" / "engine" / "ports.trig"
EVIL = {
    "Host": "evil.org",
    "Forwarded": "host=evil.org",
    "X-Forwarded-Host": "evil.org",
    "X-Forwarded-Port": "6666",
    "X-Forwarded-Prefix": "/evil",
}
QUERY = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def program(name):
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)


def test_image_passes_its_linter():
    found = run(program("hadolint"), DEPLOY / "Dockerfile")
    assert found.returncode == 0, found.stdout


def test_compose_file_is_one():
    found = run(program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    assert found.returncode == 0, found.stdout


def test_manifest_is_one_of_kubernetes():
    found = run(program("kubernetes-validate"), DEPLOY / "kubernetes.yaml")
    assert found.returncode == 0, found.stdout + found.stderr
    assert (found.stdout + found.stderr).count("passed") == 3


def test_unit_is_one_of_systemd(tmp_path):
    text = (DEPLOY / "kouan.service").read_text(encoding="utf-8")
    unit = tmp_path / "kouan.service"
    unit.write_text(text.replace("/opt/kouan/bin/kouan", sys.executable), encoding="utf-8")
    found = run(program("systemd-analyze"), "verify", unit)
    assert found.returncode == 0
    assert "kouan.service:" not in found.stderr, found.stderr


def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def proxy(start, tmp_path):
    """nginx with our configuration, but for the addresses, before two replicas; and a way to end one of them."""
    nginx = program("nginx")
    environment = {"KOUAN_PROXIES": "127.0.0.1", "KOUAN_WORKERS": "1"}
    port = free()
    with contextlib.ExitStack() as first, contextlib.ExitStack() as second:
        replicas = [
            stack.enter_context(start([str(PORTS)], environment | {"KOUAN_SNAPSHOTS": str(tmp_path / name)}))
            for stack, name in ((first, "a"), (second, "b"))
        ]
        text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
        servers = "".join(f"server {each.removeprefix('http://')};\n" for each in replicas)
        text = text.replace("server kouan:8000;", servers).replace("listen 8080", f"listen 127.0.0.1:{port}")
        text = text.replace("/tmp/kouan", str(tmp_path / "cache"))
        (tmp_path / "nginx.conf").write_text(f"daemon off; pid {tmp_path}/pid; user root;\n{text}", encoding="utf-8")
        command = [nginx, "-e", str(tmp_path / "log"), "-c", str(tmp_path / "nginx.conf")]
        assert subprocess.run([*command, "-t"], capture_output=True, check=False).returncode == 0
        with subprocess.Popen(command) as process:
            address = f"http://127.0.0.1:{port}"
            try:
                for _ in range(100):
                    with contextlib.suppress(httpx.TransportError):
                        if httpx.get(f"{address}/health", trust_env=False).status_code == 200:
                            break
                    time.sleep(0.1)
                yield address, first.close
            finally:
                process.terminate()
                process.wait(timeout=20)


def test_proxy_before_two_replicas_keeps_answers_and_outlives_one(proxy):
    address, end_one = proxy
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        ask = {"params": {"query": QUERY}, "headers": {"Accept": "text/csv"}}
        first = client.get("/sparql", **ask)
        again = client.get("/sparql", **ask)
        assert first.status_code == again.status_code == 200
        assert first.content == again.content
        # The id is the proxy's; an answer that it kept has that of the request it was made for.
        assert first.headers["x-request-id"] == again.headers["x-request-id"]
        assert len(client.get("/health").headers["x-request-id"]) == 32
        assert client.get("/metrics").status_code == 404
        # Nobody leads others elsewhere by an answer that is kept.
        for name, said in EVIL.items():
            client.get("/sparql", headers={"Accept": "text/turtle", name: said})
        described = client.get("/sparql", headers={"Accept": "text/turtle"}).text
        assert f"<{address}/sparql>" in described
        end_one()
        answers = {client.get("/sparql", params={"query": f"{QUERY} # {n}"}).status_code for n in range(10)}
        assert answers == {200}


HOME = DEPLOY.parent
EXACT = re.compile(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?")


def test_everything_from_elsewhere_has_its_version_and_its_hash():
    images = re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    for name in ("compose.yaml", "kubernetes.yaml"):
        images += re.findall(r"image: (\S+)", (DEPLOY / name).read_text(encoding="utf-8"))
    assert [image for image in images if image != "kouan" and not EXACT.fullmatch(image)] == []
    locks = sorted(HOME.glob("requirements*.lock"))
    assert len(locks) == 3
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        for requirement in text.replace("\\\n", " ").splitlines():
            assert "==" in requirement, requirement
            assert "--hash=sha256:" in requirement, requirement
    packages = json.loads((HOME / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, said in packages.items() if name and "integrity" not in said and not said.get("link")] == []


def test_what_it_is_made_of_can_be_listed(tmp_path):
    beside = HOME / ".audit" / "bin" / "cyclonedx-py"
    lister = str(beside) if beside.is_file() else program("cyclonedx-py")
    found = run(lister, "requirements", "--pyproject", HOME / "pyproject.toml", HOME / "requirements.lock")
    plain = subprocess.run(
        [sys.executable, DEPLOY / "sbom.py"], input=found.stdout, capture_output=True, text=True, timeout=60, check=True
    )
    listed = json.loads(plain.stdout)
    assert listed["bomFormat"] == "CycloneDX"
    named = {each["name"]: each for each in listed["components"]}
    assert named["pyoxigraph"]["hashes"]
    assert named["flask"]["purl"].startswith("pkg:pypi/flask@")
    assert "://" not in json.dumps([{**each, "purl": ""} for each in listed["components"]])
