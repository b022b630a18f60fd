"""Somebody else's data has its own name, its classes with their members, and a page for each thing."""

from __future__ import annotations

import re
from urllib.parse import quote

import httpx
import pytest

HTML = {"Accept": "text/html", "Accept-Language": "en"}
FISH = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <http://example.org/fish/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix geo84: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix schema: <https://schema.org/> .
ex:scheme a skos:ConceptScheme ; dct:title "Thesaurus of fish"@en ; dct:description "What fish are called."@en ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> ; dct:publisher ex:institute .
ex:institute a foaf:Organization ; foaf:name "Institute of Fish" .
ex:cod a skos:Concept ; skos:prefLabel "cod"@en, "鳕鱼"@zh, "Kabeljau"@de ; skos:altLabel "codfish"@en ;
  skos:definition "A fish of cold seas."@en ; skos:inScheme ex:scheme ;
  skos:exactMatch <http://www.wikidata.org/entity/Q80076> ; schema:url <javascript:alert(1)> ;
  schema:address [ a schema:PostalAddress ; schema:addressLocality "Bergen <b>" ] .
ex:pollock a skos:Concept ; skos:prefLabel "pollock"@en ; skos:broader ex:cod .
ex:bergen a schema:Place ; skos:prefLabel "Bergen"@en ; geo:hasGeometry [ geo:asWKT "POINT(5.3 60.4)"^^geo:wktLiteral ] .
ex:desk a <http://www.w3.org/2006/vcard/ns#Kind> ; <http://www.w3.org/2006/vcard/ns#fn> "Desk of the atlas" ;
  <http://www.w3.org/2006/vcard/ns#hasEmail> <mailto:desk@fish.example> .
ex:k7 a foaf:Person ; foaf:givenName "Astrid" ; foaf:familyName "Berg" ; foaf:made ex:atlas .
ex:k8 a foaf:Person ; schema:givenName "小明"@zh ; schema:familyName "王"@zh .
ex:k9 a foaf:Person ; foaf:givenname "Greta" ; foaf:family_name "Wal" ; foaf:based_near [ geo84:lat "59.9" ; geo84:long "10.7" ] .
ex:k12 a foaf:Person ; foaf:firstName "伟" ; foaf:lastName "王" ; foaf:phone <tel:+86-10-1234> ; foaf:mbox_sha1sum "9f0e" .
ex:k10 a foaf:Person ; foaf:surname "Okonkwo" ; foaf:nick "oko" .
ex:k11 a foaf:Person ; schema:givenName "Madonna"@en .
ex:crew a foaf:Group ; foaf:member ex:k9, ex:k10, ex:k11, ex:k12 .
ex:hall a schema:Place, ex:OldHall ; schema:url <https://halls.example/3> ;
  schema:name "Fish hall" ; schema:geo [ schema:latitude 60.4 ; schema:longitude 5.3 ] .
ex:atlas a ex:Atlas ; dct:title "Atlas of the sea"@en ;
  dct:spatial [ a dct:Location ; dcat:bbox "POLYGON((4 59,6 59,6 61,4 61,4 59))"^^geo:wktLiteral ] .
