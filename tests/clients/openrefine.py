"""Drive OpenRefine as its own pages do: the commands that its dialogs send, over HTTP."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

PROGRAM = shutil.which("openrefine")
ENGINE = json.dumps({"facets": [], "mode": "row-based"})


class OpenRefine:
    """One OpenRefine that runs; `service` is the address of the reconciliation service that it asks."""

    def __init__(self, address: str, service: str) -> None:
        self.client = httpx.Client(base_url=f"{address}/command/core", timeout=120, trust_env=False)
        self.service = service
        self.manifest = self.client.get(service).json()

    def _post(self, command: str, project: str, **given: Any) -> Any:
        token = self.client.get("/get-csrf-token").json()["token"]
        data = {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}
        answer = self.client.post(f"/{command}", data=data | {"project": project, "csrf_token": token})
        answer.raise_for_status()
        document = answer.json()
        assert document.get("code") != "error", document
        return document

    def import_table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        """Return the number of a new project that holds the table."""
        text = io.StringIO(newline="")
        csv.writer(text).writerows([columns, *rows])
        token = self.client.get("/get-csrf-token").json()["token"]
        answer = self.client.post(
            "/create-project-from-upload",
            params={"csrf_token": token, "options": json.dumps({"separator": ",", "encoding": "UTF-8"})},
            data={"project-name": "names", "format": "text/line-based/*sv"},
            files={"project-file": ("names.csv", text.getvalue().encode(), "text/csv")},
        )
        return answer.headers["location"].rpartition("=")[2]

    def proposed_types(self, project: str, column: str) -> list[str]:
        """Return the types that the dialog shows, the chosen one first."""
        answer = self._post("guess-types-of-column", project, columnName=column, service=self.service)
        return [kind["id"] for kind in answer["types"]]

    def reconcile(self, project: str, column: str, kind: str = "", details: Sequence[tuple[str, str]] = ()) -> None:
        """Reconcile a column and wait; `details` are columns and the properties that they hold."""
        config = {
            "mode": "standard-service",
            "service": self.service,
            "identifierSpace": self.manifest["identifierSpace"],
            "schemaSpace": self.manifest["schemaSpace"],
            "type": {"id": kind, "name": kind} if kind else None,
            "autoMatch": True,
            "columnDetails": [{"column": c, "propertyName": p, "propertyID": p} for c, p in details],
            "limit": 0,
        }
        self._post("reconcile", project, columnName=column, config=config, engine=ENGINE)
        self._wait(project)

    def extend(self, project: str, column: str, properties: Sequence[str]) -> None:
        """Add a column for each property of the things that the cells are matched with, and wait."""
        self._post(
            "extend-data",
            project,
            baseColumnName=column,
            endpoint=self.service,
            identifierSpace=self.manifest["identifierSpace"],
            schemaSpace=self.manifest["schemaSpace"],
            extension={"properties": [{"id": p, "name": p} for p in properties]},
            columnInsertIndex="1",
            engine=ENGINE,
        )
        self._wait(project)

    def _wait(self, project: str) -> None:
        for _ in range(1200):
            known = self.client.get("/get-processes", params={"project": project}).json()
            if not known["processes"]:
                assert not known.get("exceptions"), known
                return
            time.sleep(0.1)
        raise AssertionError("OpenRefine has not ended after two minutes")

    def cells(self, project: str, column: int = 0) -> list[dict[str, Any]]:
        """Return what the cells of a column hold: `v`, and `judgment`, `id`, `candidates` where it was reconciled."""
        asked = {"project": project, "start": "0", "limit": "100000"}
        found = self.client.post("/get-rows", params=asked, data={"engine": ENGINE}).json()
        recons = found.get("pool", {}).get("recons", {})
        shown = []
        for row in found["rows"]:
            cell = row["cells"][column] or {}
            recon = recons.get(str(cell.get("r")), {})
            shown.append(
                {
                    "v": cell.get("v"),
                    "judgment": recon.get("j"),
                    "id": (recon.get("m") or {}).get("id"),
                    "candidates": [c["id"] for c in recon.get("c", [])],
                }
            )
        return shown

    def judge(self, project: str, row: int, identifier: str, cell: int = 0) -> None:
        """Match the cell of a row with a thing, as a click on a candidate does."""
        spaces = {key: self.manifest[key] for key in ("identifierSpace", "schemaSpace")}
        given = {"row": str(row), "cell": str(cell), "judgment": "matched", "id": identifier, "name": identifier}
        self._post("recon-judge-one-cell", project, types="", score="100", service=self.service, **given, **spaces)

    def match_best(self, project: str, column: str) -> None:
        """Match each cell with its best candidate, as the column's menu does."""
        self._post("recon-match-best-candidates", project, columnName=column, engine=ENGINE)

    def save_schema(self, project: str, schema: str) -> None:
        """Give the project a schema of edits to Wikidata, as *Import schema* does."""
        token = self.client.get("/get-csrf-token").json()["token"]
        address = str(self.client.base_url).replace("/core/", "/wikidata/save-wikibase-schema")
        answer = self.client.post(address, data={"project": project, "csrf_token": token, "schema": schema})
        assert answer.json().get("code") == "ok", answer.text

    def quickstatements(self, project: str) -> str:
        """Return the edits of the project's schema as OpenRefine writes them for QuickStatements."""
        data = {"project": project, "format": "quickstatements", "engine": ENGINE}
        return self.client.post("/export-rows", data=data).text

    def export(self, project: str) -> list[list[str]]:
        """Return the table as OpenRefine writes it to CSV, the names of its columns first."""
        answer = self.client.post("/export-rows", data={"project": project, "format": "csv", "engine": ENGINE})
        return list(csv.reader(io.StringIO(answer.text)))


@contextlib.contextmanager
def openrefine(folder: Path, service: str) -> Iterator[OpenRefine]:
    """Run OpenRefine with its projects in the folder until the context ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(PROGRAM), "-i", "127.0.0.1", "-p", str(port), "-d", str(folder), "-x", "refine.headless=true"]
    environment = os.environ | {"no_proxy": "127.0.0.1", "REFINE_MEMORY": "600M"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _await(address, process)
            running = OpenRefine(address, service)
            with contextlib.closing(running.client):
                yield running
        finally:
            # The program is a shell script that starts a Java machine.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=20)


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "OpenRefine ended before it served"
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}/command/core/get-csrf-token", timeout=5, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("OpenRefine does not serve after a minute")
