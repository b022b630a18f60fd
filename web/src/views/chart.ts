// Draw numbers as bars, lines or points, and dates along a line, as SVG.
import { el } from "../dom";
import { labelOf, learn } from "../labels";
import { dateOf, numberOf, type Row, type Table, type Term, textOf } from "../terms";
import { counted, say, type Word } from "../words";
import { columnsWith, type View } from "./view";

const MOST = 5000;
const BARS = 60;
const MOST_TICKS = 8;
/** About how wide a letter is, and what stands beside a name, in pixels. */
const LETTER = 7.6;
const BESIDE = 36;
// What is as wide shows the whole drawing.
const ROOMY = 700;
type Plot = typeof import("@observablehq/plot");

export const chart: View = {
	name: "chart",
	asked: {
		BarChart: { kind: "asBar" },
		LineChart: { kind: "asLine" },
		AreaChart: { kind: "asLine" },
		ScatterChart: { kind: "asScatter" },
		BubbleChart: { kind: "asScatter" },
	},
	fits: (table) =>
		table.rows.length > 1 &&
		columnsWith(table, (term) => numberOf(term) !== undefined).length > 0 &&
		table.variables.length > 1,
	draw: drawChart,
};

export const timeline: View = {
	name: "timeline",
	asked: { Timeline: {} },
	fits: (table) => momentsOf(table).length > 0,
	draw: drawTimeline,
};

async function drawChart(host: HTMLElement, table: Table, options: Record<string, string>): Promise<void> {
	const plot = await import("@observablehq/plot");
	const numbers = columnsWith(table, (term) => numberOf(term) !== undefined);
	const dates = columnsWith(table, (term) => dateOf(term) !== undefined);
	await learn(named(table, table.rows.slice(0, MOST)));
	const others = table.variables.filter((name) => !numbers.includes(name) || numbers.length > 1);
	const literal = others.find(
		(name) => table.rows[0]?.[name]?.type === "literal" && !numbers.includes(name) && !dates.includes(name),
	);
	const first = dates[0] ?? literal ?? others[0] ?? "";
	const kinds = (["asBar", "asLine", "asScatter"] as const).map((name) => [name, say(name)] as const);
	const columns = table.variables.map((name) => [name, name] as const);
	const kind = picker("chart", kinds, options.kind ?? (dates.length > 0 ? "asLine" : "asBar"));
	// Points are for two numbers; names would not find room below each other.
	const isPoints = kind.value === "asScatter" && numbers.length > 1;
	const across = picker("axisX", columns, options.x ?? (isPoints ? (numbers[0] ?? first) : first));
	const up = picker(
		"axisY",
		numbers.map((name) => [name, name] as const),
		options.y ?? numbers.findLast((name) => name !== across.value) ?? "",
	);
	const colour = picker("colour", [["", say("none")], ...columns], options.colour ?? "");
	const frame = el("div", { class: "drawing", tabindex: "0", role: "region", "aria-label": say("chart") });
	const fill = () => {
		const points = table.rows.slice(0, MOST).flatMap((row) => {
			const y = numberOf(row[up.value]);
			if (y === undefined || row[across.value] === undefined) return [];
			return [
				{ x: plotted(row, across.value), y, colour: colour.value === "" ? "" : String(plotted(row, colour.value)) },
			];
		});
		frame.replaceChildren(
			...drawn(plot, kind.value, points, across.value, up.value, colour.value !== "", frame.clientWidth || 900),
		);
	};
	for (const each of [kind, across, up, colour]) each.addEventListener("change", fill);
	host.replaceChildren(
		el("div", { class: "tools" }, ...[kind, across, up, colour].map((each) => each.parentElement as HTMLElement)),
		frame,
	);
	fill();
}

function picker(name: Word, choices: (readonly [string, string])[], value: string): HTMLSelectElement {
	const made = el(
		"select",
		{},
		...choices.map(([key, shown]) => el("option", { value: key, selected: key === value }, shown)),
	);
	el("label", {}, say(name), made);
	return made;
}

