//! A text with masks in the place of what is hidden.

use std::{borrow::Cow, ops::Range};

use crate::{
    finding::{Finding, Rule},
    mask::MASK,
    redacted::Report,
    rules::Rules,
};

/// Copies a text in runs, each up to the next place that is masked.
///
/// Places are between characters, and each call's are at or after those of the call before.
#[derive(Debug)]
pub(crate) struct Masker<'t> {
    text: &'t str,
    redacted: String,
    /// How much of the text `redacted` stands for. What follows is shown, unless it is masked.
    shown: usize,
}

impl<'t> Masker<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            redacted: String::new(),
            shown: 0,
        }
    }

    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Shows `mask` in the place of what is at `place`.
    pub(crate) fn mask_with(&mut self, place: Range<usize>, mask: &str) {
        if self.shown == 0 {
            self.redacted.reserve(self.text.len());
        }
        self.redacted.push_str(&self.text[self.shown..place.start]);
        self.redacted.push_str(mask);
        self.shown = place.end;
    }

    /// Masks what is at `place`, and notes it.
    pub(crate) fn mask(&mut self, place: Range<usize>, rule: Rule, report: &mut Report) {
        report.note(rule, || format!("byte {}", place.start));
        self.mask_with(place, MASK);
    }

    /// Masks a whole value, which says `value`, and notes it.
    pub(crate) fn mask_value(
        &mut self,
        finding: Finding,
        value: &str,
        rules: &Rules,
        report: &mut Report,
    ) {
        report.note(finding.rule, || format!("byte {}", finding.range.start));
        self.mask_with(finding.range, &rules.mask.of(value));
    }

    pub(crate) fn mask_all(&mut self, found: &[Finding], report: &mut Report) {
        for finding in found {
            self.mask(finding.range.clone(), finding.rule, report);
        }
    }

    /// Returns the text, which is borrowed where nothing was masked.
    pub(crate) fn finish(mut self) -> Cow<'t, str> {
        if self.shown == 0 && self.redacted.is_empty() {
            return Cow::Borrowed(self.text);
        }
        self.redacted.push_str(&self.text[self.shown..]);
        Cow::Owned(self.redacted)
    }
}
