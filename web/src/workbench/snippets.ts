// Write the code that asks the same elsewhere. Each piece runs as it stands.

interface Snippet {
	name: string;
	write(address: string, query: string): string;
}

const python = (query: string) =>
	`"""${query.replace(/\\/g, "\\\\").replace(/"""/g, '\\"\\"\\"').replace(/"$/, '\\"')}"""`;

// Where a quote ends a raw text of Julia, backslashes before it count by twos.
const raw = (query: string) =>
	`raw"""${query.replace(/(\\*)("|$)/g, (_, slashes, quote) => slashes + slashes + (quote && '\\"'))}"""`;

export const snippets: Snippet[] = [
	{
		name: "curl",
		write: (address, query) =>
			`curl --header 'Accept: text/csv' --data-urlencode query='${query.replace(/'/g, "'\\''")}' \\\n  '${address}'\n`,
	},
	{
		name: "Python",
		write: (address, query) =>
			`import json\nimport urllib.parse\nimport urllib.request\n\nquery = ${python(query)}\nrequest = urllib.request.Request(\n    "${address}",\n    data=urllib.parse.urlencode({"query": query}).encode(),\n    headers={"Accept": "application/sparql-results+json"},\n)\nwith urllib.request.urlopen(request) as answer:\n    rows = json.load(answer)["results"]["bindings"]\nfor row in rows:\n    print({name: term["value"] for name, term in row.items()})\n`,
	},
	{
		name: "pandas",
		write: (address, query) =>
			`import urllib.parse\n\nimport pandas\n\nquery = ${python(query)}\naddress = "${address}?" + urllib.parse.urlencode({"query": query, "format": "csv"})\ntable = pandas.read_csv(address)\nprint(table)\n`,
	},
	{
		name: "R",
		write: (address, query) =>
			`query <- ${JSON.stringify(query)}\naddress <- paste0("${address}?format=csv&query=", utils::URLencode(query, reserved = TRUE))\ntable <- read.csv(address, encoding = "UTF-8")\nprint(table)\n`,
	},
	{
		name: "JavaScript",
		write: (address, query) =>
			`const query = ${JSON.stringify(query)};\nconst answer = await fetch("${address}", {\n  method: "POST",\n  headers: { Accept: "application/sparql-results+json" },\n  body: new URLSearchParams({ query }),\n});\nconst { results } = await answer.json();\nconsole.table(results.bindings.map((row) => Object.fromEntries(Object.entries(row).map(([name, term]) => [name, term.value]))));\n`,
	},
	{
		name: "Julia",
		write: (address, query) =>
			`using Downloads, DelimitedFiles\n\nescaped(text) = join(c < 0x80 && (isletter(Char(c)) || isdigit(Char(c))) ? string(Char(c)) : "%" * uppercase(string(c, base = 16, pad = 2)) for c in codeunits(text))\nquery = ${raw(query)}\naddress = "${address}?format=csv&query=" * escaped(query)\ntable, names = readdlm(Downloads.download(address), ',', header = true)\n`,
	},
];
