// The questions that the page asks the server. All are `GET`, and change nothing.

import { $ } from "./dom.js";

// Modules lie in `assets/HASH/`, beside `api/`.
const ROOT = new URL("../../", import.meta.url);

// A filter that does not parse: `message`, and the place, `start` to `end`, in UTF-16 units.
export class FilterError extends Error {
	constructor({ message, start, end }) {
		super(message);
		Object.assign(this, { start, end });
	}
}

export function url(path, parameters = {}) {
	const address = new URL(`api/${path}`, ROOT);
	for (const [name, value] of Object.entries(parameters)) {
		if (value !== null && value !== undefined && value !== "") address.searchParams.set(name, value);
	}
	return address;
}

async function get(path, parameters, signal) {
	const response = await fetch(url(path, parameters), { signal, cache: "no-store" });
	if (response.ok) return response.json();
	// The session has ended: the address shows the way in.
	if (response.status === 401) location.reload();
	const problem = await response.json().catch(() => ({}));
	if (problem.filter) throw new FilterError(problem.filter);
	throw new Error(problem.error ?? `the server answered ${response.status}`);
}

// The first page of the list, which came with the page itself; once.
export function first() {
	const place = $("#first");
	const text = place?.content.textContent;
	place?.remove();
	return text ? JSON.parse(text) : null;
}

export const entries = (parameters, signal) => get("entries", parameters, signal);
export const record = (id, signal) => get(`records/${encodeURIComponent(id)}`, {}, signal);
export const around = (id, signal) => get(`records/${encodeURIComponent(id)}/around`, {}, signal);
export const compare = (a, b) => get("compare", { a, b });
export const overview = (parameters, signal) => get("overview", parameters, signal);
export const status = () => get("status");
export const check = (q, signal) => get("filter", { q }, signal);
let known = null;
export const words = () => (known ??= get("words"));
export const events = (parameters) => new EventSource(url("events", parameters));
