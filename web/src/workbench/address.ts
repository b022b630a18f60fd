// Read a query from the page's address, and write links to one. YASGUI's #query= and the protocol's ?query= are read too.
import { ROOT } from "../root";

export interface Asked {
	query: string;
	evidence: boolean;
	/** The view that the reader chose, by its name in #defaultView:, "" where none was. */
	view: string;
}

/** Return the query that the page's address brings, or undefined. */
export function asked(): Asked | undefined {
	const fragment = location.hash.slice(1);
	const said = new URLSearchParams(
		fragment.startsWith("query=") || fragment.includes("&query=") ? fragment : location.search,
	);
	const query = said.get("query");
	if (query !== null) return { query, evidence: said.get("evidence") === "true", view: said.get("view") ?? "" };
	// Wikidata's service puts the bare query behind the sign.
	const bare = decoded(fragment);
	return /\b(select|ask|construct|describe)\b/i.test(bare) ? { query: bare, evidence: false, view: "" } : undefined;
}

/** Return a link to a page with a query in its address, which is never sent to the server. */
export function linkTo(path: string, query: string, evidence = false, view = ""): string {
	const language = new URLSearchParams(location.search).get("lang");
	const shown = view === "" ? "" : `&view=${encodeURIComponent(view)}`;
	const said = `#query=${encodeURIComponent(query)}${evidence ? "&evidence=true" : ""}${shown}`;
	return `${location.origin}${ROOT}${path}${language === null ? "" : `?lang=${language}`}${said}`;
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
