"""Machines that follow links find what everything is, since when, whose, and where the rest of it stands."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kouan.app.inside import create_inside
from kouan.app.outside import create_outside
from kouan.http.openapi import operations
from kouan.vocabulary import BASE, DCT, FOAF, KOUAN, OWL, RDF, VOID

SPARQL_JSON = {"Accept": "application/sparql-results+json"}
TURTLE = {"Accept": "text/turtle"}
HTML = {"Accept": "text/html"}
PORTS = Path(__file__).parents[1] / "fixtures" / "engine" / "ports.trig"


def triples_of(answer):
    assert answer.status_code == 200, answer.text[:500]
    return [quad.triple for quad in parse(answer.content, RdfFormat.TURTLE)]


def links_of(answer):
    """Return the targets of each relation in the Link headers, with their types."""
    found = {}
    for target, rest in re.findall(r"<([^>]*)>((?:; [a-z]+=\"[^\"]*\")*)", answer.headers.get("link", "")):
        told = dict(re.findall(r"; ([a-z]+)=\"([^\"]*)\"", rest))
        found.setdefault(told["rel"], []).append((target, told.get("type", "")))
    return found


def minted(dump):
    """Return every IRI of ours in any place of the data, without what follows the sign for a part of a document."""
    found = set()

    def take(term):
        if isinstance(term, NamedNode) and term.value.startswith(BASE):
            found.add(term.value.partition("#")[0] if not term.value.startswith(KOUAN) else term.value)
        elif isinstance(term, Triple):
            for each in term:
                take(each)
        elif isinstance(term, Literal):
            take(term.datatype)

    for quad in parse(dump, RdfFormat.N_QUADS):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            take(term)
    return found


def test_every_iri_that_is_minted_answers_for_people_and_machines(client):
    iris = sorted(minted(client.get("/dump/kouan.nq").content))
    # A picture is told as itself.
    pictures = [iri for iri in iris if iri.endswith(".svg")]
    for iri in pictures:
        picture = client.get("/" + iri.removeprefix(BASE))
        assert picture.status_code == 200
        assert picture.headers["content-type"].startswith("image/svg+xml")
    iris = [iri for iri in iris if iri not in pictures]
    assert len(iris) > 2500
    kinds = {}
    for iri in iris:
        kinds.setdefault(re.sub(r"[^/#]*$", "", iri.removeprefix(BASE)), []).append(iri)
    chosen = random.Random(20)
    # Of each kind some; what is told apart by no more than its name is answered in the same way.
    sample = [iri for found in kinds.values() for iri in chosen.sample(found, min(len(found), 12))]
    wrong = []
    for iri in chosen.sample(sample, min(len(sample), 220)):
        for accept, wanted in ((HTML, "text/html"), (TURTLE, "text/turtle")):
            path = "/" + iri.removeprefix(BASE).partition("#")[0]
            answer = client.get(path, headers=accept, follow_redirects=True)
            if answer.status_code != 200 or not answer.headers["content-type"].startswith(wanted):
                wrong.append((iri, wanted, answer.status_code))
    assert wrong == []


def test_every_named_graph_has_a_page(client, snapshot):
    ours = [iri for iri in snapshot.graphs if iri.startswith(BASE)]
    last = {iri for iri in ours if iri.count("/") < 6 or "/kouan/" in iri}
    for iri in sorted(last | set(random.Random(6).sample(sorted(ours), 25))):
        page = client.get("/" + iri.removeprefix(BASE), headers=HTML, follow_redirects=True)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), iri


@pytest.mark.parametrize("path", ["/id/nothing", "/id/nothing.ttl", "/source/nothing", "/source/chen-2018/p999"])
def test_name_of_nothing_is_not_led_on(client, path):
    for accept in (HTML, TURTLE, {"Accept": "*/*"}):
        assert client.get(path, headers=accept).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/doc/kashgar.ttl", "/page/kashgar", "/void", "/dcat", "/doc/ontology.ttl", "/ontology", "/shapes", "/data"],
)
def test_descriptions_are_not_sent_again_to_who_has_them(client, path):
    accept = {"Accept": "text/html" if path in {"/page/kashgar", "/ontology", "/shapes", "/data"} else "text/turtle"}
    first = client.get(path, headers=accept)
    assert first.status_code == 200
    assert "max-age" in first.headers["cache-control"] or "no-cache" in first.headers["cache-control"]
    tag, date = first.headers["etag"], first.headers["last-modified"]
    for condition in (
        {"If-None-Match": tag},
        {"If-Modified-Since": date},
        {"If-None-Match": tag, "If-Modified-Since": "x"},
    ):
        again = client.get(path, headers=accept | condition)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for condition in (
        {"If-None-Match": '"other"'},
        {"If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"},
        # The tag decides where both are sent (RFC 9110, section 13.1.3).
        {"If-None-Match": '"other"', "If-Modified-Since": date},
    ):
        assert client.get(path, headers=accept | condition).status_code == 200


@pytest.mark.parametrize(
    "path", ["/doc/kashgar.ttl", "/void", "/page/kashgar", "/dump/kouan.ttl", "/sparql?query=ASK%7B%7D", "/history"]
)
def test_answer_that_is_not_what_its_client_knows_is_412(client, path):
    first = client.get(path)
    tag = first.headers["etag"]
    for accepted in ({"If-Match": tag}, {"If-Match": f'"x", {tag}'}, {"If-Match": "*"}):
        assert client.get(path, headers=accepted).status_code == 200
    # Weak tags are never the same by the strong comparison (RFC 9110, section 8.8.3.2).
    for refused in ({"If-Match": '"x"'}, {"If-Match": f"W/{tag}"}, {"If-Match": '"x"', "If-None-Match": tag}):
        answer = client.get(path, headers=refused)
        assert answer.status_code == 412
    if "last-modified" in first.headers:
        before = {"If-Unmodified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"}
        assert client.get(path, headers=before).status_code == 412
        assert client.get(path, headers=before | {"If-Match": tag}).status_code == 200
        assert client.get(path, headers={"If-Unmodified-Since": first.headers["last-modified"]}).status_code == 200


@pytest.mark.parametrize(
    ("path", "form", "media_type"),
    [
        ("/void", "json", "application/ld+json"),
        ("/dcat", "rdf", "application/rdf+xml"),
        ("/conformance", "ttl", "text/turtle"),
        ("/fragments", "nt", "application/n-triples"),
        ("/questions", "csv", "text/csv"),
        ("/questions/pilot-zones", "xml", "application/sparql-results+xml"),
        ("/class/PilotZone", "tsv", "text/tab-separated-values"),
    ],
)
def test_format_that_an_address_names_is_what_comes_even_to_a_browser(client, path, form, media_type):
    answer = client.get(path, params={"format": form}, headers={"Accept": "text/html"}, follow_redirects=True)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media_type)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/ports?format=csv", "text/csv"),
        ("/ports?format=geojson", "application/geo+json"),
        ("/examples?format=json", "application/json"),
        ("/page/ontology?format=nt", "application/n-triples"),
        ("/def?format=rdf", "application/rdf+xml"),
        ("/.well-known/dcat?format=jsonld", "application/ld+json"),
    ],
)
def test_address_that_leads_elsewhere_takes_the_format_along(client, path, media_type):
    answer = client.get(path, follow_redirects=True)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media_type)


@pytest.mark.parametrize(
    ("path", "media_type", "twin"),
    [
        ("/", "application/ld+json", "/doc/void.jsonld"),
        ("/", "application/rdf+xml", "/doc/void.rdf"),
        ("/page/heihe", "text/turtle", "/doc/heihe.ttl"),
        ("/page/void", "application/rdf+xml", "/doc/void.rdf"),
        ("/map", "application/geo+json", "/map.geojson"),
        ("/sources", "text/csv", "/sources.csv"),
        ("/class/PilotZone", "text/csv", "/members.csv"),
        ("/timeline", "application/json", "/sparql"),
        ("/explore?kind=kouan:PilotZone", "text/csv", "/sparql"),
        ("/questions/pilot-zones", "text/csv", "/sparql"),
    ],
)
def test_page_leads_to_its_twin_whether_the_format_is_named_or_accepted(client, path, media_type, twin):
    named = f"{path}{'&' if '?' in path else '?'}format={media_type.replace('+', '%2B')}"
    for address, accept in ((named, "*/*"), (path, media_type), (path, f"{media_type}, */*;q=0.5")):
        answer = client.get(address, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, twin), address
        assert "accept" in answer.headers["vary"].lower()
        told = client.get(address, headers={"Accept": accept}, follow_redirects=True)
        assert told.headers["content-type"].partition(";")[0] in {media_type, "application/sparql-results+json"}


@pytest.mark.parametrize(
    "path",
    ["/", "/help", "/limits", "/history", "/classes", "/map", "/timeline", "/page/heihe", "/void", "/robots.txt"],
)
def test_format_that_a_page_does_not_have_is_406_and_says_what_there_is(client, path):
    answer = client.get(path, params={"format": "nonsense"}, headers={"Accept": "*/*"})
    assert answer.status_code == 406
    assert answer.json()["available"]
    assert "nonsense" in answer.json()["detail"]


@pytest.mark.parametrize("accept", ["", "*/*", "text/*", "text/html", "application/xhtml+xml", "text/plain;q=0, */*"])
def test_who_takes_pages_gets_the_page(client, accept):
    assert client.get("/timeline", headers={"Accept": accept}).headers["content-type"].startswith("text/html")


def test_page_of_a_thing_is_signposted(client):
    links = links_of(client.get("/page/kashgar", headers=HTML))
    assert links["cite-as"] == [(BASE + "id/kashgar", "")]
    assert ("/doc/kashgar.ttl", "text/turtle") in links["describedby"]
    assert links["item"] == links["describedby"]
    assert {kind for _, kind in links["alternate"]} >= {
        "application/ld+json",
        "application/n-triples",
        "application/trig",
    }
    assert ("https://schema.org/AboutPage", "") in links["type"]
    assert ("https://schema.org/City", "") in links["type"]
    assert links["collection"] == [("/dump", "text/html")]
    assert links["license"] == [("https://creativecommons.org/licenses/by/4.0/", "")]
    for target, media_type in (*links["alternate"], *links["describedby"], *links["author"], *links["collection"]):
        answer = client.get(target.partition("#")[0], headers={"Accept": media_type or "*/*"})
        assert answer.status_code == 200, target
        assert not media_type or answer.headers["content-type"].startswith(media_type)


def test_document_of_a_thing_is_signposted_and_leads_back(client):
    links = links_of(client.get("/doc/kashgar.ttl"))
    assert links["describes"] == links["cite-as"] == [(BASE + "id/kashgar", "")]
    assert ("/doc/kashgar.jsonld", "application/ld+json") in links["alternate"]
    assert links["collection"] == [("/page/kashgar", "text/html"), ("/dump", "text/html")]
    assert links["license"]
    assert links["author"]


@pytest.mark.parametrize(
    ("path", "relation"),
    [
        ("/void", "describes"),
        ("/dcat", "describes"),
        ("/doc/void.ttl", "describes"),
        ("/doc/dcat.jsonld", "describes"),
        ("/dump/ro-crate-metadata.json", "describes"),
        ("/dump/kouan.nq", "collection"),
        ("/dump/kouan.ttl", "collection"),
    ],
)
def test_what_the_page_of_the_dataset_leads_to_leads_back(client, path, relation):
    links = links_of(client.get(path))
    assert links[relation] == [("/dump", "text/html")]
    assert links["license"] == [("https://creativecommons.org/licenses/by/4.0/", "")]
    back = links_of(client.get(links[relation][0][0]))
    assert path in {"/void", "/dcat"} | {target for target, _ in back["describedby"] + back["item"]}


def test_ontology_declares_each_word_that_it_and_its_document_use(client):
    answer = client.get("/doc/ontology.ttl")
    triples = triples_of(answer)
    kinds = {triple.subject.value for triple in triples if triple.object.value.startswith(OWL)}
    words = {
        triple.object.value if triple.predicate.value == RDF + "type" else triple.predicate.value for triple in triples
    }
    own = ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#", OWL)
    assert {word for word in words if not word.startswith(own)} - kinds == set()
    assert ("/doc/ontology.owx", "application/owl+xml") in links_of(answer)["alternate"]


@pytest.mark.parametrize("path", ["/page/kashgar", "/page/source/chen-2018", "/page/source/chen-2018/p25"])
def test_page_names_as_its_first_address_one_that_answers_and_stands_in_the_sitemap(client, path):
    first = re.search(r'<link rel="canonical" href="([^"]*)">', client.get(path, headers=HTML).text)[1]
    assert client.get(first, headers=HTML, follow_redirects=False).status_code == 200
    assert first in dict(locations(client.get("/sitemap.xml")))


@pytest.mark.parametrize("path", ["/", "/data"])
def test_page_of_the_dataset_is_signposted_to_its_files_and_descriptions(client, path):
    links = links_of(client.get(path, headers=HTML))
    assert ("/dump/kouan.trig", "application/trig") in links["item"]
    assert ("https://schema.org/Dataset", "") in links["type"]
    assert links["api-catalog"] == [("/.well-known/api-catalog", "application/linkset+json")]
    for target, media_type in (*links["describedby"], *links["service-desc"], *links["service-doc"], *links["item"]):
        answer = client.head(target, headers={"Accept": "*/*"})
        assert answer.status_code == 200, target
        assert answer.headers["content-type"].startswith(media_type)


def test_links_stand_below_the_path_of_a_proxy(start, tmp_path):
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path), "KOUAN_BASE_PATH": "/kouan"}
    with start([str(PORTS)], environment) as address, httpx.Client(base_url=address, trust_env=False) as client:
        links = links_of(client.get("/kouan/", headers=HTML))
        assert ("/kouan/doc/void.ttl", "text/turtle") in links["describedby"]
        assert client.get("/kouan/doc/void.ttl").status_code == 200


def test_document_says_its_licence_dataset_topic_sources_and_date(client, server):
    page = NamedNode(f"{server}/doc/kashgar")
    said = {}
    for each in triples_of(client.get("/doc/kashgar.ttl")):
        if each.subject == page:
            said.setdefault(each.predicate.value, []).append(each.object.value)
    assert said[FOAF + "primaryTopic"] == [BASE + "id/kashgar"]
    assert said[VOID + "inDataset"] == [f"{server}/void#dataset"]
    assert said[DCT + "license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert BASE + "source/chen-2018" in said[DCT + "source"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", said[DCT + "modified"][0])
    assert client.get("/doc/kashgar", headers=TURTLE).headers["location"] == "/doc/kashgar.ttl"


def test_thing_of_others_has_a_document_with_what_is_to_be_known_of_it(start, tmp_path):
    (tmp_path / "x.trig").write_text(
        """PREFIX : <http://ex.org/> PREFIX dct: <http://purl.org/dc/terms/> PREFIX dcat: <http://www.w3.org/ns/dcat#>
        :d a dcat:Dataset ; dct:title "D" ; dct:license <http://ex.org/licence> .
        :g { :a :p [ :q [ :r "deep" ] ] . :b :p :a . }""",
        encoding="utf-8",
    )
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots")}
    with (
        start([str(tmp_path / "x.trig")], environment) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        iri = {"iri": "http://ex.org/a"}
        page = client.get("/thing", params=iri, headers=HTML)
        assert page.headers["content-type"].startswith("text/html")
        described = links_of(page)["describedby"]
        for target, media_type in described:
            assert client.get(target).headers["content-type"].startswith(media_type)
        answer = client.get("/thing", params=iri, headers=TURTLE)
        said = {}
        for each in triples_of(answer):
            said.setdefault(each.predicate.value, set()).add(each.object.value if hasattr(each.object, "value") else "")
        assert "deep" in said["http://ex.org/r"]
        assert said[FOAF + "primaryTopic"] == {"http://ex.org/a"}
        assert said[VOID + "inDataset"] == {f"{address}/void#dataset"}
        assert said[DCT + "license"] == {"http://ex.org/licence"}
        assert said[DCT + "source"] == {"http://ex.org/g"}
        assert NamedNode("http://ex.org/b") in {each.subject for each in triples_of(answer)}
        assert client.get("/thing", params={"iri": "http://ex.org/none"}, headers=TURTLE).status_code == 404
        again = client.get("/thing", params=iri, headers=TURTLE | {"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


def test_void_counts_links_entities_and_vocabularies(client):
    triples = triples_of(client.get("/void", headers=TURTLE))
    by_subject = {}
    for each in triples:
        by_subject.setdefault(each.subject, {}).setdefault(each.predicate.value, []).append(each.object)
    linksets = [said for said in by_subject.values() if NamedNode(VOID + "Linkset") in said.get(RDF + "type", [])]
    wikidata = [
        int(said[VOID + "triples"][0].value)
        for said in linksets
        if said[VOID + "linkPredicate"] == [NamedNode("https://schema.org/sameAs")]
        and by_subject[said[VOID + "objectsTarget"][0]][DCT + "title"][0].value == "Wikidata"
    ]
    query = (
        "SELECT (COUNT(*) AS ?n) { ?s <https://schema.org/sameAs> ?o "
        'FILTER(STRSTARTS(STR(?o), "http://www.wikidata.org/")) }'
    )
    counted = client.get("/sparql", params={"query": query}, headers=SPARQL_JSON).json()["results"]["bindings"][0]["n"]
    assert wikidata == [int(counted["value"])]
    [dataset] = [said for subject, said in by_subject.items() if str(subject).endswith("/void#dataset>")]
    assert NamedNode(KOUAN) in dataset[VOID + "vocabulary"]
    for name, query in (
        (
            "entities",
            'SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o FILTER(STRSTARTS(STR(?s), "https://w3id.org/kouan/")) }',
        ),
        ("classes", "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }"),
        ("distinctSubjects", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"),
        ("distinctObjects", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }"),
    ):
        answer = client.get("/sparql", params={"query": query}, headers=SPARQL_JSON).json()
        assert dataset[VOID + name][0].value == answer["results"]["bindings"][0]["n"]["value"]
    for example in dataset[VOID + "exampleResource"]:
        path = example.value.removeprefix(BASE)
        assert client.get(f"/{path}", headers=TURTLE, follow_redirects=True).status_code == 200


def profile_shapes():
    """Return DCAT-AP 3's shapes where the suites stand, or a skip: they are published under a licence of their own."""
    roots = [Path(__file__).parents[2] / "build" / "suites" / "DCAT-AP", Path("/usr/share/dcat-ap")]
    for root in roots:
        found = root / "releases" / "3.0.0" / "shacl" / "dcat-ap-SHACL.ttl"
        if found.is_file():
            return found
    pytest.skip("DCAT-AP's shapes are not there; `make suites` fetches them")


