// JSON as it was written: numbers, escapes and the order of keys stay as they are, and a document that ends early is
// read as far as it goes. `JSON.parse` would do none of that.

import { masks } from "./text.js";

const DEEPEST = 400;
const SPACE = /[ \t\r\n]*/y;
const CHARS = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
// What a number or a word may look like that the text ends in.
const TORN = /(?:t[rue]*|f[alse]*|n[ul]*|-?[\d.eE+-]+)$/y;

// A tree of `{kind, raw, members, closed}`, or null for what is no JSON. `torn` says that the text ended too early.
export function parse(text) {
	let at = 0;
	let torn = false;

	const match = (pattern) => {
		pattern.lastIndex = at;
		const found = pattern.exec(text);
		if (!found || found[0] === "") return null;
		at += found[0].length;
		return found;
	};
	const ended = () => {
		match(SPACE);
		return at >= text.length;
	};
	const tear = (node) => {
		torn = true;
		return { ...node, closed: false };
	};

	function value(depth) {
		if (depth > DEEPEST) throw new SyntaxError("too deep");
		const char = text[at];
		if (char === "{" || char === "[") return container(char, depth);
		if (char === '"') return string();
		const rest = depth > 0 && match(TORN);
		if (rest) return tear({ kind: "word", raw: rest[0] });
		const number = match(NUMBER);
		const scalar = number ? { kind: "number", raw: number[0] } : word();
		if (scalar) return scalar;
		throw new SyntaxError("not JSON");
	}

	function word() {
		const found = match(WORD);
		return found && { kind: "word", raw: found[0] };
	}

	function string() {
		const from = at;
		at += 1;
		for (;;) {
			CHARS.lastIndex = at;
			at += CHARS.exec(text)[0].length;
			if (at >= text.length) return tear({ kind: "string", raw: text.slice(from) });
			const char = text[at];
			at += char === "\\" ? 2 : 1;
			if (char === '"') return { kind: "string", raw: text.slice(from, at) };
			if (char !== "\\") throw new SyntaxError("not JSON");
		}
	}

	function container(open, depth) {
		const kind = open === "{" ? "object" : "array";
		const node = { kind, members: [], closed: true };
		const close = open === "{" ? "}" : "]";
		at += 1;
		if (ended()) return tear(node);
		if (text[at] === close) {
			at += 1;
			return node;
		}
		for (;;) {
			let key = null;
			if (kind === "object") {
				if (text[at] !== '"') throw new SyntaxError("not JSON");
				key = string();
				if (torn || ended()) return tear(node);
				if (text[at] !== ":") throw new SyntaxError("not JSON");
				at += 1;
				if (ended()) return tear(node);
			}
			node.members.push({ key: key?.raw ?? null, value: value(depth + 1) });
			if (torn || ended()) return tear(node);
			if (text[at] === close) {
				at += 1;
				return node;
			}
			if (text[at] !== ",") throw new SyntaxError("not JSON");
			at += 1;
			if (ended()) return tear(node);
		}
	}

	try {
		if (ended()) return null;
		const root = value(0);
		return ended() ? { ...root, torn } : null;
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}

// The same without white space, on one line.
export function compact(node) {
	if (!node.members) return node.raw;
	const members = node.members.map(({ key, value }) => (key === null ? "" : `${key}: `) + compact(value)).join(", ");
	if (node.kind === "array") return `[${members ? ` ${members} ` : ""}]`;
	return `{${members ? ` ${members} ` : ""}}`;
}

// What a string says; what is no valid string is shown as it is written.
export function unquote(raw) {
	try {
		return JSON.parse(raw);
	} catch {
		return raw;
	}
}

// Lines of a tree, as the viewer takes them: `{parts, until, summary}`, where `until` is the line that closes a fold.
export function lines(root) {
	const all = [];
	const line = (depth, parts) => {
		all.push({ parts: [["", "  ".repeat(depth)], ...parts], until: null });
		return all.length - 1;
	};
	const put = (node, depth, before, comma) => {
		const end = comma ? [["p", ","]] : [];
		if (!node.members) {
			const kind = node.kind === "string" ? "s" : "n";
			line(depth, [...before, [kind, node.raw], ...end]);
			return;
		}
		const [open, close] = node.kind === "object" ? ["{", "}"] : ["[", "]"];
		if (!node.members.length && node.closed) {
			line(depth, [...before, ["p", open + close], ...end]);
			return;
		}
		const first = line(depth, [...before, ["p", open]]);
		node.members.forEach(({ key, value }, place) => {
			const last = place === node.members.length - 1;
			put(value, depth + 1, key === null ? [] : [["k", key], ["p", ": "]], !last && value.closed !== false);
		});
		if (node.closed) line(depth, [["p", close], ...end]);
		if (node.members.length) {
			all[first].until = all.length - 1;
			all[first].summary = [...before, ["f", summary(node)], ...(node.closed ? end : [])];
			all[first].depth = depth;
		}
	};
	put(root, 0, [], false);
	return all;
}

function summary({ kind, members }) {
	const masked = members.filter(({ value }) => value.raw && masks(value.raw) > 0).length;
	const note = masked ? `, ${masked} masked` : "";
	const [open, close] = kind === "object" ? ["{", "}"] : ["[", "]"];
	if (kind === "array") return `${open} ${members.length} ${members.length === 1 ? "item" : "items"}${note} ${close}`;
	const names = members.map(({ key }) => unquote(key)).join(", ");
	return members.length <= 4 && names.length <= 40 && !masked ? `${open} ${names} ${close}` : `${open} ${members.length} ${members.length === 1 ? "key" : "keys"}${note} ${close}`;
}
