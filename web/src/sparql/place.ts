// Tell where in a query the cursor stands, and what is said to be of which class before and behind it.
import { RDF } from "../terms";
import { iriOf, type Token } from "./tokens";

export type Position = "prologue" | "subject" | "predicate" | "object" | "expression";

export interface Place {
	position: Position;
	/** The subject and the predicate of the triple that the cursor stands in, as they are written. */
	subject: string;
	predicate: string;
	/** The classes of subjects, as they are written. */
	classes: Map<string, Set<string>>;
}

const VERB_SIGNS = new Set(["/", "|", "^", "*", "+", "?", "!"]);
const EXPRESSION = new Set(["filter", "bind", "having", "by", "select"]);
const TYPE = `${RDF}type`;

/** Return the place of an offset among tokens that mean something. */
export function placeOf(tokens: Token[], offset: number, prefixes: Map<string, string>): Place {
	const classes = new Map<string, Set<string>>();
	let place: Place | undefined;
	let position: Position = "prologue";
	let [subject, predicate] = ["", ""];
	const outer: { position: Position; subject: string; predicate: string; bracket: string }[] = [];
	let numbered = 0;
	const here = () => ({ position, subject, predicate, classes });
	for (const token of tokens) {
		if (place === undefined && token.end >= offset) place = here();
		const word = token.kind === "word" ? token.text.toLowerCase() : "";
		const isTerm = ["iri", "name", "variable", "blank", "string", "number"].includes(token.kind) || word === "a";
		if (token.text === "{") {
			outer.push({ position, subject, predicate, bracket: "{" });
			[position, subject, predicate] = ["subject", "", ""];
		} else if (token.text === "(" && (position === "expression" || position === "prologue")) {
			outer.push({ position, subject, predicate, bracket: "(" });
			position = "expression";
		} else if (token.text === "[") {
			outer.push({ position: position === "object" ? "object" : "predicate", subject, predicate, bracket: "[" });
			numbered += 1;
			[position, subject, predicate] = ["predicate", `[${numbered}`, ""];
		} else if (token.text === "}" || token.text === "]" || (token.text === ")" && outer.at(-1)?.bracket === "(")) {
			const back = outer.pop();
			if (back !== undefined) {
				subject = back.subject;
				predicate = back.predicate;
				position = token.text === "}" && back.position !== "prologue" ? "subject" : back.position;
				if (token.text === ")" && position === "expression" && outer.at(-1)?.bracket !== "(") position = "subject";
			}
		} else if (EXPRESSION.has(word)) {
			position = "expression";
		} else if (word !== "" && word !== "a" && position !== "expression") {
			if (outer.length > 0) position = "subject";
		} else if (token.text === "." && outer.length > 0) {
			[position, subject, predicate] = ["subject", "", ""];
		} else if (token.text === ";") {
			position = "predicate";
		} else if (token.text === ",") {
			if (position !== "expression") position = "object";
		} else if (isTerm) {
			if (position === "subject") {
				subject = token.text;
				position = "predicate";
			} else if (position === "predicate") {
				predicate = token.text;
				position = "object";
			} else if (position === "object") {
				if (predicate === "a" || iriOf({ ...token, text: predicate, kind: "name" }, prefixes) === TYPE) {
					const iri = iriOf(token, prefixes);
					if (iri !== undefined) classes.set(subject, (classes.get(subject) ?? new Set()).add(iri));
				}
			}
		} else if (VERB_SIGNS.has(token.text) && position === "object") {
			position = "predicate";
		}
	}
	return place ?? here();
}
