// Charts as drawings whose geometry is attributes. A gap in the log is a hatched band, and lines stop at it.

import { h, svg, table } from "./dom.js";
import { clock, count, plural, tick } from "./format.js";

export const hatched = (x, width, height) => svg("rect", { fill: "url(#hatch)", x, width, height });

// Marks of time along an axis: round numbers, at most `most`.
export function axis(from, to, most = 5) {
	const span = to - from;
	const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800].map((s) => s * 1000);
	const step = STEPS.find((step) => span / step <= most) ?? STEPS.at(-1);
	const marks = [];
	for (let at = Math.ceil(from / step) * step; at <= to; at += step) marks.push(at);
	return svg("svg.axis", { "aria-hidden": "true" }, marks.map((at) => {
		const share = (at - from) / span;
		const anchor = share < 0.04 ? "start" : share > 0.96 ? "end" : "middle";
		return svg("text", { x: `${(share * 100).toFixed(2)}%`, y: 12, "text-anchor": anchor }, tick(at, span));
	}));
}

// Segments of points `[x, y]`; null begins a new one.
function segments(points) {
	const all = [[]];
	for (const point of points) {
		if (point) all.at(-1).push(point);
		else if (all.at(-1).length) all.push([]);
	}
	return all.filter((segment) => segment.length);
}

const at = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
// A single point is drawn as a short line.
const run = (segment) => (segment.length > 1 ? segment : [segment[0], [segment[0][0] + 1, segment[0][1]]]);

export const line = (points) => segments(points).map((segment) => `M${run(segment).map(at).join("L")}`).join("");

export const area = (points, floor) => segments(points)
	.map((segment) => `M${at([segment[0][0], floor])}L${run(segment).map(at).join("L")}L${at([run(segment).at(-1)[0], floor])}Z`).join("");

// The next round number from 1, 2 and 5.
export function nice(value) {
	if (value <= 0) return 1;
	const scale = 10 ** Math.floor(Math.log10(value));
	return [1, 2, 5, 10].map((step) => step * scale).find((step) => step >= value);
}

// A table of a chart's numbers, on demand.
export const numbers = (heads, rows) => h("details.numbers", h("summary", "Numbers"), table(heads.join(", "), heads, rows));

export const gapText = (gaps) => gaps.map(({ from, to, dropped }) =>
	`a gap of ${plural(dropped, "record")} from ${clock(from).slice(0, 8)} to ${clock(to).slice(0, 8)}`).join(", ");

export const total = (buckets) => count(buckets.reduce((sum, bucket) => sum + bucket.count, 0));
