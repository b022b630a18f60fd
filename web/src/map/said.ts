// What maps say, in English and Chinese.
import { speaker } from "../language";

/** Return a text in the language of the page. */
export const say = speaker({
	filterList: ["Filter the list", "筛选列表"],
	layers: ["Layers", "图层"],
	map: ["Map", "地图"],
	mapAbout: ["About the map", "关于地图"],
	mapCaption: [
		"Natural Earth. Dotted lines: disputed or not delimited; no position is implied.",
		"底图：Natural Earth。虚线表示有争议或未定界线，不代表任何立场。",
	],
	more: ["{count} things here; zoom in", "此处有 {count} 项，请放大"],
	schematic: ["Corridors are schematic lines between the cities that they join.", "走廊为连接沿线城市的示意线。"],
	zoom: ["Show on the map", "在地图上显示"],
	zoomIn: ["Zoom in", "放大"],
	zoomOut: ["Zoom out", "缩小"],
} as const);
