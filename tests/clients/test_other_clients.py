"""Clients in other languages get right answers from a running server; one that is not installed is skipped."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

KOUAN = "https://w3id.org/kouan/ontology#"
PORT_CITIES = f"SELECT ?city WHERE {{ ?city a <{KOUAN}PortCity> }} ORDER BY ?city"
PORT_CITY_COUNT = 30
TOKEN = "a-secret-token"
PASSAGE = "https://w3id.org/kouan/source/chen-2018/p32"

EASY_RDF = """<?php
require '/usr/share/php/EasyRdf/autoload.php';
[, $server, $writable, $token, $passage, $query] = $argv;
$client = new EasyRdf\\Sparql\\Client("$server/sparql");
$graph = EasyRdf\\Graph::newAndLoad("$server/id/heihe");
$store = new EasyRdf\\GraphStore("$server/data");
echo json_encode([
  'select' => count($client->query($query)),
  'ask' => $client->query('ASK { ?s ?p ?o }')->isTrue(),
  'construct' => $client->query('CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 5')->countTriples(),
  'graph' => $graph->countTriples() > 20,
  'store' => $store->get($passage)->countTriples() > 10,
]);
"""
RDF_QUERY_CLIENT = """
use RDF::Query::Client;
my ($server, $query) = @ARGV;
for my $text ($query, 'CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 5') {
  my ($client, $count) = (RDF::Query::Client->new($text), 0);
  my $rows = $client->execute("$server/sparql");
  $count++ while $rows->next;
  print "$count ";
}
print RDF::Query::Client->new('ASK { ?s ?p ?o }')->execute("$server/sparql")->get_boolean;
"""
SPARQL_HTTP_CLIENT = """
import SparqlClient from 'sparql-http-client'
const [server, writable, password, query] = process.argv.slice(2)
const client = new SparqlClient({ endpointUrl: server + '/sparql' })
const count = async stream => { let n = 0; for await (const each of stream) n++; return n }
const own = new SparqlClient({ endpointUrl: writable + '/sparql', updateUrl: writable + '/update', user: 'anybody', password })
await own.query.update('INSERT DATA { <urn:js> <urn:p> "口岸" }')
console.log(JSON.stringify([
  await count(client.query.select(query)),
  await count(client.query.construct('CONSTRUCT WHERE { ?s ?p ?o } LIMIT 5')),
  await own.query.ask('ASK { <urn:js> <urn:p> "口岸" }')]))
