"""The page of a thing tells its facts once, in one language, in order, with who says each."""

from __future__ import annotations

import json
import re

import pytest

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Language": "en"}
HEADINGS = re.compile(r"<h2[^>]*>([^<]*)</h2>")
SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def page_of(client, path, **parameters):
    answer = client.get(path, headers=HTML, params=parameters or None, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def text_of(page):
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("<main")[2].partition("</main>")[0]).split())


def test_facts_come_in_the_order_in_which_a_person_tells_them(client):
    told = [heading for heading in HEADINGS.findall(page_of(client, "/page/manzhouli")) if heading]
    order = ["What it is", "Where it is", "Borders and neighbours", "Ports of entry", "Zones", "Corridors and clusters"]
    assert [heading for heading in told if heading in order] == order


def test_a_fact_that_others_put_the_other_way_round_is_told_once_with_all_who_say_it(client):
    page = page_of(client, "/page/manzhouli")
    assert "has port" in page
    assert "port of”" not in text_of(page)
    # Its ports stand among its facts, and a zone that lies in it but is none of them, here.
    incoming = text_of(page).partition("What speaks of it")[2]
    assert "Erka port of entry" not in incoming
    row = page.partition(">Erka port of entry</a>")[2].partition("</li></ul>")[0]
    assert "Statistical divisions of China" in row
    assert "follows from the others" not in row


@pytest.mark.parametrize(("lang", "name", "other"), [("en", "Manzhouli", "满洲里"), ("zh", "满洲里", "Manzhouli")])
def test_one_language_at_a_time_and_both_names_in_the_title(client, lang, name, other):
    page = page_of(client, "/page/manzhouli", lang=lang)
    assert re.search(rf"<h1>{name} <span lang=\"\w+\">{other}</span></h1>", page)
    assert f"<title>{name} {other} · " in page
    labels = {"en": ("has port", "设有口岸"), "zh": ("设有口岸", "has port")}[lang]
    assert labels[0] in page
    assert labels[1] not in page


def test_every_fact_opens_to_its_passage_its_section_its_grade_and_the_other_facts(client):
    said = page_of(client, "/page/manzhouli").partition(">Manzhouli key pilot zone")[2].partition("</details>")[0]
    assert 'href="/source/chen-2018/p32"' in said
    assert "section “Institutional design”" in said
    assert "press" in said
    assert re.search(r">its \d+ facts</a>", said)


def test_dispute_is_told_with_what_is_right_and_why(client):
    text = text_of(page_of(client, "/page/manzhouli"))
    assert "Disputed: Chen Wei 2018, paragraph 25 says “ Manzhouli – located in – Heilongjiang ”" in text
    assert "Right is: Inner Mongolia" in text
    assert "Why: Paragraph 25 lists Manzhouli" in text


def test_geometry_is_a_map_with_its_coordinates_in_words_and_no_fact(client):
    page = page_of(client, "/page/manzhouli")
    assert '<figure class="map">' in page
    assert "49.6000° N, 117.4330° E" in text_of(page)
    assert "manzhouli-geometry" not in page


def test_links_elsewhere_say_which_they_are(client):
    text = text_of(page_of(client, "/page/manzhouli"))
    assert "Wikidata: Q890671" in text
    assert "GeoNames: 2035836" in text


def test_things_without_end_that_speak_of_it_stand_on_pages_of_their_own(client):
    page = page_of(client, "/page/china")
    (address,) = re.findall(r'href="([^"]*by=[^"]*locatedIn)">All \d+</a>', page)
    listed = page_of(client, address.replace("&amp;", "&"))
    assert "Page 1 of" in listed
    assert len(re.findall(r"<li><a ", listed)) == 100
    for number in ("99", "000000001" + "0" * 5000, "²"):
        beyond = f"{address.replace('&amp;', '&')}&page={number}"
        assert client.get(beyond, headers=HTML, follow_redirects=True).status_code == 404


def test_search_engines_read_what_it_is_in_schema_orgs_words(client):
    said = json.loads(SCRIPT.findall(page_of(client, "/page/manzhouli"))[0])
    assert (said["@type"], said["@id"]) == ("City", "https://w3id.org/kouan/id/manzhouli")
    assert said["geo"] == {"@type": "GeoCoordinates", "longitude": 117.433, "latitude": 49.6}
    assert "http://www.wikidata.org/entity/Q890671" in said["sameAs"]


