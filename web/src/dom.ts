// Make elements of the page. Text goes in as text and never as markup.

type Attributes = Record<string, string | number | boolean | EventListener | undefined>;

/** Return an element; a function listens under its name without on, true is present, false and undefined are absent. */
export function el<K extends keyof HTMLElementTagNameMap>(
	name: K,
	attributes: Attributes = {},
	...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (typeof value === "function") made.addEventListener(key.slice(2), value);
		else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : String(value));
	}
	made.append(...children);
	return made;
}

/** Return the element that a page has for certain. */
export function one<T extends Element>(selector: string, within: ParentNode = document): T {
	const found = within.querySelector<T>(selector);
	if (found === null) throw new Error(`The page has no ${selector}.`);
	return found;
}

/** Hand a file to the reader. */
export function save(content: Blob, name: string): void {
	const address = URL.createObjectURL(content);
	el("a", { href: address, download: name }).click();
	setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Wait with a call until no other came for so many milliseconds. */
export function calmly<A extends unknown[]>(wait: number, call: (...given: A) => void): (...given: A) => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	return (...given) => {
		clearTimeout(timer);
		timer = setTimeout(() => call(...given), wait);
	};
}
