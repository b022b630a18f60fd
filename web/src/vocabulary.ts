// What the dataset that is served is written in: prefixes, classes and properties. Asked once, and kept.
import { ROOT } from "./root";
import { LANGUAGE } from "./words";

export interface Thing {
	iri: string;
	en?: string;
	zh?: string;
	sound?: string;
	says_en?: string;
	says_zh?: string;
	count: number;
}

export interface Vocabulary {
	prefixes: Record<string, string>;
	classes: Thing[];
	properties: Thing[];
	/** Of each class the properties of its things, most used first: places in `classes` and `properties`. */
	used: Record<string, number[]>;
}

let asked: Promise<Vocabulary> | undefined;
let known: Vocabulary = { prefixes: {}, classes: [], properties: [], used: {} };

/** Return the vocabulary once it is there; nothing where the server cannot tell it. */
export function vocabulary(): Promise<Vocabulary> {
	asked ??= fetch(`${ROOT}/sparql/vocabulary?lang=${LANGUAGE}`, { credentials: "omit" })
		.then((answer) => (answer.ok ? (answer.json() as Promise<Vocabulary>) : known))
		.catch(() => known)
		.then((found) => {
			known = found;
			return found;
		});
	return asked;
}

/** Return what is known of the vocabulary by now. */
export function vocabularyByNow(): Vocabulary {
	return known;
}

/** Return what a thing is called in the language of the page, else in the other. */
export function nameOf(thing: Thing): string {
	return (LANGUAGE === "zh" ? (thing.zh ?? thing.en) : (thing.en ?? thing.zh)) ?? "";
}

/** Return the definition of a thing in the language of the page, else in the other. */
export function definitionOf(thing: Thing): string {
	return (LANGUAGE === "zh" ? (thing.says_zh ?? thing.says_en) : (thing.says_en ?? thing.says_zh)) ?? "";
}

/** Return an IRI with a prefix, longest namespace first, or undefined where none fits or the rest would need escapes. */
export function shortened(iri: string, prefixes: Record<string, string> = known.prefixes): string | undefined {
	let best: string | undefined;
	let length = 0;
	for (const [prefix, base] of Object.entries(prefixes)) {
		if (base.length > length && iri.startsWith(base)) {
			const local = iri.slice(base.length);
			if (/^(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_-])?)?$/u.test(local)) {
				best = `${prefix}:${local}`;
				length = base.length;
			}
		}
	}
	return best;
}
