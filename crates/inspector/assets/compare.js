// Two exchanges beside each other: what differs, by structure, as a list of differences or as a tree.

import * as api from "./api.js";
import { address, go } from "./address.js";
import { $, button, h, icon, unseen } from "./dom.js";
import { clock, plural, statusClass, statusText } from "./format.js";
import { plain, shown, wire } from "./text.js";

const SIGNS = { changed: ["≠", "≠"], removed: ["−", ""], added: ["", "+"], unknown: ["?", "?"] };
const WORDS = { changed: "differs", removed: "only in A", added: "only in B", unknown: "not known" };
const WAYS = { differences: "Differences", everything: "Everything", tree: "Tree" };

const differs = ({ kind }) => kind in WORDS && kind !== "unknown";
const isEqual = ({ kind }) => kind === "equal";

export class Compare {
	#way = "differences";
	#answer = null;
	#asked = "";
	// Groups of the tree that were opened or folded by hand.
	#open = new Map();

	constructor() {
		this.place = $("#compare");
	}

	async show({ a, b }) {
		const asked = `${a} ${b}`;
		if (asked === this.#asked && this.#answer) return;
		this.#asked = asked;
		this.#answer = null;
		this.#open.clear();
		if (!a || !b) {
			const what = a || b ? `Exchange ${a ? "A" : "B"} is marked; one more is needed.` : "No exchanges are marked.";
			return this.#say(`${what} Select an exchange in the list and press `, h("kbd", "c"), ", or use the sign with two columns in an open one.");
		}
		try {
			const answer = await api.compare(a, b);
			if (asked !== this.#asked) return;
			this.#answer = answer;
			this.#draw();
		} catch (error) {
			if (asked === this.#asked) this.#say(`The exchanges cannot be compared: ${error.message}`);
		}
	}

	#say(...what) {
		this.place.replaceChildren(h("div.ranges", h("h2", "Compare")), h("p.card.unmarked", { role: "status" }, what));
	}

	#draw() {
		const { a, b, sections } = this.#answer;
		const all = sections.flatMap(({ rows }) => rows);
		const number = (is) => all.filter(is).length;
		const unknown = number(({ kind }) => kind === "unknown");
		const words = [plural(number(differs), "difference"), `${number(isEqual)} equal${this.#way === "differences" ? " folded" : ""}`, unknown ? `${unknown} not known` : null];
		const choice = ([way, text]) => button({ "aria-pressed": String(this.#way === way), onclick: () => { this.#way = way; this.#draw(); } }, text);
		this.place.replaceChildren(
			h("div.ranges", h("h2", "Compare"), h("span.muted", { role: "status" }, words.filter(Boolean).join(" · ")),
				h("span.push.segment", { role: "group", "aria-label": "Show" }, Object.entries(WAYS).map(choice)),
				button({ class: "button", onclick: () => go({ a: address.b, b: address.a }, { replace: true }) }, "Swap A and B")),
			h("div.pair", card("A", a), card("B", b)),
			h("section.card.diff", { "aria-label": "Differences" }, h("table",
				h("colgroup", ["name", "mark", "", "mark", ""].map((kind) => h("col", { class: kind }))),
				h("thead.sr", h("tr", ["What", "", "A", "", "B"].map((name) => (name ? h("th", { scope: "col" }, name) : h("td"))))),
				sections.map((section) => this.#section(section)))));
	}

	#section({ title, note, rows }) {
		const values = rows.filter(({ kind }) => kind !== "group");
		const changed = values.filter(differs).length;
		const words = note ?? `${changed} of ${values.length} ${changed === 1 ? "differs" : "differ"}`;
		return h("tbody", h("tr", h("th", { colspan: 5, scope: "rowgroup" }, h("b", title), " ", words)),
			this.#way === "tree" ? this.#tree(title, rows) : this.#list(values));
	}

	#list(rows) {
		if (this.#way === "everything") return rows.map((row) => line(row, wire(row.name)));
		const equal = rows.filter(isEqual);
		const names = equal.slice(0, 8).map(({ name }) => plain(name)).join(", ");
		return [
			rows.filter((row) => !isEqual(row)).map((row) => line(row, wire(row.name))),
			equal.length ? h("tr.skip", h("td", { colspan: 5 }, `⋯ ${equal.length} equal: ${names}${equal.length > 8 ? " …" : ""}`)) : null,
		];
	}

	// Groups in which nothing differs are folded at first.
	#tree(title, rows) {
		const lines = [];
		for (let place = 0; place < rows.length; place += 1) {
			const row = rows[place];
			const name = [" ".repeat(2 * row.depth), wire(row.key ?? row.name)];
			if (row.kind === "group") {
				const id = title + row.name;
				const open = this.#open.get(id) ?? !rows.slice(place, row.until + 1).every((it) => isEqual(it) || it.kind === "group");
				lines.push(line(row, [name[0], button({ class: "twig", "aria-expanded": String(open), onclick: () => this.#toggle(id, !open), "data-id": id }, icon("down"), name[1])]));
				if (!open) place = row.until;
			} else lines.push(line(row, name));
		}
		return lines;
	}

	#toggle(id, open) {
		this.#open.set(id, open);
		this.#draw();
		[...this.place.querySelectorAll(".twig")].find(({ dataset }) => dataset.id === id).focus();
	}
}

function card(letter, { id, method, path, status, time }) {
	return h("div.card", h("span", { class: `letter ${letter.toLowerCase()}` }, letter),
		button({ class: "plain-link", onclick: () => go({ record: id, view: "" }) }, h("code", wire(method), " ", wire(path))),
		h("span", { class: `chip status push ${statusClass(status)}` }, statusText(status)), h("span.muted", clock(time)));
}

// Its sides are `{text}`, `{not_kept: why}` or "absent".
function line({ name, kind, a, b, delta }, label) {
	const cell = (side, value, other) => {
		if (value === "absent") return h("td", { class: `${side} none` }, unseen("absent"));
		if (value.not_kept) return h("td", { class: `${side} none` }, h("span.why", value.not_kept));
		return h("td", { class: side }, h("bdi", kind === "changed" ? marked(value.text, other.text) : shown(value.text)),
			side === "b" && delta ? h("span.delta", delta) : null);
	};
	const [left, right] = SIGNS[kind] ?? ["", ""];
	const mark = (side, sign, value) => h("td", { class: `${side} m${value.text === undefined ? " none" : ""}` }, sign ? h("span", { role: "img", "aria-label": WORDS[kind] }, sign) : "");
	return h("tr", { class: differs({ kind }) ? "x" : "same" }, h("td.name", { title: plain(name) }, label),
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
