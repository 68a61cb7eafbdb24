// The filter: a field with completion of keys and values, recent filters, and errors that point at the place. The list
// keeps the last filter that was valid.

import * as api from "./api.js";
import { address, go } from "./address.js";
import { $, h } from "./dom.js";
import { plain } from "./text.js";

const PAUSE = 250;
const RECENT = "body-logger-inspector.recent";
const MAX_RECENT = 8;
const MAX_SHOWN = 8;

export class Filter {
	#options = [];
	#chosen = -1;
	#timer = null;
	#check = null;
	// Whether what is being typed has changed the address: the way back passes it once.
	#typing = false;
	#keys = [];
	#values = {};

	constructor() {
		this.input = $("#filter");
		this.box = $("#complete");
		this.wrong = $("#wrong");
		this.input.addEventListener("input", () => this.#typed());
		this.input.addEventListener("keydown", (event) => this.#key(event));
		this.input.addEventListener("focus", () => this.#suggest());
		this.input.addEventListener("click", () => this.#suggest());
		this.input.addEventListener("blur", () => this.#close());
		// A click chooses before the field loses the focus.
		this.box.addEventListener("mousedown", (event) => {
			event.preventDefault();
			const option = event.target.closest("[role=option]");
			if (option) this.#complete(Number(option.dataset.option));
		});
		api.words().then(({ keys }) => { this.#keys = keys; }, console.warn);
	}

	// Follows the address.
	show() {
		if (this.input.value.trim() !== address.q) this.input.value = address.q;
		this.#valid();
	}

	// Values that were seen, offered beside those that the language knows: `{route: [{text, count}], ...}`.
	know(values) {
		this.#values = values;
	}

	focus() {
		this.input.focus();
		this.input.select();
	}

	fail(error) {
		if (!(error instanceof api.FilterError)) return;
		const { message, start, end } = error;
		this.#close();
		this.input.setAttribute("aria-invalid", "true");
		this.input.setAttribute("aria-describedby", "wrong");
		const carets = " ".repeat(start) + "^".repeat(Math.max(1, end - start));
		this.wrong.replaceChildren(
			h("code", { "aria-hidden": "true" }, carets),
			h("p", h("b", plain(message)), " The list still shows the last filter that was valid."),
		);
		this.wrong.hidden = false;
	}

	#valid() {
		this.input.removeAttribute("aria-invalid");
		this.input.removeAttribute("aria-describedby");
		this.wrong.hidden = true;
	}

	#typed() {
		this.#suggest();
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#apply(), PAUSE);
	}

	// Applies what the field holds if it parses.
	async #apply({ final = false } = {}) {
		clearTimeout(this.#timer);
		const q = this.input.value.trim();
		this.#check?.abort();
		this.#check = new AbortController();
		try {
			await api.check(q, this.#check.signal);
		} catch (error) {
			// What is still being written is no error yet.
			const unfinished = !final && this.#options.length > 0 && document.activeElement === this.input;
			if (error.name !== "AbortError" && !unfinished) this.fail(error);
			return;
		}
		// What was typed meanwhile is applied in its turn.
		if (this.input.value.trim() !== q) return;
		this.#valid();
		if (final) {
			this.#close();
			this.#remember(q);
		}
		if (q !== address.q) go({ q, view: "" }, { replace: this.#typing });
		this.#typing = !final;
	}

	#key(event) {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step && this.#options.length) {
			const total = this.#options.length;
			this.#choose((this.#chosen + step + total + (this.#chosen < 0 && step < 0 ? 1 : 0)) % total);
		} else if (event.key === "Tab" && !event.shiftKey && this.#options.length && !this.box.hidden && this.#token().text) {
			this.#complete(Math.max(0, this.#chosen));
		} else if (event.key === "Enter") {
			if (this.#chosen >= 0) this.#complete(this.#chosen);
			else this.#apply({ final: true });
		} else if (event.key === "Escape") {
			event.stopPropagation();
			if (!this.box.hidden) this.#close();
			else if (this.input.value) {
				this.input.value = "";
				this.#apply({ final: true });
			} else this.input.blur();
		} else return;
		event.preventDefault();
	}

	// The term that the cursor is in.
	#token() {
		const at = this.input.selectionStart;
		const before = this.input.value.slice(0, at);
		let from = 0;
		let quote = false;
		for (let place = 0; place < before.length; place += 1) {
			if (before[place] === '"') quote = !quote;
			else if (/\s/.test(before[place]) && !quote) from = place + 1;
		}
		return { from, to: at, text: before.slice(from) };
	}

	#suggest() {
		const { text } = this.#token();
		const [, key, value] = /^([a-z_]+):(.*)$/s.exec(text) ?? [];
		const groups = [];
		if (key) {
			const known = this.#keys.find(({ name }) => name === key);
			const seen = this.#values[key] ?? [];
			const offered = [...(known?.values ?? []), ...seen].filter(({ text }) => text.startsWith(value) && text !== value);
			groups.push([known ? `${key} — ${known.about}` : key, offered.map((option) => ({
				insert: `${term(`${key}:`, option.text)} `, parts: [`${key}:`, option.text], about: option.about, count: option.count,
			}))]);
		} else if (/^[a-z_]*$/.test(text)) {
			const keys = this.#keys.filter(({ name }) => name.startsWith(text));
			groups.push(["Filter by", keys.map(({ name, about, example }) => ({
				insert: `${name}:`, parts: [`${name}:`, ""], about, count: null, example, goes: true,
			}))]);
		}
		const recent = recents().filter((q) => q.startsWith(this.input.value.trim()) && q !== this.input.value.trim());
		groups.push(["Recent", recent.slice(0, 4).map((q) => ({ all: q }))]);
		this.#offer(groups);
	}

	#offer(groups) {
		this.#options = groups.flatMap(([, options]) => options.slice(0, MAX_SHOWN));
		this.#chosen = -1;
		this.input.removeAttribute("aria-activedescendant");
		if (!this.#options.length || document.activeElement !== this.input) return this.#close();
		let place = 0;
		const option = ({ all, parts, about, count, example }) => {
			const attributes = { role: "option", id: `option-${place}`, "data-option": place++, "aria-selected": "false" };
			if (all) return h("li", { ...attributes, class: "recent" }, h("code", plain(all)));
			return h("li", attributes, h("code", parts[0], h("b", plain(parts[1]))), h("span", about ?? ""), h("small", count ?? example ?? ""));
		};
		this.wrong.hidden = true;
		this.box.replaceChildren(
			h("div", { role: "listbox", id: "options", "aria-label": "Completions" }, groups.filter(([, options]) => options.length).map(([name, options]) =>
				h("ul", { role: "group", "aria-label": name }, h("li.kind", { role: "presentation" }, name), options.slice(0, MAX_SHOWN).map(option)))),
			h("footer", h("span", h("kbd", "↑"), " ", h("kbd", "↓"), " choose"), h("span", h("kbd", "Tab"), " complete"), h("span", h("kbd", "Enter"), " apply")),
		);
		this.box.hidden = false;
		this.input.setAttribute("aria-expanded", "true");
		this.input.setAttribute("aria-controls", "options");
	}

	#close() {
		this.box.hidden = true;
		this.#options = [];
		this.#chosen = -1;
		this.input.setAttribute("aria-expanded", "false");
		this.input.removeAttribute("aria-activedescendant");
	}

	#choose(place) {
		this.#chosen = place;
		for (const option of this.box.querySelectorAll("[role=option]")) {
			const chosen = Number(option.dataset.option) === place;
			option.setAttribute("aria-selected", String(chosen));
			if (chosen) this.input.setAttribute("aria-activedescendant", option.id);
		}
	}

	#complete(place) {
		const option = this.#options[place];
		if (option.all) {
			this.input.value = option.all;
			return this.#apply({ final: true });
		}
		const { from, to } = this.#token();
		const { value } = this.input;
		this.input.value = value.slice(0, from) + option.insert + value.slice(to).trimStart();
		this.input.setSelectionRange(from + option.insert.length, from + option.insert.length);
		if (option.goes) this.#suggest();
		else this.#apply({ final: true });
	}

	#remember(q) {
		if (!q) return;
		const all = [q, ...recents().filter((recent) => recent !== q)].slice(0, MAX_RECENT);
		try {
			localStorage.setItem(RECENT, JSON.stringify(all));
		} catch {
			// Private windows may refuse; then nothing is remembered.
		}
	}
}

function recents() {
	try {
		return JSON.parse(localStorage.getItem(RECENT)) ?? [];
	} catch {
		return [];
	}
}

// A term of the filter's language: a key with its value, or words, which must not look like a key or an attribute.
function term(key, value) {
	const bare = key.endsWith(":") ? /^[^\s"]+$/ : /^[^\s"@:]+$/;
	return key + (bare.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`);
}

// The key of an attribute.
export const attribute = (name) => `${term("@", name)}:`;

// The filter with one more term, which takes the place of others with the same key.
export function refined(q, key, value) {
	const terms = q.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? [];
	const kept = key ? terms.filter((it) => !it.startsWith(key)) : terms;
	return [...kept, ...(value === null ? [] : [term(key, value)])].join(" ");
}