def test_class_lists_its_members_and_leads_to_what_it_means(client):
    assert 'href="/class/BorderCity"' in page_of(client, "/page/heihe")
    page = page_of(client, "/class/BorderCity")
    assert 'href="/id/heihe"' in page
    assert 'href="/ontology/BorderCity"' in page
    assert client.get("/class/Nothing", headers=HTML).status_code == 404


@pytest.mark.parametrize(
    ("name", "media_type", "says"),
    [
        ("bibtex", "application/x-bibtex", "@misc{"),
        ("bibtex", "application/x-bibtex", "author = {{The Kouan editors}}"),
        ("ris", "application/x-research-info-systems", "TY  - DATA\r\nAU  - The Kouan editors"),
        ("csl", "application/vnd.citationstyles.csl+json", '"type": "dataset"'),
        ("csl", "application/vnd.citationstyles.csl+json", '"literal": "The Kouan editors"'),
        ("text", "text/plain", "“Heihe.” In: Kouan"),
        ("text", "text/plain", "corridors. The Kouan editors. Version"),
    ],
)
def test_citation_names_the_thing_the_version_and_the_day(client, snapshot, name, media_type, says):
    cited = client.get("/cite", params={"iri": "https://w3id.org/kouan/id/heihe", "format": name}, headers=HTML)
    assert cited.headers["content-type"].startswith(media_type)
    assert cited.headers["cache-control"] == "no-store"
    assert says in cited.text
    assert snapshot.version[:12] in cited.text
    assert re.search(r"20\d\d", cited.text)


def test_citation_has_no_word_of_another_language(client):
    address = {"iri": "https://w3id.org/kouan/id/heihe", "format": "text", "lang": "zh"}
    cited = client.get("/cite", params=address, headers=HTML).text
    assert cited.startswith("“黑河”，载《Kouan：中国边境城市、口岸与走廊知识图谱》。")
    assert not re.search("In:|Version|accessed", cited)
    shown = page_of(client, "/page/heihe", lang="zh")
    assert "“黑河”，载《" in shown
    assert 'href="/cite?iri=https%3A%2F%2Fw3id.org%2Fkouan%2Fid%2Fheihe&amp;lang=zh&amp;format=bibtex"' in shown


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("/page/interpretation-bellwethers", "Key border areas lead", "沿边重点地区在落实倡议中"),
        ("/page/source/chen-2018", "Copyrighted by its publisher", "原文版权归出版者所有"),
        ("/page/source/chen-2018/p40", "Closing notes", "文末说明"),
    ],
)
def test_what_one_source_says_in_both_languages_is_told_in_the_readers(client, path, english, chinese):
    assert english in page_of(client, path, lang="en")
    assert chinese not in page_of(client, path, lang="en")
    assert chinese in page_of(client, path, lang="zh")
    assert english not in page_of(client, path, lang="zh")


def test_what_is_said_in_another_language_alone_is_told(client):
    assert "2億4000万ドル" in page_of(client, "/page/suifenhe-bonded-zone-imports-and-exports-2017")


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("/page/source/chen-2018", ">press<", ">新闻媒体<"),
        ("/page/source/chen-2018", ">English<", ">英文<"),
        ("/page/vision-and-actions", ">spring<", ">春季<"),
    ],
)
def test_one_of_a_few_values_is_told_in_words(client, path, english, chinese):
    assert english in page_of(client, path, lang="en")
    told = page_of(client, path, lang="zh").partition("<main")[2]
    assert chinese in told
    assert english not in told


def test_a_large_number_is_told_in_groups_and_a_year_as_it_is(client):
    page = page_of(client, "/page/population-zhongba-2020")
    assert ">26,897<" in page
    assert ">2020<" in page


def test_citation_of_nothing_and_in_no_format_is_not_found(client):
    assert client.get("/cite", params={"iri": "https://w3id.org/kouan/id/atlantis"}).status_code == 404
    assert client.get("/cite", params={"format": "endnote"}).status_code == 406


