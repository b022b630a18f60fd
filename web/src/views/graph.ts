// Show what links what as a network that grows: the things of two columns, the triples of an answer, or what surrounds a thing.
import { el } from "../dom";
import { select } from "../endpoint";
import { labelOf, learn } from "../labels";
import { linked } from "../links";
import type { Table, Term } from "../terms";
import { RDF, tail } from "../terms";
import { shortened } from "../vocabulary";
import { counted, LANGUAGE, say } from "../words";
import { columnsWith, type View } from "./view";

const MOST = 300;
// How many links one thing brings when its neighbours are shown.
const AROUND = 60;
const LAYOUT = {
	name: "cose",
	animate: false,
	padding: 20,
	nodeDimensionsIncludeLabels: true,
	nodeRepulsion: () => 40_000,
	idealEdgeLength: () => 120,
	gravity: 0.4,
};
// Of many things less room is left between any two, so that their names can be read.
const MANY = 40;
const CLOSE = { ...LAYOUT, nodeRepulsion: () => 8_000, idealEdgeLength: () => 60, componentSpacing: 12 };
const SIZE = 11;
// A name is read at this size at least, and is drawn so many times larger at most.
const LEAST_READ = 8;
const LARGEST = 2.5;
// One thing and what surrounds it.
const WHEEL = {
	name: "concentric",
	animate: false,
	padding: 20,
	minNodeSpacing: 44,
	concentric: (node: { degree: () => number }) => node.degree(),
	levelWidth: () => 2,
};
const MOST_ZOOM = 1.2;

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
	const links = table.rows.map((row) => ({ from: row[from], to: row[to], link: link && row[link] }));
	await network(host, links);
}

/** Draw what a thing is linked with, in either direction. */
export async function neighbourhood(host: HTMLElement, iri: string): Promise<void> {
	await network(host, await around(iri));
}

interface Link {
	from: Term | undefined;
	to: Term | undefined;
	link: Term | undefined | "";
}

/** Return the links of a thing to others and of others to it, as far as a drawing has room. */
async function around(iri: string): Promise<Link[]> {
	if (!/^[^<>"{}|^`\\\s]+$/.test(iri)) return [];
	const rows = await select(
		`SELECT DISTINCT ?from ?link ?to { { VALUES ?from { <${iri}> } ?from ?link ?to FILTER(isIRI(?to) && ?link != <${RDF}type>) }
		UNION { VALUES ?to { <${iri}> } ?from ?link ?to FILTER(isIRI(?from)) } } LIMIT ${AROUND}`,
	);
	return rows.map(({ from, to, link }) => ({ from, to, link }));
}

async function network(host: HTMLElement, first: Link[]): Promise<void> {
	const frame = el("div", { class: "network", role: "img", "aria-label": say("graphSays") });
	const status = el("p", { class: "muted", role: "status" });
	// A drawing is not reached by keyboard: what a click on it does is chosen here too.
	const choice = el("select", { "aria-label": say("neighboursOf") });
	const more = el("button", { type: "button" }, say("neighbours"));
	host.replaceChildren(el("p", { class: "formats" }, choice, more), frame, status);
	const { default: cytoscape } = await import("cytoscape");
	standIn();
	const look = getComputedStyle(document.documentElement);
	const colour = (name: string) => look.getPropertyValue(name).trim();
	const drawn = cytoscape({
		container: frame,
		style: [
			{
				selector: "node",
				style: {
					label: "data(name)",
					"font-size": SIZE,
					color: colour("--ink"),
					"background-color": colour("--accent"),
					width: 16,
					height: 16,
					"text-valign": "bottom",
					"text-margin-y": 3,
					"text-wrap": "wrap",
					"text-max-width": "110px",
					"text-background-color": colour("--paper"),
					"text-background-opacity": 0.85,
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
		maxZoom: 3,
	});
	const names = new Map<string, Term>();
	const wanted = new Set<string>();

	async function add(links: Link[]): Promise<void> {
		const kept = new Map<string, { source: string; target: string; links: Term[] }>();
		const nodes: string[] = [];
		for (const { from, to, link } of links) {
			const both = [from, to].filter((term) => term !== undefined);
			for (const term of both) wanted.add(keyOf(term));
			if (from === undefined) continue;
			const fresh = both.filter((term) => !names.has(keyOf(term)));
			if (fresh.length + names.size > MOST) continue;
			for (const term of fresh) {
				names.set(keyOf(term), term);
				nodes.push(keyOf(term));
			}
			if (to === undefined) continue;
			const [source, target] = [keyOf(from), keyOf(to)];
			const id = JSON.stringify([source, target]);
			if (drawn.getElementById(id).nonempty()) continue;
			// What links the same two is said on one line.
			const line = kept.get(id) ?? { source, target, links: [] };
			kept.set(id, line);
			if (link && !line.links.some((each) => keyOf(each) === keyOf(link))) line.links.push(link);
		}
		const said = [...kept.values()].flatMap(({ links }) =>
			links.flatMap((link) => (link.type === "uri" ? [link.value] : [])),
		);
		await learn([...[...names.values()].flatMap((term) => (term.type === "uri" ? [term.value] : [])), ...said]);
		drawn.add([
			...nodes.map((id) => {
				const term = names.get(id) as Term;
				return { data: { id, name: nameOf(term) }, classes: term.type === "literal" ? "literal" : "" };
			}),
			...[...kept].map(([id, { source, target, links }]) => ({
				data: { id, source, target, name: [...new Set(links.map(nameOf))].join(", ") },
			})),
		]);
		const isFirst = nodes.length === names.size;
		const isWheel = isFirst && drawn.nodes().some((node) => node.closedNeighborhood().nodes().length === names.size);
		drawn.layout((isWheel ? WHEEL : { ...(names.size > MANY ? CLOSE : LAYOUT), randomize: isFirst }) as never).run();
		if (drawn.zoom() > MOST_ZOOM) drawn.zoom(MOST_ZOOM).center();
		const larger = Math.min(LARGEST, Math.max(1, LEAST_READ / (SIZE * drawn.zoom())));
		frame.dataset.read = String(SIZE * larger * drawn.zoom());
		drawn.nodes().style({ "font-size": SIZE * larger, "text-max-width": `${110 * larger}px` });
		status.textContent =
			names.size < wanted.size ? say("graphCut", { shown: counted(names.size), total: counted(wanted.size) }) : "";
		const things = [...names].filter(([, term]) => term.type === "uri");
		things.sort(([, one], [, other]) => nameOf(one).localeCompare(nameOf(other), LANGUAGE));
		choice.replaceChildren(...things.map(([id, term]) => el("option", { value: id }, nameOf(term))));
		frame.dataset.nodes = String(names.size);
	}

	async function expand(id: string): Promise<void> {
		const term = names.get(id);
		if (term === undefined) return;
		choice.value = id;
		const name = term.type === "uri" ? linked(term.value) : nameOf(term);
		if (term.type !== "uri") return status.replaceChildren(name);
		const before = names.size;
		await add(await around(term.value));
		choice.value = id;
		drawn.getElementById(id).select();
		status.replaceChildren(name, ` · ${say("neighboursNew", { count: counted(names.size - before) })}`);
	}

	await add(first);
	const chief = first[0]?.from;
	if (chief !== undefined) choice.value = keyOf(chief);
	drawn.on("tap", "node", (event) => void expand(event.target.id() as string));
	more.addEventListener("click", () => void expand(choice.value));
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
	return labelOf(term.value)?.text ?? shortened(term.value) ?? tail(term.value).replace(/[-_]/g, " ");
}
