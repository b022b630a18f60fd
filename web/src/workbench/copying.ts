// Copy a text to the clipboard, and say so.
import { say } from "../words";

/** Copy a text, and say so on the button. */
export async function copied(text: string, button: HTMLElement, said = say("copied")): Promise<void> {
	await navigator.clipboard.writeText(text);
	const before = button.textContent;
	button.textContent = said;
	setTimeout(() => {
		button.textContent = before;
	}, 2000);
}
