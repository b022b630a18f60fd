"""People write a query, run it, look at its answer and hand it on, by mouse and by keyboard."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from urllib.parse import quote

import pytest

PREFIXES = """PREFIX kouan: <https://w3id.org/kouan/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX id: <https://w3id.org/kouan/id/>
"""
CITIES = PREFIXES + "SELECT ?city ?wkt { ?city a kouan:BorderCity ; geo:hasGeometry/geo:asWKT ?wkt }"
YEARS = PREFIXES + "SELECT ?port ?year { ?port a kouan:Port ; kouan:openedYear ?year }"


@pytest.fixture
def editor(open_page):
    """What opens the editor with a query in it, which is run."""

    def opened(query="", language="en", width=1280, **options):
        page = open_page("/sparql" + (f"#query={quote(query)}" if query else ""), language, width, **options)
        page.wait_for_selector(".cm-content")
        return page

    return opened


def written(page):
    return page.evaluate("document.querySelector('#field').shadowRoot.querySelector('.cm-content').innerText")


def put(page, query):
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(query)


def test_editor_opens_with_a_query_of_what_is_served_and_runs_it_by_keyboard(editor):
    page = editor()
    assert "PREFIX kouan:" in written(page)
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#result table tbody tr")
    assert re.search(r"\d+ rows in \d+\.\d+ s", page.locator(".said").inner_text())
    assert page.get_by_role("link", name="Manzhouli").first.get_attribute("href").endswith("/id/manzhouli")


def test_tab_leaves_the_editor(editor):
    page = editor()
    page.locator(".cm-content").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("?x a border ci", "kouan:BorderCity"),
        ("?x a 边境城", "kouan:BorderCity"),
        ("?x a kouan:BorderCity ; port", "kouan:hasPort"),
        ("?x a kouan:BorderCity ; 口岸", "kouan:hasPort"),
        ("?x kouan:locatedIn manzhou", "id:manzhouli"),
        ("?x kouan:locatedIn 珲春", "id:hunchun"),
        ("?x kouan:locatedIn hunchun", "id:hunchun"),
    ],
)
def test_completion_finds_terms_and_things_by_english_chinese_and_pinyin(editor, typed, wanted, until):
    page = editor()
    until(page, "performance.getEntriesByName('kouan-words').length > 0")
    put(page, "SELECT * { " + typed[:-1])
    page.keyboard.insert_text(typed[-1])
    page.keyboard.press("Control+Space")
    page.locator(".cm-tooltip-autocomplete li", has_text=wanted).first.wait_for()
    shown = page.locator(".cm-tooltip-autocomplete li").all_inner_texts()
    assert wanted in " ".join(shown[:8])


def test_completion_puts_the_properties_of_the_subjects_class_first_and_declares_the_prefix(editor, until):
    page = editor()
    until(page, "performance.getEntriesByName('kouan-words').length > 0")
    put(page, "SELECT * { ?x a <https://w3id.org/kouan/ontology#Port> ; openedYea")
    page.keyboard.press("Control+Space")
    page.locator(".cm-tooltip-autocomplete li", has_text="kouan:openedYear").first.wait_for()
    page.wait_for_timeout(150)
    page.keyboard.press("Enter")
    until(
        page,
        "document.querySelector('#field').shadowRoot.textContent.includes('PREFIX kouan: <https://w3id.org/kouan/ontology#>')",
    )


def test_pointer_on_a_term_shows_what_it_is_called_and_how_it_is_defined(editor):
    page = editor(PREFIXES + "SELECT ?city ?port {\n ?city kouan:hasPort ?port }")
    page.wait_for_selector("#result tbody tr")
    page.get_by_text("kouan:hasPort", exact=True).hover()
    page.wait_for_selector(".told")
    assert "has port" in page.locator(".told").inner_text()
    assert "https://w3id.org/kouan/ontology#hasPort" in page.locator(".told").inner_text()


def test_fault_is_shown_at_its_place_with_help(editor):
    page = editor("SELECT * {\n  ?city kouan:hasPort ?port\n}", allowed=(400,))
    page.wait_for_selector(".problem")
    told = page.locator(".problem").inner_text()
    assert "kouan: is not declared" in told
    assert "2:   ?city kouan:hasPort ?port" in told
    assert "Declare the prefix on top" in told
    page.wait_for_selector(".cm-lintRange-error")


def test_fault_is_told_in_chinese(editor, until):
    page = editor("SELECT * { ?s foo:p 1 }", "zh", allowed=(400,))
    until(page, "(document.querySelector('.problem') ?? document.body).textContent.includes('前缀 foo: 未声明')")
    assert page.locator(".problem strong").inner_text() == "无法读取该查询"


def test_term_that_the_data_lacks_is_marked_before_a_run_with_the_nearest(editor):
    page = editor()
    put(page, PREFIXES + "SELECT * { ?city kouan:hasPrt ?port . ?a kouan:openedYear ?b }")
    page.wait_for_selector(".cm-lintRange-warning")
    page.locator(".cm-lintRange-warning").first.hover()
    page.wait_for_selector(".cm-diagnostic")
    told = " ".join(page.locator(".cm-diagnostic").all_inner_texts())
    assert "did you mean kouan:hasPort?" in told
    page.get_by_text("Use kouan:hasPort").click()
    assert "kouan:hasPort ?port" in written(page)


def test_empty_answer_says_which_pattern_empties_it(editor):
    page = editor(
        PREFIXES + "SELECT * {\n ?city a kouan:BorderCity .\n ?city kouan:openedYear ?y .\n ?city a kouan:Country }"
    )
    page.wait_for_selector(".why pre")
    told = page.locator(".why").inner_text()
    assert "The query has no answers." in told
    assert "matches nothing" in told or "Nothing in the data" in told
    page.get_by_text("Try without it").first.click()
    page.wait_for_selector(".cm-content")


def test_condition_that_empties_an_answer_is_named(editor):
    page = editor(PREFIXES + "SELECT * {\n ?port kouan:openedYear ?y .\n FILTER(?y > 3000)\n}")
    page.wait_for_selector(".why pre")
    assert page.locator(".why pre").inner_text().strip() == "FILTER(?y > 3000)"
    assert "Line 7" in page.locator(".why").inner_text()


def test_query_is_laid_out_anew_without_another_meaning(editor):
    page = editor()
    put(page, "select * where{?s a ?c;<urn:p> ?o. # why\n optional{?s <urn:q> 'a;b'}filter(?o>3&&?o<5)}limit 5")
    page.get_by_role("button", name="Format").click()
    lines = [line.strip() for line in written(page).splitlines() if line.strip()]
    assert lines[0] == "select *"
    assert "# why" in " ".join(lines)
    assert "'a;b'" in " ".join(lines)
    assert lines[-1] == "limit 5"


def test_result_is_sorted_and_filtered_by_keyboard(editor, until):
    page = editor(YEARS)
    page.wait_for_selector("#result tbody tr")
    head = page.locator("#result thead button", has_text="year")
    head.focus()
    page.keyboard.press("Enter")
    assert page.locator("#result th[aria-sort=ascending]").count() == 1
    years = [int(text) for text in page.locator("#result td.number").all_inner_texts()]
    assert years == sorted(years)
    page.get_by_label("Filter rows").fill("Manzhouli")
    until(page, "document.querySelector('#result .tools [role=status]').textContent.includes(' of ')")
    assert page.locator("#result tbody tr").count() < len(years)


def test_views_are_tabs_that_the_arrows_walk_through(editor):
    page = editor(YEARS)
    page.wait_for_selector("#result tbody tr")
    page.get_by_role("tab", name="Table").focus()
    for view in ("Timeline", "Chart"):
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("#result .drawing svg")
        assert page.get_by_role("tab", name=view).get_attribute("aria-selected") == "true"


@pytest.mark.parametrize(
    ("view", "query", "drawn"),
    [
        ("Map", CITIES, ".map .mark"),
        ("BarChart", YEARS, ".drawing svg rect"),
        ("Graph", PREFIXES + "SELECT ?city ?port { ?city kouan:hasPort ?port }", ".network canvas"),
        ("Timeline", PREFIXES + "SELECT ?event ?day { ?event kouan:heldOn ?day }", ".drawing svg circle"),
    ],
)
def test_comment_asks_for_a_view(editor, barriers, view, query, drawn):
    page = editor(f"#defaultView:{view}\n{query}")
    page.wait_for_selector(drawn, state="attached")
    assert barriers(page) == []


def test_view_that_is_not_here_is_named_and_the_table_shown(editor):
    page = editor(f"#defaultView:TreeMap\n{YEARS}")
    page.wait_for_selector("#result tbody tr")
    assert "TreeMap" in page.locator("#result .note").inner_text()


def test_verdict_has_its_menus_beside_it_and_an_answer_as_it_came_is_laid_out_in_lines(editor):
    page = editor("ASK {}")
    page.wait_for_selector(".verdict")
    verdict, menu = page.locator(".verdict").bounding_box(), page.locator("#result .menu").last.bounding_box()
    assert menu["y"] < verdict["y"] + verdict["height"]
    put(page, YEARS)
    page.keyboard.press("Control+Enter")
    page.get_by_role("tab", name="Raw").click()
    page.locator(".panel pre").wait_for()
    assert '\n  "head": {' in page.locator(".panel pre").inner_text()


def test_names_of_a_large_graph_can_be_read(editor, until):
    page = editor(
        f"#defaultView:Graph\n{PREFIXES}SELECT ?city ?port {{ ?city a kouan:BorderCity ; kouan:hasPort ?port }}"
    )
    until(page, "Number(document.querySelector('.network')?.dataset.nodes) > 50")
    assert float(page.locator(".network").get_attribute("data-read")) >= 6


def test_passages_of_each_row_are_a_column(editor):
    page = editor()
    put(page, PREFIXES + "SELECT ?port { id:manzhouli kouan:hasPort ?port }")
    page.get_by_label("Passages").check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector("#result tbody tr a[href*='/source/']")


def test_share_link_opens_the_same_query_elsewhere_and_its_map(editor, open_page, until):
    page = editor(f"#defaultView:Map\n{CITIES}")
    page.wait_for_selector(".map .mark")
    put(page, f"#defaultView:Map\n{CITIES} LIMIT 5")
    page.get_by_role("button", name="Share").click()
    until(page, "navigator.clipboard.readText().then((text) => text.includes('LIMIT'))")
    link = page.evaluate("navigator.clipboard.readText()")
    other = open_page(link[link.index("/sparql") :])
    other.wait_for_selector(".map .mark, .map .gathered")
    assert "5 on the map" in other.locator("#result").inner_text()


def test_view_that_was_chosen_is_shared_embedded_and_kept_when_the_query_runs_again(editor, open_page):
    page = editor(CITIES)
    page.get_by_role("tab", name="Map").click()
    page.wait_for_selector(".map .mark, .map .gathered")
    page.locator("summary", has_text="Embed").click()
    frame = page.locator("#result pre").inner_text()
    page.keyboard.press("Escape")
    put(page, f"{CITIES} LIMIT 5")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=5 on the map")
    page.get_by_role("button", name="Share").click()
    link = page.url
    other = open_page(link[link.index("/sparql") :])
    other.wait_for_selector("text=5 on the map")
    embedded = html.unescape(re.search('src="([^"]*)"', frame)[1])
    framed = open_page(embedded[embedded.index("/embed") :])
    framed.wait_for_selector(".map .mark, .map .gathered")


def test_view_that_another_query_asks_for_goes_before_the_one_that_was_chosen(editor):
    page = editor(CITIES)
    page.get_by_role("tab", name="Map").click()
    page.wait_for_selector(".map .mark, .map .gathered")
    put(page, f"#defaultView:BarChart\n{YEARS}")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".drawing svg rect", state="attached")
    assert page.get_by_role("tab", name="Chart").get_attribute("aria-selected") == "true"


def test_link_to_the_raw_answer_opens_it(open_page):
    page = open_page(f"/sparql#query={quote(YEARS)}&view=Raw")
    page.wait_for_selector("#result pre")
    assert page.get_by_role("tab", name="Raw").get_attribute("aria-selected") == "true"


def test_years_of_a_chart_stand_in_their_order_and_counts_are_told_in_whole_numbers(editor):
    counted = "SELECT ?year (COUNT(?p) AS ?ports) { ?p kouan:openedYear ?year } GROUP BY ?year"
    page = editor(f"#defaultView:BarChart\n{PREFIXES}{counted}")
    page.wait_for_selector("#result svg")
    told = [text for text in page.locator("#result svg text").all_text_contents() if text[:1].isdigit()]
    years = [text for text in told if len(text) == 4]
    assert len(years) > 5
    assert years == sorted(years)
    assert all(text.isdigit() for text in told)


@pytest.mark.parametrize(
    ("language", "said", "use"),
    [
        ("en", "The data has no kouan:hasPrt; did you mean kouan:hasPort?", "Use kouan:hasPort"),
        ("zh", "数据中没有 kouan:hasPrt；是否想写 kouan:hasPort？", "改用 kouan:hasPort"),
    ],
)
def test_empty_answer_says_which_term_the_data_lacks_and_puts_the_nearest_in_its_place(editor, language, said, use):
    page = editor(PREFIXES + "SELECT ?port { id:manzhouli kouan:hasPrt ?port }", language)
    page.wait_for_selector(f"text={said}")
    assert "https://" not in page.locator(".said").inner_text()
    page.locator("#result").get_by_role("button", name=use).click()
    page.wait_for_selector("#result tbody tr")
    assert "hasPrt" not in written(page)


def test_what_was_wrong_with_a_query_goes_when_another_runs(editor):
    page = editor("SELECT * { ?x ", allowed=(400,))
    page.wait_for_selector(".problem")
    put(page, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector("text=Stop")
    assert not page.locator(".problem").count()
    page.get_by_role("button", name="Stop").click()


@pytest.mark.parametrize("bring", ["?query=", "#query=", "#"])
def test_query_comes_in_the_address_as_other_editors_write_it(open_page, bring):
    page = open_page("/sparql" + bring + quote(YEARS))
    page.wait_for_selector("#result tbody tr")
    assert "kouan:openedYear" in written(page)


def test_queries_and_history_stay_in_the_browser(editor):
    page = editor()
    put(page, YEARS)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#result tbody tr")
    page.get_by_role("button", name="New query").click()
    assert page.get_by_role("tab", name=re.compile("Query")).count() == 2
    page.goto(page.url.partition("#")[0])
    page.wait_for_selector(".cm-content")
    assert page.get_by_role("tab", name=re.compile("Query")).count() == 2
    page.get_by_text("History").click()
    page.locator(".menu[open]").get_by_text("kouan:openedYear").first.wait_for()


def test_running_query_is_stopped_and_frees_its_evaluator(editor, client):
    page = editor()
    put(page, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Stop").click()
    assert page.locator(".said").inner_text() == "Stopped."
    put(page, "ASK {}")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".verdict")
    assert page.locator(".verdict").inner_text() == "Yes"


def test_answer_is_downloaded_in_each_format_and_as_a_picture(editor):
    page = editor(f"#defaultView:BarChart\n{YEARS}")
    page.wait_for_selector(".drawing svg")
    page.get_by_text("Download").click()
    page.locator(".menu[open] button").first.wait_for()
    names = page.locator(".menu[open] button").all_inner_texts()
    assert {"json", "csv", "tsv", "xml", "geojson"} <= set(names)
    with page.expect_download() as waits:
        page.locator(".menu[open] button", has_text="csv").click()
    assert waits.value.path().read_text().startswith("port,year")
    page.get_by_text("Download").click()
    with page.expect_download() as waits:
        page.locator(".menu[open] button", has_text="SVG").click()
    assert "var(--" not in waits.value.path().read_text()
    page.get_by_text("Download").click()
    with page.expect_download() as waits:
        page.locator(".menu[open] button", has_text="PNG").click()
    assert waits.value.path().read_bytes().startswith(b"\x89PNG")


def test_graph_of_an_answer_grows_by_the_neighbours_of_a_thing(editor, until):
    page = editor(f"#defaultView:Graph\n{PREFIXES}CONSTRUCT WHERE {{ id:manzhouli kouan:cooperatesWith ?city }}")
    until(page, "Number(document.querySelector('.network')?.dataset.nodes) === 4")
    page.get_by_role("combobox", name="Thing").select_option(label="Harbin")
    page.get_by_role("button", name="Show its neighbours").click()
    until(page, "Number(document.querySelector('.network').dataset.nodes) > 4")
    page.get_by_role("tab", name="Table").click()
    assert page.locator("#result tbody tr").count() == 3
    page.get_by_role("tab", name="Raw").click()
    page.wait_for_selector(".panel pre")
    assert "id:manzhouli kouan:cooperatesWith" in page.locator(".panel pre").inner_text()


RUN = {
    "curl": ["sh", "-c"],
    "Python": [sys.executable, "-c"],
    "JavaScript": ["node", "--input-type=module", "-e"],
    "R": ["Rscript", "-e"],
}


@pytest.mark.parametrize("language", RUN)
def test_snippet_runs_as_it_stands(editor, language):
    program = "curl" if language == "curl" else RUN[language][0]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    page = editor(PREFIXES + "SELECT ?city { ?city a kouan:BorderCity } ORDER BY ?city # it's")
    page.wait_for_selector("#result tbody tr")
    page.get_by_text("Code", exact=True).click()
    page.get_by_label("Code").select_option(label=language)
    code = page.locator(".menu[open] pre").inner_text()
    run = subprocess.run([*RUN[language], code], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    assert "https://w3id.org/kouan/id/manzhouli" in run.stdout


def test_snippet_for_pandas_gives_the_table(editor):
    pytest.importorskip("pandas", reason="pandas is not installed")
    page = editor(YEARS)
    page.wait_for_selector("#result tbody tr")
    page.get_by_text("Code", exact=True).click()
    page.get_by_label("Code").select_option(label="pandas")
    code = page.locator(".menu[open] pre").inner_text()
    names: dict = {}
    exec(code, names)
    assert list(names["table"].columns) == ["port", "year"]
    assert len(names["table"]) > 10


def test_result_stands_alone_for_other_pages(open_page, barriers):
    page = open_page("/embed#query=" + quote(YEARS))
    page.wait_for_selector("#result tbody tr")
    assert barriers(page) == []
    assert "/sparql#query=" in page.locator("#source").get_attribute("href")


def test_editor_speaks_chinese(editor):
    page = editor(YEARS, "zh")
    page.wait_for_selector("#result tbody tr")
    assert page.get_by_role("button", name="运行").count() == 1
    # The labels come after the rows.
    page.wait_for_selector("#result tbody tr:has-text('口岸')")


def test_ten_thousand_rows_are_a_table_within_a_second_and_can_be_paged(editor, until):
    page = editor("SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 10000")
    until(page, "performance.getEntriesByName('kouan-shown').length > 0")
    seconds = page.evaluate(
        "performance.measure('x', 'kouan-answered', 'kouan-shown').duration / 1000",
    )
    assert seconds < 1
    page.get_by_role("button", name="Last page").click()
    assert "100 of 100" in page.locator(".pager").inner_text()


@pytest.mark.parametrize(("path", "most"), [("/sparql", 150), ("/", 60), ("/map", 60), ("/page/manzhouli", 60)])
def test_first_load_of_a_page_is_small(open_page, path, most):
    page = open_page(path)
    page.wait_for_load_state("networkidle")
    entries = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    sizes = page.evaluate(f"{entries}.map((each) => [each.name, each.encodedBodySize])")
    # The base map stands aside, and so do the words that completion asks for once the editor is there.
    counted = [each for each in sizes if not re.search(r"/(?:world|region)-[^/]*$|/sparql/", each[0])]
    assert sum(size for _, size in counted) < most * 1024, json.dumps(counted)


@pytest.mark.parametrize("query", ["SELECT ?s { ?s ?p ?o FILTER(?o = 1992", "SELECT ?s { ?s ?p ?o } LIMIT 60000"])
def test_nothing_is_offered_for_a_number_and_enter_ends_its_line(editor, query):
    page = editor()
    put(page, query[:-1])
    page.keyboard.type(query[-1])
    page.wait_for_timeout(1200)
    page.keyboard.press("Enter")
    page.keyboard.type("}")
    assert re.fullmatch(re.escape(query) + r"\)?\s*\}", written(page).strip())


def test_nothing_to_run_leaves_nothing_of_what_was_run(editor):
    page = editor("SELECT * {", allowed=(400,))
    page.wait_for_selector(".problem")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+Enter")
    assert page.locator(".said").inner_text() == "There is no query to run."
    assert page.locator("#result").inner_text() == ""


def test_a_triple_term_is_shown_by_the_names_of_its_parts(editor, until):
    page = editor(PREFIXES + "SELECT (<<( id:erenhot rdfs:label 1 )>> AS ?t) {}")
    page.locator("#result td a", has_text=re.compile("Erenhot")).wait_for()
    assert re.fullmatch(r"<<\( Erenhot \S+ 1 \)>>", page.locator("#result td").inner_text())


def test_passages_have_a_header_in_line_and_of_many_the_first_are_shown(editor):
    page = editor()
    page.get_by_label("Passages").check()
    put(page, PREFIXES + "SELECT ?kind (COUNT(*) AS ?n) { ?port a kouan:Port ; kouan:status ?kind } GROUP BY ?kind")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#result td details")
    top = (
        "each => { const r = document.createRange(); r.selectNodeContents(each); return r.getBoundingClientRect().top }"
    )
    tops = [each.evaluate(top) for each in page.locator("#result th > *").all()]
    assert max(tops) - min(tops) <= 2
    first = page.locator("#result td:has(details)").first
    assert first.locator("> a").count() == 12
    assert re.fullmatch(r"\d+ more", first.locator("summary").inner_text())


def test_a_view_that_is_not_here_is_told(editor):
    page = editor("#defaultView:TreeMap\nSELECT ?s { ?s ?p ?o } LIMIT 3")
    page.wait_for_selector("#result table")
    assert "TreeMap" in page.locator("#result .note").inner_text()


def test_the_timeline_is_as_wide_as_its_frame(editor):
    page = editor(
        "#defaultView:Timeline\nSELECT ?l ?d WHERE { ?s ?p ?d ; <http://www.w3.org/2000/01/rdf-schema#label> ?l FILTER(isLiteral(?d) "
        '&& datatype(?d) = <http://www.w3.org/2001/XMLSchema#date> && lang(?l)="en")} LIMIT 60'
    )
    page.wait_for_selector(".drawing svg")
    assert page.locator(".drawing").evaluate("each => each.scrollWidth - each.clientWidth") <= 1


def test_the_list_of_what_may_follow_is_gone_when_the_query_runs(editor):
    page = editor(allowed=(400,))
    put(page, "SELECT ?s { ?s ?p ?o } LIMIT 5 ")
    page.keyboard.type("OFF")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(1200)
    assert page.locator(".cm-tooltip-autocomplete").count() == 0


def test_without_a_connection_the_editor_says_what_to_do(editor):
    page = editor(language="zh", allowed=("ERR_CONNECTION_REFUSED",))
    page.wait_for_load_state("networkidle")
    page.route("**/sparql", lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="运行").click()
    page.wait_for_selector(".problem")
    assert "无法连接服务器" in page.locator(".problem").inner_text()
    page.unroute("**/sparql")
