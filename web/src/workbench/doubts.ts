// Say which terms of a query the data does not have, and put the nearest ones in their place.
import { el } from "../dom";
import { type Finding, findings, sentence, unitsOf } from "../sparql/marks";
import { say } from "../words";

/** Return an element that tells what the server doubts of a query; `use` takes the query with a term put right. */
export function doubts(query: string, use: (query: string) => void): HTMLElement {
	const made = el("div", { class: "doubts" });
	findings(query)
		.then((found) => made.replaceChildren(...found.filter((each) => each.kind === "unknown").map(told)))
		.catch(() => made.remove());

	function told(finding: Finding): HTMLElement {
		const { nearest } = finding;
		const change = (to: string) =>
			query.slice(0, unitsOf(query, finding.start)) + to + query.slice(unitsOf(query, finding.end));
		const button =
			nearest === undefined
				? ""
				: el("button", { type: "button", onclick: () => use(change(nearest)) }, say("change", { name: nearest }));
		return el("p", {}, sentence(finding), " ", button);
	}
	return made;
}
