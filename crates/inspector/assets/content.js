// How a body can be looked at: the server says what it is, and lays it out.

import { dump, image } from "./binary.js";
import { Code } from "./code.js";
import { h, table } from "./dom.js";
import { wire } from "./text.js";

const WAYS = {
	lines: ({ lines, is_torn: torn }) => code(lines, { torn }),
	table: ({ label, heads, rows }) => ({ element: table(label, heads, rows.map((cells) => cells.map((cell) => cell.map(piece)))) }),
	raw: (_, content) => code(content.split(/\r\n|\n/).map((line) => ({ depth: 0, pieces: [["", line]] }))),
	image: (type, content) => ({ element: image(content, type) }),
	hex: (_, content) => ({ element: dump(content) }),
};

const PIECES = {
	text: (text) => h("div.plain", wire(text)),
	muted: (text) => h("div.muted", text),
	file: (name) => h("p", h("span.chip", "file"), " ", wire(name)),
	lines: (lines) => code(lines, { label: "Document" }).element,
};

// A view of the server, as `{element}`, with `code` where it can be searched.
export const look = (view, content) => draw(WAYS, view, content);

const piece = (it) => draw(PIECES, it);

function draw(all, it, ...more) {
	const kind = Object.keys(all).find((kind) => kind in it);
	return all[kind](it[kind], ...more);
}

function code(lines, options) {
	const viewer = new Code(lines, options);
	return { element: viewer.element, code: viewer };
}
