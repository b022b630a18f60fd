// What a view of a result is.
import type { Table } from "../terms";
import type { Word } from "../words";

export interface View {
	name: Word;
	/** The names that #defaultView: has for it, and what they set. */
	asked: Record<string, Record<string, string>>;
	/** Whether the columns of a result suit it. */
	fits(table: Table): boolean;
	/** Draw the result into an element. */
	draw(host: HTMLElement, table: Table, options: Record<string, string>): void | Promise<void>;
}

/** Return the columns that have some term of a kind among the first rows. */
export function columnsWith(table: Table, is: (term: NonNullable<Table["rows"][number][string]>) => boolean): string[] {
	const some = table.rows.slice(0, 200);
	return table.variables.filter((name) => some.some((row) => row[name] !== undefined && is(row[name])));
}
