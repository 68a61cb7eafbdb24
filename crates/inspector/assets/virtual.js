// A long list of which only the visible rows are in the page. Two empty drawings stand for the rest: their height is an
// attribute, so that no inline style is needed.

import { svg } from "./dom.js";

const SPARE = 6;

export class Virtual {
	#drawn = new Map();
	#frame = null;

	// `draw(index)` makes the element of a row, `height()` returns the height of one, `count()` how many there are.
	constructor(scroller, body, { draw, height, count, seen = () => {} }) {
		Object.assign(this, { scroller, body, draw, height, count, seen });
		this.above = svg("svg.spacer", { "aria-hidden": "true" });
		this.below = svg("svg.spacer", { "aria-hidden": "true" });
		body.before(this.above);
		body.after(this.below);
		scroller.addEventListener("scroll", () => this.refresh(), { passive: true });
		new ResizeObserver(() => this.refresh()).observe(scroller);
	}

	// Draws what came into view, in the next frame.
	refresh() {
		this.#frame ??= requestAnimationFrame(() => this.now());
	}

	// Draws all anew.
	reset() {
		this.#drawn.clear();
		this.refresh();
	}

	// The drawn element of a row, if it is in view.
	element(index) {
		return this.#drawn.get(index);
	}

	redraw(index) {
		const old = this.#drawn.get(index);
		if (!old) return;
		const fresh = this.draw(index);
		old.replaceWith(fresh);
		this.#drawn.set(index, fresh);
	}

	now() {
		cancelAnimationFrame(this.#frame);
		this.#frame = null;
		const [height, count] = [this.height(), this.count()];
		const view = this.scroller.clientHeight;
		if (!view) return;
		const first = Math.max(0, Math.min(count - 1, Math.floor(this.scroller.scrollTop / height)) - SPARE);
		const last = Math.min(count, Math.ceil((this.scroller.scrollTop + view) / height) + SPARE);
		const drawn = new Map();
		for (let index = first; index < last; index += 1) drawn.set(index, this.#drawn.get(index) ?? this.draw(index));
		const rows = [...drawn.values()];
		// Rows that stay are not touched, so that neither focus nor an animation is lost.
		for (const [index, row] of this.#drawn) if (drawn.get(index) !== row) row.remove();
		rows.forEach((row, place) => {
			if (this.body.children[place] !== row) this.body.insertBefore(row, this.body.children[place] ?? null);
		});
		while (this.body.children.length > rows.length) this.body.lastChild.remove();
		this.#drawn = drawn;
		this.above.setAttribute("height", first * height);
		this.below.setAttribute("height", Math.max(0, count - last) * height);
		this.seen(first, last);
	}

	// Scrolls as little as shows a row, below a head of this height.
	reveal(index, head = 0) {
		const height = this.height();
		const [top, bottom] = [index * height, (index + 1) * height + head];
		const { scrollTop, clientHeight } = this.scroller;
		if (top < scrollTop) this.scroller.scrollTop = top;
		else if (bottom > scrollTop + clientHeight) this.scroller.scrollTop = bottom - clientHeight;
		this.now();
	}
}
