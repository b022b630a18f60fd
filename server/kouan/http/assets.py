"""Serve what is built for the browser, under names that change with its content. Knows the manifest; what is in it was built."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from kouan.errors import NotFound
from kouan.http.compression import choose, compress, quality_of

FOLDER = Path(__file__).parents[1] / "static" / "ui"
ADDRESS = "/static/ui/"
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
# The compressed twins that stand beside a file, the best first.
TWINS = {"br": ".br", "gzip": ".gz"}


@cache
def manifest() -> dict[str, Any]:
    """Return which file each asset is, and what each needs from the start; nothing where nothing was built."""
    try:
        found: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"files": {}, "preloads": {}}
    return found


def asset(name: str) -> str:
    """Return the address of an asset such as editor.js, or "" where it was not built."""
    file = manifest()["files"].get(name, "")
    return request.root_path + ADDRESS + file if file else ""


def preloads(name: str) -> list[str]:
    """Return the addresses of the modules that a script imports at once, so that a page can name them beforehand."""
    return [request.root_path + ADDRESS + file for file in manifest()["preloads"].get(name, [])]


@lru_cache(maxsize=32)
def _compressed(body: bytes, coding: str) -> bytes:
    return compress(body, coding)


def create_assets() -> Blueprint:
    """Return the address of the assets, and `asset` and `preloads` for templates."""
    routes = Blueprint("assets", __name__)
    routes.add_app_template_global(asset)
    routes.add_app_template_global(preloads)

    @routes.after_app_request
    def closely(answer: Response) -> Response:
        """Compress what else is static, which no build has compressed."""
        is_text = (answer.mimetype or "").startswith(("text/", "image/svg"))
        if request.endpoint != "static" or not is_text:
            return answer
        answer.headers["Vary"] = "Accept-Encoding"
        coding = choose(request.headers.get("Accept-Encoding", "")) if "Range" not in request.headers else ""
        if coding and answer.status_code == 200:
            answer.direct_passthrough = False
            answer.set_data(_compressed(answer.get_data(), coding))
            answer.headers["Content-Encoding"] = coding
            answer.set_etag(f"{answer.get_etag()[0]}-{coding}")
            answer.make_conditional(request)
        return answer

    @routes.get(ADDRESS + "<name>")
    def built(name: str) -> Response:
        path = FOLDER / name
        if path.suffix not in TYPES or not path.is_file():
            raise NotFound(f"There is no asset {name}; a page that was loaded again names those that there are.")
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding", "Content-Type": TYPES[path.suffix]}
        for coding, suffix in TWINS.items():
            twin = path.with_name(name + suffix)
            if quality_of(request.headers.get("Accept-Encoding", ""), coding) > 0 and twin.is_file():
                return Response(twin.read_bytes(), headers=headers | {"Content-Encoding": coding})
        return Response(path.read_bytes(), headers=headers)

    return routes
