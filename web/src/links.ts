// Lead from a term to where the reader can go on: its page here, or its own address.
import { el } from "./dom";
import { labelOf } from "./labels";
import { here } from "./root";
import { isAddress, partsOf, type Term, tail } from "./terms";
import { shortened } from "./vocabulary";
import { say } from "./words";

const BASE = "https://w3id.org/kouan/";
/** Whether what is served is our own graph. */
export const own = document.documentElement.dataset.own !== undefined || document.querySelector("[data-own]") !== null;

/** Return the address of the page of a thing here, or undefined where there is none to be expected. */
export function pageOf(iri: string): string | undefined {
	if (own && iri.startsWith(`${BASE}ontology#`))
		return here(`/ontology/${encodeURIComponent(iri.slice(BASE.length + 9))}`);
	if (own && iri.startsWith(`${BASE}shapes#`)) return here(`/shapes/${encodeURIComponent(iri.slice(BASE.length + 7))}`);
	if (own && iri.startsWith(BASE)) return here(`/${encodeURI(iri.slice(BASE.length))}`);
	return own || labelOf(iri) === undefined ? undefined : here(`/thing?iri=${encodeURIComponent(iri)}`);
}

/** Return what readers see of a term, with a language where it has one. */
export function shown(term: Term): HTMLElement {
	if (term.type === "uri") return linked(term.value);
	if (term.type === "bnode") return el("i", {}, say("unnamed"));
	if (term.type === "triple") {
		const parts = partsOf(term).flatMap((part) => [shown(part), " "]);
		return parts.length > 0 ? el("span", {}, "<<( ", ...parts, ")>>") : el("code", {}, term.value);
	}
	const attributes: Record<string, string | undefined> = { lang: term["xml:lang"], dir: term["its:dir"] };
	return el("span", attributes, term.value);
}

/** Return a link to a thing by its label. */
export function linked(iri: string): HTMLElement {
	const label = labelOf(iri);
	const page = pageOf(iri);
	const name = el(
		"span",
		{ lang: label?.language || undefined },
		label?.text ?? shortened(iri) ?? (isAddress(iri) ? tail(iri) : iri),
	);
	if (page !== undefined) return el("a", { href: page, title: iri }, name);
	return isAddress(iri)
		? el("a", { href: iri, rel: "external noreferrer", title: iri }, name)
		: el("span", { title: iri }, name);
}
