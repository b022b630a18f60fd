// Cut SPARQL 1.2 into tokens (SPARQL 1.2 Query Language, section 19.8). Never fails: what is no token is one character of "other".

export type Kind =
	| "space"
	| "comment"
	| "iri"
	| "string"
	| "language"
	| "variable"
	| "blank"
	| "name"
	| "number"
	| "word"
	| "sign"
	| "bracket"
	| "other";

export interface Token {
	kind: Kind;
	text: string;
	start: number;
	end: number;
}

const NAME_START = "\\p{L}";
const NAME = "[\\p{L}\\p{N}_·‿⁀-]";
const PREFIX = `(?:${NAME_START}(?:(?:${NAME}|\\.)*${NAME})?)?`;
const LOCAL_PART = `(?:${NAME}|:|%[0-9A-Fa-f]{2}|\\\\[_~.\\-!$&'()*+,;=/?#@%])`;
const LOCAL = `(?:${LOCAL_PART}(?:(?:${LOCAL_PART}|\\.)*${LOCAL_PART})?)?`;

const RULES: [Kind, RegExp][] = [
	["space", /\s+/uy],
	["comment", /#[^\n]*/uy],
	["iri", /<[^<>"{}|^`\\\s]*>/uy],
	["bracket", /<<\(|\)>>|<<|>>|\{\||\|\}/uy],
	["string", /"""(?:"{0,2}(?:[^"\\]|\\.))*(?:"""|$)|'''(?:'{0,2}(?:[^'\\]|\\.))*(?:'''|$)/suy],
	["string", /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?/uy],
	["language", /@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?/uy],
	["variable", /[?$][\p{L}\p{N}_]+/uy],
	["blank", new RegExp(`_:[\\p{L}\\p{N}_](?:(?:${NAME}|\\.)*${NAME})?`, "uy")],
	["name", new RegExp(`${PREFIX}:${LOCAL}`, "uy")],
	["number", /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/uy],
	["word", /[\p{L}][\p{L}\p{N}_-]*/uy],
	["bracket", /[{}()[\]]/uy],
	["sign", /\^\^|&&|\|\||!=|<=|>=|[.;,/^|*+?!=<>~-]/uy],
];

/** Return the token that begins at a place. */
export function tokenAt(text: string, start: number): Token {
	for (const [kind, rule] of RULES) {
		rule.lastIndex = start;
		const found = rule.exec(text);
		if (found !== null && found[0] !== "") {
			return { kind, text: found[0], start, end: rule.lastIndex };
		}
	}
	const end = start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
	return { kind: "other", text: text.slice(start, end), start, end };
}

/** Return all tokens of a text, those that are space and comments among them. */
export function tokens(text: string): Token[] {
	const found: Token[] = [];
	for (let at = 0; at < text.length; ) {
		const token = tokenAt(text, at);
		found.push(token);
		at = token.end;
	}
	return found;
}

/** Return the tokens that mean something. */
export function meaningful(text: string): Token[] {
	return tokens(text).filter((each) => each.kind !== "space" && each.kind !== "comment");
}

/** Return the prefixes that a query declares. */
export function declared(text: string): Map<string, string> {
	const found = new Map<string, string>();
	const all = meaningful(text);
	all.forEach((token, at) => {
		const [name, iri] = [all[at + 1], all[at + 2]];
		if (
			token.kind === "word" &&
			token.text.toUpperCase() === "PREFIX" &&
			name?.kind === "name" &&
			iri?.kind === "iri"
		) {
			found.set(name.text.slice(0, -1), iri.text.slice(1, -1));
		}
	});
	return found;
}

/** Return the IRI that a token names, or undefined where it names none that is known. */
export function iriOf(token: Token, prefixes: Map<string, string>): string | undefined {
	if (token.kind === "iri") return token.text.slice(1, -1);
	if (token.kind !== "name") return undefined;
	const colon = token.text.indexOf(":");
	const base = prefixes.get(token.text.slice(0, colon));
	return base === undefined ? undefined : base + token.text.slice(colon + 1).replace(/\\(.)/g, "$1");
}
