"""While the data cannot be asked every page says so, what to do, and where else to go."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class BusyEngine(BaseHTTPRequestHandler):
    """A SPARQL service that has no time."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(503)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def listening() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), BusyEngine) as engine:
        thread = threading.Thread(target=engine.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{engine.server_address[1]}/sparql"
        finally:
            engine.shutdown()
            thread.join()


def test_page_of_an_engine_that_is_busy_says_so_and_the_editor_opens(open_page, barriers, sideways, start, tmp_path):
    with (
        listening() as engine,
        start([], {"KOUAN_ENGINE": engine, "KOUAN_SNAPSHOTS": str(tmp_path), "KOUAN_WORKERS": "1"}) as address,
    ):
        for language, said in (("en", "The engine behind this server is busy."), ("zh", "本服务器背后的引擎繁忙。")):
            page = open_page("/", language, 320, dark=language == "zh", at=address, allowed=(503,))
            assert said in page.locator("[role=alert]").inner_text()
            assert page.locator("main a[href^='/help']").count() == 1
            assert barriers(page) == []
            assert not sideways(page)
        editor = open_page("/sparql", at=address, allowed=(503,))
        editor.wait_for_selector(".cm-content")
        assert "?subject ?predicate ?object" in editor.locator(".cm-content").inner_text()
        # What it asks for meanwhile would meet no server later.
        editor.close()