def test_corridor_has_a_schematic_line_through_its_cities(client):
    page = page_of(client, "/page/china-mongolia-russia-economic-corridor")
    assert 'class="mark-line schematic"' in page
    assert page.count("<circle") >= 3


def test_source_is_told_by_passage_and_passage_with_what_stands_beside_it(client):
    source = page_of(client, "/page/source/chen-2018")
    assert "Border cities encouraged to boost B&amp;R construction" in source
    assert "Disputed in it" in source
    assert "Left out:" in source
    passage = page_of(client, "/page/source/chen-2018/p32")
    assert "Section “Institutional design”" in text_of(passage)
    assert 'href="/source/chen-2018/p31"' in passage
    assert 'href="/source/chen-2018/p33"' in passage


def test_address_of_a_source_is_a_link(client):
    page = page_of(client, "/page/source/china-dragon-tours-quanhe")
    assert '<a href="https://chinadragontours.com/quanhe-border-port-in-jilin.html" rel="external">' in page


def test_sources_are_listed_by_grade(client):
    page = page_of(client, "/sources")
    grades = ["Official text", "Official list", "Maintained data set", "Encyclopaedia", "Press", "Other"]
    assert [heading.strip() for heading in re.findall(r"<h2[^>]*>([^<]*)<small", page)] == grades


@pytest.mark.parametrize(
    ("thing", "english", "chinese"),
    [
        ("population-manzhouli-2020", "population of Manzhouli, 2020", "满洲里人口（2020年）"),
        ("population-of-manzhouli", "population of Manzhouli over the years", "满洲里历年人口"),
        (
            "membership-kyrgyzstan-shanghai-cooperation-organization",
            "membership of Kyrgyzstan in Shanghai Cooperation Organization",
            "吉尔吉斯斯坦在上海合作组织的成员资格",
        ),
        ("heihe-water-port", "Heihe port of entry (former identifier)", "黑河口岸（旧标识）"),
    ],
)
def test_what_has_no_name_of_its_own_is_called_by_what_it_is_about(client, thing, english, chinese):
    assert f"<h1>{english}" in page_of(client, f"/page/{thing}")
    assert f"<h1>{chinese}" in page_of(client, f"/page/{thing}", lang="zh")


def test_what_passed_a_port_is_told_as_figures_and_not_as_people(client):
    page = page_of(client, "/page/flow-gyirong-port-value-2024")
    assert HEADINGS.findall(page)[:2] == ["Figures", "Other facts"]
    assert "4,248,000,000" in text_of(page)


@pytest.mark.parametrize(
    "path",
    [
        "/page/manzhouli",
        "/class/PopulationCount?page=2",
        "/page/manzhouli?by=https://w3id.org/kouan/ontology%23refArea",
        "/page/gyirong-port",
    ],
)
def test_what_was_counted_stands_in_lists_beside_what_counts_it(client, path):
    told = re.findall(r"(?:population of|imports and exports)[^<]*</a>.*?\bnumber\">([\d,.]+)", page_of(client, path))
    assert told


def test_a_claim_does_not_lead_to_itself(client):
    page = page_of(client, "/page/claim-suifenhe-alone").partition("<main")[2]
    assert re.findall(r'href="/\w+/claim-suifenhe-alone"', page) == []


@pytest.mark.parametrize(
    "path", ["/page/hunchun", "/page/claim-suifenhe-alone", "/timeline", "/page/source/chen-2018/p32"]
)
def test_chinese_is_written_with_its_own_brackets_and_colons(client, path):
    said = text_of(page_of(client, path, lang="zh"))
    said = re.sub(r"IRI: ", "", said)
    assert re.findall(r".{6}[(:] ?[^/\d].{6}", re.sub(r"https?:", "", said)) == []


def test_where_a_thing_lies_is_told_from_the_nearest_to_the_widest(client):
    told = text_of(page_of(client, "/page/manzhouli-port"))
    places = re.findall(r"located in .*?port of", told)[0]
    found = [places.index(each) for each in ("Manzhouli", "Hulunbuir", "Inner Mongolia", "China")]
    assert found == sorted(found)
