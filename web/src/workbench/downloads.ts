// Hand an answer to the reader: in each format of the endpoint, as a picture, as code, as a frame for other pages.
import { el, save } from "../dom";
import { send } from "../endpoint";
import { ROOT } from "../root";
import { say } from "../words";
import { linkTo } from "./address";
import { copied } from "./copying";
import { menu } from "./menu";
import { snippets } from "./snippets";

export interface Format {
	name: string;
	type: string;
}

/** Return the menu of downloads: the endpoint is asked anew in the format that is chosen. */
export function downloads(
	formats: Format[],
	query: string,
	evidence: boolean,
	drawing: () => HTMLElement,
): HTMLElement {
	return menu(say("download"), (panel, shut) => {
		const keep = (content: Blob, name: string) => {
			save(content, name);
			shut();
		};
		for (const { name, type } of formats) {
			panel.append(
				el("button", { type: "button", onclick: () => void fetched(query, name, type, evidence).then(shut) }, name),
			);
		}
		const host = drawing();
		const svg = host.querySelector<SVGSVGElement>(".drawing svg");
		const picture = host.querySelector<HTMLElement & { picture?: () => Promise<Blob> }>(".network")?.picture;
		if (svg !== null) {
			panel.append(
				el(
					"button",
					{
						type: "button",
						onclick: () => keep(new Blob([written(svg)], { type: "image/svg+xml" }), "answer.svg"),
					},
					say("svg"),
				),
			);
			panel.append(
				el(
					"button",
					{ type: "button", onclick: () => void painted(svg).then((made) => keep(made, "answer.png")) },
					say("png"),
				),
			);
		} else if (picture !== undefined) {
			panel.append(
				el(
					"button",
					{ type: "button", onclick: () => void picture().then((made) => keep(made, "answer.png")) },
					say("png"),
				),
			);
		}
	});
}

async function fetched(query: string, name: string, type: string, evidence: boolean): Promise<void> {
	const answer = await send(query, type, undefined, evidence && name === "json");
	save(await answer.blob(), `answer.${name}`);
}

/** Return the menu of code that asks the same. */
export function code(query: string): HTMLElement {
	return menu(
		say("code"),
		(panel) => {
			const text = el("pre", { tabindex: "0" });
			const copy = el("button", { type: "button" }, say("copy"));
			const names = snippets.map((snippet, at) => el("option", { value: String(at) }, snippet.name));
			const choice = el("select", { "aria-label": say("code") }, ...names);
			const fill = () => {
				text.textContent = snippets[Number(choice.value)]?.write(`${location.origin}${ROOT}/sparql`, query) ?? "";
			};
			choice.addEventListener("change", fill);
			copy.addEventListener("click", () => void copied(text.textContent ?? "", copy));
			panel.append(el("div", { class: "tools" }, choice, copy), text);
			fill();
		},
		"wide",
	);
}

/** Return the menu with the frame that shows the result in another page. */
export function embed(query: string, view: () => string): HTMLElement {
	return menu(
		say("embed"),
		(panel) => {
			const text = `<iframe src="${linkTo("/embed", query, false, view()).replaceAll("&", "&amp;")}" width="800" height="480" title="${say("result")}"></iframe>`;
			const copy = el("button", { type: "button" }, say("copy"));
			copy.addEventListener("click", () => void copied(text, copy));
			panel.append(
				el("p", {}, say("embedSays")),
				el("pre", { tabindex: "0" }, text),
				el("p", { class: "formats" }, copy),
			);
		},
		"wide",
	);
}

/** Return a drawing as a file that stands alone: with the colours of the page written out. */
function written(svg: SVGSVGElement): string {
	const look = getComputedStyle(document.documentElement);
	const copy = svg.cloneNode(true) as SVGSVGElement;
	copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
	copy.setAttribute("font-family", "system-ui, sans-serif");
	copy.setAttribute("color", look.getPropertyValue("--ink").trim());
	copy.style.background = look.getPropertyValue("--paper").trim();
	return new XMLSerializer()
		.serializeToString(copy)
		.replace(/var\((--[\w-]+)\)/g, (_, name: string) => look.getPropertyValue(name).trim());
}

async function painted(svg: SVGSVGElement): Promise<Blob> {
	const image = new Image();
	const [width, height] = [svg.width.baseVal.value, svg.height.baseVal.value];
	image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(written(svg))}`;
	await image.decode();
	const canvas = el("canvas", { width: width * 2, height: height * 2 });
	canvas.getContext("2d")?.drawImage(image, 0, 0, width * 2, height * 2);
	return new Promise((resolve, reject) =>
		canvas.toBlob((made) => (made === null ? reject(new Error("No picture was made.")) : resolve(made)), "image/png"),
	);
}
