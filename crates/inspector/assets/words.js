// What became of exchanges and bodies, in signs and words.

import { count } from "./format.js";

// How an outcome is shown: its icon, and the class of its colour.
export const OUTCOMES = {
	completed: ["check", "ok"],
	response_aborted: ["cross", "failed"],
	body_error: ["cross", "failed"],
	service_error: ["cross", "failed"],
	panicked: ["bolt", "failed"],
	cancelled: ["cross", "failed"],
	upgraded: ["swap", ""],
	released: ["open", ""],
	refused: ["cross", "failed"],
};

export const OPEN = ["open", ""];

export const outcomeText = (outcome) => (outcome ? outcome.replaceAll("_", " ") : "still open");

export const failed = (row) => row.status >= 500 || OUTCOMES[row.outcome]?.[1] === "failed";

const CAUSES = {
	dropped_newest: "the queue was full",
	dropped_oldest: "the queue was full",
	sink_error: "the sink failed",
	sink_panic: "the sink panicked",
};

export const gapCause = (reasons) =>
	[...new Set(Object.keys(reasons).map((reason) => CAUSES[reason] ?? reason.replaceAll("_", " ")))].join(", ");

export const isDropped = (reasons) => Object.keys(reasons).every((reason) => reason.startsWith("dropped"));

export const seqText = (ranges) =>
	ranges.map(([first, last]) => (first === last ? count(first) : `${count(first)}–${count(last)}`)).join(", ");
