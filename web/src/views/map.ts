// Show the places of a result on a map: points, lines and areas, in layers where a column names them.
import { el } from "../dom";
import { labelOf, learn } from "../labels";
import { linked, shown } from "../links";
import { numberOf, type Row, type Table, tail } from "../terms";
import { geometryOf } from "../wkt";
import { counted, say } from "../words";
import { columnsWith, type View } from "./view";

const MOST = 20_000;

export const map: View = { name: "map", asked: { Map: {} }, fits: (table) => placesOf(table) !== undefined, draw };

/** Return how the place of a row is read, or undefined where no column has one. */
function placesOf(table: Table): ((row: Row) => ReturnType<typeof geometryOf>) | undefined {
	const [column] = columnsWith(table, (term) => geometryOf(term) !== undefined);
	if (column !== undefined) return (row) => geometryOf(row[column]);
	const numbers = columnsWith(table, (term) => numberOf(term) !== undefined);
	const latitude = numbers.find((name) => /^lat/i.test(name));
	const longitude = numbers.find((name) => /^(lon|lng)/i.test(name));
	if (latitude === undefined || longitude === undefined) return undefined;
	return (row) => {
		const [x, y] = [numberOf(row[longitude]), numberOf(row[latitude])];
		return x === undefined || y === undefined ? undefined : { type: "Point", coordinates: [x, y] };
	};
}

async function draw(host: HTMLElement, table: Table, options: Record<string, string>): Promise<void> {
	// As on Wikidata's service: #defaultView:Map{"layer": "?kind", "hide": ["?country"]}.
	const [layer] = variablesIn(options.layer, table);
	const hidden = variablesIn(options.hide, table);
	const place = placesOf(table);
	if (place === undefined) return;
	const [{ baseMap, caption }, { Places, switches }] = await Promise.all([
		import("../map/base"),
		import("../map/places"),
	]);
	const things = columnsWith(table, (term) => term.type === "uri");
	const column = layer ?? table.variables.find((name) => /^layer(Label)?$/.test(name));
	const rows = table.rows.filter((row) => place(row) !== undefined).slice(0, MOST);
	await learn(rows.slice(0, 2000).flatMap((row) => things.flatMap((name) => row[name]?.value ?? [])));
	const named = (row: Row) => {
		const label = table.variables.find((name) => /label$|name$/i.test(name) && row[name]?.type === "literal");
		const thing = things.find((name) => row[name] !== undefined);
		const known = thing === undefined ? undefined : labelOf(row[thing]?.value ?? "");
		const first = table.variables.find((name) => row[name] !== undefined && geometryOf(row[name]) === undefined);
		const said = label === undefined ? undefined : row[label];
		if (said !== undefined) return { text: said.value, language: said["xml:lang"] };
		return (
			known ?? {
				text: thing === undefined ? (row[first ?? ""]?.value ?? "") : tail(row[thing]?.value ?? ""),
				language: undefined,
			}
		);
	};
	const layerOf = (row: Row) =>
		column === undefined
			? ""
			: row[column]?.type === "uri"
				? (labelOf(row[column]?.value ?? "")?.text ?? tail(row[column]?.value ?? ""))
				: (row[column]?.value ?? say("none"));
	const spots = rows.map((row, at) => {
		const name = named(row);
		const geometry = place(row);
		if (geometry === undefined) throw new Error("A place was there before.");
		return {
			id: String(at),
			name: name.text,
			language: name.language,
			layer: layerOf(row),
			geometry,
			tell: () =>
				told(
					table.variables.filter((each) => !hidden.includes(each)),
					row,
				),
		};
	});
	const counts = new Map<string, number>();
	for (const spot of spots) counts.set(spot.layer, (counts.get(spot.layer) ?? 0) + 1);
	const layers = [...counts.keys()];
	const frame = el("div", { class: "map", role: "region", "aria-label": say("mapSays") });
	const figure = el("figure", { class: "mapped" }, frame, caption());
	host.replaceChildren(
		el("p", { class: "muted", role: "status" }, say("onMap", { count: counted(spots.length) })),
		figure,
	);
	const shownMap = await baseMap(frame);
	const places = new Places(shownMap, spots, layers);
	if (layers.length > 1)
		figure.before(
			switches(
				layers,
				(layer) => layer,
				counts,
				(hidden) => places.keep(hidden, () => true),
			),
		);
	places.frame();
}

/** Return the variables of a table that an option names. */
function variablesIn(option: string | undefined, table: Table): string[] {
	const named = (option ?? "").split(",").map((name) => name.trim().replace(/^\?/, ""));
	return table.variables.filter((name) => named.includes(name));
}

function told(variables: string[], row: Row): HTMLElement {
	const pairs = variables.flatMap((name) => {
		const term = row[name];
		if (term === undefined || geometryOf(term) !== undefined) return [];
		return [el("dt", {}, name), el("dd", {}, term.type === "uri" ? linked(term.value) : shown(term))];
	});
	return el("dl", { class: "told" }, ...pairs);
}
