// The list of exchanges: a grid with one tab stop, of which only the visible rows are in the page.

import { $, button, h, icon } from "./dom.js";
import { count } from "./format.js";
import { drawRow } from "./row.js";
import { Virtual } from "./virtual.js";

const COLUMNS = [["time", "Time, UTC"], ["status", "Status"], ["method", "Method"], ["path", "Path"], ["outcome", "Outcome"],
	["size", "Request"], ["size", "Response"], ["client", "Client"], ["dur", "Duration"]];
const SCALE = ["1 ms", "10 ms", "100 ms", "1 s", "10 s", ""];
const FLASH = 600;

export class List {
	#rows = null;
	#selected = null;
	#index = -1;
	#marked = {};
	#flashing = new Set();

	constructor({ open, refresh }) {
		Object.assign(this, { open, refresh });
		this.fresh = button({ class: "fresh", hidden: true, onclick: () => this.refresh() });
		this.body = h("div", { role: "rowgroup", class: "rows" });
		this.grid = h("div", {
			role: "grid", class: "scroller", tabindex: "0", "aria-label": "Exchanges, newest first", "aria-rowcount": "0",
			onclick: (event) => this.#clicked(event),
		}, this.#head(), this.body);
		this.note = h("p.nothing", { role: "status" });
		$("#list").append(this.fresh, this.grid, this.note);
		this.virtual = new Virtual(this.grid, this.body, {
			draw: (index) => this.#draw(index),
			count: () => this.#rows?.length ?? 0,
			height: () => this.height,
			seen: (first, last) => this.#rows?.need(first, last),
		});
		const narrow = matchMedia("(max-width: 720px)");
		const measure = () => {
			this.height = narrow.matches ? 57 : 30;
			this.virtual.reset();
		};
		narrow.addEventListener("change", measure);
		measure();
	}

	get selected() {
		return this.#selected;
	}

	get row() {
		return this.#rows?.at(this.#index);
	}

	// New rows may enter: nobody is reading further down, nor has anything selected.
	get atTop() {
		return this.#selected === null && this.grid.scrollTop < this.height;
	}

	show(rows) {
		this.#rows = rows;
		this.grid.scrollTop = 0;
		this.#index = this.#selected ? rows.find(this.#selected) : -1;
		this.virtual.reset();
		this.changed();
	}

	// Rows were fetched: those drawn while they were not there are drawn again.
	changed() {
		const { length } = this.#rows;
		this.grid.setAttribute("aria-rowcount", this.#rows.matching === null ? -1 : length + 1);
		if (this.#selected && this.#index < 0) this.#index = this.#rows.find(this.#selected);
		for (const element of this.body.querySelectorAll(".loading")) {
			const index = Number(element.dataset.index);
			if (this.#rows.at(index)) this.virtual.redraw(index);
		}
		this.virtual.refresh();
		this.waiting();
	}

	// Rows entered at the top.
	entered(n) {
		if (this.#index >= 0) this.#index += n;
		for (let index = 0; index < n; index += 1) this.#flashing.add(this.#rows.at(index).id);
		setTimeout(() => this.#flashing.clear(), FLASH);
		this.virtual.reset();
		this.changed();
	}

	waiting(paused = false) {
		const { waiting } = this.#rows;
		this.fresh.hidden = waiting === 0 || paused;
		this.fresh.replaceChildren(icon("up"), `${count(waiting)} new`);
	}

	say(...what) {
		this.note.replaceChildren(...what.filter(Boolean));
	}

	// Selects a row relative to the selected one; the first step selects the newest.
	step(by) {
		const { length } = this.#rows;
		if (!length) return;
		let index = this.#index < 0 ? 0 : Math.min(length - 1, Math.max(0, this.#index + by));
		this.#select(index);
	}

	first() {
		this.#select(0);
	}

	last() {
		this.#select(this.#rows.length - 1);
	}

	choose(id) {
		this.#selected = id;
		this.#index = id ? this.#rows?.find(id) ?? -1 : -1;
		this.virtual.reset();
		if (this.#index >= 0) this.virtual.reveal(this.#index, this.height);
		this.#active();
	}

	mark(marked) {
		this.#marked = marked;
		this.virtual.reset();
	}

	page() {
		return Math.max(1, Math.floor(this.grid.clientHeight / this.height) - 2);
	}

	#select(index) {
		if (index < 0) return;
		this.#index = index;
		this.#selected = this.#rows.at(index)?.id ?? null;
		this.virtual.reset();
		this.virtual.reveal(index, this.height);
		this.#active();
		if (document.activeElement === document.body) this.grid.focus();
		// The row may still have to be fetched.
		if (!this.#selected) this.#later = index;
	}

	#later = -1;

	#active() {
		if (this.#index >= 0) this.grid.setAttribute("aria-activedescendant", `row-${this.#index}`);
		else this.grid.removeAttribute("aria-activedescendant");
	}

	#draw(index) {
		const row = this.#rows.at(index);
		if (row && index === this.#later && index === this.#index) {
			this.#selected = row.id;
			this.#later = -1;
		}
		const element = drawRow(row);
		element.setAttribute("role", "row");
		element.setAttribute("id", `row-${index}`);
		element.setAttribute("aria-rowindex", index + 2);
		element.dataset.index = index;
		if (!row) return element;
		element.dataset.id = row.id;
		element.setAttribute("aria-selected", row.id === this.#selected);
		if (this.#flashing.has(row.id)) element.classList.add("entered");
		for (const letter of ["a", "b"]) if (this.#marked[letter] === row.id) element.dataset.mark = letter.toUpperCase();
		return element;
	}

	#clicked(event) {
		const row = event.target.closest("[data-id]");
		// Who selects text does not mean to open.
		if (!row || row.classList.contains("gap") || String(getSelection())) return;
		this.#select(Number(row.dataset.index));
		this.open(row.dataset.id);
	}

	#head() {
		const header = (kind, ...what) => h("div", { role: "columnheader", class: `cell ${kind}` }, ...what);
		return h("div", { role: "rowgroup", class: "head-rows" }, h("div", { role: "row", class: "row", "aria-rowindex": "1" },
			COLUMNS.map(([kind, name]) => header(kind, name)),
			header("bar", h("div.scale", { role: "img", "aria-label": "Logarithmic scale" }, SCALE.map((mark) => h("span", mark))))));
	}
}
