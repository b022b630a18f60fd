// Colour SPARQL in the editor. Knows tokens and CodeMirror.
import { HighlightStyle, LanguageSupport, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";
import { type Kind, tokenAt } from "./tokens";

interface State {
	quote: string;
}

const LOOK: Partial<Record<Kind, string>> = {
	comment: "comment",
	iri: "url",
	string: "string",
	language: "annotation",
	variable: "variableName",
	blank: "labelName",
	name: "propertyName",
	number: "number",
	sign: "operator",
	bracket: "bracket",
};
const STANDING = new Set(["a", "true", "false"]);
const WORDS = new Set(
	(
		"base prefix version select distinct reduced construct describe ask where from named group by having order asc desc limit " +
		"offset values as union optional minus graph service silent filter exists not in bind undef lateral insert delete data " +
		"with using load clear drop create add move copy to into default all separator"
	).split(" "),
);

const parser = StreamLanguage.define<State>({
	name: "sparql",
	startState: () => ({ quote: "" }),
	languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"', "'"] } },
	token(stream, state) {
		if (state.quote !== "") {
			closes(stream, state);
			return "string";
		}
		const opening = stream.match(/"""|'''/, false) as RegExpMatchArray | null;
		if (opening !== null) {
			state.quote = opening[0];
			stream.pos += 3;
			closes(stream, state);
			return "string";
		}
		const token = tokenAt(stream.string, stream.pos);
		stream.pos = token.end;
		if (token.kind === "word") {
			const word = token.text.toLowerCase();
			return STANDING.has(word) || WORDS.has(word) ? "keyword" : "function";
		}
		return LOOK[token.kind] ?? null;
	},
	tokenTable: { function: tags.function(tags.name), url: tags.url, annotation: tags.annotation },
});

function closes(stream: { string: string; pos: number }, state: State): void {
	for (let at = stream.pos; at < stream.string.length; at++) {
		if (stream.string[at] === "\\") at++;
		else if (stream.string.startsWith(state.quote, at)) {
			stream.pos = at + 3;
			state.quote = "";
			return;
		}
	}
	stream.pos = stream.string.length;
}

const colours = HighlightStyle.define([
	{ tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
	{ tag: tags.function(tags.name), color: "var(--code-keyword)" },
	// No line ends between the sign of a variable and its name.
	{ tag: tags.variableName, color: "var(--code-variable)", whiteSpace: "nowrap" },
	{ tag: tags.propertyName, color: "var(--code-name)" },
	{ tag: tags.url, color: "var(--code-name)" },
	{ tag: tags.string, color: "var(--code-string)" },
	{ tag: tags.annotation, color: "var(--code-string)" },
	{ tag: tags.number, color: "var(--code-number)" },
	{ tag: tags.labelName, color: "var(--code-number)" },
	{ tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
]);

/** The language for the editor. */
export const sparql = new LanguageSupport(parser, syntaxHighlighting(colours));
