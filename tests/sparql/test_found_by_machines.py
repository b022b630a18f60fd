"""Machines make documents, updates and requests without end: each is answered as the engine answers it in this process, or refused.

What hypothesis makes is new each run. KOUAN_FUZZ_SECONDS says for how long each kind is made.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from generator import Generator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    parse,
    serialize,
)

from kouan.errors import KouanError
from kouan.evaluation.lone_ends import with_lone_ends
from kouan.sparql.door import read
from kouan.sparql.parser import parse_update
from kouan.sparql.requested import update_text
from kouan.vocabulary import BASE

SECONDS = float(os.environ.get("KOUAN_FUZZ_SECONDS") or 8)
TOKEN = "for-machines"
TRIG = """PREFIX : <http://ex.org/> :s1 :p 1, 2, "x"@en ; :q :s2 . :s2 :p "x" ; :q :s3 . _:n :p :s1 . :s3 a :p .
:g { :s1 :p 1 . :s2 :q _:m } :h { :s1 :q :s2 , "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> }"""
VOLATILE = re.compile(
    r"rand|uuid|now|bnode|struuid|sample|group_concat|limit|offset|timezone|load|service", re.IGNORECASE
)
# XML 1.0, section 2.2.
NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MEDIA_TYPES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
}
GRAPH = "http://ex.org/put"


@pytest.fixture(scope="module")
def store(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("machines")
    (folder / "data.trig").write_text(TRIG, encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TOKEN": TOKEN, "KOUAN_DEFAULT_GRAPH": "own"}
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
    with (
        start([str(folder / "data.trig")], environment) as address,
        httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False) as client,
    ):
        yield client


def for_a_while(test: Callable[..., None], share: int = 1, **strategies: st.SearchStrategy[object]) -> None:
    """Run a test on what its strategies make, as long as is said of a kind that has so many parts."""
    until = time.monotonic() + SECONDS / share
    made = settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))(
        given(**strategies)(test)
    )
    while time.monotonic() < until:
        made()


def canonical(quads) -> frozenset[Quad]:
    """Return quads as the engine keeps them, nodes without names by what they are."""
    kept = Store()
    kept.extend(quads)
    dataset = Dataset(kept)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return frozenset(dataset)


def held(store) -> frozenset[Quad]:
    answer = store.get("/data", headers={"Accept": "application/n-quads"})
    assert answer.status_code == 200, answer.text
    return canonical(parse(answer.content, RdfFormat.N_QUADS))


def assert_refused(answer: httpx.Response, what: object) -> None:
    """Assert that an answer is an error that explains itself, and none of the server's own."""
    assert 400 <= answer.status_code < 500 or answer.status_code in {501, 503, 504}, (
        answer.status_code,
        answer.text,
        what,
    )
    assert len(answer.json()["detail"]) > 10, what


def texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


def iris() -> st.SearchStrategy[NamedNode]:
    return st.sampled_from(["s", "p", "é", "a/b#c", "x-1", "%41"]).map(lambda end: NamedNode("http://ex.org/" + end))