@pytest.mark.parametrize("of", ["ours", "others"])
def test_catalogue_conforms_to_the_shapes_of_dcat_ap(client, ports, of):
    shapes = profile_shapes()
    import pyshacl
    import rdflib

    answer = (client if of == "ours" else ports).get("/dcat", headers=TURTLE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        described = rdflib.Graph().parse(data=answer.text, format="turtle")
        conforms, _, report = pyshacl.validate(described, shacl_graph=str(shapes), advanced=False)
    assert conforms, report


def test_catalogue_says_what_a_catalogue_of_data_asks_for(client):
    text = client.get("/dcat", headers=TURTLE).text
    wanted = (
        *(
            "dcat:Catalog",
            "dcat:contactPoint",
            "dcat:keyword",
            "dcat:theme ",
            "dct:spatial",
            "dct:temporal",
            "dct:issued",
        ),
        *(
            "dct:modified",
            "dcat:accessURL",
            "dcat:byteSize",
            "dcat:endpointURL",
            "dcat:endpointDescription",
            "dct:publisher",
        ),
        *("dcat:servesDataset", "dcat:mediaType", "spdx:checksumValue", "dct:language", "dct:accessRights"),
    )
    assert [name for name in wanted if name not in text] == []


def test_front_page_describes_the_dataset_as_finders_of_data_ask(client):
    page = client.get("/", headers=HTML).text
    said = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    assert said["@type"] == "Dataset"
    assert 50 <= len(said["description"]) <= 5000
    for name in (
        "name",
        "license",
        "creator",
        "identifier",
        "temporalCoverage",
        "spatialCoverage",
        "keywords",
        "version",
    ):
        assert said[name], name
    assert said["isAccessibleForFree"] is True
    assert {each["encodingFormat"] for each in said["distribution"]} >= {"application/trig", "text/turtle"}
    assert all(each["contentUrl"].startswith("http") and each["contentSize"] for each in said["distribution"])


def test_crate_has_what_its_standard_requires_of_the_root(client):
    crate = {each["@id"]: each for each in client.get("/dump/ro-crate-metadata.json").json()["@graph"]}
    root = crate["./"]
    assert re.match(r"\d{4}-\d\d-\d\dT", root["datePublished"])
    for name in ("license", "author", "publisher"):
        assert crate[root[name]["@id"]]["@type"] in {"CreativeWork", "Organization"}
    assert all(part["@id"] in crate for part in root["hasPart"])


def objections(folder, level):
    """Return what the validator of RO-Crates objects to in a folder."""
    script = str(Path(__file__).with_name("hold_crate.py"))
    held = subprocess.run([sys.executable, script, str(folder), level], capture_output=True, text=True, check=True)
    return held.stdout.splitlines()


# Who made other people's data is known only where it says so.
@pytest.mark.parametrize(("of", "level"), [("ours", "RECOMMENDED"), ("others", "REQUIRED")])
def test_crate_is_valid_by_its_validator(client, ports, of, level, tmp_path):
    crate = (client if of == "ours" else ports).get("/dump/ro-crate-metadata.json").json()
    for each in crate["@graph"]:
        if each["@type"] == "File":
            (tmp_path / each["@id"]).touch()
    descriptor = tmp_path / "ro-crate-metadata.json"
    descriptor.write_text(json.dumps(crate), encoding="utf-8")
    assert objections(tmp_path, level) == []
    next(each for each in crate["@graph"] if each["@id"] == "./").pop("name")
    descriptor.write_text(json.dumps(crate), encoding="utf-8")
    assert "MUST have a `name`" in " ".join(objections(tmp_path, level))


def routes(snapshot, settings):
    """Return each method at each path of the router, as OpenAPI writes paths."""
    engine = SimpleNamespace(snapshot=snapshot)
    apps = (
        create_inside(None, lambda: snapshot, settings),
        create_outside(engine, None, settings, SimpleNamespace(counters=None, fair_use=None)),
    )
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).rstrip("/") or "/", method)
        for app in apps
        for rule in app.url_map.iter_rules()
        # OpenAPI 3.1 has no word for QUERY; HEAD and OPTIONS go with the others.
        for method in rule.methods - {"HEAD", "OPTIONS", "QUERY"}
    }


