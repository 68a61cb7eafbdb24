// The rows of the list, newest first. What is older than the first look is fetched in pages as it comes into view; what
// arrives later enters at the top, or waits.

import { entries, first } from "./api.js";

const PAGE = 100;
const PAGES_KEPT = 300;
const AT_ONCE = 3;
// More than that are not collected here, but fetched again.
const MAX_FRESH = 2_000;
// Browsers draw nothing further down than 33 million pixels, and a row takes up to 57.
export const MAX_ROWS = 500_000;

export class Rows {
	#pages = new Map();
	#cursors = new Map();
	#loading = new Set();
	#wanted = [];
	#abort = new AbortController();
	// How many older records there are, and the gaps between those that are known: by how many records are newer.
	#older = 0;
	#gaps = [];
	#ended = false;
	#fresh = [];
	#waiting = [];
	#changed;

	// Where the live updates go on from.
	newest = undefined;
	// How many match, null where that is not known; how many there are.
	matching = null;
	total = 0;
	// How many wait to be shown.
	waiting = 0;

	// `query` is what the address asks for: `{q, minutes}`.
	constructor(query, changed) {
		this.query = query;
		this.#changed = changed;
	}

	get length() {
		return Math.min(MAX_ROWS, this.#fresh.length + this.#older + this.#gaps.length);
	}

	// Resolves when the first page is there, and fails if the filter does.
	async begin() {
		await this.#load(0);
	}

	at(index) {
		if (index < this.#fresh.length) return this.#fresh[this.#fresh.length - 1 - index];
		const place = index - this.#fresh.length;
		const next = this.#gaps.findIndex((gap) => gap.place >= place);
		if (this.#gaps[next]?.place === place) return this.#gaps[next].row;
		const older = place - (next < 0 ? this.#gaps.length : next);
		return this.#pages.get(Math.floor(older / PAGE))?.[older % PAGE];
	}

	find(id) {
		for (let index = 0; index < this.#fresh.length; index += 1) if (this.at(index).id === id) return index;
		for (const [page, rows] of this.#pages) {
			const within = rows.findIndex((row) => row.id === id);
			if (within >= 0) return this.#fresh.length + this.#shifted(page * PAGE + within);
		}
		return -1;
	}

	// Where a record is among records and gaps.
	#shifted(place) {
		return place + this.#gaps.filter(({ newer }) => newer <= place).length;
	}

	// Fetches the pages of these rows that are not there yet.
	need(first, last) {
		const from = Math.max(0, Math.floor((first - this.#fresh.length - this.#gaps.length) / PAGE));
		const to = Math.floor(Math.min(last - this.#fresh.length, this.#older - 1) / PAGE);
		this.#wanted = [];
		for (let page = from; page <= to; page += 1) if (!this.#pages.has(page)) this.#wanted.push(page);
		this.#next();
	}

	// Rows that arrived, oldest first. Returns how many entered.
	arrived(rows, enter) {
		// Many are not kept here, but fetched again.
		if (this.#waiting && this.waiting < MAX_FRESH) this.#waiting.push(...rows);
		else this.#waiting = null;
		this.waiting += rows.length;
		this.total += rows.filter(({ kind }) => kind === "record").length;
		return enter ? this.show() : 0;
	}

	// Lets what waits enter. Returns how many did, or null where the list has to begin anew.
	show() {
		const entered = this.waiting;
		if (this.#waiting === null || this.#fresh.length + entered > MAX_FRESH) return null;
		this.#fresh.push(...this.#waiting);
		if (this.matching !== null) this.matching += entered;
		this.#waiting = [];
		this.waiting = 0;
		return entered;
	}

	stop() {
		this.#abort.abort();
	}

	#next() {
		while (this.#loading.size < AT_ONCE) {
			const page = this.#wanted.find((page) => !this.#loading.has(page));
			if (page === undefined) return;
			this.#load(page).catch((error) => {
				if (error.name !== "AbortError") console.warn(error);
			});
		}
	}

	async #load(page) {
		this.#loading.add(page);
		try {
			const rows = [];
			let [cursor, skip] = this.#place(page);
			let answer;
			// A page may come in several parts: the server searches for a while only.
			do {
				answer = (page === 0 && !cursor && first()) || await entries({ ...this.query, cursor, skip, limit: PAGE - rows.length }, this.#abort.signal);
				this.#take(answer.rows, page, rows);
				this.#measure(answer, page, rows.length);
				[cursor, skip] = [answer.next, null];
			} while (cursor && rows.length < PAGE);
			this.#pages.set(page, rows);
			this.#ended ||= !cursor;
			if (cursor) this.#cursors.set(page + 1, cursor);
			this.#measure(answer, page, rows.length);
			this.#forget(page);
		} finally {
			this.#loading.delete(page);
			this.#wanted = this.#wanted.filter((wanted) => wanted !== page);
		}
		this.#changed();
		this.#next();
	}

	// Adds the records of an answer to those of their page. Gaps lie between records, and are no part of a page.
	#take(rows, page, records) {
		for (const row of rows) {
			if (row.kind === "record") records.push(row);
			else if (!this.#gaps.some((gap) => gap.row.id === row.id)) {
				// How many rows come before it, the gaps among them included.
				const newer = page * PAGE + records.length;
				const before = this.#gaps.filter((gap) => gap.newer <= newer).length;
				this.#gaps.splice(before, 0, { newer, row });
				this.#gaps.forEach((gap, index) => { gap.place = gap.newer + index; });
			}
		}
	}

	// The last known cursor before a page, and how many rows lie between. The first page has none, and never goes.
	#place(page) {
		for (let known = page; known > 0; known -= 1) {
			if (this.#cursors.has(known)) return [this.#cursors.get(known), (page - known) * PAGE];
		}
		return [null, page * PAGE];
	}

	#measure(answer, page, got) {
		if (this.newest === undefined) {
			this.newest = answer.newest;
			this.total = answer.total;
			this.matching = answer.matching;
		}
		const reached = page * PAGE + got;
		if (!answer.next) this.#older = reached;
		else if (!this.#ended) this.#older = Math.max(this.#older, this.matching ?? 0, this.matching === null ? reached + PAGE : reached);
		if (!answer.next && this.matching === null) this.matching = this.#fresh.length + reached;
	}

	// Keeps memory bounded: the pages that are farthest away go.
	#forget(page) {
		if (this.#pages.size <= PAGES_KEPT) return;
		const far = [...this.#pages.keys()].filter((known) => known > 0).reduce((a, b) => (Math.abs(a - page) > Math.abs(b - page) ? a : b));
		this.#pages.delete(far);
	}
}
