// Show the reader's queries as tabs.
import { el } from "../dom";
import { say } from "../words";
import type { Tabs } from "./store";

/** Return the row of tabs; `changed` is called when another query is to be shown. */
export function tabRow(tabs: Tabs, changed: () => void): HTMLElement {
	const row = el("div", { class: "queries" });
	const fill = () => {
		const buttons = tabs.all.map((each) => {
			const is = each.id === tabs.current?.id;
			const name = say("name", { number: each.id });
			const open = () => {
				tabs.shown = each.id;
				tabs.save();
				fill();
				row.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
				changed();
			};
			const shut = () => {
				tabs.close(each.id);
				if (tabs.all.length === 0) tabs.add("");
				fill();
				changed();
			};
			return {
				tab: el(
					"button",
					{
						type: "button",
						role: "tab",
						id: `query-${each.id}`,
						"aria-selected": String(is),
						"aria-controls": "field",
						tabindex: is ? 0 : -1,
						onclick: open,
					},
					name,
				),
				shut:
					tabs.all.length > 1
						? el(
								"button",
								{ type: "button", class: "shut", "aria-label": say("closeTab", { name }), onclick: shut },
								"×",
							)
						: undefined,
			};
		});
		const list = el(
			"div",
			{ role: "tablist", "aria-label": say("queries"), class: "tools" },
			...buttons.map(({ tab }) => tab),
		);
		list.addEventListener("keydown", (event) => {
			const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
			const at = buttons.findIndex(({ tab }) => tab === document.activeElement);
			if (step !== undefined && at >= 0) buttons.at((at + step) % buttons.length)?.tab.click();
		});
		const shut = buttons.find(({ tab }) => tab.getAttribute("aria-selected") === "true")?.shut;
		const add = () => {
			tabs.add("");
			fill();
			changed();
		};
		row.replaceChildren(
			list,
			shut ?? "",
			el("button", { type: "button", "aria-label": say("newTab"), title: say("newTab"), onclick: add }, "+"),
		);
	};
	fill();
	return row;
}
