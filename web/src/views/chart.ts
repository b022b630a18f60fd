// Draw numbers as bars, lines or points, and dates along a line, as SVG.
import { el } from "../dom";
import { labelOf, learn } from "../labels";
import { dateOf, numberOf, type Row, type Table, textOf } from "../terms";
import { counted, say, type Word } from "../words";
import { columnsWith, type View } from "./view";

const MOST = 5000;
const BARS = 60;
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
	fits: (table) => columnsWith(table, (term) => dateOf(term) !== undefined).length > 0,
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
	const across = picker("axisX", columns, options.x ?? first);
	const up = picker(
		"axisY",
		numbers.map((name) => [name, name] as const),
		options.y ?? numbers.findLast((name) => name !== first) ?? "",
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
		const longest = Math.max(...some.map((each) => String(each.x).length), 0);
		const left = Math.min(wide / 3, 30 + longest * 8);
		const svg = plot.plot({
			...base,
			marginLeft: left,
			height: 76 + some.length * 22,
			marginBottom: 48,
			insetTop: 4,
			x: { label: y, grid: true },
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
				x: { label: x },
				y: { label: y, grid: true },
				marks: [plot.ruleY([0]), ...marks],
			}),
		),
	];
}

async function drawTimeline(host: HTMLElement, table: Table): Promise<void> {
	const plot = await import("@observablehq/plot");
	const dates = columnsWith(table, (term) => dateOf(term) !== undefined);
	const [from = "", to] = dates;
	await learn(named(table, table.rows.slice(0, 400)));
	const label =
		table.variables.find((name) => !dates.includes(name) && table.rows[0]?.[name]?.type === "literal") ??
		table.variables.find((name) => !dates.includes(name)) ??
		from;
	const bars = table.rows
		.flatMap((row, at) => {
			const start = dateOf(row[from]);
			return start === undefined
				? []
				: [
						{
							at,
							start,
							end: (to === undefined ? undefined : dateOf(row[to])) ?? start,
							name: String(plotted(row, label)),
						},
					];
		})
		.sort((a, b) => a.start.getTime() - b.start.getTime())
		.slice(0, 400);
	const frame = el("div", { class: "drawing", tabindex: "0", role: "region", "aria-label": say("timeline") });
	host.replaceChildren(frame);
	const wide = Math.max(320, Math.min(frame.clientWidth || 900, 1200));
	const half = ((bars[0]?.start.getTime() ?? 0) + Math.max(...bars.map((each) => each.end.getTime()))) / 2;
	const isEarly = (bar: { end: Date }) => bar.end.getTime() <= half;
	const names = (some: typeof bars, textAnchor: "start" | "end", dx: number) =>
		plot.text(some, {
			y: "at",
			x: textAnchor === "start" ? "end" : "start",
			text: (each: { name: string; start: Date }) => `${each.start.getUTCFullYear()}  ${each.name}`,
			fill: "var(--ink)",
			lineWidth: Math.floor(wide / 26),
			textOverflow: "ellipsis",
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
