// Builds elements. Texts only ever become text nodes: there is no way here to pass markup.

const SVG = "http://www.w3.org/2000/svg";

// `h("p.muted", {title: "..."}, ...children)`: classes follow the name.
export const h = (name, ...rest) => build((tag) => document.createElement(tag), name, rest);
export const svg = (name, ...rest) => build((tag) => document.createElementNS(SVG, tag), name, rest);

export const $ = (selector, within = document) => within.querySelector(selector);

// An icon of the sprite in the page.
export const icon = (name, kind = "i", label = null) =>
	svg("svg", label ? { class: kind, role: "img", "aria-label": label } : { class: kind, "aria-hidden": "true" },
		label && svg("title", label), svg("use", { href: `#${name}` }));

export const button = (attributes, ...children) => h("button", { type: "button", ...attributes }, ...children);

// For screen readers only.
export const unseen = (text) => h("span.sr", text);

// A table that scrolls.
export const table = (label, heads, rows) => h("div.sheet", { tabindex: "0", role: "group", "aria-label": label, onkeydown: roam(".plain, .toggle, .s, .n") }, h("table",
	h("thead", h("tr", heads.map((head) => h("th", { scope: "col" }, head)))),
	h("tbody", rows.map((cells) => h("tr", cells.map((cell) => h("td", cell)))))));

// The keys of a box with many values, which is one tab stop: arrows move among them, Enter clicks.
export const roam = (selector) => (event) => {
	const { key, target, currentTarget: box } = event;
	const stops = [...box.querySelectorAll(selector)];
	const at = stops.indexOf(target);
	if (key === "Enter" && at >= 0) target.click();
	else if (key === "ArrowDown" || key === "ArrowUp") stops[at + (key === "ArrowUp" ? -1 : 1)]?.focus();
	else return;
	event.preventDefault();
	event.stopPropagation();
};

export function download(url) {
	const link = h("a", { href: url, download: "" });
	document.body.append(link);
	link.click();
	link.remove();
}

function build(create, name, [first, ...rest]) {
	const [tag, ...kinds] = name.split(".");
	const element = create(tag);
	if (kinds.length) element.setAttribute("class", kinds.join(" "));
	const plain = first && Object.getPrototypeOf(first) === Object.prototype;
	for (const [name, value] of Object.entries(plain ? first : {})) {
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
	}
	const children = plain ? rest : [first, ...rest];
	element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
	return element;
}
