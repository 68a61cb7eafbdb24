// What became of exchanges and bodies, in signs and words.

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
