// What every page gains where scripts run: buttons that copy what stands beside them.
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
	const source = document.getElementById(button.dataset.copy ?? "");
	if (source === null) continue;
	button.hidden = false;
	const label = button.textContent;
	button.addEventListener("click", async () => {
		await navigator.clipboard.writeText(source.textContent ?? "");
		button.textContent = button.dataset.done ?? label;
		setTimeout(() => {
			button.textContent = label;
		}, 2000);
	});
}

export {};
