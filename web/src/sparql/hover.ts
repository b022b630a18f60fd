// Show what a term is called and how it is defined while the pointer rests on it.
import { hoverTooltip } from "@codemirror/view";
import { el } from "../dom";
import { labelOf, learn } from "../labels";
import { definitionOf, nameOf, vocabulary } from "../vocabulary";
import { declared, iriOf, tokens } from "./tokens";

/** The extension of the editor. */
export const hover = hoverTooltip(async (view, pos) => {
	const text = view.state.doc.toString();
	const token = tokens(text).find(
		(each) => each.start <= pos && pos <= each.end && (each.kind === "name" || each.kind === "iri"),
	);
	if (token === undefined) return null;
	const said = await vocabulary();
	const iri = iriOf(token, new Map([...Object.entries(said.prefixes), ...declared(text)]));
	if (iri === undefined) return null;
	const thing = [...said.classes, ...said.properties].find((each) => each.iri === iri);
	if (thing === undefined) await learn([iri]);
	const label = thing === undefined ? labelOf(iri)?.text : nameOf(thing);
	if (label === undefined || label === "") return null;
	const other =
		thing === undefined ? "" : [thing.en, thing.zh].filter((each) => each !== undefined && each !== label).join(" ");
	return {
		pos: token.start,
		end: token.end,
		above: true,
		create: () => ({
			dom: el(
				"div",
				{ class: "told" },
				el("strong", {}, label),
				other === "" ? "" : ` ${other}`,
				el("div", {}, thing === undefined ? "" : definitionOf(thing)),
				el("code", {}, iri),
			),
		}),
	};
});
