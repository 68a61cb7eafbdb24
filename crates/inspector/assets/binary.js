// Bytes that are no text: as a dump, and as the image that they are.

import { Code } from "./code.js";
import { h } from "./dom.js";
import { plural } from "./format.js";

// Formats that browsers decode without running anything in them. SVG is shown as the text that it is.
const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];
const PER_LINE = 16;

export const isImage = (type) => IMAGES.includes(type);

export class Bytes {
	static of(base64) {
		const bytes = new Bytes();
		bytes.content = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
		return bytes;
	}

	dump() {
		const lines = [];
		for (let at = 0; at < this.content.length; at += PER_LINE) {
			const row = [...this.content.subarray(at, at + PER_LINE)];
			const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ").padEnd(PER_LINE * 3);
			const text = row.map((byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
			lines.push({ parts: [["p", `${at.toString(16).padStart(6, "0")}  `], ["n", hex], ["s", text]], until: null });
		}
		return new Code(lines, { label: "Bytes" }).element;
	}
}

export function image(bytes, type) {
	const address = URL.createObjectURL(new Blob([bytes.content], { type }));
	const note = h("figcaption.muted", `${type} · ${plural(bytes.content.length, "byte")}`);
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
