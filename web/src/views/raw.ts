// Show an answer as it came, JSON laid out in lines.
import { el } from "../dom";
import { counted, say } from "../words";

const SHOWN = 200_000;

/** Draw the text of an answer. */
export function raw(host: HTMLElement, text: string): void {
	const cut = text.length > SHOWN;
	host.replaceChildren(
		cut ? el("p", { class: "muted" }, say("rawCut", { shown: counted(SHOWN) })) : "",
		el("pre", { tabindex: "0" }, cut ? text.slice(0, SHOWN) : laidOut(text)),
	);
}

function laidOut(text: string): string {
	if (!text.startsWith("{")) return text;
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return text;
	}
}
