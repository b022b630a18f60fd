// The map beneath: land and lines of Natural Earth, the world at once and the region closely where it is looked at.
import * as L from "leaflet";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { el } from "../dom";
import { FOLDER, here } from "../root";
import { say } from "./said";

declare const WORLD: string;
declare const REGION: string;
declare const MAP_STYLE: string;

const NEAR = 4;
/** Where the base map is close. */
export const REGION_BOX = L.latLngBounds([-14, 58], [64, 152]);
const NAMES = ["land", "settled", "disputed"] as const;

type Base = Topology<Record<(typeof NAMES)[number], GeometryCollection>>;
const kept = new Map<string, Promise<Base>>();

function load(name: string): Promise<Base> {
	const found =
		kept.get(name) ?? fetch(FOLDER + name, { credentials: "omit" }).then((answer) => answer.json() as Promise<Base>);
	kept.set(name, found);
	return found;
}

/** Put the style of maps on the page, once; it is used when this returns. */
export async function styled(): Promise<void> {
	if (document.querySelector("link[data-map-style]") !== null) return;
	const link = el("link", { rel: "stylesheet", href: FOLDER + MAP_STYLE, "data-map-style": true });
	const loaded = new Promise((resolve) => link.addEventListener("load", resolve, { once: true }));
	document.head.append(link);
	await loaded;
}

/** Return a map in an element, with the base map beneath. */
export async function baseMap(host: HTMLElement): Promise<L.Map> {
	await styled();
	const tiles = document.querySelector<HTMLMetaElement>("meta[name=map-tiles]");
	const boundaries =
		new URLSearchParams(location.search).get("boundaries") !== "none" &&
		document.querySelector("meta[name=map-boundaries][content=none]") === null;
	const map = L.map(host, {
		attributionControl: false,
		zoomControl: false,
		minZoom: 1,
		maxZoom: tiles === null ? 10 : 18,
		zoomSnap: 0.25,
		maxBounds: [
			[-85, -200],
			[85, 200],
		],
		zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
		fadeAnimation: false,
	});
	new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(host);
	L.control.zoom({ zoomInTitle: say("zoomIn"), zoomOutTitle: say("zoomOut") }).addTo(map);
	if (tiles !== null) {
		L.tileLayer(tiles.content).addTo(map);
		return map;
	}
	const pane = map.createPane("base");
	pane.classList.add("base");
	const renderer = L.svg({ pane: "base", padding: 1 });
	let shown = "";
	let layers: L.Layer[] = [];
	const draw = async () => {
		const close = map.getZoom() >= NEAR && REGION_BOX.contains(map.getBounds());
		const wanted = close ? REGION : WORLD;
		if (wanted === shown) return;
		shown = wanted;
		const base = await load(wanted);
		if (wanted !== shown) return;
		for (const layer of layers) layer.remove();
		layers = NAMES.filter((name) => boundaries || name === "land").map((name) =>
			L.geoJSON(feature(base, base.objects[name]) as never, {
				interactive: false,
				style: { className: name, renderer, pane: "base" } as L.PathOptions,
			}).addTo(map),
		);
	};
	map.on("moveend zoomend", () => void draw());
	return map;
}

/** Return what stands beneath every map: where it is from, and that its lines say nothing of whose a land is. */
export function caption(...more: string[]): HTMLElement {
	return el(
		"figcaption",
		{},
		[...more, say("mapCaption")].join(" "),
		" ",
		el("a", { href: here("/about/maps") }, say("mapAbout")),
	);
}
