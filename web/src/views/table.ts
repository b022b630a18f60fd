// Show a result as a table, a page at a time, sorted and filtered by the reader.
import { calmly, el } from "../dom";
import { labelOf, learn } from "../labels";
import { linked, own, shown } from "../links";
import { dateOf, irisIn, numberOf, type Row, type Table, type Term, textOf } from "../terms";
import { counted, rows as inWords, LANGUAGE, say } from "../words";
import type { View } from "./view";

const PAGE = 100;
// A count may rest on hundreds of passages.
const PASSAGES = 12;
const order = new Intl.Collator(LANGUAGE === "zh" ? "zh-CN" : "en", { numeric: true });

export const table: View = { name: "table", asked: { Table: {} }, fits: () => true, draw };

interface Entry {
	row: Row;
	place: number;
}

function draw(host: HTMLElement, given: Table): void {
	const entries: Entry[] = given.rows.map((row, place) => ({ row, place }));
	let kept = entries;
	let sorted: { name: string; down: boolean } | undefined;
	let page = 0;
	const status = el("span", { role: "status" });
	const filter = el("input", { type: "search", "aria-label": say("filter"), placeholder: say("filter") });
	const head = el("tr");
	const body = el("tbody");
	const pager = el("p", { class: "pager" });
	const frame = el(
		"div",
		{ class: "scroll rows", tabindex: "0", role: "region", "aria-label": say("result") },
		el("table", {}, el("thead", {}, head), body),
	);

	const fill = () => {
		const some = kept.slice(page * PAGE, (page + 1) * PAGE);
		body.replaceChildren(...some.map((entry) => line(given, entry)));
		status.textContent =
			kept.length === entries.length
				? inWords(entries.length)
				: say("filtered", { shown: counted(kept.length), total: counted(entries.length) });
		pages();
		const iris = some.flatMap(({ row, place }) => [
			...given.variables.flatMap((name) => irisIn(row[name])),
			...(given.evidence?.[place]?.passages ?? []),
		]);
		void learn(iris).then((isNew) => {
			if (isNew) body.replaceChildren(...kept.slice(page * PAGE, (page + 1) * PAGE).map((entry) => line(given, entry)));
		});
	};
	const pages = () => {
		const last = Math.max(0, Math.ceil(kept.length / PAGE) - 1);
		pager.hidden = last === 0;
		const step = (word: "first" | "previous" | "next" | "last", sign: string, to: number) =>
			el(
				"button",
				{ type: "button", "aria-label": say(word), disabled: to === page || to < 0 || to > last, onclick: go(to) },
				sign,
			);
		const go = (to: number) => () => {
			page = to;
			fill();
			frame.scrollTop = 0;
		};
		pager.replaceChildren(
			step("first", "«", 0),
			step("previous", "‹", page - 1),
			el("span", {}, say("page", { page: counted(page + 1), pages: counted(last + 1) })),
			step("next", "›", page + 1),
			step("last", "»", last),
		);
	};
	const heads = () => {
		const cells = given.variables.map((name) => {
			const down = sorted?.name === name ? sorted.down : undefined;
			const sign = down === undefined ? "" : down ? " ▾" : " ▴";
			const sort = () => {
				sorted = { name, down: down === false };
				arrange();
				heads();
				head.querySelectorAll("button")[given.variables.indexOf(name)]?.focus();
			};
			const isNumber =
				given.rows.length > 0 && given.rows.every((row) => !row[name] || numberOf(row[name]) !== undefined);
			return el(
				"th",
				{
					scope: "col",
					class: isNumber ? "number" : undefined,
					"aria-sort": down === undefined ? undefined : down ? "descending" : "ascending",
				},
				el("button", { type: "button", title: say("sort", { name }), onclick: sort }, name + sign),
			);
		});
		if (given.evidence !== undefined)
			cells.push(el("th", { scope: "col" }, el("span", { class: "head" }, say(own ? "evidence" : "graphs"))));
		head.replaceChildren(...cells);
	};
	const arrange = () => {
		const wanted = filter.value.trim().toLowerCase();
		kept =
			wanted === ""
				? [...entries]
				: entries.filter(({ row }) => given.variables.some((name) => matches(row[name], wanted)));
		const by = sorted;
		if (by !== undefined) {
			kept.sort((a, b) => compared(a.row[by.name], b.row[by.name]) * (by.down ? -1 : 1) || a.place - b.place);
		}
		page = 0;
		fill();
	};
	filter.addEventListener("input", calmly(150, arrange));
	heads();
	fill();
	host.replaceChildren(el("div", { class: "tools" }, filter, status), frame, pager);
}

function line(given: Table, { row, place }: Entry): HTMLElement {
	const cells = given.variables.map((name) => cell(row[name]));
	if (given.evidence !== undefined) {
		const passages = given.evidence[place]?.passages ?? [];
		const said = (some: string[]) => some.flatMap((iri, at) => [at === 0 ? "" : ", ", linked(iri)]);
		const rest = passages.slice(PASSAGES);
		const more = el("details", {}, el("summary", {}, say("more", { count: counted(rest.length) })), ...said(rest));
		const first = passages.length > 0 ? said(passages.slice(0, PASSAGES)) : [say("inferred")];
		cells.push(el("td", {}, ...first, ...(rest.length > 0 ? [" ", more] : [])));
	}
	return el("tr", {}, ...cells);
}

function cell(term: Term | undefined): HTMLElement {
	if (term === undefined) return el("td");
	return el("td", { class: numberOf(term) === undefined ? undefined : "number" }, shown(term));
}

function matches(term: Term | undefined, wanted: string): boolean {
	if (term === undefined) return false;
	const label = term.type === "uri" ? (labelOf(term.value)?.text ?? "") : "";
	return textOf(term).toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted);
}

function compared(a: Term | undefined, b: Term | undefined): number {
	if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
	const numbers = [numberOf(a) ?? dateOf(a)?.getTime(), numberOf(b) ?? dateOf(b)?.getTime()] as const;
	if (numbers[0] !== undefined && numbers[1] !== undefined) return numbers[0] - numbers[1];
	return order.compare(written(a), written(b));
}

function written(term: Term): string {
	return (term.type === "uri" ? labelOf(term.value)?.text : undefined) ?? textOf(term);
}
