// What the content of a body is, and how it can be looked at.

import { Code } from "./code.js";
import { h } from "./dom.js";
import { plural, sizeText } from "./format.js";
import * as json from "./json.js";
import { masks, wire } from "./text.js";
import { Bytes, image, isImage } from "./binary.js";

const plainLines = (text) => text.split(/\r\n|\n/).map((line) => ({ parts: [["", line]], until: null }));

// The ways to look at a body, the best first: `[name, make]`, where `make()` returns `{element, search}`.
export function views(body) {
	const text = body.json ?? body.text;
	if (body.base64) {
		const bytes = Bytes.of(body.base64);
		const hex = ["Hex", () => ({ element: bytes.dump() })];
		return isImage(body.media_type) ? [["Image", () => ({ element: image(bytes, body.media_type) })], hex] : [hex];
	}
	if (body.parts?.length) return [["Parts", () => ({ element: parts(body.parts) })]];
	if (text === null || text === undefined) return [];
	const raw = ["Raw", () => code(plainLines(text), {})];
	if (body.media_type === "text/event-stream") return [["Events", () => ({ element: events(text) })], raw];
	if (body.media_type === "application/x-www-form-urlencoded") return [["Form", () => ({ element: form(text) })], raw];
	const tree = body.json !== null || /[/+]json$/.test(body.media_type ?? "") ? json.parse(text) : null;
	if (!tree) return [raw];
	return [["Pretty", () => code(json.lines(tree), { torn: tree.torn })], raw];
}

// How many values are masked.
export function masked(body) {
	const all = [body.json ?? body.text ?? "", ...(body.parts ?? []).map((part) => part.json ?? part.text ?? "")];
	return all.reduce((sum, text) => sum + masks(text), 0);
}

// What is copied.
export const copyable = (body) => body.json ?? body.text ?? body.base64 ?? null;

function code(lines, options) {
	const viewer = new Code(lines, options);
	return { element: viewer.element, code: viewer };
}

const table = (label, heads, rows) =>
	h("div.sheet", { tabindex: "0", role: "group", "aria-label": label }, h("table",
		h("thead", h("tr", heads.map((head) => h("th", { scope: "col" }, head)))),
		h("tbody", rows.map((cells) => h("tr", cells.map((cell) => h("td", cell)))))));

function form(text) {
	const decode = (piece) => {
		try {
			return decodeURIComponent(piece.replaceAll("+", " "));
		} catch {
			return piece;
		}
	};
	const fields = text.split("&").filter(Boolean).map((pair) => {
		const at = pair.indexOf("=");
		return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
	});
	return table("Form", ["Name", "Value"], fields.map((field) => field.map((piece) => wire(decode(piece)))));
}

function parts(all) {
	return table("Parts", ["Name", "Type", "Size", "Content"], all.map((part) => {
		const content = part.json ?? part.text;
		const name = part.name === null || part.name === undefined ? h("span.muted", "none") : wire(part.name);
		return [
			name,
			part.media_type ? wire(part.media_type) : "–",
			part.bytes === null ? "–" : sizeText(part.bytes),
			[
				part.file_name ? h("p", h("span.chip", "file"), " ", wire(part.file_name)) : null,
				content === null || content === undefined ? null : inPart(part, content),
				part.reasons?.length ? h("p.muted", part.reasons.map((reason) => reason.replaceAll("_", " ")).join(", ")) : null,
			],
		];
	}));
}

function inPart(part, content) {
	const tree = part.json ? json.parse(content) : null;
	return tree ? code(json.lines(tree), { label: "Part" }).element : h("div.plain", wire(content));
}

function events(text) {
	const all = text.split(/\n\n+/).filter(Boolean).map((block) => {
		const event = { event: "message", id: null, data: [] };
		for (const line of block.split("\n")) {
			const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
			if (name === "data") event.data.push(value);
			else if (name in event) event[name] = value;
		}
		return event;
	});
	return table(plural(all.length, "event"), ["", "Event", "Id", "Data"], all.map(({ event, id, data }, place) => {
		const content = data.join("\n");
		const tree = /^\s*[[{]/.test(content) ? json.parse(content) : null;
		return [
			String(place + 1), wire(event), id === null ? "–" : wire(id),
			tree ? h("bdi", json.lines(tree).length > 1 ? code(json.lines(tree), { label: "Data" }).element : wire(json.compact(tree))) : data.map((line) => h("div.plain", wire(line))),
		];
	}));
}
