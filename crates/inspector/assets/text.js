// Text from the wire, made fit to be looked at: isolated from the direction of what surrounds it, controls shown as
// escapes, masks as masks.

import { h } from "./dom.js";

export const MASK = "***";
const QUOTED_MASK = `"${MASK}"`;

// Controls, and what changes the direction of text, is invisible, or ends a line where no line ends.
const HIDDEN = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const PIECES = new RegExp(`${HIDDEN.source}|\\*\\*\\*`, "g");

const escape = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

// As plain text, for attributes and the clipboard of labels.
export const plain = (text) => text.replace(HIDDEN, escape);

// As nodes. A string of JSON that is masked as a whole is shown without its quotes.
export function shown(text) {
	if (text === QUOTED_MASK) return [mask()];
	const nodes = [];
	let from = 0;
	for (const { 0: piece, index } of text.matchAll(PIECES)) {
		if (index > from) nodes.push(text.slice(from, index));
		nodes.push(piece === MASK ? mask() : h("span.esc", escape(piece)));
		from = index + piece.length;
	}
	if (from < text.length) nodes.push(text.slice(from));
	return nodes;
}

export const wire = (text, kind = null) => h("bdi", { class: kind }, shown(text));

export const mask = () => h("span.mask", { role: "img", "aria-label": "masked" }, MASK);
