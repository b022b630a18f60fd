// The page /sparql: a place to write a query, run it, and look at its answer.
import { calmly, el, one } from "./dom";
import { Problem, type Result, turtle } from "./endpoint";
import { own } from "./links";
import { format } from "./sparql/format";
import { vocabulary } from "./vocabulary";
import { rows, say } from "./words";
import { asked, linkTo } from "./workbench/address";
import { askedView } from "./workbench/asked_view";
import { field } from "./workbench/code";
import { copied } from "./workbench/copying";
import { doubts } from "./workbench/doubts";
import { code, downloads, embed, type Format } from "./workbench/downloads";
import { menu } from "./workbench/menu";
import { told } from "./workbench/problem";
import { show } from "./workbench/result";
import { Run } from "./workbench/run";
import { forget, ran, remember, Tabs } from "./workbench/store";
import { tabRow } from "./workbench/tabs";
import { why } from "./workbench/why";

const form = one<HTMLFormElement>("#ask");
const begin = one<HTMLTextAreaElement>("#query", form).value;
// Where the data has no graphs, none of them states anything.
const hasEvidence = form.querySelector("[name=evidence]") !== null;
const formats = JSON.parse(form.dataset.formats ?? "{}") as Record<string, Format[]>;
const tabs = new Tabs();
const sent = asked();
if (sent !== undefined && tabs.current?.text !== sent.query) {
	const standing = tabs.all.find((each) => each.text === sent.query);
	if (standing !== undefined) tabs.shown = standing.id;
	else if (tabs.current !== undefined && ["", begin].includes(tabs.current.text)) tabs.current.text = sent.query;
	else tabs.add(sent.query);
}
if (tabs.current === undefined) tabs.add(begin);

const run = new Run();
let view = sent?.view ?? "";
// What the query itself asked for when the reader chose a view: another wish of it goes before the choice.
let wished = askedView(sent?.query ?? "")?.name;
const host = el("div", { id: "field", role: "tabpanel", "aria-label": say("editor") });
const go = el("button", { type: "button", class: "main" }, say("run"));
const tidy = el("button", { type: "button" }, say("format"));
const share = el("button", { type: "button" }, say("share"));
const evidence = el("input", { type: "checkbox", checked: sent?.evidence ?? false });
const said = el("p", { class: "said", role: "status" });
const answer = el("section", { "aria-label": say("result"), id: "result" });
const keep = calmly(300, (text: string) => {
	if (tabs.current !== undefined) tabs.current.text = text;
	tabs.save();
});
const editor = field(host, tabs.current?.text ?? "", () => void start(), keep);
const row = tabRow(tabs, () => {
	view = "";
	editor.put(tabs.current?.text || begin);
	editor.view.focus();
});
const past = menu(
	say("history"),
	(panel, shut) => {
		const list = ran().map((each) =>
			el(
				"li",
				{ class: "past" },
				el(
					"button",
					{ type: "button", onclick: () => after(shut, () => take(each.text)) },
					el(
						"code",
						{},
						each.text
							.replace(/^\s*PREFIX\s+\S+\s+\S+\s*$/gim, "")
							.trim()
							.slice(0, 120),
					),
					el(
						"small",
						{ class: "muted" },
						`${new Date(each.at).toLocaleString()}${each.rows === undefined ? "" : ` · ${rows(each.rows)}`}`,
					),
				),
			),
		);
		if (list.length === 0) panel.append(el("p", { class: "muted" }, say("historyEmpty")));
		else
			panel.append(
				el("ul", {}, ...list),
				el("button", { type: "button", onclick: () => after(shut, forget) }, say("clear")),
			);
	},
	"wide",
);

const acts = el(
	"div",
	{ class: "acts" },
	go,
	tidy,
	share,
	past,
	hasEvidence ? el("label", { class: "choice" }, evidence, say(own ? "evidence" : "graphs")) : "",
	el("span", { class: "space" }),
	el("p", { class: "hint" }, say("writeHere")),
);
form.replaceWith(el("div", { class: "bench" }, row, host, acts, said, answer));
document.querySelector("#answered")?.remove();

go.addEventListener("click", () => (run.isOn ? halt() : void start()));
tidy.addEventListener("click", () => editor.put(format(editor.text())));
share.addEventListener("click", () => {
	const link = linkTo("/sparql", editor.text(), evidence.checked, view);
	history.replaceState(null, "", link);
	void copied(link, share, say("shared"));
});
answer.addEventListener("chosen", (event) => {
	view = (event as CustomEvent<string>).detail;
	// An answer that is shown has its query in the address, whatever is written since.
	const shown = asked();
	if (shown !== undefined) history.replaceState(null, "", linkTo("/sparql", shown.query, shown.evidence, view));
});
addEventListener("hashchange", () => {
	const now = asked();
	if (now !== undefined && now.query !== editor.text()) take(now.query);
});

function after(shut: () => void, act: () => void): void {
	shut();
	act();
}

function take(text: string): void {
	tabs.add(text);
	view = "";
	location.hash = "";
	editor.put(text);
	editor.view.focus();
}

function attempt(text: string): void {
	take(text);
	void start();
}

function halt(): void {
	run.stop();
	idle();
	said.textContent = say("stopped");
}

function idle(): void {
	go.textContent = say("run");
	go.classList.remove("stop");
}

async function start(): Promise<void> {
	const query = editor.text();
	if (query.trim() === "") {
		answer.replaceChildren();
		said.textContent = say("nothing");
		return;
	}
	go.textContent = say("stop");
	go.classList.add("stop");
	said.textContent = say("busy");
	// What was wrong with another text is not wrong with this one.
	answer.querySelector(".problem, .why")?.remove();
	const withEvidence = evidence.checked;
	try {
		const result = await run.start(query, withEvidence);
		if (result === undefined) return;
		idle();
		shown(query, result, withEvidence);
	} catch (error) {
		idle();
		said.textContent = say("failed", { detail: "" }).replace(/[:：]\s*$/, "");
		answer.replaceChildren(told(error, query));
		if (error instanceof Problem && error.line !== undefined) editor.blame(error.detail, error.line, error.column ?? 1);
	}
}

function shown(query: string, result: Result, withEvidence: boolean): void {
	const count = result.form === "verdict" ? undefined : result.table.rows.length;
	const seconds = result.seconds < 0.1 ? result.seconds.toFixed(3) : result.seconds.toFixed(2);
	said.textContent =
		count === undefined || (count === 0 && result.form === "graph")
			? `${seconds} s`
			: say("answered", { rows: rows(count), seconds });
	remember(query, count);
	const wish = askedView(query)?.name;
	if (wish !== wished && wish !== undefined) view = "";
	wished = wish;
	history.replaceState(null, "", linkTo("/sparql", query, withEvidence, view));
	const kind = result.form === "rows" ? "SELECT" : result.form === "verdict" ? "ASK" : "GRAPH";
	const more = [
		downloads(formats[kind] ?? [], query, withEvidence, () => answer),
		code(query),
		embed(query, () => view),
	];
	if (result.form === "rows" && count === 0)
		answer.replaceChildren(why(query, attempt), el("div", { class: "acts" }, ...more));
	else {
		show(answer, result, askedView(query, view), more, () => turtle(query));
		if (result.warnings.length > 0) answer.prepend(doubts(query, attempt));
	}
	performance.mark("kouan-shown");
}

void vocabulary().then(() => performance.mark("kouan-words"));
performance.mark("kouan-usable");
if (sent !== undefined && sent.query.trim() !== "") void start();
