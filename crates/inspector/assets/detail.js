// The panel of one exchange.

import * as api from "./api.js";
import { $, button, download, h, icon } from "./dom.js";
import { attribute } from "./filter.js";
import { count, durationText, instant, plural, sizeText, statusClass, statusText } from "./format.js";
import { mark, path } from "./row.js";
import { side } from "./side.js";
import { plain, wire } from "./text.js";
import { timeline } from "./timeline.js";
import { OPEN, OUTCOMES, outcomeText } from "./words.js";

// Further attributes are unfolded.
const FEW_ATTRIBUTES = 12;

export class Detail {
	#abort = null;

	// What the panel may ask for: `open(id)`, `close()`, `compare(id)`, `copy(text, what)`, `pick(event, value)`,
	// `refine(key, value)`.
	constructor(actions) {
		this.actions = actions;
		this.panel = $("#panel");
		this.answer = null;
	}

	async show(id) {
		this.#abort?.abort();
		this.#abort = new AbortController();
		this.panel.hidden = false;
		document.body.classList.add("detailed");
		// Nothing at first: most answers are there before anyone could read that they are awaited.
		const slow = setTimeout(() => this.#say("Loading…"), 150);
		try {
			this.answer = await api.record(id, this.#abort.signal);
			this.#draw();
			const { answer } = this;
			// What takes longer comes later: the percentiles of its route, and its place among others.
			api.around(id, this.#abort.signal).then(({ route, ranks }) => {
				if (this.answer !== answer) return;
				if (route) $(".timeline", this.panel).firstChild.replaceWith(this.#line(route));
				this.panel.querySelectorAll(".rank").forEach((rank, place) => { rank.textContent = ranks[place]?.map(count).join(" of ") ?? "of many"; });
			}, () => {});
		} catch (error) {
			if (error.name === "AbortError") return;
			this.answer = null;
			this.#say(error.message === "not found" ? "There is no such record. It may have been deleted since." : `The record cannot be shown: ${error.message}`);
		} finally {
			clearTimeout(slow);
		}
	}

	hide() {
		this.#abort?.abort();
		this.answer = null;
		const focused = this.#focused();
		this.panel.hidden = true;
		document.body.classList.remove("detailed");
		if (focused) $(".scroller").focus();
	}

	// What has the focus in the panel.
	#focused() {
		return this.panel.contains(document.activeElement) ? document.activeElement : null;
	}

	// The previous (newer) or next (older) of the same route.
	sibling(which) {
		const same = this.answer?.same.find(({ by, attribute: named }) => by === "route" && !named);
		if (same?.[which]) this.actions.open(same[which]);
	}

	curl() {
		if (this.answer) this.actions.copy(this.answer.curl, "the curl command");
	}

	link() {
		if (!this.answer) return;
		const address = new URL(location.href);
		address.search = `?record=${this.answer.record.entry_id}`;
		address.hash = "";
		this.actions.copy(address.href, "the link");
	}

	#say(text) {
		if (this.#focused()) this.panel.focus();
		this.panel.replaceChildren(h("header.head", h("div.line", h("p.muted", { role: "status" }, text), this.#close("push"))));
	}

	#close(where = "") {
		return button({ class: `button quiet ${where}`, "aria-label": "Close", onclick: () => this.actions.close() }, icon("cross"));
	}

	#draw() {
		const { record } = this.answer;
		const { request } = record;
		const actions = { copy: this.actions.copy, pick: this.actions.pick };
		const sides = ["request", "response"].map((name) => side(name, record[name], this.answer[name], actions));
		const focused = this.#focused();
		this.panel.replaceChildren(
			this.#head(record),
			this.#times(record),
			this.#picker(),
			h("div.sides", sides),
		);
		this.panel.ariaLabel = $("#announce").textContent = plain(`Exchange ${request.method} ${request.path}`);
		this.panel.scrollTop = 0;
		// Whoever steps on stays there; where the panel covers the list, it takes over.
		const again = [...this.panel.querySelectorAll("[aria-label]:enabled")].find(({ ariaLabel }) => ariaLabel === focused?.ariaLabel);
		if (focused || !$("#list").offsetParent) (again ?? this.panel).focus();
	}

	#head(record) {
		const { request, response } = record;
		const status = response?.status ?? null;
		const [sign, tone] = record.outcome ? OUTCOMES[record.outcome] ?? ["cross", "failed"] : OPEN;
		const { refine, close, compare } = this.actions;
		return h("header.head",
			h("div.line",
				button({ class: "button quiet back", "aria-label": "Back to the list", onclick: close }, icon("left")),
				h("h2", { title: plain(request.path) }, wire(request.method), " ", path(request)),
				button({ class: `chip status ${statusClass(status)}`, title: "Filter by this status", disabled: status === null, onclick: () => refine("status:", String(status)) }, statusText(status)),
				button({ class: `chip outcome ${tone}`, title: "Filter by this outcome", disabled: !record.outcome, onclick: () => refine("outcome:", record.outcome) }, icon(sign), outcomeText(record.outcome)),
				button({ class: "button push", onclick: () => this.curl() }, "Copy as curl"),
				button({ class: "button quiet", onclick: () => download(api.url(`records/${record.entry_id}/har`)) }, "HAR"),
				button({ class: "button quiet", "aria-label": "Copy link", title: "Copy link", onclick: () => this.link() }, icon("link")),
				button({ class: "button quiet", "aria-label": "Compare", title: "Mark to compare", onclick: () => compare(record.entry_id) }, icon("pair")),
				this.#close()),
			this.#siblings());
	}

	#line(route) {
		return timeline(this.answer.record, route) ?? h("p.muted", "Not timed yet: the exchange is still open.");
	}

	#siblings() {
		const { same, stages } = this.answer;
		const { open, refine } = this.actions;
		const step = (label, sign, id) => button({ "aria-label": label, disabled: !id, onclick: () => open(id) }, icon(sign));
		const groups = same.map(({ by, attribute: named, value, newer, older, key = named ? attribute(by) : `${by}:` }) => h("span",
			step(`Newer of the same ${by}`, "left", newer),
			button({ class: "same", title: `Filter by ${plain(`${key}${value}`)}`, onclick: () => refine(key, value) }, wire(by), named && [" ", h("small", wire(value))]),
			h("small.rank"), step(`Older of the same ${by}`, "right", older)));
		const isOver = stages.some(({ stage }) => stage === "response" || stage === null);
		const joined = stages.length > 1 || stages[0]?.stage ? h("span.stages", h("small", "Stages"), stages.map(({ id, stage, seq, current }) =>
			button({ class: "same", "aria-current": current ? "true" : null, onclick: () => open(id) }, stage ?? "whole", h("small", ` seq ${count(seq)}`))),
		isOver ? null : h("small", "no response yet")) : null;
		return groups.length || joined ? h("div.siblings", groups.length ? h("small", "Same") : null, groups, joined) : null;
	}

	#times(record) {
		const { refine } = this.actions;
		const fact = (name, ...value) => [h("dt", name), h("dd", ...value)];
		const link = (key, value, text = value) => button({ class: "value", title: `Filter by ${plain(key + value)}`, onclick: () => refine(key, value) }, wire(text));
		const address = record.client.addr;
		const listed = ([name, value]) => [" · ", h("span.muted", wire(name), " "), link(attribute(name), value)];
		const attributes = Object.entries(record.attributes);
		const more = attributes.splice(FEW_ATTRIBUTES);
		const { error, resource, trace } = record;
		return h("div.timeline",
			this.#line(null),
			h("dl.facts",
				fact("Began", instant(record.time)),
				fact("Client", address ? link("client:", this.answer.same.find(({ by }) => by === "client").value, address) : "–", attributes.map(listed)),
				more.length ? fact("More", h("details", h("summary", plural(more.length, "more attribute")), more.map(listed))) : null,
				record.request.route ? fact("Route", link("route:", record.request.route)) : null,
				error ? fact("Error", wire([error.kind.replaceAll("_", " "), error.status, error.message].filter(Boolean).join(" · "))) : null,
				trace ? fact("Trace", link("trace:", trace.trace_id)) : null,
				resource ? fact("Service", wire([resource.service, resource.version, resource.instance, resource.host].filter(Boolean).join(" · "))) : null,
				fact("Id", h("span.mono", link("id:", record.id))),
				fact("Log", h("span.muted", `seq ${count(record.seq)} · ${record.request.version}${record.stage ? ` · stage ${record.stage}` : ""}`)),
				record.duration_us === null ? null : h("dt.sr", "Duration"), record.duration_us === null ? null : h("dd.sr", durationText(record.duration_us))));
	}

	// On a phone one side is shown at a time.
	#picker() {
		const choice = (id, label, side, checked = false) => {
			const bytes = this.answer.record[side]?.body.bytes ?? null;
			return h("label", h("input", { type: "radio", name: "side", id, checked }), label, " ",
				bytes === null ? null : h("small", sizeText(bytes)), this.answer[side] && mark(this.answer[side]));
		};
		return h("div.pick", { role: "radiogroup", "aria-label": "Side" },
			choice("pick-req", "Request", "request"), choice("pick-res", "Response", "response", true));
	}
}
