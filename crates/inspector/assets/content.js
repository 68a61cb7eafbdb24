// How a body can be looked at: the server says what it is, and lays it out.

import { dump, image } from "./binary.js";
import { Code } from "./code.js";
import { h, table } from "./dom.js";
import { wire } from "./text.js";

// A longer text has a scroller of its own.
const LONG = 5_000;

const WAYS = {
	lines: ({ lines, is_torn: torn }) => code(lines, { torn }),
	table: ({ label, heads, rows }) => ({ element: table(label, heads, rows.map((cells) => cells.map((cell) => cell.map(piece)))) }),
	raw: (_, content) => raw(content),
	image: (type, content) => ({ element: image(content, type) }),
	hex: (_, content) => ({ element: dump(content) }),
};

const PIECES = {
	text: (text) => (text.length > LONG ? raw(text).element : h("div.plain", { tabindex: "-1" }, wire(text))),
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

const raw = (text) => code(text.split(/\r\n|\n/).map((line) => ({ depth: 0, pieces: [["", line]] })));

function code(lines, options) {
	const viewer = new Code(lines, options);
	return { element: viewer.element, code: viewer };
}
