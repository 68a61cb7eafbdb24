// Text by lines, with numbers, folds and marks of a search. What is long has a scroller of its own, of which only the
// visible lines are in the page.

import { button, h, roam } from "./dom.js";
import { shown } from "./text.js";
import { Virtual } from "./virtual.js";

const LINE = 18;
const MANY_LINES = 1_200;
const LONG_LINE = 2_000;
// Longer lines are continued below, so that none is wider than what is seen.
const WIDE = 180;
const FOLD_FROM = 400;
export const MAX_FOUND = 10_000;
const FOLD_DEPTH = 2;

export class Code {
	#all;
	#visible = [];
	#folded = new Set();
	#found = [];
	#current = -1;

	// Lines of `{depth, pieces: [[class, text]], fold: {until, summary}}`.
	constructor(lines, { torn = false, label = "Body" } = {}) {
		this.#all = lines.map(({ depth, pieces, fold }, place) => ({ parts: [["", "  ".repeat(depth)], ...pieces], fold, n: place + 1 }));
		this.windowed = lines.length > MANY_LINES || this.#all.some((line) => length(line) > LONG_LINE);
		if (lines.length > FOLD_FROM) {
			lines.forEach(({ fold, depth }, place) => {
				if (fold && depth >= FOLD_DEPTH && fold.until - place > 8) this.#folded.add(place);
			});
		}
		this.rows = h("div.lines");
		this.element = h("div", {
			class: `json${torn ? " torn" : ""}${this.windowed ? " tall" : ""}`, role: "group", "aria-label": label, tabindex: "0",
			onkeydown: roam(".toggle, .s, .n"),
		}, this.rows);
		this.#see();
		if (this.windowed) {
			this.virtual = new Virtual(this.element, this.rows, {
				draw: (index) => this.#draw(this.#visible[index]),
				count: () => this.#visible.length,
				height: () => LINE,
			});
		}
		this.#redraw();
	}

	// Marks what contains the text, and returns how many there are.
	search(text) {
		const wanted = text.toLowerCase();
		this.#found = [];
		this.#current = -1;
		if (wanted) {
			this.#all.forEach((line, place) => {
				const content = line.parts.map(([, piece]) => piece).join("").toLowerCase();
				for (let at = content.indexOf(wanted); at >= 0 && this.#found.length < MAX_FOUND; at = content.indexOf(wanted, at + wanted.length)) {
					this.#found.push({ place, from: at, to: at + wanted.length });
				}
			});
		}
		this.#redraw();
		return this.#found.length;
	}

	// Shows the next match, or the one before; returns which it is.
	next(by) {
		const total = this.#found.length;
		if (!total) return 0;
		this.#current = (this.#current + by + total) % total;
		const { place, from } = this.#found[this.#current];
		for (const fold of this.#folded) if (fold < place && this.#all[fold].fold.until >= place) this.#folded.delete(fold);
		this.#see();
		this.#redraw();
		if (this.virtual) {
			const line = this.#visible.findIndex((segment) => segment.place === place && segment.to > from);
			this.element.scrollTop = Math.max(0, line * LINE - this.element.clientHeight / 2);
			this.virtual.now();
		}
		this.element.querySelector("mark.current")?.scrollIntoView({ block: "nearest" });
		return this.#current + 1;
	}

	#toggle(place) {
		if (!this.#folded.delete(place)) this.#folded.add(place);
		this.#see();
		this.#redraw();
		this.element.querySelector(`[data-place="${place}"] button`)?.focus();
	}

	// What is visible: without what is folded; long lines in segments, if there is a window.
	#see() {
		this.#visible = [];
		for (let place = 0; place < this.#all.length; place += 1) {
			const line = this.#all[place];
			const folded = this.#folded.has(place);
			const total = length(line);
			const step = this.windowed && !folded ? WIDE : Infinity;
			for (let from = 0; from === 0 || from < total; from += step) {
				this.#visible.push({ place, from, to: Math.min(total, from + step), folded });
				if (step === Infinity) break;
			}
			if (folded) place = line.fold.until;
		}
	}

	#redraw() {
		if (this.virtual) this.virtual.reset();
		else this.rows.replaceChildren(...this.#visible.map((segment) => this.#draw(segment)));
	}

	#draw({ place, from, to, folded }) {
		const line = this.#all[place];
		const parts = folded ? [line.parts[0], ...line.fold.summary] : slice(line.parts, from, to);
		const marks = folded ? [] : this.#found.filter((found) => found.place === place && found.from < to && found.to > from)
			.map((found) => ({ from: found.from - from, to: found.to - from, current: found === this.#found[this.#current] }));
		const fold = line.fold && from === 0 && button({
			class: "toggle", tabindex: "-1", "aria-expanded": String(!folded), "aria-label": `Line ${line.n}`,
			onclick: () => this.#toggle(place),
		});
		return h("div.code-line", { "data-place": place, "data-n": from === 0 ? line.n : null }, fold, h("bdi", { dir: "ltr" }, draw(parts, marks)));
	}
}

const length = ({ parts }) => parts.reduce((sum, [, text]) => sum + text.length, 0);

function slice(parts, from, to) {
	const pieces = [];
	let at = 0;
	for (const [kind, text] of parts) {
		const piece = text.slice(Math.max(0, from - at), Math.max(0, to - at));
		if (piece) pieces.push([kind, piece]);
		at += text.length;
	}
	return pieces;
}

// Values can be reached by keyboard.
const span = (kind, text) => h("span", { class: kind, tabindex: kind === "s" || kind === "n" ? "-1" : null }, shown(text));

function draw(parts, marks) {
	if (!marks.length) return parts.map(([kind, text]) => (kind ? span(kind, text) : shown(text)));
	const nodes = [];
	let at = 0;
	for (const [kind, text] of parts) {
		const edges = new Set([0, text.length]);
		for (const { from, to } of marks) for (const edge of [from - at, to - at]) if (edge > 0 && edge < text.length) edges.add(edge);
		const sorted = [...edges].sort((a, b) => a - b);
		for (let place = 0; place + 1 < sorted.length; place += 1) {
			const [from, to] = [sorted[place], sorted[place + 1]];
			const mark = marks.find((mark) => mark.from <= at + from && mark.to >= at + to);
			const piece = text.slice(from, to);
			nodes.push(mark ? h("mark", { class: mark.current ? "current" : null }, shown(piece)) : span(kind, piece));
		}
		at += text.length;
	}
	return nodes;
}
