"""Let the SHACL suite's runner ask /validate of the server at KOUAN_ADDRESS."""

from __future__ import annotations

import os
from pathlib import Path

import httpx


def validate(data: str, shapes: str) -> bytes:
    """Return the report of the server on two files, each read with its own place as its base."""
    fields = {}
    for name, path in (("data", data), ("shapes", shapes)):
        text = f"@base <file://{path}> .\n{Path(path).read_text(encoding='utf-8')}"
        fields[name] = (f"{name}.ttl", text.encode(), "text/turtle")
    address = f"{os.environ['KOUAN_ADDRESS']}/validate"
    answer = httpx.post(address, files=fields, headers={"Accept": "text/turtle"}, timeout=60, trust_env=False)
    answer.raise_for_status()
    return answer.content
