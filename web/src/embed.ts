// The page /embed: the result of the query in its address, and nothing else.
import { one } from "./dom";
import { ask, turtle } from "./endpoint";
import { say } from "./words";
import { asked, linkTo } from "./workbench/address";
import { askedView } from "./workbench/asked_view";
import { told } from "./workbench/problem";
import { show } from "./workbench/result";

const host = one<HTMLElement>("#result");
const { query, view } = asked() ?? { query: "", view: "" };
const link = one<HTMLAnchorElement>("#source");
link.href = linkTo("/sparql", query, false, view);
link.textContent = say("openEditor");
ask(query)
	.then((result) => show(host, result, askedView(query, view), [], () => turtle(query)))
	.catch((error: unknown) => host.replaceChildren(told(error, query)));
