"""Other people's schemas and examples of the Reconciliation Service API, asked over HTTP of both versions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
SPECS = Path(os.environ.get("KOUAN_SUITES") or HERE.parents[2] / "shared" / "suites") / "recon"
RUNNER = HERE / "run_recon_suite.py"
ORIGIN = {"Origin": "https://refine.example"}

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(),
    reason="the schemas of reconciliation are not here; KOUAN_SUITES names the folder that holds them",
)


def examples(version, kind, validity):
    found = sorted((SPECS / version / "examples" / kind / validity).glob("*.json"))
    return [pytest.param(json.loads(file.read_text(encoding="utf-8")), id=file.stem) for file in found]


@pytest.fixture(scope="module")
def errors():
    from run_recon_suite import Schemas

    def find(version, schema, document):
        return Schemas(str(SPECS), version).errors(schema, document)

    return find


def test_runner_agrees_with_the_examples_of_the_specifications():
    command = [sys.executable, str(RUNNER), "--specs", str(SPECS), "--selfcheck"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "0 failed" in ran.stdout, ran.stdout


@pytest.mark.parametrize(("query", "prefix"), [("Heihe", "Hei"), ("满洲里", "满")])
def test_service_passes_every_probe_of_0_2(server, query, prefix):
    command = [sys.executable, str(RUNNER), "--specs", str(SPECS), "--service", f"{server}/reconcile"]
    command += ["--query", query, "--prefix", prefix]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert ", 0 failed" in ran.stdout
    assert ran.stdout.count("PASS ") == 24


def test_draft_has_a_manifest_by_its_schema(client, errors):
    answer = client.get("/reconcile/1.0", headers=ORIGIN)
    assert errors("1.0-draft", "manifest", answer.json()) == []
    assert answer.headers["access-control-allow-origin"] in {"*", ORIGIN["Origin"]}


@pytest.mark.parametrize("batch", examples("0.2", "reconciliation-query-batch", "valid"))
def test_valid_batch_of_0_2_is_answered(client, errors, batch):
    answer = client.post("/reconcile", data={"queries": json.dumps(batch)})
    assert answer.status_code == 200, answer.text
    assert errors("0.2", "reconciliation-result-batch", answer.json()) == []
    assert set(answer.json()) == set(batch)


@pytest.mark.parametrize("batch", examples("0.2", "reconciliation-query-batch", "invalid"))
def test_invalid_batch_of_0_2_is_refused(client, batch):
    assert client.post("/reconcile", data={"queries": json.dumps(batch)}).status_code == 400


@pytest.mark.parametrize("batch", examples("1.0-draft", "reconciliation-query-batch", "valid"))
def test_valid_batch_of_the_draft_is_answered(client, errors, batch):
    answer = client.post("/reconcile/1.0/match", json=batch)
    assert answer.status_code == 200, answer.text
    assert errors("1.0-draft", "reconciliation-result-batch", answer.json()) == []
    assert len(answer.json()["results"]) == len(batch["queries"])


@pytest.mark.parametrize("batch", examples("1.0-draft", "reconciliation-query-batch", "invalid"))
def test_invalid_batch_of_the_draft_is_refused(client, batch):
    assert client.post("/reconcile/1.0/match", json=batch).status_code == 400


@pytest.mark.parametrize("query", examples("0.2", "data-extension-query", "valid"))
def test_extension_query_of_0_2_is_answered_for_each_of_its_things(client, errors, query):
    answer = client.post("/reconcile", data={"extend": json.dumps(query)})
    assert errors("0.2", "data-extension-response", answer.json()) == []
    assert set(answer.json()["rows"]) == set(query["ids"])


@pytest.mark.parametrize("query", examples("1.0-draft", "data-extension-query", "valid"))
def test_extension_query_of_the_draft_is_answered_for_each_of_its_things(client, errors, query):
    answer = client.post("/reconcile/1.0/extend", json=query)
    assert errors("1.0-draft", "data-extension-response", answer.json()) == []
    assert [row["id"] for row in answer.json()["rows"]] == query["ids"]


@pytest.mark.parametrize("kind", ["entity", "type", "property"])
@pytest.mark.parametrize("prefix", ["Hei", "c", "", "zzqq"])
def test_suggestions_of_the_draft_are_by_its_schemas(client, errors, kind, prefix):
    answer = client.get(f"/reconcile/1.0/suggest/{kind}", params={"prefix": prefix})
    schema = {"entity": "entities", "type": "types", "property": "properties"}[kind]
    assert errors("1.0-draft", f"suggest-{schema}-response", answer.json()) == []


def test_batch_that_is_too_large_is_refused_with_413(client):
    batch = {f"q{i}": {"query": "Heihe"} for i in range(501)}
    answer = client.post("/reconcile", data={"queries": json.dumps(batch)})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert "500" in answer.json()["detail"]


@pytest.mark.parametrize(("path", "method"), [("/reconcile", "POST"), ("/reconcile/1.0/match", "POST")])
def test_browser_of_another_site_may_ask(client, path, method):
    asks = ORIGIN | {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
    answer = client.options(path, headers=asks)
    assert answer.status_code in {200, 204}
    assert answer.headers["access-control-allow-origin"] in {"*", ORIGIN["Origin"]}
    assert method in answer.headers["access-control-allow-methods"]
    assert "content-type" in answer.headers["access-control-allow-headers"].casefold()


def test_type_that_is_not_known_gives_no_match(client):
    answer = client.post("/reconcile", data={"queries": json.dumps({"q": {"query": "Heihe", "type": "Q5"}})})
    assert not any(candidate["match"] for candidate in answer.json()["q"]["result"])


def test_types_may_be_several_and_strict(client):
    asked = {"query": "Heihe", "type": ["Port", "Policy"], "type_strict": "any"}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": asked})}).json()["q"]["result"]
    assert found[0]["id"] == "heihe-port"
    assert all("Port" in {kind["id"] for kind in candidate["type"]} for candidate in found)


def test_condition_that_is_required_leaves_out_those_that_miss_it(client):
    conditions = [
        {"matchType": "name", "propertyValue": "Fuyuan"},
        {"matchType": "property", "propertyId": "locatedIn", "propertyValue": "Yunnan", "required": True},
    ]
    answer = client.post("/reconcile/1.0/match", json={"queries": [{"conditions": conditions}]})
    assert "fuyuan" not in {candidate["id"] for candidate in answer.json()["results"][0]["candidates"]}
