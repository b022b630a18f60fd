// Tell why an answer is empty: the server asks the query without each of its parts, and says which one empties it.
import { el } from "../dom";
import { consult } from "../endpoint";
import { say, type Word } from "../words";
import { doubts } from "./doubts";

interface Part {
	/** alone: matches nothing whatever the rest; filter: the rest has answers without it; together: empties what stands before. */
	kind: "alone" | "filter" | "together" | "modifier" | "unknown";
	text?: string;
	line?: number;
	/** The query without the part. */
	without?: string;
	/** What the data has in the place of a term of the part, and the query with that. */
	term?: string;
	nearest?: string;
	instead?: string;
}

const SAYS: Record<Part["kind"], Word> = {
	alone: "whyAlone",
	filter: "whyFilter",
	together: "whyTogether",
	modifier: "whyModifier",
	unknown: "whyUnknown",
};

/** Return an element that finds out why a query has no answer; `use` takes the query without what empties it. */
export function why(query: string, use: (query: string) => void): HTMLElement {
	const made = el("div", { class: "why", role: "status" }, el("p", {}, say("empty"), " ", say("whyAsking")));
	consult<{ parts: Part[] }>("/sparql/why", query)
		.then(({ parts }) => {
			const told = parts.flatMap((part) => {
				const { without, term, nearest, instead } = part;
				return [
					el("p", {}, say(SAYS[part.kind])),
					...(part.text === undefined ? [] : [el("pre", {}, part.text)]),
					...(part.line === undefined ? [] : [el("p", { class: "muted" }, say("pattern", { line: part.line }))]),
					...(term === undefined || nearest === undefined || instead === undefined
						? []
						: [
								el(
									"p",
									{},
									say("near", { name: term, nearest }),
									" ",
									el("button", { type: "button", onclick: () => use(instead) }, say("change", { name: nearest })),
								),
							]),
					...(without === undefined
						? []
						: [el("button", { type: "button", onclick: () => use(without) }, say("whyWithout"))]),
				];
			});
			made.replaceChildren(el("p", {}, el("strong", {}, say("empty"))), doubts(query, use), ...told);
		})
		.catch(() => made.replaceChildren(el("p", {}, say("empty"))));
	return made;
}