"""
COD = "/thing?iri=" + quote("http://example.org/fish/cod", safe="")


@pytest.fixture(scope="module")
def fish(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fish")
    (folder / "fish.ttl").write_text(FISH, encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path_factory.mktemp("kept")), "KOUAN_WORKERS": "1"}
    with start([str(folder)], environment) as address, httpx.Client(base_url=address, timeout=30, trust_env=False) as c:
        yield c


def page_of(fish, path, status=200, **parameters):
    answer = fish.get(path, headers=HTML, params=parameters or None, follow_redirects=True)
    assert answer.status_code == status
    return answer.text


def test_front_page_speaks_of_the_data_and_of_no_border_city(fish):
    page = page_of(fish, "/")
    assert '<h1><span class="whole">Thesaurus of fish</span></h1>' in page
    assert '<h1><span class="whole" lang="en">Thesaurus of fish</span></h1>' in page_of(fish, "/", lang="zh")
    assert "What fish are called." in page
    assert "Published by Institute of Fish" in page
    assert ">CC-BY-4.0</a>" in page
    assert "order cit" not in page


def test_classes_are_listed_with_their_members_and_each_thing_has_a_page(fish):
    concept = quote("http://www.w3.org/2004/02/skos/core#Concept", safe="")
    assert f'href="/class?iri={concept}"' in page_of(fish, "/classes")
    assert f'href="{COD}">cod</a>' in page_of(fish, f"/class?iri={concept}")


def test_thing_is_told_with_its_parts_its_other_names_and_what_speaks_of_it(fish):
    page = page_of(fish, COD)
    assert '<h1>cod <span lang="zh">鳕鱼</span></h1>' in page
    assert "A fish of cold seas." in page
    assert "Bergen &lt;b&gt;" in page
    assert "codfish" in page
    assert "Wikidata: <a" in page
    assert ">pollock</a>" in page
    assert 'href="javascript:' not in page


def test_what_has_no_name_is_told_in_words_or_by_where_it_leads(fish):
    assert "<span data-name>Old hall</span>" in page_of(fish, "/map")
    hall = page_of(fish, "/thing?iri=" + quote("http://example.org/fish/hall", safe=""))
    assert ">halls.example/3</a>" in hall


def test_name_in_the_readers_language_comes_first(fish):
    assert '<h1>鳕鱼 <span lang="en">cod</span></h1>' in page_of(fish, COD + "&lang=zh")


def test_place_stands_on_a_map(fish):
    page = page_of(fish, "/thing?iri=" + quote("http://example.org/fish/bergen", safe=""))
    assert "60.4000° N, 5.3000° E" in page


def test_place_is_drawn_however_it_is_said_to_be_somewhere(fish):
    assert "60.4000° N, 5.3000° E" in page_of(fish, "/thing?iri=http://example.org/fish/hall")
    assert 'class="mark-area self"' in page_of(fish, "/thing?iri=http://example.org/fish/atlas")
    # A variable of the query is called as the class is.
    assert "2 of 2 have a place" in page_of(fish, "/explore", kind="schema:Place", view="map")


def test_contact_is_called_by_its_name_and_written_to(fish):
    page = page_of(fish, "/thing?iri=http://example.org/fish/desk")
    assert "<h1>Desk of the atlas</h1>" in page
    assert '<a href="mailto:desk@fish.example">desk@fish.example</a>' in page


def test_kind_that_nothing_is_of_is_not_found(fish):
    assert "/classes lists" in page_of(fish, "/explore", 404, kind="http://example.org/fish/Whale")


def test_common_classes_are_called_in_chinese(fish):
    assert ">概念</a>" in page_of(fish, "/classes", lang="zh")


@pytest.mark.parametrize(
    "path", ["/questions", "/data", "/help", "/limits", "/accessibility", "/about/maps", "/validate"]
)
def test_pages_that_every_server_has_speak_of_no_border_city(fish, path):
    page = page_of(fish, path)
    assert not re.search(r"border cit|w3id\.org/kouan|CC BY 4\.0", page)


def test_the_menu_leads_only_to_what_there_is_to_show(fish, thesaurus, museums, catalogue):
    def menu(client):
        return {
            each
            for each in ("/map", "/timeline")
            if f'href="{each}"' in page_of(client, "/help").partition("</nav>")[0]
        }

    assert menu(thesaurus) == set()
    assert menu(museums) == {"/map", "/timeline"}
    assert menu(catalogue) == {"/timeline"}
    assert "/map" in menu(fish)


@pytest.mark.parametrize("path", ["/ontology", "/sources", "/shapes", "/page/heihe"])
def test_what_only_our_graph_has_is_not_found(fish, path):
    page_of(fish, path, 404)


@pytest.mark.parametrize("path", ["/thing", "/class"])
def test_thing_without_a_name_is_refused_with_words(fish, path):
    assert "by its IRI" in page_of(fish, path, 400)
    page_of(fish, path, 404, iri="http://example.org/nothing")
    page_of(fish, path, 404, iri="x> } #")


def test_formats_of_a_thing_are_had_by_a_query(fish):
    (address,) = re.findall(r'<a href="([^"]*)">Turtle</a>', page_of(fish, COD))
    answer = fish.get(address.replace("&amp;", "&"))
    assert answer.headers["content-type"].startswith("text/turtle")
    assert "Kabeljau" in answer.text


def test_data_set_of_a_catalogue_stands_on_the_map_where_it_is_of(fish):
    assert "Atlas of the sea" in page_of(fish, "/map")


def test_kind_is_explored_by_its_iri_as_it_stands(fish):
    assert "Atlas of the sea" in page_of(fish, "/explore", kind="http://example.org/fish/Atlas")


def test_people_with_a_given_and_a_familys_name_are_called_by_both(fish):
    astrid = "/thing?iri=" + quote("http://example.org/fish/k7", safe="")
    assert re.search(r"<h1[^>]*>\s*Astrid Berg", page_of(fish, astrid))
    atlas = page_of(fish, "/thing?iri=" + quote("http://example.org/fish/atlas", safe=""))
    assert "Astrid Berg" in atlas
    for text, name in (("Astrid Berg", "Astrid Berg"), ("王小明", "王小明")):
        found = fish.get("/search.json", params={"q": text}).json()["results"]
        assert [each["name"] for each in found] == [name]
    people = page_of(fish, "/explore", kind="foaf:Person")
    assert "Astrid Berg" in people
    assert "王小明" in people


def test_people_with_one_part_of_a_name_are_called_by_it(fish):
    crew = page_of(fish, "/thing?iri=http://example.org/fish/crew")
    people = page_of(fish, "/explore", kind="foaf:Person")
    for name in ("Greta Wal", "Okonkwo", "Madonna", "王伟"):
        assert re.search(rf"<a href=[^>]*>{name}</a>", crew)
        assert name in people
        found = fish.get("/search.json", params={"q": name}).json()["results"]
        assert [each["name"] for each in found] == [name]


def test_properties_and_numbers_to_call_are_told_in_words(fish):
    page = page_of(fish, "/thing?iri=http://example.org/fish/k12")
    assert ">mbox sha1sum</a>" in page
    assert '<a href="tel:+86-10-1234">+86-10-1234</a>' in page
    chinese = page_of(fish, "/thing?iri=http://example.org/fish/k12&lang=zh")
    assert ">电话</a>" in chinese


def test_people_stand_on_the_map_by_their_names_near_where_they_live(fish):
    assert ">Greta Wal</a>" in page_of(fish, "/map")
    assert "59.9000° N, 10.7000° E" in page_of(fish, "/thing?iri=http://example.org/fish/k9")
    assert "1 of 6 have a place" in page_of(fish, "/explore", kind="foaf:Person", view="map")


def test_a_licence_whose_address_is_made_of_words_is_told_in_words(start, tmp_path):
    (tmp_path / "nets.ttl").write_text(
        "@prefix dct: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> . "
        '<http://example.org/nets> a skos:ConceptScheme ; dct:title "Nets"@en ; '
        "dct:license <https://licences.example/licence-ouverte-open-licence> .",
        encoding="utf-8",
    )
    with start([str(tmp_path)], {"KOUAN_WORKERS": "1"}) as address:
        front = httpx.get(address, headers=HTML, trust_env=False).text
    assert ">Licence ouverte open licence</a>" in front


def test_things_without_a_place_are_offered_no_map(thesaurus, museums):
    thesauri = page_of(thesaurus, "/explore", kind="skos:Concept")
    assert "view=list" in thesauri
    assert "view=map" not in thesauri
    assert "view=map" in page_of(museums, "/explore", kind="schema:Museum")


def test_few_places_among_many_things_are_on_the_map(start, tmp_path):
    things = [
        f'<urn:thing:{n}> a <urn:Thing> ; <urn:code> "{n}" ; <urn:at> <urn:site:{n % 40}> .' for n in range(40_000)
    ]
    wgs84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
    sites = [f"<urn:site:{n}> a <urn:Site> ; <{wgs84}lat> {n} ; <{wgs84}long> {n} ." for n in range(40)]
    (tmp_path / "many.ttl").write_text("\n".join([*things, *sites]), encoding="utf-8")
    settings = {"KOUAN_WORKERS": "1", "KOUAN_EVALUATORS": "1", "KOUAN_TIMEOUT": "6"}
    with start([str(tmp_path / "many.ttl")], settings) as address:
        page = httpx.get(f"{address}/map", headers=HTML, trust_env=False, timeout=60)
    assert page.status_code == 200
    assert page.text.count("<li data-at=") == 40


def test_pages_of_others_data_speak_of_nothing_that_only_ours_has(museums, thesaurus, catalogue):
    for client in (museums, thesaurus, catalogue):
        assert not re.search("orridor|precision|sources", page_of(client, "/about/maps").partition("<main")[2])
        assert not re.search("走廊|精度", page_of(client, "/about/maps", lang="zh").partition("<main")[2])
        listed = page_of(client, "/data").partition("<main")[2].partition("</main>")[0]
        assert not re.search("kouan|assage|shapes", listed)
        assert "data-reified.nt" in listed
        assert re.search(r'<td class="number">[\d.]+ kB</td>', listed)
        assert "evidence" not in page_of(client, "/sparql").partition("<main")[2]


def test_downloads_of_others_data_are_had_under_their_former_names_too(museums):
    known = museums.get("/dump/data.nq")
    former = museums.get("/dump/kouan.nq")
    assert former.content == known.content
    assert 'filename="data.nq"' in former.headers["content-disposition"]
    assert "data.ttl" in museums.get("/dump/nothing").json()["detail"]
    assert not museums.get("/dump/data.ttl").text.startswith("# Kouan")


def test_what_is_said_to_be_of_no_class_is_in_reach(start, tmp_path):
    lines = [
        f'<urn:s:{n}> <urn:code> "{n}" ; <http://www.w3.org/2000/01/rdf-schema#label> "Sensor {n}" .'
        for n in range(120)
    ]
    (tmp_path / "bare.ttl").write_text("\n".join([*lines, "<urn:s:7> a <urn:Sensor> ."]), encoding="utf-8")
    with (
        start([str(tmp_path / "bare.ttl")], {"KOUAN_WORKERS": "1"}) as address,
        httpx.Client(base_url=address) as client,
    ):
        for path in ("/explore", "/classes"):
            listed = page_of(client, path)
            assert '<a href="/classes/none">Without a class</a>' in listed
            assert ">119<" in listed
        page = page_of(client, "/classes/none")
        assert ">Sensor 0</a>" in page
        assert ">Sensor 7</a>" not in page
        assert "未归类" in page_of(client, "/classes", lang="zh")


def test_where_everything_has_a_class_nothing_is_listed_without_one(thesaurus):
    assert "/classes/none" not in page_of(thesaurus, "/classes")
    page_of(thesaurus, "/classes/none", 404)


def test_narrower_concepts_are_called_so(thesaurus):
    page = page_of(thesaurus, "/thing?iri=https://tea.example/term/tea")
    assert re.search(r'<th scope="row"><a [^>]*>narrower</a></th><td><ul><li><a [^>]*>Green tea|Dark tea', page)
    assert "as “" not in page.partition(">narrower<")[2].partition("</table>")[0].partition("Green tea")[0]


def test_the_concepts_of_a_scheme_stand_under_one_another(thesaurus):
    page = page_of(thesaurus, "/thing?iri=https://tea.example/term/scheme")
    tree = re.sub(r"\s*<a [^>]*>|</a>", "", page.partition('<div class="tree"><ul>')[2].partition("</section>")[0])
    assert tree.startswith("<li>Making of tea<ul><li>Wet piling</li></ul></li><li>Tea<ul")
    assert "<li>Dark tea<ul><li>Pu&#39;er tea</li></ul></li>" in tree
    assert "in scheme" not in page
