//! What was hidden, where, and by which rule.

use std::fmt::Display;

use body_logger_redact::{End, Explanation, Extent, Format, Redacted, Redactor};

use crate::notice::notice;

/// A redactor that keeps the places of what it hides.
#[derive(Debug)]
pub(super) struct Explained {
    redactor: Redactor,
    hidden: Vec<String>,
}

impl Explained {
    pub(super) fn new(redactor: Redactor) -> Self {
        Self {
            redactor,
            hidden: Vec::new(),
        }
    }

    /// Redacts what stands at a place, which is empty for the whole input.
    pub(super) fn redact(&mut self, place: &str, input: &[u8], format: Format<'_>) -> Redacted {
        let explanation = self.redactor.explain(input, format, Extent::Whole);
        self.noted(place, "", explanation)
    }

    /// Redacts a JSON object whose only member `name` is what stands at a place.
    pub(super) fn redact_member(&mut self, place: &str, name: &str, object: &str) -> Redacted {
        let explanation = self
            .redactor
            .explain(object.as_bytes(), Format::Json, Extent::Whole);
        self.noted(place, &format!("$.{name}"), explanation)
    }

    /// Redacts what stands at a place as JSON. `None` if it is no JSON.
    pub(super) fn redact_if_json(&mut self, place: &str, text: &str) -> Option<String> {
        let explanation = self
            .redactor
            .explain(text.as_bytes(), Format::Json, Extent::Whole);
        let is_json = explanation.redacted.end == End::Complete;
        is_json.then(|| self.noted(place, "", explanation).into_string())
    }

    /// Notes what was hidden at a place. `outer` is what the places within it begin with, and is not said.
    fn noted(&mut self, place: &str, outer: &str, explanation: Explanation) -> Redacted {
        for hidden in explanation.hidden {
            let within = hidden.place.strip_prefix(outer).unwrap_or(&hidden.place);
            let is_apart = outer.is_empty() && !place.is_empty();
            let space = if is_apart { " " } else { "" };
            self.note(format!("{place}{space}{within}"), hidden.rule);
        }
        explanation.redacted
    }

    /// Redacts the name of the header at a place.
    pub(super) fn header_name(&mut self, place: &str, name: &str) -> String {
        let shown = self.redactor.header_name(name).text.into_owned();
        if shown != name {
            self.note(place, "a secret in its name");
        }
        shown
    }

    /// Notes that something was hidden at a place.
    pub(super) fn note(&mut self, place: impl Display, rule: impl Display) {
        self.hidden.push(format!("{place}: {rule}"));
    }

    /// Writes a line for each hidden value to standard error.
    pub(super) fn report(&self) {
        for hidden in &self.hidden {
            notice(&format!("hidden: {hidden}"));
        }
        notice(&format!("hidden values: {}", self.hidden.len()));
    }
}
