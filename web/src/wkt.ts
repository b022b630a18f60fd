// Read well-known text and GeoJSON literals as GeoJSON geometries (GeoSPARQL 1.1, section 8.5).
import type { Geometry, Position } from "geojson";
import { GEO, type Term } from "./terms";

const WIKIDATA_EARTH = "http://www.wikidata.org/entity/Q2";

/** Return the geometry that a term is, or undefined. */
export function geometryOf(term: Term | undefined): Geometry | undefined {
	if (term?.datatype === `${GEO}geoJSONLiteral`) {
		try {
			return JSON.parse(term.value) as Geometry;
		} catch {
			return undefined;
		}
	}
	return term?.datatype === `${GEO}wktLiteral` ? fromText(term.value) : undefined;
}

/** Return the geometry of a text; undefined where it cannot be read or names a reference system that is not known here. */
export function fromText(text: string): Geometry | undefined {
	const parts = /^\s*(?:<([^>]*)>)?\s*([A-Za-z]+)\s*(?:Z|M|ZM)?\s*(\(.*\))\s*$/s.exec(text);
	if (parts === null) return undefined;
	const [, system = "", kind = "", body = ""] = parts;
	const latitudeFirst = /EPSG.*4326$/.test(system);
	if (system !== "" && !latitudeFirst && !system.includes("CRS84") && system !== WIKIDATA_EARTH) return undefined;
	const place = (numbers: string): Position => {
		const [x = Number.NaN, y = Number.NaN] = numbers.trim().split(/\s+/).map(Number);
		return latitudeFirst ? [y, x] : [x, y];
	};
	const nested = body
		.replace(/[^(),]+/g, (numbers) => (numbers.trim() === "" ? "" : JSON.stringify(place(numbers))))
		.replaceAll("(", "[")
		.replaceAll(")", "]");
	try {
		return typed(kind.toUpperCase(), JSON.parse(nested) as never);
	} catch {
		return undefined;
	}
}

function typed(kind: string, found: never[]): Geometry | undefined {
	switch (kind) {
		case "POINT":
			return found[0] === undefined ? undefined : { type: "Point", coordinates: found[0] };
		case "LINESTRING":
			return { type: "LineString", coordinates: found };
		case "POLYGON":
			return { type: "Polygon", coordinates: found };
		case "MULTIPOINT":
			return {
				type: "MultiPoint",
				coordinates: (found as Position[][]).map((each) => (Array.isArray(each[0]) ? each[0] : each) as Position),
			};
		case "MULTILINESTRING":
			return { type: "MultiLineString", coordinates: found };
		case "MULTIPOLYGON":
			return { type: "MultiPolygon", coordinates: found };
		default:
			return undefined;
	}
}

/** Return the middle of what a geometry spans, or undefined where it holds no place. */
export function middle(geometry: Geometry): Position | undefined {
	const all: Position[] = [];
	const look = (part: unknown): void => {
		if (!Array.isArray(part)) return;
		if (typeof part[0] === "number") all.push(part as Position);
		else part.forEach(look);
	};
	look("coordinates" in geometry ? geometry.coordinates : []);
	const [xs, ys] = [all.map((each) => each[0] ?? 0), all.map((each) => each[1] ?? 0)];
	if (all.length === 0 || [...xs, ...ys].some((each) => !Number.isFinite(each))) return undefined;
	return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}
