// Bundle the browser's code: hashed names, compressed twins, and a manifest that says which file is which.
// node build.mjs FOLDER [HASH OF THE SOURCES]
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { basemaps } from "./basemap.mjs";
import { landmap } from "./landmap.mjs";

const [folder = "built", sources = ""] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const files = {};

for (const [name, content] of Object.entries(basemaps())) {
	await keep(`${name}.json`, content);
	await keep(`${name}.svg`, landmap(name, content));
}

const common = { outdir: folder, bundle: true, minify: true, metafile: true, entryNames: "[name]-[hash]" };
const styles = await esbuild.build({
	...common,
	entryPoints: { editor: "src/styles/editor.css", map: "src/styles/map.css" },
	// The pictures that Leaflet's style names are of controls that no map here has.
	external: ["*.png"],
});
for (const path of Object.keys(styles.metafile.outputs)) {
	const made = path.slice(path.lastIndexOf("/") + 1);
	files[`${made.split("-")[0]}.css`] = made;
}
// Leaflet's modules make each class by a call, which is kept unless it is known to do nothing else.
const lean = {
	name: "lean-leaflet",
	setup(build) {
		build.onLoad({ filter: /leaflet-src\.esm\.js$/ }, async ({ path }) => {
			const text = await readFile(path, "utf8");
			return { contents: text.replace(/^(\s*var \w+ = )(\w+\.extend\()/gm, "$1/* @__PURE__ */ $2"), loader: "js" };
		});
	},
};
const built = await esbuild.build({
	...common,
	alias: { leaflet: "leaflet/dist/leaflet-src.esm.js" },
	plugins: [lean],
	entryPoints: { page: "src/page.ts", editor: "src/editor.ts", embed: "src/embed.ts" },
	splitting: true,
	format: "esm",
	target: "es2022",
	legalComments: "linked",
	chunkNames: "part-[hash]",
	define: {
		WORLD: JSON.stringify(files["world.json"]),
		REGION: JSON.stringify(files["region.json"]),
		MAP_STYLE: JSON.stringify(files["map.css"]),
	},
});
const preloads = {};
for (const [path, output] of Object.entries(built.metafile.outputs)) {
	const made = path.slice(path.lastIndexOf("/") + 1);
	if (output.entryPoint === undefined || !made.endsWith(".js")) continue;
	const name = output.entryPoint.replace(/^.*\/|\.ts$/g, "");
	if (!["page", "editor", "embed"].includes(name)) continue;
	files[`${name}.js`] = made;
	const needed = output.imports.filter((each) => each.kind === "import-statement");
	preloads[`${name}.js`] = needed.map((each) => each.path.slice(each.path.lastIndexOf("/") + 1));
}

for (const name of await readdir(folder)) {
	const content = await readFile(join(folder, name));
	if (content.length < 1024 || /\.(br|gz)$/.test(name)) continue;
	await writeFile(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
	const quality = { [constants.BROTLI_PARAM_QUALITY]: 10 };
	await writeFile(join(folder, `${name}.br`), brotliCompressSync(content, { params: quality }));
}
await writeFile(join(folder, "manifest.json"), `${JSON.stringify({ sources, files, preloads }, null, 1)}\n`);

async function keep(name, content) {
	const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
	files[name] = name.replace(".", `-${hash}.`);
	await writeFile(join(folder, files[name]), content);
}
