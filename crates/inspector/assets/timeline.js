// The time of one exchange, linear, with the percentiles of its route.

import { svg } from "./dom.js";
import { durationText } from "./format.js";

const percent = (share) => `${(share * 100).toFixed(1)}%`;
const HEAD = "waiting for the response head";

export function timeline({ ttfb_us: first, duration_us: whole, outcome }, route) {
	const ticks = route ? [["p50", route.p50], ["p95", route.p95]].filter(([, value]) => value) : [];
	const known = whole ?? first;
	if (known === null) return null;
	// Ticks far beyond would leave the exchange itself a dot.
	const near = ticks.filter(([, value]) => value < known * 8);
	const end = Math.max(known / 0.66, ...near.map(([, value]) => value / 0.96), 1);
	const x = (micros) => micros / end;
	const parts = [svg("line.base", { x1: 0, x2: "100%", y1: 27.5, y2: 27.5 })];
	const rect = (kind, from, to, extra = {}) => svg("rect", { class: kind, x: percent(from), y: 22, width: percent(Math.max(0.004, to - from)), height: 11, rx: 2, ...extra });
	const text = (at, y, anchor, words, kind = null, dx = null) => svg("text", { x: percent(at), y, "text-anchor": anchor, class: kind, dx }, words);

	if (first !== null) {
		parts.push(rect("wait", 0, x(first)), text(0, 12, "start", HEAD));
		const low = x(first) < 0.4;
		parts.push(low ? text(0, 12, "start", durationText(first), "strong", 180) : text(x(first), 12, "end", durationText(first), "strong"));
		if (whole !== null && whole > first) {
			parts.push(rect("recv", x(first) + 0.003, x(whole)));
			if (!low) parts.push(text(x(first), 12, "start", `body ${durationText(whole - first)}`, "wide", 8));
		}
	} else parts.push(rect("wait", 0, x(whole)), text(0, 12, "start", "no response head"));
	if (whole === null) {
		parts.push(rect("", x(first) + 0.003, 1, { fill: "url(#fade)" }), text(x(first), 12, "start", "still open", null, 8));
	} else {
		if (outcome !== "completed" && outcome !== "upgraded" && outcome !== "released") parts.push(svg("use", { href: "#end", class: "broke", x: percent(x(whole)), y: 13 }));
		parts.push(text(x(whole), 31.5, "start", `${durationText(whole)} in all`, "strong over", outcome === "completed" ? 8 : 20));
	}
	for (const [name, value] of near) {
		const at = x(value);
		parts.push(svg("line.tick", { x1: percent(at), x2: percent(at), y1: 36, y2: 41 }));
		const words = name === "p50" ? `p50 of this route ${durationText(value)}` : `p95 ${durationText(value)}`;
		parts.push(text(at, 52, at > 0.85 ? "end" : at < 0.15 ? "start" : "middle", words));
	}
	const label = [
		first === null ? "No response head" : `Response head after ${durationText(first)}`,
		whole === null ? "still open" : `ended after ${durationText(whole)}`,
		...ticks.map(([name, value]) => `${name} of this route ${durationText(value)}`),
	].join(", ");
	return svg("svg", { role: "img", "aria-label": label }, parts);
}
