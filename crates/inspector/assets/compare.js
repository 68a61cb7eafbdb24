// Two exchanges beside each other: what differs, by structure.

import * as api from "./api.js";
import { address, go } from "./address.js";
import { $, button, h } from "./dom.js";
import { difference } from "./diff.js";
import { clock, plural, statusClass, statusText } from "./format.js";
import { plain, shown, wire } from "./text.js";

const SIGNS = { changed: ["≠", "≠"], removed: ["−", ""], added: ["", "+"], unknown: ["?", "?"], equal: ["", ""] };

export class Compare {
	#everything = false;
	#records = null;
	#asked = "";

	constructor() {
		this.place = $("#compare");
	}

	async show({ a, b }) {
		const asked = `${a} ${b}`;
		if (asked === this.#asked && this.#records) return;
		this.#asked = asked;
		this.#records = null;
		if (!a || !b) {
			const what = a ? "Exchange A is marked; one more is needed." : "No exchanges are marked.";
			this.place.replaceChildren(h("div.ranges", h("h2", "Compare")),
				h("p.card.unmarked", `${what} Select an exchange in the list and press `, h("kbd", "c"), ", or use the sign with two columns in an open one."));
			return;
		}
		try {
			const answers = await Promise.all([a, b].map((id) => api.record(id)));
			if (asked !== this.#asked) return;
			this.#records = answers.map(({ record }) => record);
			this.#draw();
		} catch (error) {
			this.place.replaceChildren(h("div.ranges", h("h2", "Compare")), h("p.card.unmarked", { role: "status" }, `The exchanges cannot be compared: ${error.message}`));
		}
	}

	#draw() {
		const [a, b] = this.#records;
		const sections = difference(a, b);
		const sum = (count) => sections.reduce((total, section) => total + section.rows.filter(count).length, 0);
		const [different, equal, unknown] = [sum(({ kind }) => ["changed", "removed", "added"].includes(kind)), sum(({ kind }) => kind === "equal"), sum(({ kind }) => kind === "unknown")];
		const words = [plural(different, "difference"), `${equal} equal${this.#everything ? "" : " folded"}`, unknown ? `${unknown} masked on both sides` : null];
		const choice = (everything, text) => button({ "aria-pressed": String(this.#everything === everything), onclick: () => { this.#everything = everything; this.#draw(); } }, text);
		this.place.replaceChildren(
			h("div.ranges", h("h2", "Compare"), h("span.muted", { role: "status" }, words.filter(Boolean).join(" · ")),
				h("span.push.segment", { role: "group", "aria-label": "Show" }, choice(false, "Differences"), choice(true, "Everything")),
				button({ class: "button", onclick: () => go({ a: address.b, b: address.a }, { replace: true }) }, "Swap A and B")),
			h("div.pair", card("A", a), card("B", b)),
			h("section.card.diff", { "aria-label": "Differences" }, h("table",
				h("colgroup", ["name", "mark", "", "mark", ""].map((kind) => h("col", { class: kind }))),
				h("thead.sr", h("tr", ["What", "", "A", "", "B"].map((name) => (name ? h("th", { scope: "col" }, name) : h("td"))))),
				sections.map((section) => this.#section(section)))));
	}

	#section({ title, note, rows }) {
		const different = rows.filter(({ kind }) => kind !== "equal");
		const equal = rows.filter(({ kind }) => kind === "equal");
		const changed = different.filter(({ kind }) => kind !== "unknown").length;
		const words = note ?? `${changed} of ${rows.length} ${changed === 1 ? "differs" : "differ"}`;
		const shownRows = this.#everything ? rows : different;
		const folded = equal.length && !this.#everything ? `⋯ ${equal.length} equal: ${equal.slice(0, 8).map(({ name }) => plain(name)).join(", ")}${equal.length > 8 ? " …" : ""}` : null;
		return h("tbody", h("tr", h("th", { colspan: 5, scope: "rowgroup" }, h("b", title), " ", words)),
			shownRows.map(row), folded && h("tr.skip", h("td", { colspan: 5 }, folded)));
	}
}

function card(letter, { entry_id: id, request, response, time }) {
	return h("div.card", h("span", { class: `letter ${letter.toLowerCase()}` }, letter),
		button({ class: "plain-link", onclick: () => go({ record: id, view: "" }) }, h("code", wire(request.method), " ", wire(request.path))),
		h("span", { class: `chip status push ${statusClass(response?.status)}` }, statusText(response?.status)), h("span.muted", clock(time)));
}

const WORDS = { changed: "differs", removed: "only in A", added: "only in B", unknown: "not known", equal: "equal" };

function row({ name, kind, a, b, delta }) {
	const [left, right] = SIGNS[kind];
	const cell = (side, value, other) => value === null
		? h("td", { class: `${side} none` }, h("span.sr", "absent"))
		: h("td", { class: side }, h("bdi", kind === "changed" ? marked(value, other) : shown(value)), side === "b" && delta ? h("span.delta", delta) : null);
	const mark = (side, sign, value) => h("td", { class: `${side} m${value === null ? " none" : ""}` }, sign ? h("span", { role: "img", "aria-label": WORDS[kind] }, sign) : "");
	return h("tr", { class: ["unknown", "equal"].includes(kind) ? "same" : "x" },
		h("td.name", { title: plain(name) }, wire(name)),
		mark("a", left, a), cell("a", a, b), mark("b", right, b), cell("b", b, a));
}

// What is between the common beginning and the common end is marked, if it is little.
function marked(value, other) {
	let start = 0;
	while (start < value.length && value[start] === other[start]) start += 1;
	let end = 0;
	while (end < value.length - start && end < other.length - start && value.at(-1 - end) === other.at(-1 - end)) end += 1;
	const middle = value.slice(start, value.length - end);
	if (!middle) return shown(value);
	return [...shown(value.slice(0, start)), h("mark", shown(middle)), ...shown(value.slice(value.length - end))];
}
