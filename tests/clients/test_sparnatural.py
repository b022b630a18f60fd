"""Sparnatural, a builder of queries in a browser, makes its form of our shapes and asks us from another origin."""

from __future__ import annotations

import shutil
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from rdflib import RDF, RDFS, Graph, Namespace

SH, DASH = Namespace("http://www.w3.org/ns/shacl#"), Namespace("http://datashapes.org/dash#")
KOUAN = Namespace("https://w3id.org/kouan/ontology#")
PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="sparnatural.css">
<spar-natural src="{server}/shapes" endpoint="{server}/sparql" lang="en" defaultLang="en" distinct="true" limit="100">
</spar-natural><script src="sparnatural.js"></script><script>
const builder = document.querySelector("spar-natural")
let query = ""
builder.addEventListener("init", () => {{ window.ready = true }})
builder.addEventListener("queryUpdated", event => {{ query = builder.expandSparql(event.detail.queryString) }})
builder.addEventListener("submit", async () => {{
  const asked = "{server}/sparql?query=" + encodeURIComponent(query)
  window.answer = await (await fetch(asked, {{ headers: {{ Accept: "application/sparql-results+json" }} }})).json()
}})
</script>"""
CHOICES = (
    "([group, label]) => [...document.querySelectorAll(group + ' .item-label')].filter(e => e.textContent === label)"
)


@pytest.fixture(scope="module")
def package():
    """The folder of the package's files for browsers; skips where it is not installed."""
    npm = shutil.which("npm")
    root = Path(subprocess.run([npm, "root", "-g"], capture_output=True, text=True).stdout.strip()) if npm else Path()
    folder = root / "sparnatural" / "dist" / "browser"
    if not (folder / "sparnatural.js").is_file():
        pytest.skip("sparnatural is not on this machine (npm install -g sparnatural)")
    return folder


@pytest.fixture(scope="module")
def elsewhere(server, package):
    """The address of a page that holds the builder, of another origin than the server."""

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *given):
            super().__init__(*given, directory=package)

        def do_GET(self):
            if self.path != "/":
                return super().do_GET()
            page = PAGE.format(server=server).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
            return None

        def log_message(self, *said):
            pass

    served = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}/"
    served.shutdown()
    served.server_close()


def choose(page, group, label):
    """Choose an entry of one of the form's lists once it is there."""
    page.wait_for_function(f"([g, l]) => ({CHOICES})([g, l]).length", arg=[group, label])
    page.evaluate(f"([g, l]) => ({CHOICES})([g, l])[0].closest('.item-sel').click()", [group, label])


def test_query_is_built_with_names_and_run(browser, server, elsewhere):
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(elsewhere)
    page.wait_for_function("window.ready", timeout=60_000)
    choose(page, ".StartClassGroup", "city")
    choose(page, ".EndClassGroup", "port of entry")
    choose(page, ".ObjectPropertyGroup", "has port")
    search = page.locator("input.awesomplete")
    search.focus()
    search.press_sequentially("heih")
    # Ports are offered by their names.
    page.get_by_role("option", name="Heihe road port").wait_for()
    search.press("ArrowDown")
    search.press("Enter")
    page.locator(".submitSection .playBtn").click(force=True)
    page.wait_for_function("window.answer")
    rows = page.evaluate("window.answer.results.bindings")
    assert [row["City_1_label"]["value"] for row in rows] == ["Heihe"]
    assert not faults
    context.close()


def test_shapes_that_a_form_takes_for_a_class_say_how_its_members_are_called(server):
    shapes = Graph().parse(data=httpx.get(f"{server}/doc/shapes.nt").text, format="nt")
    [name] = shapes.subjects(DASH.propertyRole, DASH.LabelRole)
    assert (name, RDF.type, SH.PropertyShape) in shapes
    assert set(shapes.objects(name, SH.path)) == {RDFS.label}
    for kind in (KOUAN.Place, KOUAN.Policy, KOUAN.Event):
        about = set(shapes.subjects(SH.targetClass, kind))
        assert len(about) > 1
        assert all(
            any((p, SH.path, RDFS.label) in shapes for p in shapes.objects(shape, SH.property)) for shape in about
        )
