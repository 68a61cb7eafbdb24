// The page: what the address names is shown, and what happens changes the address.

import * as api from "./api.js";
import { RANGES, address, go, href, onaddress } from "./address.js";
import { $, button, download, h } from "./dom.js";
import { drawEmpty } from "./empty.js";
import { Filter, refined } from "./filter.js";
import { count } from "./format.js";
import { keys } from "./keys.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { announceNew, copy, toast } from "./notice.js";
import { Picker } from "./picker.js";
import { MAX_ROWS, Rows } from "./rows.js";
import { Strip } from "./strip.js";

const STRIP_EVERY = 5_000;

let rows = null;
// The query of the list, which stays the last that was valid.
let listed = null;

const asked = () => ({ q: address.q, minutes: address.range });
const same = (a, b) => a?.q === b?.q && a?.minutes === b?.minutes;
const open = (record) => go({ record, view: "" });
const close = () => go({ record: "" });
const between = (from, to) => refined(refined(address.q, "from:", from), "to:", to);
const refine = (key, value) => go({ q: refined(address.q, key, value), view: "" });

const filter = new Filter();
const picker = new Picker({ filter: (text) => refine("", text), copy });
const list = new List({ open, refresh: showNew });
// Other views than the list are fetched when they are first shown.
let detail = null;
let overview = null;
let compare = null;
const unfetched = (error) => toast(`This view cannot be fetched: ${error.message}`);
const detailed = async () => {
	const { Detail } = await import("./detail.js");
	detail ??= new Detail({ open, close, refine, copy, compare: mark, pick: (...picked) => picker.show(...picked) });
	if (address.record) detail.show(address.record);
};
const summedUp = async () => {
	const { Overview } = await import("./overview.js");
	overview ??= new Overview({ open, refine });
	if (address.view === "overview") overview.show();
};
const compared = async () => {
	const { Compare } = await import("./compare.js");
	compare ??= new Compare();
	if (address.view === "compare") compare.show(address);
};
const strip = new Strip({ narrow: (from, to) => go({ q: between(from.toISOString(), to.toISOString()), range: "" }) });
const live = new Live({
	arrived(fresh) {
		if (!rows) return;
		const enter = !live.paused && list.atTop;
		const entered = rows.arrived(fresh, enter);
		announceNew(fresh.length);
		if (enter && entered === null) return look(true);
		if (entered) list.entered(entered);
		summarize();
		overview?.stale();
	},
	pausing(paused) {
		if (paused) summarize();
		else showNew();
	},
});

// Begins the list anew for the filter of the address.
async function look(again = false) {
	const query = asked();
	const { q } = query;
	if (same(query, listed) && !again) return;
	const next = new Rows(query, () => {
		if (rows === next) {
			list.changed();
			summarize();
		}
	});
	try {
		await next.begin();
	} catch (error) {
		next.stop();
		if (!same(query, asked())) return;
		filter.fail(error);
		if (!(error instanceof api.FilterError)) {
			list.say(`The list cannot be shown: ${error.message} `, button({ class: "button", onclick: () => look(true) }, "Try again"));
		} else if (listed === null) {
			// Nothing was valid yet: all is shown.
			go({ q: "" }, { replace: true });
			filter.input.value = q;
			filter.fail(error);
		}
		return;
	}
	if (!same(query, asked())) return next.stop();
	rows?.stop();
	rows = next;
	listed = query;
	matching = null;
	list.show(rows);
	live.follow(query, rows.newest);
	summarize();
	charts();
}

function showNew() {
	const entered = rows.show();
	if (entered === null) return look(true);
	list.grid.scrollTop = 0;
	list.entered(entered);
	summarize();
}

// Counts, and what is said instead of rows.
function summarize() {
	const { total } = rows;
	const found = count(rows.matching ?? Math.max(matching ?? 0, rows.length));
	const { q, minutes } = listed;
	const isAll = !q && !minutes;
	$("#found").replaceChildren(...(isAll ? [h("b", count(total))] : [h("b", found), ` of ${count(total)}`]));
	live.waiting = rows.waiting;
	live.draw();
	list.waiting(live.paused);
	const empty = total === 0 && isAll && !address.record;
	$("#empty").hidden = !empty;
	for (const place of [$("#split"), $("#strip")]) place.hidden = empty;
	if (rows.length || empty) list.say();
	else list.say(q ? "Nothing matches " : "Nothing", q && h("code", q), minutes && ` in the last ${RANGES.find(([range]) => range === minutes)?.[1] ?? `${minutes} min`}`,
		button({ class: "button", onclick: () => go({ q: "", range: "" }) }, "Clear the filter"));
}

let charting = null;
// How many match by the last sums, where the list does not know yet.
let matching = null;

