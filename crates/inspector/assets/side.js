// One side of an exchange: its headers and its body.

import { MAX_FOUND } from "./code.js";
import { look } from "./content.js";
import { button, h, icon, roam, svg } from "./dom.js";
import { count, plural, sizeText } from "./format.js";
import { mark } from "./row.js";
import { wire } from "./text.js";

const TEAR = `M.5 0V2${"l8 4 8-4".repeat(25)}V0`;

// `shown` is what the server shows of its body: `{views, content, kept, statements, masked}`.
export function side(name, message, shown, { copy, pick }) {
	const title = name === "request" ? "Request" : "Response";
	if (!message) {
		return h("section", { class: `side ${name}`, "aria-label": title }, h("h3", title),
			h("p.muted", "There was no response: the exchange ended before its head was ready."));
	}
	const { body } = message;
	return h("section", { class: `side ${name}`, "aria-label": title },
		h("h3", title, h("small", body.bytes === null ? "not counted" : plural(body.bytes, "byte")),
			h("span.push", chips(body, shown))),
		headers(message, pick),
		content(name, body, shown, copy, pick));
}

function chips(body, { masked, kept }) {
	const share = kept?.sign === "truncated" && body.bytes ? ` · ${Math.floor((body.captured / body.bytes) * 100)} % kept` : "";
	return [
		masked ? h("span.chip", `${plural(masked, "value")} masked`) : null,
		kept ? h("span.chip.warn", mark({ kept }), kept.text + share) : null,
	];
}

let folds = 0;

// A heading that folds what follows it.
function foldable(words, tools, inside) {
	const id = `fold-${folds += 1}`;
	const toggle = button({
		class: "name", "aria-expanded": "true", "aria-controls": id,
		onclick: () => {
			const open = toggle.getAttribute("aria-expanded") !== "true";
			toggle.setAttribute("aria-expanded", String(open));
			box.hidden = !open;
		},
	}, icon("down"), words);
	const box = h("div", { id }, inside);
	return [h("div.fold", toggle, tools), box];
}

function headers({ headers: all, headers_dropped: dropped }, pick) {
	const rows = all.map(([name, value], place) => [h("dt", wire(name)),
		h("dd.pickable", { tabindex: place ? "-1" : "0", onclick: (event) => pick(event, value, "") }, wire(value))]);
	const more = dropped ? h("p.muted", `${plural(dropped, "more header")} not kept`) : null;
	return foldable(`Headers · ${count(all.length)}`, null, [h("dl.headers", { onkeydown: roam(".pickable") }, rows), more]);
}

function content(name, body, { views, content: recorded, statements }, copy, pick) {
	const box = h("div.content", { onclick: (event) => {
		const value = event.target.closest(".s, .n, .plain");
		if (value) pick(event, ...meant(value, body.media_type));
	} });
	const words = ["Body", body.media_type, body.encoding, views.length || statements.length ? null : body.state].filter(Boolean).join(" · ");
	let shown = null;
	const tabs = h("span.tabs", { role: "group", "aria-label": `How the body of the ${name} is shown` });
	const finder = find(() => shown, body);
	const show = (way) => {
		shown = look(views[way], recorded);
		const torn = shown.element.classList.contains("torn");
		box.replaceChildren(shown.element, torn ? svg("svg.tear", { viewBox: "0 0 400 7", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d: TEAR })) : "");
		[...tabs.querySelectorAll("[data-way]")].forEach((tab, place) => tab.setAttribute("aria-pressed", String(place === way)));
		finder.button.hidden = !shown.code;
		finder.again();
	};
	if (views.length) {
		tabs.append(finder.button,
			...views.map(({ name: label }, way) => button({ "data-way": way, onclick: () => show(way) }, label)),
			recorded === null ? "" : button({ onclick: () => copy(recorded, `the body of the ${name}`) }, "Copy"));
		show(0);
	}
	return foldable(words, views.length ? tabs : null, [finder.bar, box, notes(body), statements.map(statement)]);
}

// A value, and the words that find it: those of a string are searched without its escapes, those of a form with them.
function meant({ textContent: text, className: kind }, type) {
	if (type === "application/x-www-form-urlencoded") return [text, String(new URLSearchParams([["", text]])).slice(1)];
	try {
		return [kind === "s" ? JSON.parse(text) : text];
	} catch {
		return [text];
	}
}

// Search within a body, with what was not searched.
function find(shown, body) {
	const input = h("input", { type: "search", "aria-label": "Search in body", placeholder: "Search in body", spellcheck: "false" });
	const found = h("span.muted", { role: "status" });
	const bar = h("div.finder", { hidden: true }, input, found,
		button({ "aria-label": "Previous match", onclick: () => move(-1) }, icon("up")), button({ "aria-label": "Next match", onclick: () => move(1) }, icon("down")));
	let total = 0;
	const unsearched = body.bytes !== null && body.captured < body.bytes ? ` in the ${sizeText(body.captured)} kept of ${sizeText(body.bytes)}` : "";
	const report = (place) => { found.textContent = input.value ? `${total ? `${place} of ` : ""}${total < MAX_FOUND ? "" : "the first "}${plural(total, "match", "matches")}${unsearched}` : ""; };
	const move = (by) => report(shown().code?.next(by) ?? 0);
	const again = () => {
		total = bar.hidden ? 0 : shown()?.code?.search(input.value) ?? 0;
		report(0);
		if (total) move(1);
	};
	input.addEventListener("input", again);
	input.addEventListener("keydown", (event) => {
		if (event.key === "Enter") move(event.shiftKey ? -1 : 1);
		else if (event.key === "Escape") open(false);
		else return;
		event.preventDefault();
		event.stopPropagation();
	});
	const toggle = button({ "aria-label": "Search in body", "aria-expanded": "false", onclick: () => open(bar.hidden) }, icon("find"));
	const open = (show) => {
		bar.hidden = !show;
		toggle.setAttribute("aria-expanded", String(show));
		if (show) input.focus();
		else {
			shown()?.code?.search("");
			toggle.focus();
		}
		again();
	};
	return { button: toggle, bar, again };
}

function notes(body) {
	const facts = [
		body.decoded !== undefined && body.decoded !== null ? `${plural(body.decoded, "byte")} decoded` : null,
		body.events ? `${plural(body.events, "event")} passed` : null,
		body.digest ? `digest ${body.digest}` : null,
		body.file ? `${body.state === "complete" ? "whole body" : "what passed of it"} in ${body.file.name}, ${plural(body.file.bytes, "byte")}` : null,
		body.no_file ? `no file: ${body.no_file.replaceAll("_", " ")}` : null,
	].filter(Boolean);
	return facts.length ? h("p.notes", wire(facts.join(" · "))) : null;
}

function statement({ icon: sign, title, text, reason, share }) {
	return h("div.state", icon(sign, "kept"), h("span", h("b", title), " ", wire(text)),
		share === null || share === undefined ? null : svg("svg.ratio", { "aria-hidden": "true" },
			svg("rect", { width: "100%", height: 4, rx: 2 }), svg("rect", { width: `${(share * 100).toFixed(1)}%`, height: 4, rx: 2 })),
		reason ? h("span.muted", "Reason: ", h("code", reason)) : null);
}
