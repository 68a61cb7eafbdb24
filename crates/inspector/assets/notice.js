// What is said in passing: on the screen for a moment, and to screen readers now and then.

import { $ } from "./dom.js";
import { count } from "./format.js";

const SHOWN = 2_000;
const QUIET = 10_000;

let hiding = null;

export function toast(text) {
	const place = $("#toast");
	place.textContent = text;
	place.hidden = false;
	clearTimeout(hiding);
	hiding = setTimeout(() => { place.hidden = true; }, SHOWN);
	$("#announce").textContent = text;
}

let arrived = 0;
let timer = null;

// At most every ten seconds.
export function announceNew(n) {
	arrived += n;
	timer ??= setTimeout(() => {
		$("#announce").textContent = `${count(arrived)} new`;
		arrived = 0;
		timer = null;
	}, QUIET);
}

export async function copy(text, what) {
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		// Only secure contexts have a clipboard; this works in others.
		const area = document.createElement("textarea");
		area.value = text;
		document.body.append(area);
		area.select();
		const done = document.execCommand("copy");
		area.remove();
		if (!done) return toast(`Could not copy ${what}`);
	}
	toast(`Copied ${what}`);
}
