// Draw the map of a page from the list that stands beside it and does the same by keyboard, and without a script alone.
import type { Geometry } from "geojson";
import type { Map as LeafletMap } from "leaflet";
import { calmly, el } from "../dom";
import { baseMap, caption } from "./base";
import { Places, type Spot, switches } from "./places";
import { say } from "./said";

interface Line {
	spot: Spot;
	row: HTMLElement;
}

/** Draw a map in an element; data-list names the list, whose lines have the id and the geometry of a place each. */
export async function figure(host: HTMLElement): Promise<void> {
	const list = document.querySelector<HTMLElement>(host.dataset.list ?? "");
	if (list === null) return;
	const names = new Map<string, string>();
	const counts = new Map<string, number>();
	const lines: Line[] = [];
	for (const section of list.querySelectorAll<HTMLElement>("[data-layer]")) {
		const layer = section.dataset.layer ?? "";
		const rows = [...section.querySelectorAll<HTMLElement>("[data-at]")];
		names.set(layer, section.querySelector("[data-name]")?.textContent ?? layer);
		counts.set(layer, rows.length);
		for (const row of rows) lines.push({ row, spot: spotOf(row, layer) });
	}
	const frame = el("div", { class: "map", role: "region", "aria-label": host.dataset.label ?? say("map") });
	const isDrawn = lines.some(({ spot }) => spot.geometry.type === "LineString");
	host.replaceChildren(frame, caption(...(isDrawn ? [say("schematic")] : [])));
	const map = await baseMap(frame);
	const spots = lines.map(({ spot }) => spot);
	const places = new Places(map, spots, [...names.keys()], (spot) => mark(lines, spot));
	if (!restored(map)) places.frame();
	map.on("moveend", () => remembered(map));
	listed(lines, places);
	let hidden = new Set<string>();
	let wanted = "";
	const keep = () => {
		const kept = new Set<Spot>();
		for (const { spot, row } of lines) {
			row.hidden = hidden.has(spot.layer) || !(row.textContent ?? "").toLowerCase().includes(wanted);
			if (!row.hidden) kept.add(spot);
		}
		places.keep(hidden, (spot) => kept.has(spot));
	};
	if (names.size > 1) {
		const change = (now: Set<string>) => {
			hidden = now;
			keep();
		};
		host.prepend(switches([...names.keys()], (layer) => names.get(layer) ?? layer, counts, change));
	}
	const filter = el("input", { type: "search", "aria-label": say("filterList"), placeholder: say("filterList") });
	const sought = calmly(150, () => {
		wanted = filter.value.trim().toLowerCase();
		keep();
	});
	filter.addEventListener("input", sought);
	list.prepend(el("p", { class: "sought" }, filter));
}

/** Return the place of a line: its coordinates are pairs of longitude and latitude, of which several are a line. */
function spotOf(row: HTMLElement, layer: string): Spot {
	const at = (row.dataset.at ?? "").split(" ").map((pair) => pair.split(",").map(Number));
	const geometry: Geometry =
		at.length > 1 ? { type: "LineString", coordinates: at } : { type: "Point", coordinates: at[0] ?? [] };
	const link = row.querySelector("a");
	const told = row.querySelector("span")?.cloneNode(true) ?? "";
	return {
		id: link?.href ?? "",
		name: link?.textContent ?? "",
		language: link?.lang || undefined,
		layer,
		geometry,
		tell: () => el("div", {}, told),
	};
}

/** Give each line of the list a button that shows its place. */
function listed(lines: Line[], places: Places): void {
	for (const { spot, row } of lines) {
		const label = `${say("zoom")}: ${spot.name}`;
		const show = el("button", { type: "button", class: "show", "aria-label": label, title: say("zoom") }, "◎");
		show.addEventListener("click", () => places.go(spot));
		row.prepend(show);
	}
}

function mark(lines: Line[], chosen: Spot): void {
	for (const { spot, row } of lines) {
		row.toggleAttribute("data-chosen", spot === chosen);
		if (spot === chosen) row.scrollIntoView({ block: "nearest" });
	}
}

function restored(map: LeafletMap): boolean {
	const said = /^#map=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(location.hash);
	if (said === null) return false;
	map.setView([Number(said[2]), Number(said[3])], Number(said[1]), { animate: false });
	return true;
}

function remembered(map: LeafletMap): void {
	const { lat, lng } = map.getCenter();
	history.replaceState(null, "", `#map=${map.getZoom()}/${lat.toFixed(3)}/${lng.toFixed(3)}`);
}
