// RDF terms as SPARQL results have them in JSON (SPARQL 1.1 Query Results JSON Format, section 3.2.2).

export interface Term {
	type: "uri" | "literal" | "bnode" | "triple" | "typed-literal";
	/** That of a triple term is an object: `partsOf` returns what it holds. */
	value: string;
	"xml:lang"?: string;
	"its:dir"?: string;
	datatype?: string;
}

export type Row = Record<string, Term | undefined>;

export interface Evidence {
	passages?: string[];
}

/** An answer as the views take it; the triples of a CONSTRUCT are rows of three. */
export interface Table {
	variables: string[];
	rows: Row[];
	evidence: Evidence[] | undefined;
}

export const XSD = "http://www.w3.org/2001/XMLSchema#";
export const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
export const GEO = "http://www.opengis.net/ont/geosparql#";
const NUMBERS = new Set(
	"integer decimal double float long int short byte nonNegativeInteger positiveInteger nonPositiveInteger negativeInteger unsignedInt unsignedLong unsignedShort unsignedByte"
		.split(" ")
		.map((name) => XSD + name),
);
const DATES = new Set(["date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth"].map((name) => XSD + name));

/** Return the number that a term is, or undefined. */
export function numberOf(term: Term | undefined): number | undefined {
	if (term?.datatype === undefined || !NUMBERS.has(term.datatype)) return undefined;
	const value = Number(term.value);
	return Number.isFinite(value) ? value : undefined;
}

/** Return the day that a term begins with, or undefined. */
export function dateOf(term: Term | undefined): Date | undefined {
	if (term?.datatype === undefined || !DATES.has(term.datatype)) return undefined;
	const parts = /^(-?\d{4,})(?:-(\d\d))?(?:-(\d\d))?/.exec(term.value);
	if (parts === null) return undefined;
	const date = new Date(0);
	date.setUTCFullYear(Number(parts[1]), Number(parts[2] ?? 1) - 1, Number(parts[3] ?? 1));
	return date;
}

/** Return whether a link to an IRI may be followed. */
export function isAddress(iri: string): boolean {
	return /^https?:\/\//.test(iri);
}

/** Return the last part of an IRI, which readers recognise. */
export function tail(iri: string): string {
	const end = iri.replace(/[/#]+$/, "");
	return decoded(end.slice(Math.max(end.lastIndexOf("/"), end.lastIndexOf("#"), end.lastIndexOf(":")) + 1)) || iri;
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Return the subject, the predicate and the object of a triple term (SPARQL 1.2 Query Results JSON Format, section 3.2.2). */
export function partsOf(term: Term): Term[] {
	if (term.type !== "triple" || typeof term.value === "string") return [];
	const { subject, predicate, object } = term.value as { subject: Term; predicate: Term; object: Term };
	return [subject, predicate, object];
}

/** Return the IRIs that a term names. */
export function irisIn(term: Term | undefined): string[] {
	if (term === undefined) return [];
	return term.type === "uri" ? [term.value] : partsOf(term).flatMap(irisIn);
}

/** Return the key that sorts and groups a term. */
export function textOf(term: Term | undefined): string {
	if (term === undefined) return "";
	const parts = partsOf(term);
	return parts.length > 0 ? `<<( ${parts.map(textOf).join(" ")} )>>` : term.value;
}
