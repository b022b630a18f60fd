// Offer what may stand at the cursor: words, prefixes, classes, properties of the subject's class, and things by any name.
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { select } from "../endpoint";
import { nameOf, shortened, type Thing, type Vocabulary, vocabulary } from "../vocabulary";
import { LANGUAGE } from "../words";
import { type Place, placeOf } from "./place";
import { declared, meaningful } from "./tokens";

const WORDS =
	"SELECT DISTINCT WHERE OPTIONAL FILTER UNION MINUS GRAPH VALUES BIND ORDER BY GROUP BY HAVING LIMIT OFFSET CONSTRUCT ASK DESCRIBE PREFIX EXISTS COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT LANG STR REGEX CONTAINS BOUND IF COALESCE YEAR NOW STRSTARTS LCASE IN NOT AS DESC ASC".split(
		" ",
	);
const TYPED =
	/(?:(?<![\p{L}\p{N}_.:?$<@-])(?:[\p{L}_][\p{L}\p{N}_.-]* )+)?(?:[\p{L}_][\p{L}\p{N}_.-]*)?:?[\p{L}\p{N}_-]*$/u;
const STANDING = new Set([...WORDS, "A", "UNDEF", "BASE", "REDUCED", "FROM", "NAMED", "SERVICE", "LATERAL"]);
const RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label";
const SEARCH = "https://w3id.org/kouan/search#label";
const SHOWN = 60;

