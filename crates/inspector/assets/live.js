// Live updates by server-sent events: paused and resumed by the reader, reconnected by itself, and seen to be.

import { events } from "./api.js";
import { $, button, h, icon } from "./dom.js";
import { clock, count } from "./format.js";

const FIRST_WAIT = 1;
const LONGEST_WAIT = 30;
// After that many failures it is not a hiccup.
const TRIES = 5;
const RATE_OVER = 10_000;

export class Live {
	#source = null;
	#query = {};
	#after = null;
	#fails = 0;
	#timer = null;
	#arrivals = [];
	#since = null;
	#drawn = "";

	state = "connecting";
	paused = false;

	constructor({ arrived, pausing }) {
		Object.assign(this, { arrived, pausing });
		this.place = $("#live");
		setInterval(() => this.draw(), 1000);
		// A browser allows few connections to a server: tabs that nobody sees leave theirs to others.
		document.addEventListener("visibilitychange", () => {
			if (!document.hidden && this.state === "connecting") this.#connect();
			else if (document.hidden && this.state !== "lost") this.#rest();
		});
		this.draw();
	}

	// Follows what matches a query, from after an entry on.
	follow(query, after) {
		this.#query = query;
		this.#after = after;
		this.#connect();
	}

	toggle() {
		this.paused = !this.paused;
		this.pausing(this.paused);
		this.draw();
	}

	// How many wait while it is paused.
	waiting = 0;

	draw() {
		const now = Date.now();
		this.#arrivals = this.#arrivals.filter(([at]) => now - at < RATE_OVER);
		const arrived = this.#arrivals.reduce((sum, [, rows]) => sum + rows, 0);
		const rate = arrived / (RATE_OVER / 1000);
		const [dot, word, note, act] = this.#shown(rate === 0 || rate >= 10 ? rate.toFixed(0) : rate.toFixed(1));
		const key = [dot, word, act[1]].join();
		if (key !== this.#drawn) {
			const focused = this.place.contains(document.activeElement);
			this.place.replaceChildren(
				h("span", { class: "pulse " + dot, "aria-hidden": "true" }),
				h("span.word", word),
				h("small", ""),
				button({ "aria-label": act[1], title: act[1], onclick: act[2] }, act[0]),
			);
			if (focused) $("button", this.place).focus();
			this.#drawn = key;
		}
		$("small", this.place).textContent = note;
	}

	#shown(rate) {
		if (this.state === "lost") return ["off", "Not connected", `since ${clock(new Date(this.#since).toISOString()).slice(0, 8)}`, ["Try again", "Try again", () => this.#connect()]];
		if (this.state === "waiting") {
			const left = Math.max(0, Math.ceil((this.#due - Date.now()) / 1000));
			return ["wait", "Reconnecting", `in ${left} s`, ["Now", "Reconnect now", () => this.#connect()]];
		}
		if (this.paused) return ["still", "Paused", `${count(this.waiting)} new`, [[icon("play"), "Go on"], "Go on", () => this.toggle()]];
		if (this.state === "connecting") return ["still", "Connecting", "", [icon("pause"), "Pause live updates", () => this.toggle()]];
		return ["", "Live", `${rate}/s`, [icon("pause"), "Pause live updates", () => this.toggle()]];
	}

	#due = 0;

	#rest() {
		clearTimeout(this.#timer);
		this.#source?.close();
		this.#become("connecting");
	}

	#connect() {
		this.#rest();
		if (document.hidden) return;
		const source = events({ ...this.#query, after: this.#after });
		this.#source = source;
		source.addEventListener("open", () => {
			this.#fails = 0;
			this.#become("live");
		});
		source.addEventListener("rows", (event) => {
			const { rows, newest } = JSON.parse(event.data);
			this.#after = newest;
			this.#arrivals.push([Date.now(), rows.length]);
			this.arrived(rows);
			this.draw();
		});
		source.addEventListener("error", () => {
			if (source !== this.#source) return;
			source.close();
			this.#retry();
		});
	}

	#retry() {
		this.#fails += 1;
		this.#since ??= Date.now();
		if (this.#fails > TRIES) return this.#become("lost");
		const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.#fails - 1)) * 1000;
		this.#due = Date.now() + wait;
		this.#timer = setTimeout(() => this.#connect(), wait);
		this.#become("waiting");
	}

	#become(state) {
		this.state = state;
		if (state === "live") this.#since = null;
		this.draw();
	}
}
