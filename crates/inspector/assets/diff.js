// The difference of two records, by structure: heads by name, JSON by path. Two masked values are neither equal nor
// different: that is not known.

import { count, durationText } from "./format.js";
import * as json from "./json.js";
import { MASK } from "./text.js";

// Sections of rows `{name, kind, a, b, delta}`, where a or b is null for what is absent.
export function difference(a, b) {
	return [
		{ title: "Exchange", rows: [...facts(a, b)] },
		{ title: "Request headers", rows: headers(a.request.headers, b.request.headers) },
		body("Request body", a.request.body, b.request.body),
		{ title: "Response headers", rows: headers(a.response?.headers ?? [], b.response?.headers ?? []) },
		body("Response body", a.response?.body, b.response?.body),
	].filter(({ rows, note }) => rows.length || note);
}

function pair(name, a, b, delta = null) {
	if (a === null && b === null) return null;
	const kind = a === null ? "added" : b === null ? "removed"
		: a.includes(MASK) && b.includes(MASK) && a === b ? "unknown" : a === b ? "equal" : "changed";
	return { name, kind, a, b, delta: kind === "unknown" ? "whether they are equal is not known" : kind === "changed" ? delta : null };
}

const less = (a, b, text) => (a === null || b === null || a === b ? null : `${text(Math.abs(a - b))} ${b < a ? "less" : "more"}`);

function facts(a, b) {
	const text = (value) => (value === null || value === undefined || value === "" ? null : String(value));
	const fact = (name, of) => pair(name, text(of(a)), text(of(b)));
	const number = (name, of, words) => {
		const [x, y] = [of(a) ?? null, of(b) ?? null];
		return pair(name, x === null ? null : words(x), y === null ? null : words(y), less(x, y, words));
	};
	const names = [...new Set([...Object.keys(a.attributes), ...Object.keys(b.attributes)])];
	return [
		fact("status", ({ response }) => response?.status), fact("outcome", ({ outcome }) => outcome),
		number("ttfb", ({ ttfb_us }) => ttfb_us, durationText), number("duration", ({ duration_us }) => duration_us, durationText),
		number("request bytes", ({ request }) => request.body.bytes, count), number("response bytes", ({ response }) => response?.body.bytes, count),
		fact("method", ({ request }) => request.method), fact("host", ({ request }) => request.host), fact("path", ({ request }) => request.path),
		fact("route", ({ request }) => request.route), fact("query", ({ request }) => request.query), fact("version", ({ request }) => request.version),
		fact("client", ({ client }) => client.addr), fact("error", ({ error }) => error && [error.kind, error.message].filter(Boolean).join(": ")),
		...names.map((name) => fact(`@${name}`, ({ attributes }) => attributes[name])),
	].filter(Boolean);
}

function headers(a, b) {
	const group = (all) => {
		const by = new Map();
		for (const [name, value] of all) by.set(name, by.has(name) ? `${by.get(name)}, ${value}` : value);
		return by;
	};
	const [x, y] = [group(a), group(b)];
	return [...new Set([...x.keys(), ...y.keys()])].map((name) => pair(name, x.get(name) ?? null, y.get(name) ?? null));
}

const content = (body) => body?.json ?? body?.text ?? body?.base64 ?? null;

function body(title, a, b) {
	const [x, y] = [content(a), content(b)];
	const notes = [["A", a], ["B", b]].filter(([, of]) => of && of.bytes !== null && of.captured < of.bytes)
		.map(([letter, of]) => `${letter} is kept up to byte ${count(of.captured)} of ${count(of.bytes)}`);
	const told = notes.length ? `${notes.join(", ")}: only that is compared` : null;
	if (x === null && y === null) return { title, rows: [], note: a?.bytes || b?.bytes ? "neither is shown" : null };
	const [left, right] = [x, y].map((text) => (text === null ? null : json.parse(text)));
	if ((x === null || left) && (y === null || right)) {
		const rows = [];
		nodes("$", left, right, rows);
		return { title, note: ["JSON, by structure: the order of keys does not count", told].filter(Boolean).join("; "), rows };
	}
	return { title, note: told, rows: [pair("body", x, y)] };
}

function nodes(path, a, b, rows) {
	if (a && b && a.members && a.kind === b.kind) {
		const key = (member, place) => (a.kind === "object" ? step(member.key) : `[${place}]`);
		const by = (node) => new Map(node.members.map((member, place) => [key(member, place), member.value]));
		const [x, y] = [by(a), by(b)];
		if (!x.size && !y.size) rows.push(pair(path, json.compact(a), json.compact(b)));
		for (const name of new Set([...x.keys(), ...y.keys()])) nodes(path + name, x.get(name) ?? null, y.get(name) ?? null, rows);
		return;
	}
	const text = (node) => (node ? json.compact(node) : null);
	const row = pair(path, text(a), text(b));
	if (row) rows.push(row);
}

function step(raw) {
	const name = json.unquote(raw);
	return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${raw}]`;
}