"""
RDF_DEREFERENCE = """
import * as all from 'rdf-dereference'
const dereferencer = all.rdfDereferencer ?? all.default.rdfDereferencer ?? all.default.default ?? all.default
const { data } = await dereferencer.dereference(process.argv[2])
let n = 0; for await (const quad of data) n++
console.log(n)
"""


JENA = """
import org.apache.jena.http.auth.AuthEnv;
import org.apache.jena.rdf.model.*;
import org.apache.jena.rdfconnection.RDFConnection;
public class Client {
  public static void main(String[] a) {
    String server = a[0], own = a[1];
    try (RDFConnection at = RDFConnection.connect(server + "/sparql")) {
      int[] rows = {0};
      at.querySelect(a[4], row -> rows[0]++);
      System.out.println(rows[0] + " " + at.queryAsk("ASK { ?s ?p ?o }"));
      System.out.println(at.queryConstruct("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 5").size());
      System.out.println(at.fetch(a[3]).size() > 20);
    }
    for (String path : new String[] {"/id/heihe", "/ontology"})
      System.out.println(ModelFactory.createDefaultModel().read(server + path).size() > 20);
    AuthEnv.get().registerUsernamePassword(java.net.URI.create(own), "anybody", a[2]);
    try (RDFConnection at = RDFConnection.connect(own + "/sparql")) {
      at.update("INSERT DATA { <urn:jena> <urn:p> 1 }");
      System.out.println(at.queryAsk("ASK { <urn:jena> <urn:p> 1 }"));
      Model model = ModelFactory.createDefaultModel();
      model.createResource("urn:one").addProperty(model.createProperty("urn:p"), "口岸");
      at.put("urn:graph", model);
      System.out.println(at.fetch("urn:graph").size() + " " + at.fetchDataset().asDatasetGraph().size());
      at.loadDataset(at.fetchDataset());
      at.delete("urn:graph");
    }
  }
}
"""
MESSAGES = "org/apache/jena/ext/xerces/"


def test_roqet_selects(server, program):
    said = program("roqet", "-q", "-r", "csv", "-p", f"{server}/sparql", "-e", PORT_CITIES, package="rasqal-utils")
    assert len(said.split()) == PORT_CITY_COUNT + 1


@pytest.mark.parametrize("path", ["/id/heihe", "/ontology", "/void", "/doc/heihe.nt"])
def test_rapper_reads_what_stands_at_addresses(server, program, path):
    said = program("rapper", "-q", "-i", "guess", "-o", "ntriples", server + path, package="raptor2-utils")
    assert said.count("\n") > 20


def test_gdal_reads_the_ports_as_a_layer(server, program):
    said = program("ogrinfo", "-ro", "-so", "-al", f"/vsicurl/{server}/ports.geojson", package="gdal-bin")
    assert "Geometry: Point" in said
    assert 'GEOGCRS["WGS 84"' in said


def test_easyrdf_queries_loads_and_reads_graphs(server, writable, program, tmp_path):
    if not Path("/usr/share/php/EasyRdf/autoload.php").is_file():
        pytest.skip("EasyRdf is not on this machine (php-easyrdf)")
    (tmp_path / "client.php").write_text(EASY_RDF, encoding="utf-8")
    said = program("php", tmp_path / "client.php", server, writable, TOKEN, PASSAGE, PORT_CITIES, package="php-cli")
    expected = {"select": PORT_CITY_COUNT, "ask": True, "construct": 5, "graph": True, "store": True}
    assert json.loads(said[said.index("{") :]) == expected


def test_perls_client_selects_constructs_and_asks(server, program, tmp_path):
    perl = shutil.which("perl")
    if perl is None or subprocess.run([perl, "-MRDF::Query::Client", "-e", "1"], capture_output=True).returncode:
        pytest.skip("RDF::Query::Client is not on this machine (librdf-query-client-perl)")
    (tmp_path / "client.pl").write_text(RDF_QUERY_CLIENT, encoding="utf-8")
    assert program("perl", tmp_path / "client.pl", server, PORT_CITIES).split() == [str(PORT_CITY_COUNT), "5", "1"]


def test_comunica_follows_links(server, program):
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    said = program("comunica-sparql", f"{server}/id/heihe", count, package="npm install -g @comunica/query-sparql@4")
    assert int(json.loads(said)[0]["n"].split('"')[1]) > 20


def javascript(program, folder, module, text, *arguments):
    """Run a module where a package that it imports is installed beside all or beside the tests, or skip."""
    node = shutil.which("npm")
    root = Path(subprocess.run([node, "root", "-g"], capture_output=True, text=True).stdout.strip()) if node else Path()
    if not (root / module).is_dir():
        pytest.skip(f"{module} is not on this machine (npm install -g {module})")
    (folder / "node_modules").symlink_to(root)
    (folder / "client.mjs").write_text(text, encoding="utf-8")
    return program("node", folder / "client.mjs", *arguments)


def test_sparql_http_client_selects_constructs_and_updates(server, writable, program, tmp_path):
    said = javascript(program, tmp_path, "sparql-http-client", SPARQL_HTTP_CLIENT, server, writable, TOKEN, PORT_CITIES)
    assert json.loads(said) == [PORT_CITY_COUNT, 5, True]


def test_rdf_dereference_reads_a_thing_by_its_address(server, program, tmp_path):
    assert int(javascript(program, tmp_path, "rdf-dereference", RDF_DEREFERENCE, f"{server}/id/heihe")) > 20


def test_jena_asks_updates_and_reads_graphs_at_one_address(server, start, program, tmp_path):
    jar = Path("/usr/share/java/jena-core.jar")
    if not jar.is_file() or shutil.which("javac") is None:
        pytest.skip("Jena is not on this machine (libapache-jena-java, default-jdk-headless)")
    with zipfile.ZipFile(jar) as archive:
        # Debian has renamed the package of its regular expressions and not the messages that they look for.
        for name in archive.namelist():
            if name.startswith(MESSAGES) and name.endswith(".properties"):
                target = tmp_path / "xerces" / name.removeprefix(MESSAGES)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
    (tmp_path / "Client.java").write_text(JENA, encoding="utf-8")
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    # Its AuthEnv knows no other challenge than Basic.
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": TOKEN, "KOUAN_CHALLENGE": "basic"}
    with start([str(tmp_path / "data.ttl")], environment) as own:
        classes = f"{tmp_path}:/usr/share/java/*"
        said = program("java", "-cp", classes, tmp_path / "Client.java", server, own, TOKEN, PASSAGE, PORT_CITIES)
    assert said.split() == [str(PORT_CITY_COUNT), "true", "5", "true", "true", "true", "true", "1", "1"]


def test_libreoffice_opens_the_table(server, program, tmp_path):
    arguments = [
        "--headless",
        # A comma between, a quotation mark around, UTF-8: what the dialogue proposes where there is a byte order mark.
        "--infilter=CSV:44,34,76",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "xlsx",
        "--outdir",
        tmp_path,
    ]
    table = tmp_path / "ports.csv"
    table.write_text(program("curl", "-sS", "--noproxy", "*", f"{server}/ports.csv?bom=true"), encoding="utf-8")
    program("soffice", *arguments, table, package="libreoffice-calc")
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    rows = list(openpyxl.load_workbook(tmp_path / "ports.xlsx").active.iter_rows(values_only=True))
    assert rows[0][0] == "iri"
    assert any("黑河口岸" in row for row in rows)
