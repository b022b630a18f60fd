// The language of the page, and how numbers and texts are said in it.

/** The language of the page, en or zh. */
export const LANGUAGE: "en" | "zh" = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

type Said = Record<string, readonly [string, string]>;

/** Return what says a text of some by its name, with values in the place of {names}. */
export function speaker<S extends Said>(said: S): (word: keyof S, values?: Record<string, string | number>) => string {
	return (word, values = {}) => {
		const text = said[word]?.[LANGUAGE === "zh" ? 1 : 0] ?? "";
		return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
	};
}

/** Return a number as readers write it. */
export function counted(number: number): string {
	return number.toLocaleString(LANGUAGE === "zh" ? "zh-CN" : "en-GB");
}
