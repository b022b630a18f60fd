// Learn what things are called, many at once, in the language of the page. Keeps what it learned.
import { select } from "./endpoint";
import { LANGUAGE } from "./words";

export interface Label {
	text: string;
	language: string;
}

const LABELS = [
	"http://www.w3.org/2000/01/rdf-schema#label",
	"http://www.w3.org/2004/02/skos/core#prefLabel",
	"https://schema.org/name",
	"http://schema.org/name",
	"http://purl.org/dc/terms/title",
	"http://xmlns.com/foaf/0.1/name",
	"http://www.w3.org/2006/vcard/ns#fn",
	"http://purl.org/dc/elements/1.1/title",
	// A name that is a thing itself, and a record of what a place was called, are shown as what they say.
	"http://www.w3.org/2008/05/skos-xl#literalForm",
	"https://w3id.org/kouan/ontology#nameThen",
];
// A person may have a name in two parts only.
const GIVEN_AND_FAMILY = [
	"(<http://xmlns.com/foaf/0.1/givenName> <http://xmlns.com/foaf/0.1/familyName>)",
	"(<https://schema.org/givenName> <https://schema.org/familyName>)",
	"(<http://schema.org/givenName> <http://schema.org/familyName>)",
	"(<http://www.w3.org/2006/vcard/ns#given-name> <http://www.w3.org/2006/vcard/ns#family-name>)",
].join(" ");
const AT_ONCE = 500;
const known = new Map<string, Label | undefined>();

/** Return the label of a thing where it was learned. */
export function labelOf(iri: string): Label | undefined {
	return known.get(iri);
}

/** Learn the labels of things; returns whether any was new. */
export async function learn(iris: Iterable<string>): Promise<boolean> {
	const wanted = [...new Set(iris)].filter((iri) => !known.has(iri) && /^[^<>"{}|^`\\\s]+$/.test(iri));
	for (let from = 0; from < wanted.length; from += AT_ONCE) {
		await learnSome(wanted.slice(from, from + AT_ONCE));
	}
	return wanted.length > 0;
}

async function learnSome(iris: string[]): Promise<void> {
	for (const iri of iris) known.set(iri, undefined);
	const things = iris.map((iri) => `<${iri}>`).join(" ");
	const names = LABELS.map((iri) => `<${iri}>`).join(" ");
	const found = await select(
		`SELECT ?thing ?label { VALUES ?thing { ${things} } { VALUES ?names { ${names} } ?thing ?names ?label FILTER(isLiteral(?label)) } UNION { VALUES (?first ?last) { ${GIVEN_AND_FAMILY} } ?thing ?first ?given ; ?last ?family BIND(CONCAT(STR(?given), " ", STR(?family)) AS ?label) } }`,
	).catch(() => []);
	const worth = new Map<string, number>();
	for (const { thing, label } of found) {
		if (thing === undefined || label === undefined) continue;
		const language = (label["xml:lang"] ?? "").toLowerCase();
		const value = liking(language);
		if (value > (worth.get(thing.value) ?? -1)) {
			worth.set(thing.value, value);
			known.set(thing.value, { text: label.value, language });
		}
	}
}

function liking(language: string): number {
	if (language === LANGUAGE) return 5;
	if (language.startsWith(`${LANGUAGE}-`) && !language.includes("latn")) return 4;
	if (language === "en") return 3;
	return language === "" ? 2 : 1;
}
