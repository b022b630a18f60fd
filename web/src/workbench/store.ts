// Keep the reader's queries in the browser: those that are open, and those that were run. Nothing of it is sent anywhere.
export interface Kept {
	id: number;
	text: string;
}

export interface Ran {
	text: string;
	at: string;
	rows: number | undefined;
}

const OPEN = "kouan.queries";
const HISTORY = "kouan.history";
const MOST = 50;

/** The queries that are open, in their order, and which of them is shown. */
export class Tabs {
	all: Kept[];
	shown: number;

	constructor() {
		const kept = read<{ all: Kept[]; shown: number }>(OPEN);
		this.all = kept?.all.filter((each) => typeof each.text === "string") ?? [];
		this.shown = kept?.shown ?? 0;
	}

	get current(): Kept | undefined {
		return this.all.find((each) => each.id === this.shown) ?? this.all[0];
	}

	/** Open a query, and return it. */
	add(text: string): Kept {
		const id = Math.max(0, ...this.all.map((each) => each.id)) + 1;
		const made = { id, text };
		this.all.push(made);
		this.shown = id;
		this.save();
		return made;
	}

	/** Close a query; the one beside it is shown then. */
	close(id: number): void {
		const place = this.all.findIndex((each) => each.id === id);
		this.all = this.all.filter((each) => each.id !== id);
		if (this.shown === id) this.shown = this.all[Math.max(0, place - 1)]?.id ?? 0;
		this.save();
	}

	save(): void {
		write(OPEN, { all: this.all, shown: this.shown });
	}
}

/** Return the queries that were run, the latest first. */
export function ran(): Ran[] {
	return read<Ran[]>(HISTORY) ?? [];
}

/** Remember that a query was run; the same text is kept once. */
export function remember(text: string, rows: number | undefined): void {
	const others = ran().filter((each) => each.text !== text);
	write(HISTORY, [{ text, at: new Date().toISOString(), rows }, ...others].slice(0, MOST));
}

/** Forget what was run. */
export function forget(): void {
	write(HISTORY, []);
}

function read<T>(key: string): T | undefined {
	try {
		return (JSON.parse(localStorage.getItem(key) ?? "null") as T | null) ?? undefined;
	} catch {
		return undefined;
	}
}

function write(key: string, value: unknown): void {
	try {
		localStorage.setItem(key, JSON.stringify(value));
	} catch {
		// A browser may keep nothing.
	}
}
