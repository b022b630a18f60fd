"""Python's clients get right answers from a running server; one that is not installed is skipped."""

from __future__ import annotations

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore

KOUAN = "https://w3id.org/kouan/ontology#"
HEIHE = "https://w3id.org/kouan/id/heihe"
PORT_CITIES = f"SELECT ?city WHERE {{ ?city a <{KOUAN}PortCity> }} ORDER BY ?city"
PORT_CITY_COUNT = 30
TOKEN = "a-secret-token"
# What other people's packages warn of is no fault of ours.
pytestmark = pytest.mark.filterwarnings("ignore")


def installed(name):
    return pytest.importorskip(name, reason=f"{name} is not installed", exc_type=ImportError)


def test_rdflib_store_adds_reads_and_removes(writable):
    store = SPARQLUpdateStore(f"{writable}/sparql", f"{writable}/update", auth=("anybody", TOKEN))
    graph = rdflib.Graph(store, identifier=rdflib.URIRef("urn:rdflib"))
    fact = (rdflib.URIRef("urn:s"), rdflib.URIRef("urn:p"), rdflib.Literal('口岸 "x"\n', lang="zh"))
    graph.add(fact)
    assert list(graph) == [fact]
    graph.remove((fact[0], None, None))
    assert len(graph) == 0


def test_rdflib_reads_things_the_ontology_and_the_whole(server):
    assert len(rdflib.Graph().parse(f"{server}/id/heihe")) > 20
    assert len(rdflib.Graph().parse(f"{server}/ontology")) > 500
    assert len(rdflib.Graph().parse(f"{server}/void")) > 100


@pytest.mark.parametrize("path", ["/id/heihe", "/doc/heihe.jsonld", "/ontology"])
def test_pyld_reads_what_stands_at_addresses(server, path):
    assert len(installed("pyld").jsonld.expand(f"{server}{path}")) > 5


def test_sparqlwrapper_describes_and_updates(server, writable):
    wrapper = installed("SPARQLWrapper")
    client = wrapper.SPARQLWrapper(f"{server}/sparql")
    client.setQuery(f"DESCRIBE <{HEIHE}>")
    assert len(client.queryAndConvert()) > 10
    client = wrapper.SPARQLWrapper(f"{writable}/sparql", f"{writable}/update")
    client.setCredentials("anybody", TOKEN)
    client.setHTTPAuth(wrapper.BASIC)
    client.setMethod(wrapper.POST)
    client.setQuery("INSERT DATA { <urn:wrapper> <urn:p> 2 }")
    client.query().response.read()
    client = wrapper.SPARQLWrapper(f"{writable}/sparql")
    client.setQuery("ASK { <urn:wrapper> <urn:p> 2 }")
    client.setReturnFormat(wrapper.JSON)
    assert client.queryAndConvert()["boolean"] is True


@pytest.mark.parametrize("post", [False, True])
def test_sparql_dataframe_has_a_row_for_each(server, post):
    frame = installed("sparql_dataframe").get(f"{server}/sparql", PORT_CITIES, post=post)
    assert HEIHE in set(frame["city"])
    assert len(frame) == PORT_CITY_COUNT


def test_pandas_reads_from_addresses(server):
    pandas = installed("pandas")
    table = pandas.read_csv(f"{server}/cities.csv")
    assert HEIHE in set(table["iri"])
    assert "黑河" in set(table["label_zh"])
    installed("pyarrow")
    assert len(pandas.read_parquet(f"{server}/cities.parquet")) == len(table)


def test_polars_reads_and_scans_addresses(server):
    polars = installed("polars")
    table = polars.read_csv(f"{server}/ports.csv")
    assert table.height > 100
    assert polars.read_parquet(f"{server}/ports.parquet").height == table.height
    assert polars.scan_csv(f"{server}/ports.csv").select("iri").collect().height == table.height


def test_geopandas_has_points_where_they_are(server):
    geopandas = installed("geopandas")
    frame = geopandas.read_file(f"{server}/ports.geojson")
    assert frame.crs.to_epsg() == 4326
    [point] = frame[frame["iri"].str.endswith("/heihe-port")].geometry
    assert (127 < point.x < 128, 50 < point.y < 51) == (True, True)


def test_httpx_follows_to_the_page_and_to_data(server):
    httpx = installed("httpx")
    for accept, kind in {
        "text/html": "text/html",
        "application/ld+json": "application/ld+json",
        "*/*": "text/turtle",
    }.items():
        answer = httpx.get(f"{server}/id/heihe", headers={"Accept": accept}, follow_redirects=True, trust_env=False)
        assert answer.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("path", ["/ontology", "/ontology.owl"])
def test_owlready2_loads_the_ontology_by_its_address(server, path):
    world = installed("owlready2").World()
    classes = {each.name for each in world.get_ontology(server + path).load().classes()}
    assert {"PortCity", "PilotZone"} <= classes


def test_ontospy_loads_the_ontology_by_its_address(server):
    ontology = installed("ontospy").Ontospy(f"{server}/ontology", verbose=False)
    assert len(ontology.all_classes) > 50


def test_pyshacl_validates_what_was_fetched_with_shapes_that_were_fetched(server):
    pyshacl = installed("pyshacl")
    shapes = rdflib.Graph().parse(f"{server}/shapes")
    kinds = {
        (str(each.language), str(each)) for each in shapes.objects(rdflib.URIRef(KOUAN + "PortCity"), rdflib.RDFS.label)
    }
    assert kinds == {("en", "port city"), ("zh", "口岸城市")}
    conforms, results, _ = pyshacl.validate(rdflib.Graph().parse(f"{server}/id/heihe"), shacl_graph=shapes)
    assert isinstance(results, rdflib.Graph)
    assert conforms in {True, False}


def test_wikibaseintegrator_asks(server):
    helpers = installed("wikibaseintegrator.wbi_helpers")
    installed("wikibaseintegrator.wbi_config").config["USER_AGENT"] = "a test of Kouan"
    found = helpers.execute_sparql_query(PORT_CITIES, endpoint=f"{server}/sparql", max_retries=1)
    assert len(found["results"]["bindings"]) == PORT_CITY_COUNT


def test_langchains_graph_reads_the_schema_and_asks(server):
    graphs = installed("langchain_community.graphs")
    graph = graphs.RdfGraph(query_endpoint=f"{server}/sparql", standard="owl")
    graph.load_schema()
    assert "PortCity" in graph.get_schema
    assert len(graph.query(PORT_CITIES)) == PORT_CITY_COUNT
