// Where this server stands: a proxy may serve it below a path.

/** The folder of the built code. */
export const FOLDER = new URL("./", import.meta.url).pathname;
/** The path that all addresses of the server begin with, "" where it has none. */
export const ROOT = FOLDER.replace(/\/static\/ui\/$/, "");

const language = new URLSearchParams(location.search).get("lang");

/** Return the address on this server that keeps the language that the reader chose. */
export function here(path: string): string {
	if (language === null) return ROOT + path;
	const [place = "", fragment] = path.split("#");
	const address = `${ROOT}${place}${place.includes("?") ? "&" : "?"}lang=${language}`;
	return fragment === undefined ? address : `${address}#${fragment}`;
}
