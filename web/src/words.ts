// What the page's code says, in English and Chinese. Knows the language of the page.

const SAID = {
	addPrefix: ["Declare it", "声明前缀"],
	all: ["all", "全部"],
	answered: ["{rows} in {seconds} s", "{rows}，用时 {seconds} 秒"],
	asBar: ["bars", "条形"],
	asLine: ["line", "折线"],
	asScatter: ["points", "散点"],
	average: ["average", "平均"],
	axisX: ["Across", "横轴"],
	axisY: ["Up", "纵轴"],
	busy: ["The query runs…", "正在查询…"],
	by: ["Columns", "列"],
	cells: ["Cells", "单元格"],
	change: ["Use {name}", "改用 {name}"],
	chart: ["Chart", "图表"],
	chartSays: ["A drawing of the numbers; the table holds the same.", "数据图示；表格含同样内容。"],
	clear: ["Clear the history", "清空历史"],
	close: ["Close", "关闭"],
	closeTab: ["Close the query {name}", "关闭查询 {name}"],
	code: ["Code", "代码"],
	colour: ["Colour", "颜色"],
	copied: ["Copied.", "已复制。"],
	copy: ["Copy", "复制"],
	count: ["count", "计数"],
	date: ["Date", "日期"],
	download: ["Download", "下载"],
	editor: ["SPARQL query", "SPARQL 查询语句"],
	embed: ["Embed", "嵌入"],
	embedSays: [
		"Put this into a page of yours; it shows the result as it is at the time.",
		"放入您的网页，即可显示当时的查询结果。",
	],
	empty: ["The query has no answers.", "查询没有结果。"],
	end: ["End", "结束"],
	evidence: ["Passages", "依据段落"],
	example: ["An example", "示例"],
	failed: ["The query failed: {detail}", "查询失败：{detail}"],
	filter: ["Filter rows", "筛选行"],
	filterList: ["Filter the list", "筛选列表"],
	filtered: ["{shown} of {total} rows", "{total} 行中的 {shown} 行"],
	first: ["First page", "首页"],
	format: ["Format", "排版"],
	from: ["From", "起点"],
	graph: ["Graph", "关系图"],
	graphCut: [
		"The first {shown} of {total} nodes are drawn; the table has all.",
		"仅绘制 {total} 个节点中的前 {shown} 个；表格含全部。",
	],
	graphSays: ["A drawing of the links; the table holds the same.", "关系示意图；表格含同样内容。"],
	group: ["Layer", "图层"],
	history: ["History", "历史"],
	historyEmpty: ["What you run is kept here, in this browser.", "运行过的查询保存在此浏览器中。"],
	inferred: ["inferred", "推理得出"],
	label: ["Label", "标签"],
	last: ["Last page", "末页"],
	layers: ["Layers", "图层"],
	link: ["Link", "关系"],
	map: ["Map", "地图"],
	mapCaption: [
		"Natural Earth. Dotted lines: disputed or not delimited; no position is implied.",
		"底图：Natural Earth。虚线表示有争议或未定界线，不代表任何立场。",
	],
	mapAbout: ["About the map", "关于地图"],
	mapHides: ["Draw no boundaries", "不绘制界线"],
	mapSays: ["A map of the places; the table holds the same.", "地点分布图；表格含同样内容。"],
	many: ["{count} rows", "{count} 行"],
	more: ["{count} things here; zoom in", "此处有 {count} 项，请放大"],
	name: ["Query {number}", "查询 {number}"],
	near: ["The data has no {name}; did you mean {nearest}?", "数据中没有 {name}；是否想写 {nearest}？"],
	newTab: ["New query", "新查询"],
	next: ["Next page", "下一页"],
	no: ["No", "否"],
	none: ["none", "无"],
	noView: [
		"The query asks for the view {name}, which is not here; this is the table.",
		"查询要求的视图 {name} 此处没有，以表格显示。",
	],
	noneLike: ["The data has no {name}.", "数据中没有 {name}。"],
	onMap: ["{count} on the map", "地图上有 {count} 项"],
	one: ["1 row", "1 行"],
	openEditor: ["Open in the editor", "在编辑器中打开"],
	page: ["Page {page} of {pages}", "第 {page} 页，共 {pages} 页"],
	pattern: ["Line {line}", "第 {line} 行"],
	pivot: ["Pivot", "透视表"],
	png: ["Picture (PNG)", "图片 (PNG)"],
	previous: ["Previous page", "上一页"],
	queries: ["Queries", "查询"],
	raw: ["Raw", "原文"],
	rawCut: ["The first {shown} characters; a download has all.", "仅显示前 {shown} 个字符；下载含全部。"],
	result: ["Result", "结果"],
	run: ["Run", "运行"],
	schematic: ["Corridors are schematic lines between the cities that they join.", "走廊为连接沿线城市的示意线。"],
	share: ["Share", "分享"],
	shared: ["The link is copied.", "链接已复制。"],
	sort: ["Sort by {name}", "按 {name} 排序"],
	stop: ["Stop", "停止"],
	stopped: ["Stopped.", "已停止。"],
	stopping: ["Stopping…", "正在停止…"],
	sum: ["sum", "合计"],
	svg: ["Drawing (SVG)", "矢量图 (SVG)"],
	table: ["Table", "表格"],
	terms: ["Rows", "行"],
	timeline: ["Timeline", "时间线"],
	to: ["To", "终点"],
	unbound: [
		"These share no variable with the rest, so every combination is an answer.",
		"此模式与其余部分没有共同变量，将产生所有组合。",
	],
	unnamed: ["(unnamed)", "（未命名）"],
	value: ["Value", "数值"],
	view: ["View", "视图"],
	why: ["Why is it empty?", "为什么没有结果？"],
	whyAsking: ["Looking for the pattern that empties it…", "正在查找使结果为空的模式…"],
	whyAlone: [
		"Nothing in the data matches this, whatever the rest says:",
		"无论其余部分如何，数据中没有与此匹配的内容：",
	],
	whyFilter: ["Without this condition there would be answers:", "若没有此条件，则会有结果："],
	whyTogether: [
		"Each part matches by itself; together with what stands before it, this matches nothing:",
		"各部分单独都有匹配；但与前面的部分合在一起时，此处无匹配：",
	],
	whyModifier: [
		"The pattern has answers; what stands behind it (HAVING, OFFSET or LIMIT) leaves none.",
		"模式本身有结果；其后的 HAVING、OFFSET 或 LIMIT 未留下任何结果。",
	],
	whyUnknown: ["No single part empties it.", "没有单独某一部分使其为空。"],
	whyWithout: ["Try without it", "去掉它再试"],
	writeHere: ["Ctrl-Enter runs, Ctrl-Space completes, Tab leaves.", "Ctrl-Enter 运行，Ctrl-空格 补全，Tab 离开。"],
	wrote: ["You wrote:", "您写的是："],
	yes: ["Yes", "是"],
	zoomIn: ["Zoom in", "放大"],
	zoomOut: ["Zoom out", "缩小"],
	zoom: ["Show on the map", "在地图上显示"],
} as const;

export type Word = keyof typeof SAID;

/** The language of the page, en or zh. */
export const LANGUAGE: "en" | "zh" = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

/** Return a text in the language of the page, with values in the place of {names}. */
export function say(word: Word, values: Record<string, string | number> = {}): string {
	const text: string = SAID[word][LANGUAGE === "zh" ? 1 : 0];
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Return a number as readers write it. */
export function counted(number: number): string {
	return number.toLocaleString(LANGUAGE === "zh" ? "zh-CN" : "en-GB");
}

/** Return how many rows there are, in words. */
export function rows(count: number): string {
	return count === 1 ? say("one") : say("many", { count: counted(count) });
}
