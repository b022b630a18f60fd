// Show an answer: the views that suit its columns, as tabs.
import { el } from "../dom";
import type { Result } from "../endpoint";
import { raw } from "../views/raw";
import { table } from "../views/table";
import type { View } from "../views/view";
import { LAZY } from "../views/views";
import { say } from "../words";
import type { AskedView } from "./asked_view";

const VIEWS: View[] = [table, ...LAZY];
const RAW = "Raw";

/** What is shown, and which view shows it. */
export interface Shown {
	host: HTMLElement;
	view: () => string;
}

/** Show an answer in an element, in the view that the query asks for where it is had, and return what is shown. */
export function show(
	host: HTMLElement,
	result: Result,
	wanted: AskedView | undefined,
	more: HTMLElement[] = [],
	written: () => Promise<string> = async () => result.text,
): Shown {
	if (result.form === "verdict") {
		const verdict = el("p", { class: "verdict" }, say(result.verdict ? "yes" : "no"));
		host.replaceChildren(el("div", { class: "views" }, verdict, el("span", { class: "space" }), ...more));
		return { host, view: () => "verdict" };
	}
	const suiting =
		result.form === "graph" && result.table.rows.length === 0 ? [] : VIEWS.filter((view) => view.fits(result.table));
	const names = [...suiting.map((view) => view.name), "raw" as const];
	const panel = el("div", { class: "panel", role: "tabpanel", id: "panel" });
	const chosen = suiting.find((view) => wanted !== undefined && wanted.name in view.asked);
	const isMissing = wanted !== undefined && !wanted.isChosen && chosen === undefined && wanted.name !== "Table";
	let current = "";
	const draw = async (name: string, options: Record<string, string>) => {
		current = name;
		for (const tab of tabs) {
			const is = tab.dataset.view === name;
			tab.setAttribute("aria-selected", String(is));
			tab.tabIndex = is ? 0 : -1;
			if (is) panel.setAttribute("aria-labelledby", tab.id);
		}
		const view = suiting.find((each) => each.name === name);
		panel.replaceChildren();
		if (view === undefined) raw(panel, result.form === "graph" ? await written() : result.text);
		else await view.draw(panel, result.table, options);
		host.dispatchEvent(new CustomEvent("drawn", { bubbles: true, detail: name }));
	};
	const tabs = names.map((name) => {
		const tab = el(
			"button",
			{ type: "button", role: "tab", id: `view-${name}`, "aria-controls": "panel", "data-view": name },
			say(name),
		);
		tab.addEventListener("click", () => {
			const view = suiting.find((each) => each.name === name);
			host.dispatchEvent(new CustomEvent("chosen", { detail: Object.keys(view?.asked ?? {})[0] ?? RAW }));
			void draw(name, {});
		});
		return tab;
	});
	const list = el("div", { role: "tablist", "aria-label": say("view") }, ...tabs);
	list.addEventListener("keydown", (event) => {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		const at = tabs.indexOf(document.activeElement as HTMLButtonElement);
		const next = step === undefined || at < 0 ? undefined : tabs.at((at + step) % tabs.length);
		next?.focus();
		next?.click();
	});
	const isKnown = wanted !== undefined && VIEWS.some((view) => wanted.name in view.asked);
	const why = isKnown ? "unsuited" : "noView";
	const note = isMissing ? el("p", { class: "note" }, say(why, { name: wanted.name })) : "";
	host.replaceChildren(el("div", { class: "views" }, list, el("span", { class: "space" }), ...more), note, panel);
	const first = wanted?.name === RAW ? undefined : (chosen ?? suiting[0]);
	void draw(
		first?.name ?? "raw",
		chosen === undefined || wanted === undefined ? {} : { ...chosen.asked[wanted.name], ...wanted.options },
	);
	return { host, view: () => current };
}
