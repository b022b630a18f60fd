// Show what the endpoint found wrong, with the line that it speaks of and a sentence of help.
import { el } from "../dom";
import { Problem } from "../endpoint";
import { ROOT } from "../root";
import { LANGUAGE, say } from "../words";

// What readers do about the faults that are met most, by what the endpoint says.
const HELP: [RegExp, string, string][] = [
	[
		/prefix \S*: is not declared/,
		"Declare the prefix on top, or choose “Declare it” where the fault is marked.",
		"请在开头声明该前缀，或在标记处选择“声明前缀”。",
	],
	[
		/takes? too long|took too long|seconds/,
		"Ask for less: add LIMIT, a more telling pattern, or fewer OPTIONAL parts.",
		"请缩小查询：加 LIMIT、用更具体的模式，或减少 OPTIONAL。",
	],
	[
		/memory/,
		"Ask for less: a pattern may combine everything with everything.",
		"请缩小查询：某个模式可能产生了所有组合。",
	],
	[
		/does not call|not allow/,
		"SERVICE calls only the services that the operator allows.",
		"SERVICE 只能调用服务器允许的服务。",
	],
	[
		/Every evaluator is taken|busy/i,
		"Many queries are running; wait a little and run it again.",
		"正在运行的查询较多，请稍后重试。",
	],
	[
		/cannot be read|expected|comes? (?:before|after|here)/,
		"Look at what stands right before the marked place: a full stop, a bracket or a quotation mark is often missing there.",
		"请检查标记处之前：常见原因是缺少句点、括号或引号。",
	],
];

/** Put what the endpoint says in English in the language of the page, where words are known for it. */
async function retell(error: Problem, title: HTMLElement, detail: HTMLElement): Promise<void> {
	const said = new URLSearchParams({ lang: LANGUAGE, title: error.title, detail: error.detail.slice(0, 2000) });
	const answer = await fetch(`${ROOT}/sparql/told?${said}`, { credentials: "omit" });
	if (!answer.ok) return;
	const known = (await answer.json()) as { title: string; detail: string };
	for (const [element, text] of [[title, known.title] as const, [detail, known.detail] as const]) {
		if (text === "") continue;
		element.textContent = text;
		element.lang = LANGUAGE;
	}
}

/** Return an element that says what went wrong with a query. */
export function told(error: unknown, query: string): HTMLElement {
	if (!(error instanceof Problem)) {
		// Browsers say that nothing answers with an error of type, each in words of its own.
		const said = error instanceof TypeError ? say("unreachable") : String(error);
		return el("div", { class: "problem", role: "alert" }, el("p", {}, said));
	}
	const line = error.line === undefined ? undefined : query.split("\n")[error.line - 1];
	const help = HELP.find(([pattern]) => pattern.test(error.detail));
	const place =
		line === undefined
			? []
			: [
					el(
						"pre",
						{},
						`${error.line}: ${line}\n${" ".repeat(String(error.line).length + 2 + Math.max(0, (error.column ?? 1) - 1))}^`,
					),
				];
	const title = el("strong", { lang: "en" }, error.title);
	const detail = el("p", { lang: "en" }, error.detail);
	if (LANGUAGE === "zh") void retell(error, title, detail);
	return el(
		"div",
		{ class: "problem", role: "alert" },
		el("p", {}, title),
		detail,
		...place,
		help === undefined ? "" : el("p", {}, LANGUAGE === "zh" ? help[2] : help[1]),
	);
}
