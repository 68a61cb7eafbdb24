// Numbers, sizes and times as people read them.

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"];
const GROUPED = new Intl.NumberFormat("en");

export const count = (n) => GROUPED.format(n);

export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

// A number and its unit, apart, so that numbers can be aligned.
export function size(bytes) {
	let unit = 0;
	while (bytes >= 1024 && unit < SIZES.length - 1) {
		bytes /= 1024;
		unit += 1;
	}
	return [unit === 0 || bytes >= 100 ? bytes.toFixed(0) : bytes.toFixed(1), SIZES[unit]];
}

export function duration(micros) {
	if (micros < 1e3) return [String(micros), "µs"];
	if (micros < 99.95e3) return [(micros / 1e3).toFixed(1), "ms"];
	if (micros < 999.5e3) return [(micros / 1e3).toFixed(0), "ms"];
	if (micros < 1e8) return [(micros / 1e6).toFixed(2), "s"];
	return [(micros / 1e6).toFixed(0), "s"];
}

export const sizeText = (bytes) => size(bytes).join(" ");
export const durationText = (micros) => duration(micros).join(" ");

export const percent = (share) => `${(share * 100).toFixed(share > 0 && share < 0.0995 ? 1 : share >= 0.9995 ? 0 : 1)} %`;

// `2026-11-21T09:15:01.331204Z`: the time of day in milliseconds, as everything else would be noise in a list.
export const clock = (time) => time.slice(11, 23).replace("Z", "").padEnd(12, "0");

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export const day = (time) => `${Number(time.slice(8, 10))} ${MONTHS[time.slice(5, 7) - 1]} ${time.slice(0, 4)}`;

export const instant = (time) => `${day(time)} ${time.slice(11).replace("Z", "")} UTC`;

// The class of a status: its shape and colour.
export const statusClass = (status) => `s${status ? Math.min(5, Math.floor(status / 100)) : 0}`;

export const statusText = (status) => (status ? String(status) : "none");