def test_table_of_addresses_is_that_of_the_router(snapshot, settings):
    told = [(each.path, each.method) for each in operations()]
    assert len(told) == len(set(told))
    assert set(told) == routes(snapshot, settings)


EXAMPLES = {
    "name": "kashgar",
    "extension": "ttl",
    "major": "0",
    "minor": "1",
    "patch": "0",
    "label": "x",
    "number": "1",
    "kind": "entity",
    "filename": "kouan.css",
    "iri": BASE + "id/kashgar",
    "id": "kashgar",
}


def test_description_in_openapi_is_true_of_each_address(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": str(client.base_url).rstrip("/")}]
    for path, methods in document["paths"].items():
        address = re.sub(r"\{(\w+)\}", lambda found: EXAMPLES[found[1]], path)
        given = {
            each["name"]: EXAMPLES.get(each["name"], "x")
            for each in methods.get("get", {}).get("parameters", ())
            if each["required"] and each["in"] == "query"
        }
        allowed = {"HEAD", "OPTIONS", *(method.upper() for method in methods)}
        if "get" in methods:
            answer = client.get(address, params=given)
            said = methods["get"]["responses"]
            status = str(answer.status_code)
            assert status in said or answer.status_code >= 400, (path, status)
            content = said.get(status, said["4XX"]).get("content")
            if answer.status_code == 200:
                assert answer.headers["content-type"].partition(";")[0] in content, (
                    path,
                    answer.headers["content-type"],
                )
        refused = client.request("DELETE" if "delete" not in methods else "TRACE", address)
        assert refused.status_code == 405, path
        assert {each.strip() for each in refused.headers["allow"].split(",")} - {"QUERY"} <= allowed, path


@pytest.mark.parametrize("path", ["/void", "/dcat", "/fragments", "/data", "/conformance"])
def test_address_can_be_had_as_each_type_that_openapi_says(client, path):
    said = client.get("/openapi.json").json()["paths"][path]["get"]["responses"]["200"]["content"]
    refused = {kind for kind in said if client.get(path, headers={"Accept": kind}).status_code in {406, 500}}
    assert refused == set()


def test_interfaces_are_listed_where_machines_look(client):
    answer = client.get("/.well-known/api-catalog")
    assert answer.headers["content-type"].startswith("application/linkset+json")
    links = answer.json()["linkset"]
    assert any(each.get("item") for each in links)
    for each in links:
        for target in each.get("service-desc", []):
            asked = client.get(target["href"], headers={"Accept": target["type"]})
            assert asked.headers["content-type"].startswith(target["type"]), target


def locations(answer):
    assert answer.headers["content-type"].startswith("application/xml")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    root = ElementTree.fromstring(answer.content)
    return [(each.findtext(space + "loc"), each.findtext(space + "lastmod")) for each in root]


def test_sitemap_lists_pages_that_are_there_with_their_dates(client):
    assert f"Sitemap: {str(client.base_url).rstrip('/')}/sitemap.xml" in client.get("/robots.txt").text
    found = locations(client.get("/sitemap.xml"))
    assert len(found) > 2500
    assert all(re.match(r"\d{4}-\d\d-\d\d", date) for _, date in found)
    for address, _ in random.Random(3).sample(found, 25):
        assert client.get(address, headers=HTML).status_code == 200, address


def test_sitemap_of_others_data_lists_its_things(ports):
    found = [address for address, _ in locations(ports.get("/sitemap.xml"))]
    things = [address for address in found if "/thing?iri=" in address]
    assert things
    for address in things[:5]:
        assert ports.get(address, headers=HTML).status_code == 200
    assert ports.get("/sitemap-2.xml").status_code == 404


def test_short_json_ld_names_our_context_and_says_the_same(client):
    address = "/doc/kashgar.jsonld"
    asked = {"Accept": 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"'}
    short = client.get(address, headers=asked)
    assert "json-ld#compacted" in short.headers["content-type"]
    whole = client.get(address)
    assert len(short.content) < 0.8 * len(whole.content)
    document = short.json()
    context = client.get(document["@context"])
    assert context.headers["content-type"] == "application/ld+json"
    document["@context"] = context.json()["@context"]
    read = {quad.triple for quad in parse(json.dumps(document).encode(), RdfFormat.JSON_LD)}
    assert read == {quad.triple for quad in parse(whole.content, RdfFormat.JSON_LD)}
    followed = client.get("/id/kashgar", headers=asked, follow_redirects=True)
    assert followed.json()["@context"] == short.json()["@context"]
    plain = client.get("/id/kashgar?context", headers={"Accept": "application/ld+json"}, follow_redirects=True)
    assert plain.json() == short.json()


HYDRA = "http://www.w3.org/ns/hydra/core#"


def fragment(client, **pattern):
    """Return the data and the controls of a fragment."""
    answer = client.get("/fragments", params=pattern, headers={"Accept": "application/trig"})
    assert answer.status_code == 200, answer.text
    quads = list(parse(answer.content, RdfFormat.TRIG))
    controls = [quad for quad in quads if "metadata" in str(quad.graph_name)]
    return [quad.triple for quad in quads if quad not in controls], controls, answer


def control(controls, name):
    return [quad.object.value for quad in controls if quad.predicate.value == HYDRA + name]


def test_fragments_page_by_page_are_all_triples_that_fit(client):
    query = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{KOUAN}Port> }}"
    wanted = int(client.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1])
    found, controls, answer = fragment(client, predicate=RDF + "type", object=KOUAN + "Port")
    assert [int(number) for number in control(controls, "totalItems")] == [wanted]
    triples = set(found)
    while following := control(controls, "next"):
        answer = client.get(following[0], headers={"Accept": "application/trig"})
        quads = list(parse(answer.content, RdfFormat.TRIG))
        controls = [quad for quad in quads if "metadata" in str(quad.graph_name)]
        triples |= {quad.triple for quad in quads if quad not in controls}
    assert len(triples) == wanted > 100
    [template] = control(controls, "template")
    assert template.endswith("/fragments{?subject,predicate,object}")
    assert sorted(control(controls, "variable")) == ["object", "predicate", "subject"]


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({"object": '"Kashgar"@en'}, True),
        ({"object": '"Kashgar"'}, False),
        ({"subject": f"<{BASE}id/kashgar>", "object": "?o"}, True),
        ({"object": '"653101"', "predicate": KOUAN + "administrativeCode"}, True),
        ({"subject": '"a literal"'}, False),
        ({"graph": BASE + "shapes"}, True),
        ({"graph": "urn:none"}, False),
    ],
)
def test_fragment_of_a_pattern(client, pattern, fits):
    found, controls, _ = fragment(client, **pattern)
    assert bool(found) == fits
    assert (control(controls, "totalItems") != ["0"]) == fits


