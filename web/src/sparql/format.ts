// Lay a query out anew: only the space between tokens changes, so that it means what it meant.
import { type Token, tokens } from "./tokens";

const CLAUSES = new Set(
	"base prefix version select construct describe ask where from group having order limit offset values union optional minus graph service filter bind lateral insert delete with using".split(
		" ",
	),
);
// A clause goes on in the line of what these began.
const FOLLOWS: Record<string, Set<string>> = {
	where: new Set(["}", ")"]),
	union: new Set(["}"]),
	limit: new Set(),
	offset: new Set(),
};
const CALLED = new Set([
	"filter",
	"optional",
	"minus",
	"graph",
	"in",
	"as",
	"by",
	"where",
	"values",
	"bind",
	"having",
	"and",
	"or",
]);

/** Return a query with one statement a line, and what is in braces indented by two. */
export function format(text: string): string {
	const out: string[] = [];
	const brackets: string[] = [];
	let line = "";
	let before: Token | undefined;
	let indent = 0;
	const level = () => brackets.filter((each) => each === "{").length;
	const end = () => {
		if (line.trim() !== "") out.push("  ".repeat(indent) + line.trim());
		line = "";
		indent = level();
	};
	let subject = false;
	for (const token of tokens(text)) {
		if (token.kind === "space") {
			if ((token.text.match(/\n/g)?.length ?? 0) > 1 && line.trim() === "" && out.length > 0 && out.at(-1) !== "")
				out.push("");
			if (token.text.includes("\n") && before?.kind === "comment") end();
			continue;
		}
		if (token.kind === "comment") {
			const own = text.slice(0, token.start).split("\n").at(-1)?.trim() === "";
			if (own) end();
			line += `${line.trim() === "" ? "" : " "}${token.text.trimEnd()}`;
			end();
			before = token;
			continue;
		}
		const word = token.kind === "word" ? token.text.toLowerCase() : "";
		const innermost = brackets.at(-1);
		if (token.text === "}" || token.text === "|}") {
			if (token.text === "}") end();
			brackets.pop();
			if (token.text === "}") indent = level();
			line += token.text === "}" ? "}" : " |}";
			subject = false;
		} else if (token.text === "{" || token.text === "{|") {
			line += `${gap(line)}${token.text}`;
			brackets.push(token.text);
			if (token.text === "{") end();
			subject = false;
		} else if (CLAUSES.has(word) && innermost !== "(" && innermost !== "[" && breaks(word, before)) {
			end();
			line = token.text;
		} else {
			if (before?.text === "}" && word !== "union" && word !== "where" && token.text !== ".") end();
			line += space(before, token, line) + token.text;
			if (/^[([]|<<\(?$/.test(token.text)) brackets.push(token.text[0] === "[" ? "[" : "(");
			if (/^[)\]]|>>$/.test(token.text)) brackets.pop();
			if ((token.text === "." || token.text === ";") && (brackets.at(-1) ?? "{") === "{" && level() > 0) {
				const continues = token.text === ";";
				end();
				if (continues) indent += 1;
				subject = continues;
			}
			if (before?.kind === "name" && token.kind === "iri" && level() === 0) end();
		}
		before = token;
	}
	void subject;
	end();
	return `${out.join("\n").trim()}\n`;
}

function breaks(word: string, before: Token | undefined): boolean {
	if (before === undefined) return true;
	const previous = before.text.toLowerCase();
	if (["insert", "delete"].includes(word) && previous === "with") return false;
	const follows = FOLLOWS[word];
	if (follows === undefined) return true;
	if (word === "limit" || word === "offset") return true;
	return !follows.has(previous) || false;
}

function gap(line: string): string {
	return line === "" || line.endsWith(" ") ? "" : " ";
}

function space(before: Token | undefined, token: Token, line: string): string {
	if (before === undefined || line === "") return "";
	if ([",", ")", "]"].includes(token.text) || token.text === "^^" || before.text === "^^") return "";
	if (before.text === "(" || before.text === "!" || before.text === "^") return "";
	if (token.kind === "language") return "";
	if (before.text === "[") return token.text === "]" ? "" : " ";
	if (token.text === "(")
		return before.kind === "word" && !CALLED.has(before.text.toLowerCase()) ? "" : before.kind === "name" ? "" : " ";
	// The signs of a path stand close.
	const near = token.start === before.end;
	if (near && (/^[/|^*+?]$/.test(token.text) || /^[/|^]$/.test(before.text))) return "";
	if (near && /^[+-]$/.test(before.text) && token.kind === "number") return "";
	return " ";
}
