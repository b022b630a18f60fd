// Ask the endpoint of this server, and read what it answers. Knows the protocol; shows nothing.
import { LANGUAGE } from "./language";
import { ROOT } from "./root";
import type { Evidence, Row, Table, Term } from "./terms";

export const JSON_RESULTS = "application/sparql-results+json";
const TRIPLES = "application/n-triples";
const TURTLE = "text/turtle";

/** What the endpoint says is wrong (RFC 9457); `line` and `column` count from 1. */
export class Problem extends Error {
	constructor(
		readonly title: string,
		readonly detail: string,
		readonly status: number,
		readonly line?: number,
		readonly column?: number,
	) {
		super(detail);
	}
}

/** An answer: its text as it came, and what views are made of. */
export interface Result {
	text: string;
	mediaType: string;
	form: "rows" | "verdict" | "graph";
	verdict: boolean | undefined;
	table: Table;
	seconds: number;
	warnings: string[];
}

interface Document {
	head?: { vars?: string[] };
	boolean?: boolean;
	results?: { bindings: Row[] };
	evidence?: Evidence[];
}

/** Send a query; `signal` lets go of it, which ends its evaluation. Raises Problem. */
export async function send(query: string, accept: string, signal?: AbortSignal, evidence = false): Promise<Response> {
	const body = new URLSearchParams({ query });
	if (evidence) body.set("evidence", "true");
	const answer = await fetch(`${ROOT}/sparql`, {
		method: "POST",
		body,
		headers: { Accept: accept },
		credentials: "omit",
		...(signal === undefined ? {} : { signal }),
	});
	if (!answer.ok) throw await problem(answer);
	return answer;
}

/** Return the answer to a query, read. Raises Problem. */
export async function ask(query: string, signal?: AbortSignal, evidence = false): Promise<Result> {
	const begun = performance.now();
	const answer = await send(query, `${JSON_RESULTS}, ${TRIPLES};q=0.9`, signal, evidence);
	const text = await answer.text();
	performance.mark("kouan-answered");
	const seconds = (performance.now() - begun) / 1000;
	const mediaType = (answer.headers.get("content-type") ?? "").split(";")[0] ?? "";
	const said = answer.headers.get("kouan-warning");
	const base = { text, mediaType, seconds, warnings: said === null ? [] : [said] };
	if (mediaType !== JSON_RESULTS) {
		return { ...base, form: "graph", verdict: undefined, table: triples(text) };
	}
	const document = JSON.parse(text) as Document;
	const rows = document.results?.bindings ?? [];
	return {
		...base,
		form: document.boolean === undefined ? "rows" : "verdict",
		verdict: document.boolean,
		table: { variables: document.head?.vars ?? [], rows, evidence: document.evidence },
	};
}

/** Return a graph as people read it. Raises Problem. */
export async function turtle(query: string): Promise<string> {
	return (await send(query, TURTLE)).text();
}

/** Return the rows of a small query of ours. */
export async function select(query: string, signal?: AbortSignal): Promise<Row[]> {
	const answer = await send(query, JSON_RESULTS, signal);
	return ((await answer.json()) as Document).results?.bindings ?? [];
}

/** Ask an address of this server for JSON, sending a query along. Raises Problem. */
export async function consult<T>(address: string, query: string, signal?: AbortSignal): Promise<T> {
	const answer = await fetch(`${ROOT}${address}?lang=${LANGUAGE}`, {
		method: "POST",
		body: new URLSearchParams({ query }),
		headers: { Accept: "application/json" },
		credentials: "omit",
		...(signal === undefined ? {} : { signal }),
	});
	if (!answer.ok) throw await problem(answer);
	return (await answer.json()) as T;
}

async function problem(answer: Response): Promise<Problem> {
	const text = await answer.text();
	try {
		const said = JSON.parse(text) as { title: string; detail: string; line?: number; column?: number };
		return new Problem(said.title, said.detail, answer.status, said.line, said.column);
	} catch {
		return new Problem(answer.statusText, text.slice(0, 500), answer.status);
	}
}

/** Return the triples of N-Triples (RDF 1.2 N-Triples, section 2) as rows. */
function triples(text: string): Table {
	const rows: Row[] = [];
	for (const line of text.split("\n")) {
		const found = /^(<[^>]*>|_:\S+) <([^>]*)> (.*) \.$/.exec(line);
		if (found !== null) {
			rows.push({ subject: term(found[1] ?? ""), predicate: term(`<${found[2]}>`), object: term(found[3] ?? "") });
		}
	}
	return { variables: ["subject", "predicate", "object"], rows, evidence: undefined };
}

function term(text: string): Term {
	if (text.startsWith("<") && !text.startsWith("<<")) return { type: "uri", value: text.slice(1, -1) };
	if (text.startsWith("_:")) return { type: "bnode", value: text.slice(2) };
	const literal = /^"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?$/.exec(text);
	if (literal === null) return { type: "triple", value: text };
	const made: Term = { type: "literal", value: unescaped(literal[1] ?? "") };
	if (literal[2] !== undefined) made["xml:lang"] = literal[2];
	if (literal[3] !== undefined) made.datatype = literal[3];
	return made;
}

function unescaped(text: string): string {
	const short: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
	return text.replace(
		/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g,
		(_, four?: string, eight?: string, one?: string) =>
			one === undefined ? String.fromCodePoint(Number.parseInt(four ?? eight ?? "0", 16)) : (short[one] ?? one),
	);
}
