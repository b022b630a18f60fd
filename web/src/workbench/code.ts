// The field that a query is written in. It stands in a shadow root, where its styles need no exception from the page's policy.
import {
	autocompletion,
	closeBrackets,
	closeBracketsKeymap,
	closeCompletion,
	completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { complete } from "../sparql/complete";
import { hover } from "../sparql/hover";
import { sparql } from "../sparql/language";
import { marks } from "../sparql/marks";
import { LANGUAGE, say } from "../words";

const theme = EditorView.theme({
	"&": {
		fontSize: "0.9375rem",
		backgroundColor: "var(--paper)",
		color: "var(--ink)",
		border: "1px solid var(--edge)",
		borderRadius: "var(--round)",
	},
	"&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
	".cm-content": { fontFamily: "var(--mono)", padding: "0.6rem 0", caretColor: "var(--ink)" },
	".cm-scroller": { lineHeight: "1.55", maxHeight: "60vh" },
	".cm-content, .cm-gutter": { minHeight: "11rem" },
	".cm-gutters": {
		backgroundColor: "var(--wash)",
		color: "var(--soft)",
		border: "0",
		borderRight: "1px solid var(--line)",
	},
	".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--tint) 55%, transparent)" },
	".cm-activeLineGutter": { backgroundColor: "var(--tint)" },
	".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
	"&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
		backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent) !important",
	},
	".cm-matchingBracket": { backgroundColor: "var(--tint)", outline: "1px solid var(--accent)" },
	".cm-tooltip": {
		backgroundColor: "var(--paper)",
		color: "var(--ink)",
		border: "1px solid var(--edge)",
		borderRadius: "var(--round)",
		boxShadow: "0 4px 16px #0003",
	},
	".cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxHeight: "16rem" },
	".cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.6rem", lineHeight: "1.4" },
	".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
	".cm-completionLabel": { fontFamily: "var(--mono)" },
	".cm-completionDetail": { fontStyle: "normal", marginLeft: "0.8rem", opacity: "0.85" },
	".told": { padding: "0.5rem 0.75rem", maxWidth: "26rem" },
	".told code": { color: "var(--soft)", fontSize: "0.8rem", overflowWrap: "anywhere" },
	".cm-diagnostic": { fontFamily: "var(--sans, system-ui)", padding: "0.4rem 0.7rem", maxWidth: "32rem" },
	".cm-diagnosticAction": {
		backgroundColor: "var(--accent)",
		color: "var(--on-accent)",
		padding: "0.15rem 0.6rem",
		borderRadius: "var(--round)",
	},
});

export interface Field {
	view: EditorView;
	text(): string;
	put(text: string): void;
	/** Mark where the endpoint found fault; lines and columns count from 1. */
	blame(message: string, line: number, column: number): void;
}

/**
 * Put what is typed in the place of what is selected. The browser would do so by itself, but keeps the look of what was there
 * by styles written into elements, which the page's policy refuses.
 */
function replaced(event: InputEvent, view: EditorView): boolean {
	const { from, to } = view.state.selection.main;
	const text = event.data;
	if (event.inputType !== "insertText" || text === null || from === to || view.composing) return false;
	event.preventDefault();
	const insert = () =>
		view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
	const isTaken = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, text, insert));
	if (!isTaken) view.dispatch(insert());
	return true;
}

/** Make the field in an element; `run` is called by Ctrl-Enter, `changed` when what is written is another. */
export function field(host: HTMLElement, text: string, run: () => void, changed: (text: string) => void): Field {
	const root = host.attachShadow({ mode: "open" });
	const view = new EditorView({
		root,
		parent: root,
		state: EditorState.create({
			doc: text,
			extensions: [
				keymap.of([
					{
						key: "Mod-Enter",
						run: (view) => {
							// Who runs the query has finished writing it.
							closeCompletion(view);
							run();
							return true;
						},
					},
				]),
				lineNumbers(),
				history(),
				drawSelection(),
				bracketMatching(),
				closeBrackets(),
				highlightActiveLine(),
				autocompletion({ override: [complete], activateOnTypingDelay: 150, icons: false }),
				sparql,
				hover,
				marks,
				lintGutter(),
				keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
				EditorView.lineWrapping,
				EditorView.contentAttributes.of({ "aria-label": say("editor"), lang: LANGUAGE, spellcheck: "false" }),
				EditorView.updateListener.of((update) => {
					if (update.docChanged) changed(update.state.doc.toString());
				}),
				EditorView.domEventHandlers({ beforeinput: replaced }),
				theme,
			],
		}),
	});
	return {
		view,
		text: () => view.state.doc.toString(),
		put: (given) => {
			if (given !== view.state.doc.toString())
				view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: given } });
		},
		blame: (message, line, column) => {
			const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
			const from = Math.min(at.from + column - 1, at.to);
			view.dispatch(
				setDiagnostics(view.state, [
					{ from, to: Math.min(from + 1, view.state.doc.length), severity: "error", message },
				]),
			);
			view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
		},
	};
}
