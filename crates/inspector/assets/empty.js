// What is seen before anything was recorded.

import { button, h, icon } from "./dom.js";

export function drawEmpty(place, tries, copy) {
	place.replaceChildren(h("div",
		h("p.waiting", h("i.pulse", { "aria-hidden": "true" }), "Listening · nothing recorded yet"),
		h("h2", "Send a request and watch it arrive"),
		h("p", `Every exchange that passes the middleware appears here as it ends.${tries.length ? " Each line shows something else." : ""}`),
		tries.length ? h("ol.tries", tries.map(({ title, about, command }) => h("li",
			h("span", h("b", title), " ", about),
			button({ class: "button quiet", onclick: () => copy(command, "the command") }, icon("copy"), "Copy"),
			h("code", { tabindex: "0" }, h("i", "$ "), command)))) : null));
}