interface Point {
	x: string | number | Date;
	y: number;
	colour: string;
}

function drawn(
	plot: Plot,
	kind: string,
	points: Point[],
	x: string,
	y: string,
	isColoured: boolean,
	width: number,
): Node[] {
	const fill = isColoured ? "colour" : "var(--accent)";
	const wide = Math.max(320, Math.min(width, 1200));
	const base = {
		width: wide,
		marginLeft: 64,
		color: { legend: false, scheme: "tableau10" as const },
		className: "plot",
		style: { fontSize: "13px", background: "transparent" },
	};
	if (kind === "asBar") {
		const some = [...points].sort((a, b) => b.y - a.y).slice(0, BARS);
		// Years and other numbers are looked for where they stand among each other.
		if (some.every((each) => typeof each.x === "number")) some.sort((a, b) => Number(a.x) - Number(b.x));
		const longest = Math.max(...some.map((each) => letters(String(each.x))), 0);
		const left = Math.min(wide / 3, 30 + longest * 8);
		const svg = plot.plot({
			...base,
			marginLeft: left,
			height: 76 + some.length * 22,
			marginBottom: 48,
			insetTop: 4,
			x: { label: y, grid: true, ticks: ticks(points) },
			y: { label: null, domain: some.map((each) => String(each.x)) },
			marks: [
				plot.barX(some, {
					x: "y",
					y: (each: Point) => String(each.x),
					fill,
					title: (each: Point) => `${String(each.x)}: ${counted(each.y)}`,
				}),
				plot.ruleX([0]),
			],
		});
		return [finished(svg)];
	}
	const marks =
		kind === "asLine"
			? [
					plot.lineY(points, { x: "x", y: "y", stroke: fill, sort: "x", z: isColoured ? "colour" : null }),
					plot.dot(points, { x: "x", y: "y", fill, r: 3 }),
				]
			: [
					plot.dot(points, {
						x: "x",
						y: "y",
						stroke: fill,
						strokeWidth: 2,
						title: (each: Point) => `${String(each.x)}, ${counted(each.y)}`,
					}),
				];
	return [
		finished(
			plot.plot({
				...base,
				height: 420,
				marginBottom: 48,
				x: { label: x, ...(points.every(({ x }) => isYear(x)) ? { tickFormat: "d" } : {}) },
				y: { label: y, grid: true, ticks: ticks(points) },
				marks: [plot.ruleY([0]), ...marks],
			}),
		),
	];
}

function isYear(x: Point["x"]): boolean {
	return typeof x === "number" && Number.isInteger(x) && x >= 1000 && x < 3000;
}

/** Return about how many ticks the axis of values has: a small count is not told in fractions. */
function ticks(points: Point[]): number {
	const most = Math.max(1, ...points.map((each) => each.y));
	return points.every((each) => Number.isInteger(each.y)) ? Math.min(MOST_TICKS, most) : MOST_TICKS;
}

/** Return the columns that say when: dates, and whole numbers where the column is called a year. */
function momentsOf(table: Table): string[] {
	const dates = columnsWith(table, (term) => dateOf(term) !== undefined);
	const years = columnsWith(table, (term) => momentOf(term) !== undefined).filter((name) => /years?$/i.test(name));
	return table.variables.filter((name) => dates.includes(name) || years.includes(name));
}

function momentOf(term: Term | undefined): Date | undefined {
	const year = numberOf(term);
	return dateOf(term) ?? (year !== undefined && isYear(year) ? new Date(Date.UTC(year, 0)) : undefined);
}

/** Return about how wide a text is, in Latin letters: a Chinese character takes two. */
function letters(text: string): number {
	return [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 1.75 : 1), 0);
}

/** Return a text that is no wider than some letters, cut at its end where it is longer. */
function cut(text: string, most: number): string {
	let wide = 0;
	const kept = [...text].filter((sign) => {
		wide += letters(sign);
		return wide < most;
	});
	return wide < most ? text : `${kept.join("").trimEnd()}…`;
}

