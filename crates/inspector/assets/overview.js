// The overview: rates and times as charts, routes, what fails or is slow now, and what was lost or withheld.

import * as api from "./api.js";
import { address, go } from "./address.js";
import { area, axis, gapText, hatched, line, nice, numbers } from "./chart.js";
import { $, button, h, icon, svg } from "./dom.js";
import { clock, count, day, duration, durationText, percent, plural, size, sizeText, statusClass, statusText } from "./format.js";
import { measured } from "./row.js";
import { wire } from "./text.js";
import { outcomeText } from "./words.js";

const EVERY = 2_000;
const RANGES = [["15", "15 min"], ["60", "1 h"], ["1440", "24 h"], ["10080", "7 d"]];
const [WIDTH, HEIGHT] = [420, 120];
// An error share from which a route is marked.
const HOT = 0.1;
const KINDS = ["p50", "p95", "p99"];

export class Overview {
	#timer = null;
	#stale = false;
	#answer = null;
	#sort = ["count", -1];
	#now = "failing";
	#asked = 0;

	constructor({ open, refine }) {
		Object.assign(this, { open, refine });
		this.place = $("#overview");
	}

	show() {
		clearInterval(this.#timer);
		this.#timer = setInterval(() => { if (this.#stale && !document.hidden && !this.#busy()) this.#load(); }, EVERY);
		this.#load();
	}

	hide() {
		clearInterval(this.#timer);
		this.#timer = null;
	}

	stale() {
		this.#stale = true;
	}

	// Nothing is drawn anew under someone's hands.
	#busy() {
		return this.place.querySelector("details[open]") !== null;
	}

	async #load() {
		this.#stale = false;
		const asked = (this.#asked += 1);
		try {
			const answer = await api.overview({ q: address.q, minutes: address.range || 15 });
			if (asked !== this.#asked) return;
			this.#answer = answer;
			this.#draw();
		} catch (error) {
			if (asked === this.#asked) this.place.replaceChildren(h("div.ranges", h("h2", "Overview")), h("p.card.unmarked", { role: "status" }, `The overview cannot be shown: ${error.message}`));
		}
	}

	#draw() {
		const focused = document.activeElement?.dataset?.focus;
		const { from, to, buckets, gaps, durations } = this.#answer;
		const { total } = this.#answer;
		const [begin, end] = [from, to].map((at) => new Date(at).toISOString());
		const when = to - from > 86_400_000 ? `${day(begin)} – ${day(end)}` : `${day(end)}, ${clock(begin).slice(0, 5)}–${clock(end).slice(0, 5)} UTC`;
		const range = ([range, text]) => button({ "aria-pressed": String((address.range || "15") === range), "data-focus": range, onclick: () => go({ range }, { replace: true }) }, text);
		this.place.replaceChildren(
			h("div.ranges", h("h2", "Overview"), h("span.segment", { role: "group", "aria-label": "Range" }, RANGES.map(range)),
				h("span.muted", `${plural(total, "exchange")}${address.q ? " that match the filter" : ""} · ${when}`)),
			h("div.charts",
				this.#share("Requests per second", "/s now", (bucket) => bucket.count / (this.#answer.step / 1000), 0.001, ""),
				this.#share("Error share", "% now", ({ count: n, errors }) => (n ? (errors / n) * 100 : null), 1, "bad"),
				this.#durations(durations)),
			numbers(["Time", "Requests", "Errors", ...KINDS], buckets.map((bucket) => [
				clock(new Date(bucket.at).toISOString()).slice(0, 8), count(bucket.count), count(bucket.errors),
				...KINDS.map((kind) => (bucket[kind] === null ? "–" : durationText(bucket[kind])))])),
			counters(this.#answer), h("div.below", this.#routes(), this.#nowCard()), gapList(gaps));
		if (focused) this.place.querySelector(`[data-focus="${focused}"]`)?.focus();
	}

	#x(at) {
		const { from, to } = this.#answer;
		return Math.min(WIDTH, Math.max(0, ((at - from) / Math.max(1, to - from)) * WIDTH));
	}

	// Points of a number of each bucket, interrupted by gaps.
	#points(of, y) {
		const { buckets, gaps, step } = this.#answer;
		const hole = (at) => gaps.some((gap) => Date.parse(gap.from) < at + step && Date.parse(gap.to) >= at);
		return buckets.map((bucket) => {
			const value = of(bucket);
			return value === null || hole(bucket.at) ? null : [this.#x(bucket.at + step / 2), y(value)];
		});
	}

	#chart(title, figure, label, inside, marks) {
		const { from, to, gaps } = this.#answer;
		const bands = gaps.map((gap) => {
			const [a, b] = [gap.from, gap.to].map((time) => this.#x(Date.parse(time)));
			return hatched(a, Math.max(3, b - a), HEIGHT);
		});
		return h("figure.card.chart", { role: "group", "aria-label": [label, gapText(gaps)].filter(Boolean).join("; ") },
			h("header", h("h3", title), figure),
			h("div.plot",
				svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
					svg("path.grid", { d: marks.map(([y]) => `M0 ${y}H${WIDTH}`).join("") }), bands, inside),
				svg("svg.ys", { "aria-hidden": "true" }, marks.map(([y, text]) => svg("text", { y: `${(y / HEIGHT) * 100}%`, dy: 4 }, text)))),
			axis(from, to, 4));
	}

	// A number of each bucket from zero on, with its area.
	#share(title, unit, of, least, kind) {
		const { buckets } = this.#answer;
		const top = nice(Math.max(least, ...buckets.map((bucket) => of(bucket) ?? 0)));
		const points = this.#points(of, (value) => HEIGHT - (value / top) * HEIGHT);
		// The newest bucket has only begun.
		const now = short([...buckets.slice(0, -1).map(of).filter((value) => value !== null), 0].at(-2) ?? 0);
		return this.#chart(title, h("span.figure", now, h("small", unit)), `${title}, now ${now}`,
			[svg("path", { class: `area ${kind}`, d: area(points, HEIGHT) }), svg("path", { class: kind, d: line(points) })],
			[[0, short(top)], [60, short(top / 2)], [120, "0"]]);
	}

	// Percentiles, logarithmic.
	#durations(all) {
		const values = this.#answer.buckets.flatMap(({ p50, p99 }) => [p50, p99]).filter((value) => value !== null);
		const low = Math.floor(Math.log10(Math.max(1, Math.min(...values, 1e3))));
		const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(10, ...values))));
		const y = (micros) => HEIGHT - ((Math.log10(Math.max(1, micros)) - low) / (high - low)) * HEIGHT;
		const paths = KINDS.map((kind) => svg("path", { class: kind, d: line(this.#points((bucket) => bucket[kind], y)) }));
		const marks = Array.from({ length: high - low + 1 }, (_, place) => [y(10 ** (low + place)), durationText(10 ** (low + place)).replace(/\.0+/, "")]);
		const text = (kind) => (all[kind] === null ? "–" : durationText(all[kind]));
		return this.#chart("Duration", h("span.trio", KINDS.map((kind) => {
			const [value, unit] = text(kind).split(" ");
			return h("span", svg("svg", { class: kind, "aria-hidden": "true" }, svg("path", { d: "M0 1.5h18" })), kind, h("b", value), ` ${unit ?? ""}`);
		})), `Duration, ${KINDS.map((kind) => `${kind} ${text(kind)}`).join(", ")}`, paths, marks);
	}

	#routes() {
		const [by, order] = this.#sort;
		const key = { route: ({ route }) => route ?? "", errors: ({ errors, count: n }) => errors / n }[by] ?? ((route) => route[by] ?? -1);
		const sorted = [...this.#answer.routes].sort((a, b) => { const [x, y] = [key(a), key(b)]; return (x < y ? -1 : x > y ? 1 : 0) * order; });
		const head = (name, text, kind = "r") => {
			const current = by === name;
			return h("th", { class: kind, scope: "col", "aria-sort": current ? (order < 0 ? "descending" : "ascending") : null },
				button({ "data-focus": name, onclick: () => { this.#sort = [name, current ? -order : name === "route" ? 1 : -1]; this.#draw(); } }, text, current ? (order < 0 ? " ↓" : " ↑") : ""));
		};
		const time = (kind) => h("td.r", measured(kind === null ? null : duration(kind)));
		return h("section.card.routes", { "aria-label": "Routes" }, h("header", h("h3", "Routes")), h("table",
			h("colgroup", ["", 96, 80, 90, 80, 80, 80, 92].map((width) => h("col", { width: width || null }))),
			h("thead", h("tr", head("route", "Route", ""), h("th", { scope: "col" }, "Rate"), head("count", "Count"), head("errors", "Errors"), head("p50", "p50"), head("p95", "p95"), head("p99", "p99"), head("bytes_out", "Bytes out"))),
			h("tbody", sorted.map((route) => {
				const share = route.errors / route.count;
				return h("tr",
					h("td", button({ class: "plain-link", disabled: route.route === null, onclick: () => this.refine("route:", route.route) }, h("small", wire(route.methods?.join(" ") ?? "")), route.route === null ? h("span.muted", "no route") : wire(route.route))),
					h("td", spark(route.rate)), h("td.r", count(route.count)),
					h("td", { class: `r${route.errors ? "" : " zero"}` }, route.errors ? h("span", { class: share >= HOT ? "hot" : null }, percent(share)) : "0"),
					time(route.p50), time(route.p95), time(route.p99), h("td.r", measured(size(route.bytes_out))));
			}))));
	}

	#nowCard() {
		const kinds = { failing: "Failing", slowest: "Slowest", largest: "Largest" };
		const rows = this.#answer[this.#now];
		const note = { failing: (row) => (row.outcome === "completed" ? clock(row.time).slice(0, 8) : outcomeText(row.outcome)), slowest: (row) => durationText(row.duration_us), largest: (row) => sizeText((row.request?.bytes ?? 0) + (row.response?.bytes ?? 0)) }[this.#now];
		return h("section.card.now", { "aria-label": "Now" }, h("header", h("h3", "Now"), h("span.tabs.push", { role: "group", "aria-label": "Which" },
			Object.entries(kinds).map(([kind, text]) => button({ "aria-pressed": String(kind === this.#now), "data-focus": kind, onclick: () => { this.#now = kind; this.#draw(); } }, text)))),
		rows.length ? h("ol", rows.map((row) => h("li", button({ class: "plain-link", onclick: () => this.open(row.id) },
			h("span", { class: `status ${statusClass(row.status)}` }, statusText(row.status)), h("code", wire(row.path)), h("span", note(row)))))) : h("p.muted.none-now", "None in this range."));
	}
}

const short = (value) => String(Number(value.toPrecision(value >= 100 ? 3 : 2)));

function spark(rate) {
	const top = Math.max(1, ...rate.map((value) => value ?? 0));
	const points = rate.map((value, place) => (value === null ? null : [(place / Math.max(1, rate.length - 1)) * 80, 16 - (value / top) * 14]));
	return svg("svg.spark", { viewBox: "0 0 80 18", "aria-hidden": "true" }, svg("path", { d: line(points) }));
}

function counters({ counters: n, total }) {
	const share = (value) => (value ? percent(value / total) : null);
	const one = (sign, name, value, note, alarm = false) => h("div", { class: alarm && value ? "alarm" : null }, h("dt", icon(sign, "kept"), name), h("dd", count(value), note ? h("small", note) : null));
	const gapNote = n.gaps ? plural(n.gaps, "gap") : null;
	return h("dl.card.counters", { "aria-label": "Lost and withheld" },
		one("lost", "Records dropped", n.dropped, n.dropped ? `queue full${gapNote ? `, ${gapNote}` : ""}` : null, true), one("lost", "Records lost", n.lost, n.lost ? "the sink failed" : null, true),
		one("truncated", "Truncated", n.truncated, share(n.truncated)), one("withheld", "Withheld", n.withheld, share(n.withheld)), one("unread", "Unread", n.unread, share(n.unread)),
		one("aborted", "Aborted", n.aborted, share(n.aborted)), one("sampled-out", "Sampled out", n.sampled_out, share(n.sampled_out)));
}

function gapList(gaps) {
	if (!gaps.length) return null;
	return h("section.card.gaps", { "aria-label": "Gaps" }, h("header", h("h3", "Gaps")),
		h("ul", gaps.map((gap) => h("li.state", icon("lost", "kept"), h("span", gapText([gap])), h("span.muted", Object.entries(gap.reasons).map(([reason, n]) => `${reason} ${count(n)}`).join(", "))))));
}
