// A button that opens a small panel; Escape and a click elsewhere close it.
import { el } from "../dom";

/** Return a menu; `fill` makes what is in it each time it is opened. */
export function menu(
	name: string,
	fill: (panel: HTMLElement, shut: () => void) => void,
	kind = "",
): HTMLDetailsElement {
	const panel = el("div");
	const made = el("details", { class: `menu ${kind}` }, el("summary", {}, name), panel);
	const shut = () => {
		made.open = false;
	};
	made.addEventListener("toggle", () => {
		if (!made.open) return;
		panel.replaceChildren();
		fill(panel, shut);
		panel.style.marginLeft = "";
		const over = panel.getBoundingClientRect();
		const wide = document.documentElement.clientWidth;
		if (over.right > wide - 8) panel.style.marginLeft = `${Math.floor(wide - 8 - over.right)}px`;
		if (over.left < 8) panel.style.marginRight = `${Math.floor(over.left - 8)}px`;
	});
	made.addEventListener("keydown", (event) => {
		if (event.key !== "Escape" || !made.open) return;
		shut();
		made.querySelector("summary")?.focus();
	});
	document.addEventListener("click", (event) => {
		if (made.open && event.target instanceof Node && !made.contains(event.target)) shut();
	});
	return made;
}
