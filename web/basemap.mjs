// Cut Natural Earth to two base maps: the world, coarse, and the region that border cities are looked at in, close.
// Each holds land and boundary lines and nothing else: no names, no fills by country, nothing that says whose a land is.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature, mergeArcs, meshArcs } from "topojson-client";
import { topology } from "topojson-server";
import { presimplify, simplify } from "topojson-simplify";

const require = createRequire(import.meta.url);
export const REGION = [58, -14, 152, 64];
// Pairs whose boundary, or a part of it, is disputed or not delimited; the data has no mark for a part.
const DISPUTED = new Set(
	[
		["China", "India"],
		["Bhutan", "China"],
		["India", "Pakistan"],
		["India", "Nepal"],
		["India", "Siachen Glacier"],
		["Pakistan", "Siachen Glacier"],
		["China", "Siachen Glacier"],
		["China", "Pakistan"],
		["North Korea", "South Korea"],
		["Afghanistan", "Pakistan"],
		["Kyrgyzstan", "Tajikistan"],
		["Kyrgyzstan", "Uzbekistan"],
		["Cambodia", "Thailand"],
		["Armenia", "Azerbaijan"],
		["Georgia", "Russia"],
		["Russia", "Ukraine"],
		["Moldova", "Ukraine"],
		["Cyprus", "N. Cyprus"],
		["Kosovo", "Serbia"],
		["Israel", "Palestine"],
		["Israel", "Syria"],
		["Israel", "Lebanon"],
		["Jordan", "Palestine"],
		["Morocco", "W. Sahara"],
		["Algeria", "W. Sahara"],
		["Mauritania", "W. Sahara"],
		["Somalia", "Somaliland"],
		["Ethiopia", "Somaliland"],
		["Djibouti", "Somaliland"],
		["Egypt", "Sudan"],
		["S. Sudan", "Sudan"],
		["Kenya", "S. Sudan"],
		["Ethiopia", "Sudan"],
		["Guyana", "Venezuela"],
		["Guyana", "Suriname"],
		["Belize", "Guatemala"],
	].map((pair) => pair.sort().join("|")),
);
// Units within a country that the data draws beside countries.
const INNER = new Set(["Hong Kong", "Macao", "Baikonur"]);

export function basemaps() {
	return {
		world: made(read("countries-110m.json"), undefined, 1e4),
		region: made(read("countries-10m.json"), REGION, 4e4, 1e-4),
	};
}

function read(name) {
	return JSON.parse(readFileSync(require.resolve(`world-atlas/${name}`), "utf8"));
}

function made(atlas, box, quantum, weight) {
	const countries = atlas.objects.countries;
	countries.geometries = countries.geometries.filter((each) => box === undefined || touches(feature(atlas, each), box));
	const name = (each) => each.properties.name;
	const pair = (a, b) => [name(a), name(b)].sort().join("|");
	const line = (a, b) => a !== b && !INNER.has(name(a)) && !INNER.has(name(b));
	const cut = (shape) => {
		const { geometry } = feature(atlas, shape);
		return box === undefined ? whole(geometry) : clipped(geometry, box);
	};
	const shapes = {
		land: cut(mergeArcs(atlas, countries.geometries)),
		settled: cut(meshArcs(atlas, countries, (a, b) => line(a, b) && !DISPUTED.has(pair(a, b)))),
		disputed: cut(meshArcs(atlas, countries, (a, b) => line(a, b) && DISPUTED.has(pair(a, b)))),
	};
	let result = topology(shapes);
	if (weight !== undefined) result = simplify(presimplify(result), weight);
	return JSON.stringify(
		topology(
			Object.fromEntries(Object.keys(shapes).map((k) => [k, feature(result, result.objects[k]).geometry])),
			quantum,
		),
	);
}

function touches(shape, [west, south, east, north]) {
	let found = false;
	const look = (part) => {
		if (typeof part[0] === "number")
			found ||= part[0] >= west && part[0] <= east && part[1] >= south && part[1] <= north;
		else if (!found) part.forEach(look);
	};
	look(shape.geometry.coordinates);
	return found;
}

// The data joins what the line of 180 degrees parts, and a flat map has to part it again; the ice of the south is left out.
function whole(geometry) {
	if (geometry.type === "MultiLineString") return geometry;
	const polygons = geometry.coordinates.filter(([ring]) => ring.some(([, y]) => y > -60)).flatMap(parted);
	return { type: "MultiPolygon", coordinates: polygons };
}

function parted(rings) {
	const unrolled = rings.map((ring) => {
		let turn = 0;
		return ring.map(([x, y], at) => {
			const before = ring[at - 1]?.[0] ?? x;
			if (Math.abs(x - before) > 180) turn += x < before ? 360 : -360;
			return [x + turn, y];
		});
	});
	const east = Math.max(...unrolled[0].map(([x]) => x));
	const west = Math.min(...unrolled[0].map(([x]) => x));
	if (east <= 180 && west >= -180) return [rings];
	return [-360, 0, 360].flatMap((turn) => {
		const turned = unrolled.map((ring) => ring.map(([x, y]) => [x + turn, y]));
		const kept = turned.map((ring) => clippedRing(ring, [-180, -90, 180, 90])).filter((ring) => ring.length > 3);
		return kept.length > 0 ? [kept] : [];
	});
}

// Sutherland and Hodgman for rings; lines are cut where they leave the box.
function clipped(geometry, box) {
	if (geometry.type === "MultiLineString") {
		return { type: geometry.type, coordinates: geometry.coordinates.flatMap((line) => inside(line, box)) };
	}
	const polygons = geometry.coordinates
		.map((rings) => rings.map((ring) => clippedRing(ring, box)).filter((ring) => ring.length > 3))
		.filter((rings) => rings.length > 0);
	return { type: "MultiPolygon", coordinates: polygons };
}

function inside(line, [west, south, east, north]) {
	const parts = [[]];
	for (const [x, y] of line) {
		if (x >= west && x <= east && y >= south && y <= north) parts.at(-1).push([x, y]);
		else if (parts.at(-1).length > 0) parts.push([]);
	}
	return parts.filter((part) => part.length > 1);
}

function clippedRing(ring, [west, south, east, north]) {
	const edges = [
		[0, west, 1],
		[0, east, -1],
		[1, south, 1],
		[1, north, -1],
	];
	let points = ring.slice(0, -1);
	for (const [axis, limit, sign] of edges) {
		const keeps = (point) => (point[axis] - limit) * sign >= 0;
		const kept = [];
		points.forEach((point, number) => {
			const before = points.at(number - 1);
			if (keeps(point) !== keeps(before)) {
				const share = (limit - before[axis]) / (point[axis] - before[axis]);
				const other = before[1 - axis] + share * (point[1 - axis] - before[1 - axis]);
				kept.push(axis === 0 ? [limit, other] : [other, limit]);
			}
			if (keeps(point)) kept.push(point);
		});
		points = kept;
	}
	return points.length > 0 ? [...points, points[0]] : points;
}
