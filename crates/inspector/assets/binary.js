// Bytes that are no text: as a dump, and as the image that they are.

import { Code } from "./code.js";
import { h } from "./dom.js";
import { plural } from "./format.js";

const PER_LINE = 16;

const decoded = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

export function dump(base64) {
	const bytes = decoded(base64);
	const lines = [];
	for (let at = 0; at < bytes.length; at += PER_LINE) {
		const row = [...bytes.subarray(at, at + PER_LINE)];
		const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ").padEnd(PER_LINE * 3);
		const text = row.map((byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
		lines.push({ depth: 0, pieces: [["p", `${at.toString(16).padStart(6, "0")}  `], ["k", hex], ["p", text]] });
	}
	return new Code(lines, { label: "Bytes" }).element;
}

export function image(base64, type) {
	const bytes = decoded(base64);
	const address = URL.createObjectURL(new Blob([bytes], { type }));
	const note = h("figcaption.muted", `${type} · ${plural(bytes.length, "byte")}`);
	const picture = h("img", {
		src: address, alt: "The captured image",
		onload: () => {
			note.append(` · ${picture.naturalWidth} × ${picture.naturalHeight}`);
			URL.revokeObjectURL(address);
		},
		onerror: () => note.append(" · cannot be decoded; the bytes are under Hex"),
	});
	return h("figure.image", picture, note);
}
