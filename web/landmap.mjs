// Draw the base maps as SVG for the small maps that the server draws. The plane is that of server/kouan/pages/maps.py:
// x is the longitude in degrees, y what Mercator makes of the latitude, downwards.
import { feature } from "topojson-client";

const BOXES = { region: [58, -14, 152, 64], world: [-180, -60, 180, 80] };
const DIGITS = { region: 2, world: 1 };
// Islands that would be less than a point, in degrees.
const LEAST = { region: 0.15, world: 0 };
// How wide a boundary is drawn, in degrees; and where a map shows a small part and asks for the fragment #near.
const WIDTH = { region: 0.1, world: 0.3 };
const NEAR = { region: 0.03, world: 0.06 };
const stroke = (width) => `stroke-width:${width}`;
const dots = (width) => `stroke-dasharray:${width} ${3 * width}`;
const style = (width, near) =>
	`.l{fill:#e3e9e6}.b{fill:none;stroke:#93a1a6;${stroke(width)}}.d{${dots(width)}}` +
	`#near:target~.b{${stroke(near)}}#near:target~.d{${dots(near)}}` +
	"@media(prefers-color-scheme:dark){.l{fill:#27343a}.b{stroke:#63747c}}";

function down(latitude) {
	const angle = (Math.max(-85, Math.min(85, latitude)) * Math.PI) / 180;
	return -(180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + angle / 2));
}

export function landmap(name, text) {
	const atlas = JSON.parse(text);
	const [west, south, east, north] = BOXES[name];
	const box = [west, down(north), east - west, down(south) - down(north)].map((each) => each.toFixed(2)).join(" ");
	const drawn = (key) =>
		lines(feature(atlas, atlas.objects[key]).geometry)
			.filter((line) => extent(line) >= LEAST[name])
			.map((line) => path(line, DIGITS[name]))
			.join("");
	return (
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" preserveAspectRatio="none"><style>${style(WIDTH[name], NEAR[name])}</style>` +
		`<g id="near"/><path class="l" d="${drawn("land")}"/><path class="b" d="${drawn("settled")}"/><path class="b d" d="${drawn("disputed")}"/></svg>`
	);
}

function lines(geometry) {
	if (geometry === null) return [];
	if (geometry.type === "MultiPolygon") return geometry.coordinates.flat();
	return geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates;
}

function extent(line) {
	const spans = [0, 1].map((axis) => line.map((point) => point[axis]));
	return Math.max(...spans.map((values) => Math.max(...values) - Math.min(...values)));
}

function path(line, digits) {
	let drawn = "";
	let last;
	for (const [longitude, latitude] of line) {
		const point = [longitude, down(latitude)].map((each) => Number(each.toFixed(digits)));
		if (last === undefined) drawn = `M${point.join(" ")}`;
		else if (point[0] !== last[0] || point[1] !== last[1])
			drawn += `l${point.map((each, axis) => Number((each - last[axis]).toFixed(digits))).join(" ")}`;
		last = point;
	}
	return drawn.replaceAll(" -", "-");
}
