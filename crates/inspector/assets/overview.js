// The overview: rates and times as charts, routes, what fails or is slow now, and what was lost or withheld.

import * as api from "./api.js";
import { RANGES, address, go } from "./address.js";
import { card, numbers, spark } from "./chart.js";
import { $, button, h, icon } from "./dom.js";
import { clock, count, day, duration, durationText, percent, plural, size, sizeText, statusClass, statusText } from "./format.js";
import { measured } from "./row.js";
import { wire } from "./text.js";
import { outcomeText } from "./words.js";

const EVERY = 2_000;
// An error share from which a route is marked.
const HOT = 0.1;
const KINDS = { failing: "Failing", slowest: "Slowest", largest: "Largest" };
const COLUMNS = [["route", "Route"], ["rate", "Rate"], ["count", "Count"], ["errors", "Errors"], ["p50", "p50"], ["p95", "p95"], ["p99", "p99"], ["bytes_out", "Bytes out"]];
const WIDTHS = [null, 96, 80, 90, 80, 80, 80, 92];

const section = (kind, title, ...children) => h("section", { class: `card ${kind}`, "aria-label": title }, h("header", h("h3", title), children.shift()), children);

export class Overview {
	#timer = null;
	#stale = false;
	#answer = null;
	#sort = ["count", -1];
	#now = "failing";
	#asked = 0;
	#panels = h("div.panels");

	constructor({ open, refine }) {
		Object.assign(this, { open, refine });
		this.place = $("#overview");
	}

	show() {
		this.hide();
		this.#timer = setInterval(() => {
			if (document.hidden) return;
			if (this.#stale && !this.#busy()) this.#load();
			if (this.#panels.firstChild) this.#status();
		}, EVERY);
		this.#load();
		this.#status();
	}

	hide() {
		clearInterval(this.#timer);
	}

	stale() {
		this.#stale = true;
	}

	// Nothing is drawn anew under someone's hands.
	#busy() {
		return $("details[open]", this.place) !== null;
	}

	async #load() {
		this.#stale = false;
		const asked = (this.#asked += 1);
		try {
			const answer = await api.overview({ q: address.q, minutes: address.range || "15" });
			if (asked !== this.#asked) return;
			this.#answer = answer;
			this.#draw();
		} catch (error) {
			if (asked === this.#asked) this.place.replaceChildren(h("div.ranges", h("h2", "Overview")), h("p.card.unmarked", { role: "status" }, `The overview cannot be shown: ${error.message}`));
		}
	}

	// What the application says of its log, such as of its proofs.
	async #status() {
		const panels = await api.status().catch(() => []);
		this.#panels.replaceChildren(...panels.map(({ title, rows }) => section("", title, null,
			h("dl.facts", rows.map(({ name, value, tone }) => [h("dt", wire(name)), h("dd", { class: tone }, wire(value))])))));
	}

	#draw() {
		const focused = document.activeElement?.dataset?.focus;
		const { from, to, total, charts, axis, gaps, counters, numbers: rows } = this.#answer;
		const [begin, end] = [from, to].map((at) => new Date(at).toISOString());
		const when = to - from > 86_400_000 ? `${day(begin)} – ${day(end)}` : `${day(end)}, ${clock(begin).slice(0, 5)}–${clock(end).slice(0, 5)} UTC`;
		const range = ([range, text]) => button({ "aria-pressed": String((address.range || "15") === range), "data-focus": range, onclick: () => go({ range }, { replace: true }) }, text);
		this.place.replaceChildren(
			h("div.ranges", h("h2", "Overview"), h("span.segment", { role: "group", "aria-label": "Range" }, RANGES.map(range)),
				h("span.muted", `${plural(total, "exchange")}${address.q ? " that match the filter" : ""} · ${when}`)),
			h("div.charts", charts.map((chart) => card(chart, axis))),
			numbers(["Time", "Requests", "Errors", "p50", "p95", "p99"], rows),
			h("dl.card.counters", { "aria-label": "Lost and withheld" }, counters.map(({ icon: sign, name, value, note, alarm }) =>
				h("div", { class: alarm ? "alarm" : null }, h("dt", icon(sign, "kept"), name), h("dd", value, note && h("small", note))))),
			this.#panels,
			h("div.below", this.#routes(), this.#nowCard()),
			gaps.length ? section("gaps", "Gaps", null, h("ul", gaps.map(({ what, when, why }) =>
				h("li.state", icon("lost", "kept"), h("span", `${what} ${when}`), h("span.muted", why))))) : "");
		if (focused) $(`[data-focus="${focused}"]`, this.place)?.focus();
	}

	#routes() {
		const [by, order] = this.#sort;
		const key = { route: ({ route }) => route ?? "", errors: ({ errors, count: n }) => errors / n }[by] ?? ((route) => route[by] ?? -1);
		const compared = (a, b) => (a < b ? -1 : a > b ? 1 : 0) * order;
		const sorted = [...this.#answer.routes].sort((a, b) => compared(key(a), key(b)));
		const head = ([name, text]) => {
			if (name === "rate") return h("th", { scope: "col" }, text);
			const current = by === name;
			const sort = () => {
				this.#sort = [name, current ? -order : name === "route" ? 1 : -1];
				this.#draw();
			};
			return h("th", { class: name === "route" ? null : "r", scope: "col", "aria-sort": current ? (order < 0 ? "descending" : "ascending") : null },
				button({ "data-focus": name, onclick: sort }, text, current && (order < 0 ? " ↓" : " ↑")));
		};
		const number = (value) => h("td.r", measured(value));
		const row = ({ route, methods, rate, count: n, errors, bytes_out: bytes, ...times }) => h("tr",
			h("td", button({ class: "plain-link", disabled: route === null, onclick: () => this.refine("route:", route) },
				h("small", wire(methods.join(" "))), route === null ? h("span.muted", "no route") : wire(route))),
			h("td", spark(rate)), h("td.r", count(n)),
			h("td", { class: `r${errors ? "" : " zero"}` }, errors ? h("span", { class: errors / n >= HOT ? "hot" : null }, percent(errors / n)) : "0"),
			["p50", "p95", "p99"].map((kind) => number(times[kind] === null ? null : duration(times[kind]))), number(size(bytes)));
		return section("routes", "Routes", null, h("table", h("colgroup", WIDTHS.map((width) => h("col", { width }))),
			h("thead", h("tr", COLUMNS.map(head))), h("tbody", sorted.map(row))));
	}

	#nowCard() {
		const note = {
			failing: (row) => (row.outcome === "completed" ? clock(row.time).slice(0, 8) : outcomeText(row.outcome)),
			slowest: (row) => durationText(row.duration_us),
			largest: (row) => sizeText((row.request?.bytes ?? 0) + (row.response?.bytes ?? 0)),
		}[this.#now];
		const choose = (kind) => {
			this.#now = kind;
			this.#draw();
		};
		const tabs = Object.entries(KINDS).map(([kind, text]) => button({ "aria-pressed": String(kind === this.#now), "data-focus": kind, onclick: () => choose(kind) }, text));
		const rows = this.#answer[this.#now].map((row) => h("li", button({ class: "plain-link", onclick: () => this.open(row.id) },
			h("span", { class: `status ${statusClass(row.status)}` }, statusText(row.status)), h("code", wire(row.path)), h("span", note(row)))));
		return section("now", "Now", h("span.tabs.push", { role: "group", "aria-label": "Which" }, tabs), rows.length ? h("ol", rows) : h("p.muted.none-now", "None in this range."));
	}
}
