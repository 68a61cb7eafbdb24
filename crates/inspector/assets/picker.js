// What can be done with a value that was clicked: filter by it, or copy it.

import { button, h } from "./dom.js";
import { plain } from "./text.js";

const ENOUGH = 200;

export class Picker {
	// What was clicked.
	#from = null;

	constructor({ filter, copy }) {
		this.actions = { filter, copy };
		this.element = h("div.picker", { hidden: true });
		document.body.append(this.element);
	}

	// `words` find it, if there are any.
	show(event, value, words = value) {
		// Who selects text does not mean to click it.
		if (String(getSelection()) || !value || value === "***") return;
		// The first words of many find it too, the last of them whole.
		words = words.replace(/\s+/g, " ");
		const few = words.length > ENOUGH ? words.slice(0, ENOUGH).replace(/(?<=[^\p{L}\p{N}])[\p{L}\p{N}]+$/u, "") : words;
		this.element.replaceChildren(
			/[\p{L}\p{N}]/u.test(few) ? button({ onclick: () => this.#done(() => this.actions.filter(few)) }, "Filter by ", h("bdi.mono", plain(few))) : "",
			button({ onclick: () => this.#done(() => this.actions.copy(value, "the value")) }, "Copy"),
		);
		this.element.hidden = false;
		this.#from = event.target;
		event.target.closest("dd, .plain, .code-line")?.after(this.element);
		this.element.firstElementChild.focus();
	}

	hide() {
		if (this.element.contains(document.activeElement)) this.#from.focus();
		this.element.hidden = true;
	}

	#done(act) {
		this.hide();
		act();
	}
}