/** The source of completions for the editor. */
export async function complete(context: CompletionContext): Promise<CompletionResult | null> {
	const text = context.state.doc.toString();
	const before = context.state.doc.lineAt(context.pos);
	const line = before.text.slice(0, context.pos - before.from);
	if (/(^|\s)#/.test(line)) return null;
	const variable = /[?$][\p{L}\p{N}_]*$/u.exec(line);
	if (variable !== null) return variables(text, context.pos - variable[0].length, context.pos);
	const typed = typedIn(line);
	// A number is finished by whoever types it: nothing that is offered beside it is meant.
	if ((typed === "" && !context.explicit) || /^-*\p{N}/u.test(typed)) return null;
	const from = context.pos - typed.length;
	const said = await vocabulary();
	if (/^\s*prefix\s+\S*$/i.test(line)) return { from, options: prefixes(said), filter: false };
	const written = declared(text);
	const all = meaningful(text);
	const place = placeOf(all, from + 1, new Map([...Object.entries(said.prefixes), ...written]));
	const options: Completion[] = [];
	const wanted = typed.toLowerCase();
	if (place.position === "predicate") {
		options.push(...properties(said, place, written, wanted));
	} else if (place.position === "object" && place.predicate === "a") {
		options.push(...ranked(said.classes, wanted, written, "class", 50));
	} else if (place.position !== "prologue") {
		options.push(...(await things(typed, written, context)));
		options.push(...ranked(said.classes, wanted, written, "class", 0).slice(0, 8));
	}
	options.push(...words(wanted, place));
	const unique = new Map(options.map((each) => [`${each.label}${each.type}`, each]));
	return options.length === 0 ? null : { from, options: [...unique.values()].slice(0, SHOWN), filter: false };
}

/** Return what may be the beginning of a name, of several words where none of them means something by itself. */
function typedIn(line: string): string {
	let typed = TYPED.exec(line)?.[0] ?? "";
	for (let gap = typed.indexOf(" "); gap >= 0; gap = typed.indexOf(" ")) {
		if (!STANDING.has(typed.slice(0, gap).toUpperCase())) break;
		typed = typed.slice(gap + 1);
	}
	return typed;
}

function variables(text: string, from: number, to: number): CompletionResult {
	const typed = text.slice(from, to);
	const found = new Set(
		meaningful(text)
			.filter((each) => each.kind === "variable" && !(each.start === from && each.end >= to))
			.map((each) => each.text),
	);
	const options = [...found].filter((each) => each.startsWith(typed)).map((label) => ({ label, type: "variable" }));
	return { from, options, filter: false };
}

function prefixes(said: Vocabulary): Completion[] {
	return Object.entries(said.prefixes).map(([prefix, iri]) => ({
		label: `${prefix}:`,
		detail: iri,
		type: "namespace",
		apply: `${prefix}: <${iri}>`,
	}));
}

function words(wanted: string, place: Place): Completion[] {
	if (wanted === "" || wanted.includes(":")) return [];
	return WORDS.filter((word) => word.toLowerCase().startsWith(wanted)).map((label) => ({
		label,
		type: "keyword",
		boost: place.position === "predicate" ? -99 : 0,
	}));
}

function properties(said: Vocabulary, place: Place, written: Map<string, string>, wanted: string): Completion[] {
	const classes = place.classes.get(place.subject) ?? new Set<string>();
	const own = new Set<number>();
	for (const iri of classes) for (const at of said.used[iri] ?? []) own.add(at);
	const first = said.properties.filter((_, at) => own.has(at));
	const rest = said.properties.filter((_, at) => !own.has(at));
	return [
		...ranked(first, wanted, written, "property", 50),
		...ranked(rest, wanted, written, own.size > 0 ? "text" : "property", 0),
	];
}

/** Return the things whose name, IRI or sound holds what is wanted, those that begin with it first. */
function ranked(
	list: Thing[],
	wanted: string,
	written: Map<string, string>,
	type: string,
	boost: number,
): Completion[] {
	const scored = list.flatMap((thing) => {
		const keys = [shortened(thing.iri) ?? thing.iri, thing.en, thing.zh, thing.sound].map((key) =>
			(key ?? "").toLowerCase(),
		);
		const local = keys[0]?.split(":").at(-1) ?? "";
		const starts = [...keys, local].some((key) => key.startsWith(wanted));
		if (!starts && !keys.some((key) => key.includes(wanted))) return [];
		return [{ thing, score: (starts ? 1e9 : 0) + thing.count }];
	});
	scored.sort((a, b) => b.score - a.score);
	return scored.map(({ thing }) => option(thing.iri, nameOf(thing), written, type, boost));
}

async function things(typed: string, written: Map<string, string>, context: CompletionContext): Promise<Completion[]> {
	const wanted = typed.includes(":") ? typed.slice(typed.indexOf(":") + 1).replaceAll("-", " ") : typed;
	if (wanted.length < (/\p{Script=Han}/u.test(wanted) ? 1 : 2)) return [];
	const gone = new AbortController();
	context.addEventListener("abort", () => gone.abort());
	const text = wanted.replace(/["\\\n]/g, " ");
	const found = await select(
		`SELECT ?thing ?label ?name { (?thing ?score ?label) <${SEARCH}> ("${text}" 12) ` +
			`OPTIONAL { ?thing <${RDFS_LABEL}> ?name FILTER(LANG(?name) = "${LANGUAGE}") } } ORDER BY DESC(?score)`,
		gone.signal,
	).catch(() => []);
	return found.flatMap(({ thing, label, name }) => {
		if (thing === undefined || label === undefined) return [];
		const both = name === undefined || name.value === label.value ? label.value : `${name.value} (${label.value})`;
		return [option(thing.value, both, written, "constant", 40)];
	});
}

function option(iri: string, name: string, written: Map<string, string>, type: string, boost: number): Completion {
	const own = shortened(iri, Object.fromEntries(written));
	const standing = own ?? shortened(iri);
	return {
		label: standing ?? `<${iri}>`,
		detail: name,
		type,
		boost,
		apply: (view: EditorView, _: Completion, from: number, to: number) => insert(view, from, to, iri, own),
	};
}

/** Put a term in, and declare its prefix on top where the query does not. */
function insert(view: EditorView, from: number, to: number, iri: string, own: string | undefined): void {
	const short = own ?? shortened(iri);
	const prefix = own === undefined && short !== undefined ? (short.split(":")[0] ?? "") : undefined;
	void vocabulary().then((said) => {
		const base = prefix === undefined ? undefined : said.prefixes[prefix];
		const taken = prefix !== undefined && declared(view.state.doc.toString()).has(prefix);
		const term = short === undefined || taken ? `<${iri}>` : short;
		const head = base === undefined || taken ? "" : `PREFIX ${prefix}: <${base}>\n`;
		view.dispatch({
			changes: [
				{ from: 0, insert: head },
				{ from, to, insert: term },
			],
			selection: { anchor: from + head.length + term.length },
			userEvent: "input.complete",
		});
	});
}
