// Draw the map of a page from its GeoJSON, beside the list that stands there without it.
import type { FeatureCollection, Geometry } from "geojson";
import { calmly, el } from "../dom";
import { LANGUAGE, say } from "../words";
import { baseMap, caption } from "./base";
import { Places, type Spot, switches } from "./places";

interface Told {
	name: string;
	name_zh?: string;
	layer: string;
	layer_zh?: string;
	page?: string;
	says?: string;
	says_zh?: string;
}

/** Draw a map in an element whose data-map names the GeoJSON; data-list names the list that does the same by keyboard. */
export async function figure(host: HTMLElement): Promise<void> {
	const answer = await fetch(host.dataset.map ?? "", {
		headers: { Accept: "application/geo+json" },
		credentials: "omit",
	});
	if (!answer.ok) return;
	const collection = (await answer.json()) as FeatureCollection<Geometry, Told>;
	const names = new Map<string, string>();
	const counts = new Map<string, number>();
	const spots = collection.features.map(({ id, geometry, properties }): Spot => {
		names.set(properties.layer, (LANGUAGE === "zh" ? properties.layer_zh : undefined) ?? properties.layer);
		counts.set(properties.layer, (counts.get(properties.layer) ?? 0) + 1);
		const chinese = LANGUAGE === "zh" && properties.name_zh !== undefined;
		return {
			id: String(id),
			name: (chinese ? properties.name_zh : undefined) ?? properties.name,
			language: chinese ? "zh" : "en",
			layer: properties.layer,
			geometry,
			tell: () => told(properties),
		};
	});
	const layers = [...names.keys()];
	const frame = el("div", { class: "map", role: "region", "aria-label": host.dataset.label ?? say("map") });
	const lines = spots.some((spot) => spot.geometry.type === "LineString");
	host.replaceChildren(frame, caption(...(lines ? [say("schematic")] : [])));
	const map = await baseMap(frame);
	const places = new Places(map, spots, layers, (spot) => mark(host, spot));
	if (!restored(map)) places.frame();
	let hidden = new Set<string>();
	let wanted = "";
	const keep = () => {
		places.keep(
			hidden,
			(spot) => wanted === "" || (rows.get(spot.id)?.textContent ?? spot.name).toLowerCase().includes(wanted),
		);
		for (const [id, row] of rows) {
			const spot = places.spots.find((each) => each.id === id);
			row.hidden =
				spot !== undefined &&
				(hidden.has(spot.layer) || (wanted !== "" && !(row.textContent ?? "").toLowerCase().includes(wanted)));
		}
	};
	const rows = listed(host, places);
	if (layers.length > 1) {
		const boxes = switches(
			layers,
			(layer) => names.get(layer) ?? layer,
			counts,
			(now) => {
				hidden = now;
				keep();
			},
		);
		host.prepend(boxes);
	}
	if (rows.size > 0) {
		const filter = el("input", { type: "search", "aria-label": say("filterList"), placeholder: say("filterList") });
		filter.addEventListener(
			"input",
			calmly(150, () => {
				wanted = filter.value.trim().toLowerCase();
				keep();
			}),
		);
		document.querySelector(host.dataset.list ?? "#none")?.prepend(el("p", { class: "sought" }, filter));
		map.on("moveend", () => remembered(map));
	}
}

/** Give each line of the list a button that shows its place, and return the lines by the id of the place. */
function listed(host: HTMLElement, places: Places): Map<string, HTMLElement> {
	const rows = new Map<string, HTMLElement>();
	if (host.dataset.list === undefined) return rows;
	for (const row of document.querySelectorAll<HTMLElement>(`${host.dataset.list} [data-id]`)) {
		const spot = places.spots.find((each) => each.id === row.dataset.id);
		if (spot === undefined) continue;
		rows.set(spot.id, row);
		const show = el(
			"button",
			{ type: "button", class: "show", "aria-label": `${say("zoom")}: ${spot.name}`, title: say("zoom") },
			"◎",
		);
		show.addEventListener("click", () => places.go(spot));
		row.prepend(show);
	}
	return rows;
}

function mark(host: HTMLElement, spot: Spot): void {
	for (const row of document.querySelectorAll<HTMLElement>(`${host.dataset.list ?? "#none"} [data-id]`)) {
		const is = row.dataset.id === spot.id;
		row.toggleAttribute("data-chosen", is);
		if (is) row.scrollIntoView({ block: "nearest" });
	}
}

function told(properties: Told): HTMLElement {
	const chinese = LANGUAGE === "zh";
	const name = (chinese ? properties.name_zh : undefined) ?? properties.name;
	const other = chinese ? properties.name : properties.name_zh;
	const heading = el("strong", {}, properties.page === undefined ? name : el("a", { href: properties.page }, name));
	const says = (chinese ? properties.says_zh : undefined) ?? properties.says ?? "";
	return el(
		"div",
		{},
		heading,
		" ",
		other === undefined || other === name ? "" : el("span", { class: "muted", lang: chinese ? "en" : "zh" }, other),
		el("div", {}, says),
	);
}

function restored(map: L.Map): boolean {
	const said = /^#map=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(location.hash);
	if (said === null) return false;
	map.setView([Number(said[2]), Number(said[3])], Number(said[1]), { animate: false });
	return true;
}

function remembered(map: L.Map): void {
	const { lat, lng } = map.getCenter();
	history.replaceState(null, "", `#map=${map.getZoom()}/${lat.toFixed(3)}/${lng.toFixed(3)}`);
}
