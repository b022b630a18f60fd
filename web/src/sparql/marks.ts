// Mark what is wrong and what looks odd, as the server sees it: it reads the query as the endpoint does, and runs nothing.
import { type Diagnostic, linter } from "@codemirror/lint";
import type { EditorView } from "@codemirror/view";
import { consult } from "../endpoint";
import { vocabularyByNow } from "../vocabulary";
import { say } from "../words";

/** What the server finds: `kind` is error, unknown or apart; offsets count characters from the start. */
export interface Finding {
	kind: "error" | "unknown" | "apart";
	start: number;
	end: number;
	message?: string;
	/** What the message says, in the language of the page; "" where no words are known for it. */
	told?: string;
	term?: string;
	nearest?: string;
}

const PREFIX_MISSING = /prefix ([\p{L}\p{N}_.-]*): is not declared/u;

/** Return the findings on a query. */
export async function findings(query: string, signal?: AbortSignal): Promise<Finding[]> {
	if (query.trim() === "") return [];
	return (await consult<{ findings: Finding[] }>("/sparql/check", query, signal)).findings;
}

/** The extension of the editor: asks after a pause in what is written. */
export const marks = linter(
	async (view) => {
		const query = view.state.doc.toString();
		const found = await findings(query).catch(() => []);
		return found.map((each) => marked(each, query));
	},
	{ delay: 500 },
);

function marked(finding: Finding, query: string): Diagnostic {
	const from = unitsOf(query, finding.start);
	const to = Math.max(unitsOf(query, finding.end), Math.min(from + 1, query.length));
	const made: Diagnostic = {
		from: Math.min(from, query.length),
		to,
		severity: finding.kind === "error" ? "error" : "warning",
		message: sentence(finding),
	};
	const prefix = PREFIX_MISSING.exec(finding.message ?? "")?.[1];
	const base = prefix === undefined ? undefined : vocabularyByNow().prefixes[prefix];
	if (base !== undefined) {
		made.actions = [
			{
				name: say("addPrefix"),
				apply: (view: EditorView) => view.dispatch({ changes: { from: 0, insert: `PREFIX ${prefix}: <${base}>\n` } }),
			},
		];
	} else if (finding.nearest !== undefined) {
		const nearest = finding.nearest;
		made.actions = [
			{
				name: say("change", { name: nearest }),
				apply: (view, from, to) => view.dispatch({ changes: { from, to, insert: nearest } }),
			},
		];
	}
	return made;
}

/** Return what a finding says, in the language of the page where it is ours. */
export function sentence(finding: Finding): string {
	if (finding.kind === "error") return finding.told || (finding.message ?? "");
	if (finding.kind === "apart") return say("unbound");
	const name = finding.term ?? "";
	return finding.nearest === undefined ? say("noneLike", { name }) : say("near", { name, nearest: finding.nearest });
}

/** Return the offset in UTF-16 units of one in characters. */
export function unitsOf(text: string, characters: number): number {
	let [units, count] = [0, 0];
	while (count < characters && units < text.length) {
		units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
		count += 1;
	}
	return units;
}
