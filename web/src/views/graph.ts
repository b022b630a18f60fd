// Show what links what: the things of two columns, or the triples of an answer, as a network.
import { el } from "../dom";
import { labelOf, learn } from "../labels";
import { linked } from "../links";
import type { Row, Table, Term } from "../terms";
import { tail } from "../terms";
import { shortened } from "../vocabulary";
import { counted, say } from "../words";
import { columnsWith, type View } from "./view";

const MOST = 300;

export const graph: View = {
	name: "graph",
	asked: { Graph: {} },
	fits: (table) => columnsWith(table, (term) => term.type === "uri" || term.type === "bnode").length > 1,
	draw,
};

interface Columns {
	from: string;
	to: string;
	link: string | undefined;
}

function columnsOf(table: Table): Columns {
	const things = columnsWith(table, (term) => term.type === "uri" || term.type === "bnode");
	if (table.variables.join(" ") === "subject predicate object")
		return { from: "subject", to: "object", link: "predicate" };
	const link = table.variables.find((name) => /^(edgeLabel|linkTo|predicate|property|p)$/.test(name));
	const ends = things.filter((name) => name !== link);
	return { from: ends[0] ?? "", to: ends[1] ?? things[1] ?? "", link };
}

async function draw(host: HTMLElement, table: Table): Promise<void> {
	const { from, to, link } = columnsOf(table);
	const names = new Map<string, Term>();
	const links: { row: Row; from: string; to: string }[] = [];
	const all = new Set<string>();
	for (const row of table.rows) {
		const [start, end] = [row[from], row[to]];
		for (const term of [start, end]) if (term !== undefined) all.add(keyOf(term));
		if (start === undefined) continue;
		const both = [start, ...(end === undefined ? [] : [end])];
		if (both.filter((term) => !names.has(keyOf(term))).length + names.size > MOST) continue;
		for (const term of both) names.set(keyOf(term), term);
		if (end !== undefined) links.push({ row, from: keyOf(start), to: keyOf(end) });
	}
	const said = links.flatMap(({ row }) => (link !== undefined && row[link]?.type === "uri" ? [row[link].value] : []));
	await learn([...[...names.values()].flatMap((term) => (term.type === "uri" ? [term.value] : [])), ...said]);
	const frame = el("div", { class: "network", role: "img", "aria-label": say("graphSays") });
	const chosen = el(
		"p",
		{ class: "muted", role: "status" },
		names.size < all.size ? say("graphCut", { shown: counted(names.size), total: counted(all.size) }) : "",
	);
	host.replaceChildren(chosen, frame);
	const { default: cytoscape } = await import("cytoscape");
	standIn();
	const look = getComputedStyle(document.documentElement);
	const colour = (name: string) => look.getPropertyValue(name).trim();
	const drawn = cytoscape({
		container: frame,
		elements: [
			...[...names].map(([id, term]) => ({
				data: { id, name: nameOf(term) },
				classes: term.type === "literal" ? "literal" : "",
			})),
			...links.map(({ row, from: source, to: target }, at) => {
				const term = link === undefined ? undefined : row[link];
				return { data: { id: `link ${at}`, source, target, name: term === undefined ? "" : nameOf(term) } };
			}),
		],
		style: [
			{
				selector: "node",
				style: {
					label: "data(name)",
					"font-size": 11,
					color: colour("--ink"),
					"background-color": colour("--accent"),
					width: 16,
					height: 16,
					"text-valign": "bottom",
					"text-margin-y": 3,
					"text-wrap": "wrap",
					"text-max-width": "110px",
				},
			},
			{ selector: "node.literal", style: { "background-color": colour("--soft"), shape: "round-rectangle" } },
			{ selector: "node:selected", style: { "border-width": 3, "border-color": colour("--ink") } },
			{
				selector: "edge",
				style: {
					label: "data(name)",
					"font-size": 9,
					color: colour("--soft"),
					width: 1.2,
					"line-color": colour("--edge"),
					"target-arrow-color": colour("--edge"),
					"target-arrow-shape": "triangle",
					"arrow-scale": 0.8,
					"curve-style": "bezier",
					"text-rotation": "autorotate",
					"text-background-color": colour("--paper"),
					"text-background-opacity": 0.85,
				},
			},
		],
		layout: {
			name: "cose",
			animate: false,
			nodeRepulsion: () => 9000,
			idealEdgeLength: () => 80,
			padding: 20,
		} as never,
		maxZoom: 3,
	});
	drawn.on("tap", "node", (event) => {
		const term = names.get(event.target.id() as string);
		if (term !== undefined) chosen.replaceChildren(term.type === "uri" ? linked(term.value) : nameOf(term));
	});
	(frame as HTMLElement & { picture?: () => Promise<Blob> }).picture = () =>
		drawn.png({ output: "blob-promise", full: true, scale: 2, bg: colour("--paper") }) as unknown as Promise<Blob>;
}

/** Stand where cytoscape would put a style of its own, which the page's policy refuses; the page's style says the same. */
function standIn(): void {
	const id = "__________cytoscape_stylesheet";
	if (document.getElementById(id) === null) document.head.append(el("meta", { id, name: "cytoscape", content: "" }));
}

function keyOf(term: Term): string {
	return `${term.type} ${typeof term.value === "string" ? term.value : JSON.stringify(term.value)}`;
}

function nameOf(term: Term): string {
	if (term.type !== "uri") return typeof term.value === "string" ? term.value.slice(0, 80) : "";
	return labelOf(term.value)?.text ?? shortened(term.value) ?? tail(term.value);
}