def literals() -> st.SearchStrategy[Literal]:
    datatypes = ("integer", "decimal", "double", "boolean", "date", "dateTime", "string", "gYear")
    typed = st.builds(
        lambda text, name: Literal(text, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#" + name)),
        st.one_of(texts(), st.sampled_from(["1", "01", "1.0", "true", "2020-02-30", "NaN", "1e0", "-0"])),
        st.sampled_from(datatypes),
    )
    tagged = st.builds(
        lambda text, tag: Literal(text, language=tag), texts(), st.sampled_from(["en", "zh-Hant", "de-1996"])
    )
    return st.one_of(texts().map(Literal), typed, tagged)


def quads(*, with_graphs: bool) -> st.SearchStrategy[list[Quad]]:
    nodes = st.one_of(iris(), st.sampled_from("abc").map(BlankNode))
    predicates = st.sampled_from("pqr").map(lambda end: NamedNode("http://ex.org/" + end))
    graphs = st.one_of(st.just(DefaultGraph()), iris()) if with_graphs else st.just(DefaultGraph())
    return st.lists(st.builds(Quad, nodes, predicates, st.one_of(nodes, literals()), graphs), max_size=8)


def mutated(text: str, edits: list[tuple[int, str]]) -> str:
    """Return a text with some of its signs replaced."""
    for place, sign in edits:
        at = place % (len(text) + 1)
        text = text[:at] + sign + text[at + 1 :]
    return text


def edits() -> st.SearchStrategy[list[tuple[int, str]]]:
    signs = st.sampled_from(
        [*"<>\"'\\{}[]().;,:@^_#&%1a \n\t\r\x00", "", "é", "\U0001f600", "<!ENTITY x 'y'>", "@base "]
    )
    return st.lists(st.tuples(st.integers(0, 10_000), signs), max_size=3)


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_document_is_read_as_the_engine_reads_it_or_refused(store, media_type):
    rdf_format = MEDIA_TYPES[media_type]

    def test(dataset: list[Quad], changes: list[tuple[int, str]]) -> None:
        try:
            text = serialize(dataset, format=rdf_format).decode()
        except ValueError:
            # XML has no word for some signs.
            return
        body = mutated(text, changes).encode()
        # The ends of lines are one before XML is read (XML 1.0, section 2.11), which the engine leaves to its caller.
        plain = re.sub(rb"\r\n?", b"\n", body) if rdf_format == RdfFormat.RDF_XML else body
        try:
            read = [
                Quad(q.subject, q.predicate, q.object, NamedNode(GRAPH))
                for q in parse(plain, rdf_format, base_iri=GRAPH)
            ]
        except (SyntaxError, ValueError):
            read = None
        answer = store.put("/data", params={"graph": GRAPH}, content=body, headers={"Content-Type": media_type})
        if answer.status_code >= 400:
            assert_refused(answer, body)
            # What was made by the engine and nobody changed is no document to be refused, but for signs that XML does not have.
            is_of_datasets = rdf_format in {RdfFormat.TRIG, RdfFormat.N_QUADS}
            assert changes or is_of_datasets or (rdf_format == RdfFormat.RDF_XML and NO_XML.search(text)), (
                answer.text,
                body,
            )
            return
        assert read is not None, body
        there = store.get("/data", params={"graph": GRAPH}, headers={"Accept": "application/n-triples"})
        found = parse(there.content, RdfFormat.N_TRIPLES) if there.status_code == 200 else []
        graph = NamedNode(GRAPH)
        assert canonical(Quad(q.subject, q.predicate, q.object, graph) for q in found) == canonical(read), body

    for_a_while(test, len(MEDIA_TYPES), dataset=quads(with_graphs=False), changes=edits())


@pytest.mark.parametrize("media_type", ["application/trig", "application/n-quads", "application/ld+json"])
def test_dataset_is_read_as_the_engine_reads_it_or_refused(store, media_type):
    rdf_format = MEDIA_TYPES[media_type]

    def test(dataset: list[Quad], changes: list[tuple[int, str]]) -> None:
        body = mutated(serialize(dataset, format=rdf_format).decode(), changes).encode()
        try:
            read = list(parse(body, rdf_format, base_iri=f"{store.base_url}/data"))
        except (SyntaxError, ValueError):
            read = None
        answer = store.put("/data", content=body, headers={"Content-Type": media_type})
        if answer.status_code >= 400:
            assert_refused(answer, body)
            assert changes, (answer.text, body)
            return
        assert read is not None, body
        assert held(store) == canonical(read), body

    for_a_while(test, 3, dataset=quads(with_graphs=True), changes=edits())


def made(model: Store, text: str) -> bool:
    """Return whether the engine carries an update out."""
    try:
        model.update(text, base_iri=BASE)
    except (SyntaxError, RuntimeError, OSError, ValueError):
        return False
    return True


def test_update_changes_the_data_as_the_engine_does_or_not_at_all(store):
    def test(numbers, is_mutated: bool) -> None:
        generator = Generator(numbers)
        text = generator.update()
        text = generator.mutated(text) if is_mutated else text
        if VOLATILE.search(text):
            return
        put = store.put("/data", content=TRIG.encode(), headers={"Content-Type": "application/trig"})
        assert put.status_code < 300, put.text
        before = held(store)
        model = Store()
        model.load(TRIG.encode(), format=RdfFormat.TRIG)
        is_made = made(model, text)
        try:
            body = text.encode()
        except UnicodeEncodeError:
            return
        answer = store.post("/update", content=body, headers={"Content-Type": "application/sparql-update"})
        if answer.status_code >= 400:
            # The engine fails at some that it can read; so do we then, and say so.
            is_told = not is_made and answer.json()["detail"].endswith("Nothing was changed.")
            assert is_told or assert_refused(answer, text) is None
            assert held(store) == before, text
            return
        # What we read and the engine does not, it reads as we write it: a graph that is not there may be cleared.
        assert is_made or made(model, update_text(parse_update(text, base=BASE))), text
        assert held(store) == canonical(model), text

    for_a_while(test, numbers=st.randoms(use_true_random=False), is_mutated=st.booleans())


def requests() -> st.SearchStrategy[dict[str, object]]:
    queries = st.sampled_from(
        ["ASK {}", "SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", "SELECT", "", "DROP ALL"]
    )
    names = st.sampled_from(
        [
            *(
                "query",
                "update",
                "default-graph-uri",
                "named-graph-uri",
                "using-graph-uri",
                "format",
                "timeout",
                "infer",
            ),
            *("evidence", "version", "graph", "default", "bom", "unknown", "dry-run", "lang", "page", "iri"),
        ]
    )
    values = st.one_of(
        queries, texts(), st.sampled_from(["1.1", "1.2", "json", "true", "0.5", "-1", "http://ex.org/g", "x y"])
    )
    types = st.sampled_from(
        [
            *(
                "application/sparql-query",
                "application/sparql-update",
                "application/x-www-form-urlencoded",
                "text/turtle",
            ),
            *("application/n-quads", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "x", ""),
            "application/sparql-query; charset=latin-1",
        ]
    )
    accepts = st.sampled_from(
        [
            "*/*",
            "application/json",
            "text/csv",
            "text/turtle;q=0.5, */*;q=0",
            "application/sparql-results+xml",
            "x",
            "a/b;q=2",
        ]
    )
    paths = st.sampled_from(
        [
            *(
                "/sparql",
                "/update",
                "/data",
                "/data/x",
                "/fragments",
                "/void",
                "/dcat",
                "/history",
                "/validate",
                "/thing",
            ),
            *(
                "/search.json",
                "/reconcile",
                "/sitemap.xml",
                "/openapi.json",
                "/class",
                "/doc/x.ttl",
                "/dump/x",
                "/cite",
            ),
        ]
    )
    return st.fixed_dictionaries(
        {
            "method": st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "QUERY", "TRACE"]),
            "url": paths,
            "params": st.lists(st.tuples(names, values), max_size=4),
            "content": st.one_of(st.just(b""), queries.map(str.encode), st.binary(max_size=40)),
            "headers": st.fixed_dictionaries({"Content-Type": types, "Accept": accepts}),
        }
    )


