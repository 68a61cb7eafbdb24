// What is looked at, which is what the address says: it survives a reload, and can be sent to a colleague.

const NAMES = ["view", "q", "record", "a", "b", "range"];
const listeners = [];

// Ranges of time until now, in minutes.
export const RANGES = [["15", "15 min"], ["60", "1 h"], ["1440", "24 h"], ["10080", "7 d"]];

export const address = {};

export const onaddress = (listener) => listeners.push(listener);

// The address with these changes; null removes.
export function href(changes) {
	const all = { ...address, ...changes };
	// As readable as it may be: only what would end the value is encoded.
	const escape = (text) => encodeURIComponent(text).replace(/%(3A|2F|40|2C|7B|7D)/g, decodeURIComponent);
	const parts = NAMES.filter((name) => all[name]).map((name) => `${name}=${escape(all[name])}`);
	return parts.length ? `?${parts.join("&")}` : location.pathname;
}

export function go(changes, { replace = false } = {}) {
	const before = { ...address };
	const to = href(changes);
	if (replace) history.replaceState(null, "", to);
	else if (to !== href({})) history.pushState(null, "", to);
	read();
	for (const listener of listeners) listener(address, before);
}

function read() {
	const given = new URLSearchParams(location.search);
	for (const name of NAMES) address[name] = given.get(name) ?? "";
}

addEventListener("popstate", () => {
	const before = { ...address };
	read();
	for (const listener of listeners) listener(address, before);
});

read();
