// One row of the list: an exchange or a gap.

import { h, icon, svg, unseen } from "./dom.js";
import { clock, duration, durationText, size, statusClass, statusText } from "./format.js";
import { plain, shown, wire } from "./text.js";
import { OPEN, OUTCOMES, failed, outcomeText } from "./words.js";

const cell = (kind, ...children) => h("div", { role: "gridcell", class: `cell ${kind}` }, ...children);

export function drawRow(row) {
	if (!row) return h("div.row.loading", h("div.cell", "…"));
	if (row.kind === "gap") return gap(row);
	const [sign, tone] = row.outcome ? OUTCOMES[row.outcome] ?? ["cross", "failed"] : OPEN;
	const word = row.outcome === "completed" ? unseen("completed") : h("span.word", outcomeText(row.outcome));
	return h("div.row", { "aria-label": spoken(row) },
		cell("time", clock(row.time)),
		cell(`status ${statusClass(row.status)}`, statusText(row.status)),
		cell("method", wire(row.method)),
		cell("path", path(row)),
		cell(`outcome ${tone}`, icon(sign), word),
		bytes("req", row.request),
		bytes("res", row.response),
		cell("client", wire(row.client ?? "–")),
		cell("dur", measured(row.duration_us === null ? null : duration(row.duration_us))),
		cell("bar", bar(row)),
	);
}

// The name that a screen reader speaks.
function spoken(row) {
	const states = [["request", row.request], ["response", row.response]]
		.map(([side, body]) => [side, body?.kept?.text]).filter(([, text]) => text);
	return plain([
		statusText(row.status), row.method, row.path + (row.query === null ? "" : `?${row.query}`),
		outcomeText(row.outcome),
		row.ttfb_us === null ? null : `first byte after ${durationText(row.ttfb_us)}`,
		row.duration_us === null ? null : `${durationText(row.duration_us)} in all`,
		...states.map((state) => state.join(" ")),
		`at ${clock(row.time)}`,
	].filter(Boolean).join(", "));
}

// Parameters stand out of the fixed parts of their route.
export function path({ path, route, query }) {
	const segments = path.split("/");
	const pattern = route?.split("/") ?? [];
	const parts = segments.map((segment, place) => {
		const of = pattern[Math.min(place, pattern.length - 1)] ?? "";
		const parameter = of.includes("{") && (segments.length === pattern.length || place >= pattern.length - 1);
		return [place > 0 && "/", parameter ? h("b", shown(segment)) : shown(segment)];
	});
	return h("bdi.path", { dir: "ltr" }, parts, query === null ? null : h("i", "?", shown(query)));
}

function bytes(kind, body) {
	if (!body || body.bytes === null) return cell(`size ${kind}`, body && mark(body), measured(null));
	return cell(`size ${kind}${body.bytes === 0 ? " zero" : ""}`, mark(body), measured(size(body.bytes)));
}

export const mark = ({ kept }) => kept && icon(kept.sign, "kept", kept.text);

// A number, and its unit in a box of its own.
export const measured = (value) => (value ? [value[0], h("small", value[1])] : ["–", h("small")]);

// Logarithmic, from 100 µs to 100 s.
const along = (micros) => Math.min(100, Math.max(0, (Math.log10(Math.max(1, micros) / 100) / 6) * 100));
const MIN_SOLID = 1.2;

export function bar(row) {
	const percent = (value) => `${value.toFixed(1)}%`;
	const rect = (kind, from, to) => svg("rect", { class: kind, x: percent(from), width: percent(Math.max(0, to - from)), y: 11, height: 7 });
	const first = row.ttfb_us === null ? null : along(row.ttfb_us);
	const parts = [];
	let end = first ?? 0;
	if (row.duration_us === null) {
		if (first !== null) parts.push(rect("wait", 0, first));
		parts.push(svg("rect", { fill: "url(#fade)", x: percent(end), width: percent(100 - end), y: 11, height: 7 }));
	} else {
		end = along(row.duration_us);
		if (first === null) parts.push(rect("wait", 0, end));
		else {
			end = Math.max(end, first + MIN_SOLID);
			parts.push(rect("wait", 0, first), rect("recv", first, end));
		}
		if (failed(row) && row.outcome !== "completed") parts.push(svg("use", { href: "#end", x: percent(end), y: 0 }));
	}
	return svg("svg", { "aria-hidden": "true" }, parts);
}

const gap = ({ what, when, why }) => h("div.row.gap", { "aria-label": `Gap: ${what} ${when}, ${why}` },
	cell("", h("span", h("b", "Gap"), ` ${what}`, h("span.when", ` ${when}`), h("small", why))));
