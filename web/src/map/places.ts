// Put places on a map: points gathered where they stand close, lines, areas, and names where there is room for them.
import type { Geometry } from "geojson";
import * as L from "leaflet";
import { el } from "../dom";
import { counted } from "../language";
import { middle } from "../wkt";
import { REGION_BOX } from "./base";
import { say } from "./said";

export interface Spot {
	id: string;
	name: string;
	language?: string | undefined;
	layer: string;
	geometry: Geometry;
	/** What is told of it when it is chosen. */
	tell: () => HTMLElement;
}

const NEAR = 34;
const SHAPES = 6;

interface Group {
	point: L.Point;
	held: { spot: Spot; at: L.LatLng }[];
}

/** The places of a map. */
export class Places {
	private readonly marks = L.layerGroup();
	private readonly shapes = L.layerGroup();
	private hidden = new Set<string>();
	private kept: Spot[];

	constructor(
		private readonly map: L.Map,
		readonly spots: Spot[],
		readonly layers: string[],
		private readonly chosen: (spot: Spot) => void = () => {},
	) {
		this.kept = spots;
		this.shapes.addTo(map);
		this.marks.addTo(map);
		map.on("zoomend moveend resize", () => this.draw());
	}

	/** Show all places in the window. */
	frame(maxZoom = 9): void {
		const bounds = L.latLngBounds([]);
		for (const spot of this.kept) bounds.extend(L.geoJSON(spot.geometry).getBounds());
		// Elsewhere than in the region the base map is coarse.
		const most = bounds.isValid() && REGION_BOX.contains(bounds) ? maxZoom : Math.min(maxZoom, 6);
		if (bounds.isValid()) this.map.fitBounds(bounds.pad(0.05), { maxZoom: most, animate: false });
		else this.map.setView([35, 100], 3);
	}

	/** Show only some places. */
	keep(hidden: Set<string>, is: (spot: Spot) => boolean): void {
		this.hidden = hidden;
		this.kept = this.spots.filter(is);
		this.draw();
	}

	/** Go to a place and tell of it. */
	go(spot: Spot): void {
		const at = middle(spot.geometry);
		if (at === undefined) return;
		if (spot.geometry.type === "Point")
			this.map.setView([at[1] ?? 0, at[0] ?? 0], Math.max(this.map.getZoom(), 8), { animate: false });
		else this.map.fitBounds(L.geoJSON(spot.geometry).getBounds().pad(0.2), { animate: false });
		this.tell(spot, L.latLng(at[1] ?? 0, at[0] ?? 0));
	}

	private tell(spot: Spot, at: L.LatLng): void {
		this.chosen(spot);
		L.popup({ maxWidth: 280, autoPanPadding: [20, 20] })
			.setLatLng(at)
			.setContent(spot.tell())
			.openOn(this.map);
	}

	private look(layer: string): string {
		return `look-${this.layers.indexOf(layer) % SHAPES}`;
	}

	private draw(): void {
		this.marks.clearLayers();
		this.shapes.clearLayers();
		const groups: Group[] = [];
		const window = this.map.getBounds().pad(0.3);
		const isClose = this.map.getZoom() >= this.map.getMaxZoom() - 1;
		for (const spot of this.kept) {
			if (this.hidden.has(spot.layer)) continue;
			if (spot.geometry.type !== "Point") {
				this.outline(spot);
				continue;
			}
			const [x = 0, y = 0] = spot.geometry.coordinates;
			const at = L.latLng(y, x);
			if (!window.contains(at)) continue;
			const point = this.map.latLngToContainerPoint(at);
			const near = isClose ? undefined : groups.find((each) => each.point.distanceTo(point) < NEAR);
			if (near === undefined) groups.push({ point, held: [{ spot, at }] });
			else near.held.push({ spot, at });
		}
		const taken = groups.map(({ point, held }) => around(point, held.length > 1 ? 16 : 8));
		for (const group of groups) {
			const [only] = group.held;
			if (group.held.length > 1) this.gathered(group);
			else if (only !== undefined) this.single(only.spot, only.at, group.point, taken);
		}
	}

	private outline(spot: Spot): void {
		const line = spot.geometry.type.endsWith("LineString") ? "line" : "";
		const style = { className: `outline ${line} ${this.look(spot.layer)}` } as L.PathOptions;
		const shape = L.geoJSON(spot.geometry, { style });
		shape.bindTooltip(spot.name, { sticky: true });
		shape.on("click", (event: L.LeafletMouseEvent) => this.tell(spot, event.latlng));
		this.shapes.addLayer(shape);
		// The list beside the map does the same by keyboard; what hears of focus is a stop for Tab where nothing says otherwise.
		for (const part of shape.getLayers()) if (part instanceof L.Path) part.getElement()?.setAttribute("tabindex", "-1");
	}

	private gathered({ point, held }: Group): void {
		const bounds = L.latLngBounds(held.map((each) => each.at));
		const icon = L.divIcon({ className: "gathered", html: el("span", {}, counted(held.length)), iconSize: [30, 30] });
		const title = say("more", { count: counted(held.length) });
		const marker = L.marker(this.map.containerPointToLatLng(point), { icon, keyboard: false, title });
		marker.on("click", () => {
			const maxZoom = Math.min(this.map.getZoom() + 3, this.map.getMaxZoom());
			this.map.fitBounds(bounds.pad(0.3), { maxZoom, animate: false });
		});
		this.marks.addLayer(marker);
	}

	private single(spot: Spot, at: L.LatLng, point: L.Point, taken: L.Bounds[]): void {
		const label = L.bounds(point.add([9, -9]), point.add([13 + width(spot.name), 9]));
		const room = !taken.some((each) => each.intersects(label));
		if (room) taken.push(label);
		const name = room ? el("span", { class: "name", lang: spot.language }, spot.name) : "";
		const icon = L.divIcon({
			className: `mark ${this.look(spot.layer)}`,
			html: el("span", {}, el("i"), name),
			iconSize: [16, 16],
		});
		const marker = L.marker(at, { icon, keyboard: false, title: spot.name });
		marker.on("click", () => this.tell(spot, at));
		this.marks.addLayer(marker);
	}
}

function around(point: L.Point, by: number): L.Bounds {
	return L.bounds(point.subtract([by, by]), point.add([by, by]));
}

function width(text: string): number {
	let sum = 0;
	for (const character of text) sum += (character.codePointAt(0) ?? 0) > 0x2e80 ? 12.5 : 6.8;
	return sum;
}

/** Return the switches of layers, which hide what they stand for. */
export function switches(
	layers: string[],
	names: (layer: string) => string,
	counts: Map<string, number>,
	changed: (hidden: Set<string>) => void,
): HTMLElement {
	const hidden = new Set<string>();
	const boxes = layers.map((layer, at) => {
		const box = el("input", { type: "checkbox", checked: true });
		box.addEventListener("change", () => {
			if (box.checked) hidden.delete(layer);
			else hidden.add(layer);
			changed(hidden);
		});
		return el(
			"label",
			{},
			box,
			el("i", { class: `mark look-${at % SHAPES}`, "aria-hidden": "true" }),
			el("span", {}, `${names(layer)} (${counted(counts.get(layer) ?? 0)})`),
		);
	});
	return el("fieldset", { class: "layers" }, el("legend", { class: "hidden" }, say("layers")), ...boxes);
}
