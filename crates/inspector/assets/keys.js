// The keyboard: single keys, inert in fields, which can be switched off.

import { $, button, h } from "./dom.js";

const OFF = "body-logger-inspector.keys";

const TEXTS = [
	[["j", "↓"], "older"], [["k", "↑"], "newer"], [["Enter"], "open the exchange"], [["Esc"], "close, then clear"],
	[["/"], "filter"], [["p"], "pause or go on"], [["."], "show the new records"], [["Home", "End"], "newest, oldest"],
	[["[", "]"], "same route, newer or older"], [["c"], "mark to compare"], [["y"], "copy as curl"], [["l"], "copy the link"],
	[["1", "2", "3"], "exchanges, overview, compare"], [["?"], "this help"],
];

// `actions` has a function for each key, by its name.
export function keys(actions) {
	const dialog = $("#help");
	const single = h("input", { type: "checkbox", checked: enabled(), onchange: () => enable(single.checked) });
	dialog.append(h("section",
		h("h2", "Keyboard", button({ class: "button quiet push", onclick: () => dialog.close() }, "Close")),
		h("dl", TEXTS.map(([names, does]) => h("div", h("dt", names.map((name) => [h("kbd", name), " "])), h("dd", does)))),
		h("label.single", single, "Shortcuts of a single key")));
	dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
	const help = () => (dialog.open ? dialog.close() : dialog.showModal());
	for (const opener of [$("#ask"), $("#dock-ask")]) opener.addEventListener("click", help);

	addEventListener("keydown", (event) => {
		const { target } = event;
		if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
		if (target.matches("input:not([type=radio], [type=checkbox]), select, textarea") || (dialog.open && event.key !== "?")) return;
		const named = event.key.length > 1;
		// Those keys belong to what has the focus.
		if (event.key === "Enter" && target.matches("button, a, summary")) return;
		if (named && event.key !== "Escape" && target.closest(".panel, .sheet")) return;
		if (!named && !enabled()) return;
		const act = event.key === "?" ? help : actions[event.key];
		if (!act) return;
		act();
		event.preventDefault();
	});
}

function enabled() {
	try {
		return localStorage.getItem(OFF) !== "off";
	} catch {
		return true;
	}
}

function enable(on) {
	try {
		localStorage.setItem(OFF, on ? "on" : "off");
	} catch {
		// Where nothing can be stored, the keys stay on.
	}
}
