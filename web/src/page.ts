// What every page gains where scripts run: buttons that copy, maps that are drawn once looked at, lists that are narrowed.
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

const places = document.querySelectorAll<HTMLElement>("figure[data-list]");
const seen = new IntersectionObserver((entries) => {
	for (const { isIntersecting, target } of entries) {
		if (!isIntersecting) continue;
		seen.unobserve(target);
		void import("./map/figure").then(({ figure }) => figure(target as HTMLElement));
	}
});
for (const each of places) {
	each.hidden = false;
	seen.observe(each);
}

for (const each of document.querySelectorAll<HTMLDetailsElement>("details[data-neighbours]")) {
	each.hidden = false;
	const host = each.querySelector<HTMLElement>("div");
	each.addEventListener("toggle", async () => {
		if (!each.open || host === null || host.childElementCount > 0) return;
		const { neighbourhood } = await import("./views/graph");
		await neighbourhood(host, each.dataset.neighbours ?? "");
	});
}

const sought = document.querySelector<HTMLInputElement>("input[data-filter]");
sought?.addEventListener("input", () => {
	const words = sought.value.toLocaleLowerCase().split(/\s+/);
	for (const section of document.querySelectorAll<HTMLElement>("main section")) {
		const entries = [...section.querySelectorAll<HTMLElement>("li")];
		for (const each of entries) {
			const text = each.textContent?.toLocaleLowerCase() ?? "";
			each.hidden = !words.every((word) => text.includes(word));
		}
		section.hidden = entries.every((each) => each.hidden);
		for (const folded of section.querySelectorAll("details")) folded.open = sought.value.trim() !== "";
	}
});

export {};
