// The strip over the list: requests over time. Dragging narrows the list to a range.

import { axis, plot } from "./chart.js";
import { $, svg } from "./dom.js";

export class Strip {
	#times = null;
	#from = null;

	constructor({ narrow }) {
		this.narrow = narrow;
		this.place = $("#strip");
		this.chosen = svg("rect.chosen", { width: 0, height: "100%" });
		this.place.addEventListener("pointerdown", (event) => this.#begin(event));
		this.place.addEventListener("pointermove", (event) => this.#drag(event));
		this.place.addEventListener("pointerup", (event) => this.#end(event));
		this.place.addEventListener("pointercancel", () => { this.#from = null; });
	}

	show({ from, to, chart, axis: marks }) {
		this.#times = [from, to];
		this.place.replaceChildren(plot(chart, null, this.chosen), axis(marks));
		this.place.setAttribute("aria-label", chart.label);
	}

	#share(event) {
		const { left, width } = this.place.firstChild.getBoundingClientRect();
		return Math.min(1, Math.max(0, (event.clientX - left) / width));
	}

	#begin(event) {
		if (!this.#times || event.button !== 0) return;
		this.#from = this.#share(event);
		this.place.setPointerCapture(event.pointerId);
	}

	#range(event) {
		return [this.#from, this.#share(event)].sort((a, b) => a - b);
	}

	#drag(event) {
		if (this.#from === null) return;
		const [a, b] = this.#range(event);
		this.chosen.setAttribute("x", `${a * 100}%`);
		this.chosen.setAttribute("width", `${(b - a) * 100}%`);
	}

	#end(event) {
		if (this.#from === null) return;
		const [a, b] = this.#range(event);
		this.#from = null;
		this.chosen.setAttribute("width", 0);
		const [from, to] = this.#times;
		if (b - a >= 0.004) this.narrow(...[a, b].map((share) => new Date(from + share * (to - from))));
	}
}