// The strip, and what completion offers.
async function charts() {
	clearTimeout(charting);
	if (!document.hidden && rows?.total && !address.view) {
		try {
			const answer = await api.overview({ ...listed, strip: true });
			strip.show(answer);
			filter.know({ route: answer.routes });
			matching = answer.total;
			summarize();
		} catch (error) {
			console.warn(error);
		}
	}
	clearTimeout(charting);
	charting = setTimeout(charts, STRIP_EVERY);
}

function mark(id) {
	const next = address.a && address.a !== id ? { b: id } : { a: id };
	if (address.a === id || address.b === id) return go(address.a === id ? { a: address.b, b: "" } : { b: "" }, { replace: true });
	go(next, { replace: true });
	if (address.a && address.b) go({ view: "compare" });
	else toast("Marked A. Mark another to compare.");
}

function show(now, before) {
	for (const name of ["exchanges", "overview", "compare"]) $(`#${name}`).hidden = name !== (now.view || "exchanges");
	document.body.dataset.view = now.view || "exchanges";
	for (const link of document.querySelectorAll(".views a")) {
		const { view } = link.dataset;
		link.href = href({ view: view === "exchanges" ? "" : view, record: "" });
		if (view === (now.view || "exchanges")) link.setAttribute("aria-current", "page");
		else link.removeAttribute("aria-current");
	}
	const marked = [now.a, now.b].filter(Boolean).length;
	$(".top .count").hidden = !marked;
	$(".top .count").textContent = marked;
	if (now.q !== before?.q || filter.input.value !== now.q) filter.show();
	$("#since").value = /(^|\s)(from|to):/.test(now.q) ? "some" : now.range;
	picker.hide();
	if (now.view === "overview") summedUp().catch(unfetched);
	else overview?.hide();
	if (now.view === "compare") compared().catch(unfetched);
	if (now.a !== before?.a || now.b !== before?.b) list.mark({ a: now.a, b: now.b });
	if (now.record !== (before?.record ?? "")) {
		if (now.record) {
			detailed().catch(unfetched);
			list.choose(now.record);
		} else {
			detail?.hide();
			list.virtual.refresh();
		}
		if (rows) summarize();
	}
	if (now.view !== (before?.view ?? "")) list.virtual.refresh();
	look();
}

// Moves in the list; while an exchange is open, the next opens.
function step(move) {
	if (address.view) return;
	move();
	if (address.record && list.selected && list.selected !== address.record && list.row?.kind === "record") go({ record: list.selected }, { replace: true });
}

const views = { 1: "", 2: "overview", 3: "compare" };
keys({
	j: () => step(() => list.step(1)), ArrowDown: () => step(() => list.step(1)),
	k: () => step(() => list.step(-1)), ArrowUp: () => step(() => list.step(-1)),
	PageDown: () => step(() => list.step(list.page())), PageUp: () => step(() => list.step(-list.page())),
	Home: () => step(() => list.first()),
	End() {
		step(() => list.last());
		if (rows?.length === MAX_ROWS) toast(`The list has the newest ${count(MAX_ROWS)}. Narrow the time for others.`);
	},
	Enter: () => { if (!address.view && list.row?.kind === "record") open(list.row.id); },
	Escape() {
		if (!picker.element.hidden) picker.hide();
		else if (address.view) go({ view: "" });
		else if (address.record) close();
		else if (list.selected) list.choose(null);
		else if (address.q || address.range) go({ q: "", range: "" });
	},
	"/": () => { go({ view: "" }); filter.focus(); },
	p: () => live.toggle(),
	".": () => { list.choose(null); showNew(); },
	"[": () => detail?.sibling("newer"), "]": () => detail?.sibling("older"),
	c: () => { const id = address.record || list.selected; if (id) mark(id); },
	y: () => detail?.curl(), l: () => detail?.link(),
	...Object.fromEntries(Object.entries(views).map(([key, view]) => [key, () => go({ view })])),
});

for (const link of document.querySelectorAll(".views a")) {
	link.addEventListener("click", (event) => {
		if (event.ctrlKey || event.metaKey || event.shiftKey) return;
		event.preventDefault();
		const { view } = link.dataset;
		go({ view: view === "exchanges" ? "" : view });
	});
}
$("#since").append(h("option", { value: "" }, "All time"), ...RANGES.map(([value, text]) => h("option", { value }, `Last ${text}`)), h("option", { value: "some", hidden: true }, "Narrowed"));
$("#since").addEventListener("change", ({ target: { value } }) => go({ q: between(null, null), range: value }));
$("#har").addEventListener("click", () => download(api.url("har", listed)));
document.addEventListener("visibilitychange", charts);

api.words().then(({ service, tries }) => {
	if (service) {
		$("#service").replaceChildren(h("bdi", service.service), service.version ? h("small", service.version) : "");
		document.title = `Inspector · ${service.service}`;
	}
	drawEmpty($("#empty"), tries ?? [], copy);
}, console.warn);

onaddress(show);
show(address, null);