def test_request_is_answered_or_refused_in_words(store):
    def test(asked: dict[str, object]) -> None:
        answer = store.request(**asked)
        if answer.status_code >= 400:
            assert answer.status_code < 500 or answer.status_code in {501, 503, 504}, (answer.status_code, answer.text)
            if asked["method"] != "HEAD":
                assert answer.headers["content-type"] == "application/problem+json"
                assert len(answer.json()["detail"]) > 10

    for_a_while(test, asked=requests())
    assert store.get("/health").status_code == 200


def has_lone_ends(text: str, model: Store) -> bool:
    """Return whether a path of no length begins at a term that the data lacks, of which the engine finds none."""
    try:
        tree = read(text)
    except KouanError:
        return False
    return with_lone_ends(tree, model) is not tree


def test_query_over_http_is_answered_as_the_engine_does_or_refused(store):
    put = store.put("/data", content=TRIG.encode(), headers={"Content-Type": "application/trig"})
    assert put.status_code < 300
    model = Store()
    model.load(TRIG.encode(), format=RdfFormat.TRIG)

    def test(numbers, is_mutated: bool) -> None:
        generator = Generator(numbers)
        text = generator.query()
        text = generator.mutated(text) if is_mutated else text
        try:
            body = text.encode()
        except UnicodeEncodeError:
            return
        headers = {"Content-Type": "application/sparql-query", "Accept": "*/*"}
        answer = store.post("/sparql", params={"timeout": "2"}, content=body, headers=headers)
        if answer.status_code >= 400:
            assert_refused(answer, text)
            return
        if VOLATILE.search(text) or "from" in text.lower() or not answer.headers["content-type"].startswith(JSON):
            return
        if has_lone_ends(text, model):
            return
        found = answer.json()
        try:
            wanted = model.query(text, base_iri=BASE)
            count = bool(wanted) if "boolean" in found else sum(1 for _ in wanted)
        except (SyntaxError, RuntimeError, OSError, ValueError):
            # Why we read some that the engine does not is told elsewhere, for each.
            return
        assert count == (found["boolean"] if "boolean" in found else len(found["results"]["bindings"])), text

    for_a_while(test, numbers=st.randoms(use_true_random=False), is_mutated=st.booleans())


