// Count, sum or average what stands at the crossing of two columns.
import { el } from "../dom";
import { labelOf, learn } from "../labels";
import { numberOf, type Table, type Term, tail, textOf } from "../terms";
import { shortened } from "../vocabulary";
import { counted, say, type Word } from "../words";
import { columnsWith, type View } from "./view";

const MOST = 60;
const LINES = 500;
const WAYS = ["count", "sum", "average"] as const satisfies Word[];

export const pivot: View = {
	name: "pivot",
	asked: { Pivot: {} },
	fits: (table) => table.variables.length > 1 && table.rows.length > 1,
	draw,
};

function draw(host: HTMLElement, table: Table): void {
	const numbers = columnsWith(table, (term) => numberOf(term) !== undefined);
	const grouping = table.variables.filter((name) => !numbers.includes(name));
	const choose = (name: Word, options: readonly (readonly [string, string])[], value: string) => {
		const made = el(
			"select",
			{},
			...options.map(([key, shown]) => el("option", { value: key, selected: key === value }, shown)),
		);
		made.addEventListener("change", fill);
		return [el("label", {}, say(name), made), made] as const;
	};
	const columns = table.variables.map((name) => [name, name] as const);
	const [downLabel, down] = choose("terms", columns, grouping[0] ?? table.variables[0] ?? "");
	const [acrossLabel, across] = choose("by", [["", say("none")], ...columns], grouping[1] ?? "");
	const [wayLabel, way] = choose(
		"cells",
		WAYS.map((name) => [name, say(name)]),
		"count",
	);
	const [valueLabel, value] = choose(
		"value",
		numbers.map((name) => [name, name]),
		numbers[0] ?? "",
	);
	const frame = el("div", { class: "scroll rows", tabindex: "0", role: "region", "aria-label": say("pivot") });
	function fill(): void {
		valueLabel.hidden = numbers.length === 0 || way.value === "count";
		const { made, iris } = crossed(table, down.value, across.value, way.value, value.value);
		frame.replaceChildren(made);
		void learn(iris).then((isNew) => isNew && fill());
	}
	host.replaceChildren(el("div", { class: "tools" }, downLabel, acrossLabel, wayLabel, valueLabel), frame);
	fill();
}

/** Return the table of what stands at the crossings, and the things that it names. */
function crossed(
	table: Table,
	down: string,
	across: string,
	way: string,
	value: string,
): { made: HTMLElement; iris: string[] } {
	// Things that are called alike are not one.
	const terms = new Map<string, Term | undefined>();
	const keyOf = (term: Term | undefined) => {
		const key = term === undefined ? "" : `${term.type} ${term.datatype ?? term["xml:lang"] ?? ""} ${term.value}`;
		terms.set(key, term);
		return key;
	};
	const sums = new Map<string, Map<string, { count: number; sum: number }>>();
	const heads = new Map<string, number>();
	for (const row of table.rows) {
		const [left, top] = [keyOf(row[down]), across === "" ? "" : keyOf(row[across])];
		const line = sums.get(left) ?? new Map<string, { count: number; sum: number }>();
		const cell = line.get(top) ?? { count: 0, sum: 0 };
		cell.count += 1;
		cell.sum += numberOf(row[value]) ?? 0;
		sums.set(left, line.set(top, cell));
		heads.set(top, (heads.get(top) ?? 0) + 1);
	}
	const tops = [...heads]
		.sort((a, b) => b[1] - a[1])
		.map(([name]) => name)
		.slice(0, MOST);
	const told = (cell: { count: number; sum: number } | undefined) => {
		if (cell === undefined) return "";
		return way === "count" ? counted(cell.count) : counted(way === "sum" ? cell.sum : cell.sum / cell.count);
	};
	const total = (line: Map<string, { count: number; sum: number }>) =>
		[...line.values()].reduce((a, b) => ({ count: a.count + b.count, sum: a.sum + b.sum }));
	const lines = [...sums]
		.map(([name, line]) => ({ name, line, all: total(line) }))
		.sort((a, b) => b.all.count - a.all.count)
		.slice(0, LINES);
	const nameOf = (key: string) => named(terms.get(key));
	const iris = [...lines.map(({ name }) => name), ...tops].flatMap((key) => {
		const term = terms.get(key);
		return term?.type === "uri" ? [term.value] : [];
	});
	const isCrossed = across !== "";
	const made = el(
		"table",
		{},
		el(
			"thead",
			{},
			el(
				"tr",
				{},
				el("th", { scope: "col" }, el("span", { class: "head" }, down)),
				...(isCrossed
					? tops.map((name) => el("th", { scope: "col", class: "number" }, el("span", { class: "head" }, nameOf(name))))
					: []),
				el("th", { scope: "col", class: "number" }, el("span", { class: "head" }, say("all"))),
			),
		),
		el(
			"tbody",
			{},
			...lines.map(({ name, line, all }) =>
				el(
					"tr",
					{},
					el("th", { scope: "row" }, nameOf(name)),
					...(isCrossed ? tops.map((top) => el("td", { class: "number" }, told(line.get(top)))) : []),
					el("td", { class: "number" }, told(all)),
				),
			),
		),
	);
	return { made, iris };
}

function named(term: Term | undefined): string {
	if (term === undefined) return say("none");
	if (term.type !== "uri") return textOf(term);
	return labelOf(term.value)?.text ?? shortened(term.value) ?? tail(term.value);
}
