// The strip over the list: requests over time, errors at the foot, gaps hatched. Dragging narrows the list to a range.

import { $, svg } from "./dom.js";
import { axis, gapText, hatched, total } from "./chart.js";

const [WIDTH, HEIGHT] = [1000, 36];

export class Strip {
	#overview = null;
	#from = null;

	constructor({ narrow }) {
		this.narrow = narrow;
		this.place = $("#strip");
		this.place.addEventListener("pointerdown", (event) => this.#begin(event));
		this.place.addEventListener("pointermove", (event) => this.#drag(event));
		this.place.addEventListener("pointerup", (event) => this.#end(event));
		this.place.addEventListener("pointercancel", () => { this.#from = null; });
	}

	show(overview) {
		this.#overview = overview;
		const { from, to, step, buckets, gaps } = overview;
		const span = Math.max(1, to - from);
		const x = (at) => ((at - from) / span) * WIDTH;
		const most = Math.max(1, ...buckets.map((bucket) => bucket.count));
		const width = Math.max(1, (step / span) * WIDTH * 0.72);
		const column = (bucket, n) => n === 0 ? "" : `M${x(bucket.at).toFixed(1)} ${HEIGHT}v${(-Math.max(1.5, (n / most) * (HEIGHT - 2))).toFixed(1)}h${width.toFixed(1)}V${HEIGHT}z`;
		const clip = (at) => Math.min(WIDTH, Math.max(0, x(at)));
		this.selection = svg("rect.chosen", { y: 0, height: HEIGHT, width: 0 });
		this.place.replaceChildren(
			svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
				gaps.map((gap) => hatched(clip(Date.parse(gap.from)), Math.max(2, clip(Date.parse(gap.to)) - clip(Date.parse(gap.from))), HEIGHT)),
				svg("path.all", { d: buckets.map((bucket) => column(bucket, bucket.count)).join("") }),
				svg("path.err", { d: buckets.map((bucket) => column(bucket, bucket.errors)).join("") }),
				this.selection),
			axis(from, to, 8),
		);
		const errors = buckets.reduce((sum, bucket) => sum + bucket.errors, 0);
		this.place.setAttribute("aria-label", [`Requests over time: ${total(buckets)}, ${errors} of them errors`, gapText(gaps)].filter(Boolean).join("; "));
	}

	#share(event) {
		const { left, width } = this.place.firstChild.getBoundingClientRect();
		return Math.min(1, Math.max(0, (event.clientX - left) / width));
	}

	#begin(event) {
		if (!this.#overview || event.button !== 0) return;
		this.#from = this.#share(event);
		this.place.setPointerCapture(event.pointerId);
	}

	#drag(event) {
		if (this.#from === null) return;
		const [a, b] = [this.#from, this.#share(event)].sort((a, b) => a - b);
		this.selection.setAttribute("x", a * WIDTH);
		this.selection.setAttribute("width", (b - a) * WIDTH);
	}

	#end(event) {
		if (this.#from === null) return;
		const [a, b] = [this.#from, this.#share(event)].sort((a, b) => a - b);
		this.#from = null;
		this.selection.setAttribute("width", 0);
		const { from, to } = this.#overview;
		if (b - a < 0.004) return;
		this.narrow(new Date(from + a * (to - from)), new Date(from + b * (to - from)));
	}
}
