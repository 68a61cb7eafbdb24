// What can be done with a value that was clicked: filter by it, or copy it.

import { button, h } from "./dom.js";
import { plain } from "./text.js";

const LONGEST = 60;

export class Picker {
	constructor({ filter, copy }) {
		this.actions = { filter, copy };
		this.element = h("div.picker", { hidden: true });
		document.body.append(this.element);
	}

	show(event, value) {
		// Who selects text does not mean to click it.
		if (String(getSelection()) || !value || value === "***") return;
		const text = plain(value);
		const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
		this.element.replaceChildren(
			button({ onclick: () => this.#done(() => this.actions.filter(value)) }, "Filter by ", h("bdi.mono", short)),
			button({ onclick: () => this.#done(() => this.actions.copy(value, "the value")) }, "Copy"),
		);
		this.element.hidden = false;
		event.target.closest("dd, .code-line")?.after(this.element);
	}

	hide() {
		this.element.hidden = true;
	}

	#done(act) {
		this.hide();
		act();
	}
}
