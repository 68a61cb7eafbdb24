// Charts, which the server computes: numbers become attributes here.

import { h, svg, table } from "./dom.js";

// A chart's bands and paths, with what lies below and above them.
export function plot({ size: [width, height], bands, paths }, below, above) {
	return svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
		below, bands.map(([x, width]) => svg("rect", { fill: "url(#hatch)", x, width, height })),
		paths.map(([kind, d]) => svg("path", { class: kind, d })), above);
}

export const axis = (marks) => svg("svg.axis", { "aria-hidden": "true" }, marks.map(([share, text]) =>
	svg("text", { x: `${share * 100}%`, y: 12, "text-anchor": share < 0.04 ? "start" : share > 0.96 ? "end" : "middle" }, text)));

// A chart in a card.
export function card({ title, figures, label, marks, ...chart }, times) {
	const [width, height] = chart.size;
	const [first] = figures;
	return h("figure.card.chart", { role: "group", "aria-label": label },
		h("header", h("h3", title), first[0] ? h("span.trio", figures.map(([kind, value, unit]) =>
			h("span", svg("svg", { class: kind, "aria-hidden": "true" }, svg("path", { d: "M0 1.5h18" })), kind, h("b", value), ` ${unit}`)))
			: h("span.figure", first[1], h("small", first[2]))),
		h("div.plot",
			plot(chart, svg("path.grid", { d: marks.map(([y]) => `M0 ${y}H${width}`).join("") })),
			svg("svg.ys", { "aria-hidden": "true" }, marks.map(([y, text]) => svg("text", { y: `${(y / height) * 100}%`, dy: 4 }, text)))),
		axis(times));
}

// A small line through numbers.
export function spark(numbers) {
	const top = Math.max(1, ...numbers);
	const d = numbers.map((n, place) => `${(place / Math.max(1, numbers.length - 1)) * 80} ${16 - (n / top) * 14}`).join("L");
	return svg("svg.spark", { viewBox: "0 0 80 18", "aria-hidden": "true" }, svg("path", { d: `M${d}` }));
}

// A table of numbers, on demand.
export const numbers = (heads, rows) => h("details.numbers", h("summary", "Numbers"), table(heads.join(", "), heads, rows));
