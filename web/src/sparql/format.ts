// Lay a query out anew: only the space between tokens changes, so that it means what it meant.
import { type Token, tokens } from "./tokens";

const CLAUSES = new Set(
	"base prefix version select construct describe ask where from group having order limit offset values union optional minus graph service filter bind lateral insert delete with using".split(
		" ",
	),
);
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
	const sheet = new Sheet();
	let before: Token | undefined;
	for (const token of tokens(text)) {
		if (token.kind === "space") {
			sheet.space(token.text, before);
			continue;
		}
		if (token.kind === "comment") sheet.comment(token, text.slice(0, token.start));
		else sheet.put(token, before);
		before = token;
	}
	sheet.end();
	return `${sheet.lines.join("\n").trim()}\n`;
}

/** The lines that are written, and the one that is being written. */
class Sheet {
	readonly lines: string[] = [];
	private readonly brackets: string[] = [];
	private line = "";
	private indent = 0;

	private get level(): number {
		return this.brackets.filter((each) => each === "{").length;
	}

	end(): void {
		if (this.line.trim() !== "") this.lines.push("  ".repeat(this.indent) + this.line.trim());
		this.line = "";
		this.indent = this.level;
	}

	/** Keep an empty line between others. */
	space(text: string, before: Token | undefined): void {
		const isEmpty = text.split("\n").length > 2 && this.line.trim() === "";
		if (isEmpty && this.lines.length > 0 && this.lines.at(-1) !== "") this.lines.push("");
		if (text.includes("\n") && before?.kind === "comment") this.end();
	}

	/** Leave a comment in the line that it stood in. */
	comment(token: Token, upTo: string): void {
		if (upTo.slice(upTo.lastIndexOf("\n") + 1).trim() === "") this.end();
		this.line += `${this.line.trim() === "" ? "" : " "}${token.text.trimEnd()}`;
		this.end();
	}

	put(token: Token, before: Token | undefined): void {
		const word = token.kind === "word" ? token.text.toLowerCase() : "";
		const innermost = this.brackets.at(-1);
		if (token.text === "}" || token.text === "|}") this.close(token.text);
		else if (token.text === "{" || token.text === "{|") this.open(token.text, before);
		else if (CLAUSES.has(word) && innermost !== "(" && innermost !== "[" && breaks(word, before)) {
			this.end();
			this.line = token.text;
		} else this.go(token, word, before);
	}

	private open(sign: string, before: Token | undefined): void {
		if (before?.text === "}") this.end();
		this.line += `${this.line === "" || this.line.endsWith(" ") ? "" : " "}${sign}`;
		this.brackets.push(sign);
		if (sign === "{") this.end();
	}

	private close(sign: string): void {
		if (sign === "}") this.end();
		this.brackets.pop();
		if (sign === "}") this.indent = this.level;
		this.line += sign === "}" ? "}" : " |}";
	}

	private go(token: Token, word: string, before: Token | undefined): void {
		if (before?.text === "}" && word !== "union" && token.text !== ".") this.end();
		this.line += space(before, token, this.line) + token.text;
		if (/^[([]|<<\(?$/.test(token.text)) this.brackets.push(token.text[0] === "[" ? "[" : "(");
		if (/^[)\]]|>>$/.test(token.text)) this.brackets.pop();
		const isIn = this.level > 0 && this.brackets.at(-1) === "{";
		if (isIn && (token.text === "." || token.text === ";")) {
			this.end();
			// What goes on of a subject stands further in.
			if (token.text === ";") this.indent += 1;
		}
		// A declaration is a line.
		if (before?.kind === "name" && token.kind === "iri" && this.level === 0) this.end();
	}
}

/** Return whether a word begins a line: not where it goes on in what stands before, as in UNION after a group. */
function breaks(word: string, before: Token | undefined): boolean {
	return !(word === "union" && before?.text === "}");
}

function space(before: Token | undefined, token: Token, line: string): string {
	if (before === undefined || line === "") return "";
	if ([",", ")"].includes(token.text) || token.text === "^^" || before.text === "^^") return "";
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