@pytest.mark.parametrize(("name", "value"), [("subject", "a b"), ("page", "0"), ("page", "x"), ("graph", '"x"')])
def test_fragment_of_what_is_no_pattern_is_refused(client, name, value):
    assert client.get("/fragments", params={name: value}).status_code == 400


def test_node_without_a_name_has_one_in_fragments(client):
    found, _, _ = fragment(client, graph=BASE + "shapes", predicate="http://www.w3.org/ns/shacl#property")
    node = next(triple.object.value for triple in found if "/.well-known/genid/" in triple.object.value)
    about, _, _ = fragment(client, graph=BASE + "shapes", subject=node)
    assert about
    assert client.get(node + "x").status_code == 404


def test_fragments_of_a_version_are_kept_for_ever(client, snapshot):
    answer = client.get("/fragments", params={"at": snapshot.version, "subject": BASE + "id/kashgar"}, headers=TURTLE)
    assert "immutable" in answer.headers["cache-control"]
    old = client.get("/fragments", params={"at": "old", "subject": BASE + "id/kashgar"}, headers=TURTLE)
    assert old.status_code == 307
    assert client.get(old.headers["location"], headers=TURTLE).content == answer.content


def test_fragments_come_in_every_format(client):
    for accept in ("text/turtle", "application/n-quads", "application/ld+json", "application/rdf+xml", "text/html"):
        answer = client.get("/fragments", params={"subject": BASE + "id/kashgar"}, headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(accept)
        assert "Kashgar" in answer.text or "kashgar" in answer.text
    assert client.get("/fragments", headers={"Accept": "image/png"}).status_code == 406


JOIN = f"""SELECT ?c ?p WHERE {{ ?c a <{KOUAN}BorderCity> . ?c <{KOUAN}hasPort> ?p . ?p a <{KOUAN}RailPort> }}"""


def asked_here(client):
    rows = client.get("/sparql", params={"query": JOIN}, headers=SPARQL_JSON).json()["results"]["bindings"]
    return {(row["c"]["value"], row["p"]["value"]) for row in rows}


def test_comunica_joins_fragments(client, server):
    program = shutil.which("comunica-sparql")
    if program is None:
        pytest.skip("comunica-sparql is not installed")
    done = subprocess.run(
        [program, f"{server}/fragments", JOIN], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {(row["c"], row["p"]) for row in json.loads(done.stdout)} == asked_here(client)


LDF = """use RDF::LDF;
my $it = RDF::LDF->new(url => $ARGV[0])->get_statements(undef, $ARGV[1], $ARGV[2]);
while (my ($triple) = $it->()) { last unless $triple; print $triple->subject->value, "\\n" }"""


def test_rdf_ldf_reads_all_pages_of_a_fragment_and_nothing_else(client, server):
    there = shutil.which("perl") and subprocess.run(["perl", "-MRDF::LDF", "-e", "1"], capture_output=True, check=False)
    if not there or there.returncode:
        pytest.skip("RDF::LDF is not installed")
    done = subprocess.run(
        ["perl", "-e", LDF, f"{server}/fragments", RDF + "type", KOUAN + "Port"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    query = f"SELECT ?s {{ ?s a <{KOUAN}Port> }}"
    rows = client.get("/sparql", params={"query": query}, headers=SPARQL_JSON).json()["results"]["bindings"]
    assert sorted(done.stdout.split()) == sorted(row["s"]["value"] for row in rows)


def test_get_with_a_body_is_refused(client):
    for path in ("/sparql?query=ASK%20%7B%7D", "/data?default", "/void", "/doc/kashgar.ttl", "/fragments"):
        answer = client.request("GET", path, content=b"x", headers=TURTLE)
        assert (path, answer.status_code) == (path, 400)
        assert "body" in answer.json()["detail"]
    assert client.request("GET", "/reconcile/1.0/match", content=b"{}").status_code == 405