async function drawTimeline(host: HTMLElement, table: Table): Promise<void> {
	const plot = await import("@observablehq/plot");
	const dates = momentsOf(table);
	const [from = "", to] = dates;
	await learn(named(table, table.rows.slice(0, 400)));
	const label =
		table.variables.find((name) => !dates.includes(name) && table.rows[0]?.[name]?.type === "literal") ??
		table.variables.find((name) => !dates.includes(name)) ??
		from;
	const bars = table.rows
		.flatMap((row, at) => {
			const start = momentOf(row[from]);
			return start === undefined
				? []
				: [
						{
							at,
							start,
							end: (to === undefined ? undefined : momentOf(row[to])) ?? start,
							name: String(plotted(row, label)),
						},
					];
		})
		.sort((a, b) => a.start.getTime() - b.start.getTime())
		.slice(0, 400);
	const frame = el("div", { class: "drawing", tabindex: "0", role: "region", "aria-label": say("timeline") });
	host.replaceChildren(frame);
	// A name stands beside its mark, towards the middle; a narrow screen is scrolled to it.
	const called = (each: { name: string; start: Date }) => `${each.start.getUTCFullYear()}  ${each.name}`;
	const longest = Math.max(...bars.map((each) => letters(called(each))), 0);
	const room = frame.clientWidth || 900;
	const wide = room >= ROOMY ? room : Math.max(320, Math.min(Math.max(room, 2 * (BESIDE + longest * LETTER)), 1200));
	const half = ((bars[0]?.start.getTime() ?? 0) + Math.max(...bars.map((each) => each.end.getTime()))) / 2;
	const isEarly = (bar: { end: Date }) => bar.end.getTime() <= half;
	const names = (some: typeof bars, textAnchor: "start" | "end", dx: number) =>
		plot.text(some, {
			y: "at",
			x: textAnchor === "start" ? "end" : "start",
			text: (each: { name: string; start: Date }) => cut(called(each), (wide / 2 - BESIDE) / LETTER),
			fill: "var(--ink)",
			textAnchor,
			dx,
		});
	const svg = plot.plot({
		width: wide,
		height: 70 + bars.length * 24,
		className: "plot",
		style: { fontSize: "13px", background: "transparent" },
		marginLeft: 24,
		marginRight: 24,
		x: { axis: "both", label: null, grid: true, type: "utc" },
		y: { axis: null, domain: bars.map((each) => each.at) },
		marks: [
			plot.ruleY(bars, {
				y: "at",
				x1: "start",
				x2: "end",
				stroke: "var(--accent)",
				strokeWidth: 6,
				strokeLinecap: "round",
			}),
			plot.dot(bars, { y: "at", x: "start", fill: "var(--accent)", r: 4 }),
			names(bars.filter(isEarly), "start", 10),
			names(
				bars.filter((each) => !isEarly(each)),
				"end",
				-10,
			),
		],
	});
	svg.classList.add("whole");
	frame.append(finished(svg));
}

/** Return a drawing without the style that it brings along, which the page's own policy refuses and its style replaces. */
function finished(made: Element): Element {
	for (const style of made.querySelectorAll("style")) style.remove();
	for (const named of made.querySelectorAll("[aria-label]")) named.removeAttribute("aria-label");
	made.setAttribute("role", "img");
	made.setAttribute("aria-label", say("chartSays"));
	return made;
}

function named(table: Table, rows: Row[]): string[] {
	return rows.flatMap((row) => table.variables.flatMap((name) => (row[name]?.type === "uri" ? [row[name].value] : [])));
}

function plotted(row: Row, name: string): string | number | Date {
	const term = row[name];
	if (term?.type === "uri") return labelOf(term.value)?.text ?? textOf(term);
	return dateOf(term) ?? numberOf(term) ?? textOf(term);
}
