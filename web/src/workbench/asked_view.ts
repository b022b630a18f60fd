// Read in which view a query wants to be shown: a comment says so, as on Wikidata's service.
import { tokens } from "../sparql/tokens";

export interface AskedView {
	name: string;
	/** Whether the reader chose it, and not the query. */
	isChosen: boolean;
	options: Record<string, string>;
}

/** Return the view that the reader chose, else the one that the last such comment names, with its options. */
export function askedView(query: string, chosen = ""): AskedView | undefined {
	if (chosen !== "") return { name: chosen, isChosen: true, options: {} };
	let found: AskedView | undefined;
	for (const token of tokens(query)) {
		const said = token.kind === "comment" ? /#(?:defaultView|view):(\w+)\s*(\{.*\})?/.exec(token.text) : null;
		if (said !== null) found = { name: said[1] ?? "", isChosen: false, options: optionsOf(said[2]) };
	}
	return found;
}

function optionsOf(text: string | undefined): Record<string, string> {
	try {
		const said = JSON.parse(text ?? "{}") as Record<string, unknown>;
		return Object.fromEntries(Object.entries(said).map(([key, value]) => [key, String(value)]));
	} catch {
		return {};
	}
}