JSON = "application/sparql-results+json"
HOOKS = """import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.format("sparql", st.sampled_from(["ASK {}", "SELECT * { ?s ?p ?o } LIMIT 3", "DESCRIBE <urn:x>"]))
schemathesis.openapi.format("sparql-update", st.just("INSERT DATA { <urn:x> <urn:y> 1 }"))


@schemathesis.serializer("application/sparql-query", "application/sparql-update")
def sparql(context, value):
    return str(value).encode()


@schemathesis.hook
def filter_case(context, case):
    # Of a body that is text no schema says what is wrong: an update of no letter is one, and so is a document.
    body = case.meta.components.get("body") if case.meta else None
    # QUERY, which OPTIONS tells of, is a method that OpenAPI 3.1 has no word for.
    if case.path == "/sparql" and case.method.upper() in {"QUERY", "OPTIONS"}:
        return False
    return body is None or not body.mode.is_negative or "json" in (case.media_type or "")


@schemathesis.hook
def before_call(context, case, kwargs):
    # Who gives little time is told that it was too little, which is no fault.
    try:
        if float((case.query or {}).get("timeout", 300)) < 30:
            del case.query["timeout"]
    except (TypeError, ValueError):
        pass
"""
# A document in RDF, a name of a graph and the like have grammars that a schema has no words for.
CHECKS = "positive_data_acceptance"


def test_description_of_the_interface_holds_for_whatever_is_made_of_it(store, tmp_path):
    beside = Path(__file__).parents[2] / ".audit" / "bin" / "schemathesis"
    program = str(beside) if beside.is_file() else shutil.which("schemathesis")
    if program is None:
        pytest.skip("schemathesis is not installed; `make audit` installs it")
    (tmp_path / "hooks.py").write_text(HOOKS, encoding="utf-8")
    command = [
        *(program, "run", f"{store.base_url}/openapi.json", "--checks", "all", "--exclude-checks", CHECKS),
        *("--max-time", str(max(10, int(SECONDS))), "--continue-on-failure", "--suppress-health-check", "all"),
        *(
            "--request-timeout",
            "60",
            "--header",
            f"Authorization: Bearer {TOKEN}",
            "--no-color",
            "--wait-for-schema",
            "60",
        ),
    ]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
