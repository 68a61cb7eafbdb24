//! Redacts JSON without parsing it into values.
//!
//! One pass over the bytes, in which only names, nesting and token boundaries matter; what is shown is copied in runs. The
//! grammar is RFC 8259's, to the letter, for a sequence of documents with or without white space between them. Lone
//! surrogates (`"\ud800"`), which it leaves open, are malformed here: nothing else that reads strictly takes them.
//!
//! Fails closed: what is masked is masked before its value is read, a name is shown only once its colon was seen (unless
//! the input ends there), and at the first byte that is not understood all output ends.

mod lexer;
mod nesting;
mod number;
mod output;
mod paths;
mod string;
#[cfg(test)]
mod tests;
mod tokens;
mod values;

use super::{rules::Rules, shapes, text};
use lexer::{Lexer, Rest};

/// How white space outside strings is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Kept.
    Verbatim,
    /// Dropped; between two documents one line feed is left of it.
    Compact,
}

/// How the input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// After a whole document, or before any.
    Complete,
    /// Inside a document, or it was said to be truncated.
    Cut,
    /// There is a byte that is not understood; nothing from its token on is shown.
    Malformed,
}

/// A text that shows what is not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redacted {
    pub(crate) text: String,
    /// The count of input bytes, from the first on, that `text` stands for.
    pub(crate) consumed: usize,
    /// Documents that ended.
    pub(crate) documents: usize,
    /// The most levels that were open at once, masked ones too: 0 for a scalar, 1 for `[]`.
    pub(crate) depth: usize,
    pub(crate) end: End,
}

/// Redacts a sequence of documents; `truncated` says that more of the input was there once.
pub(crate) fn redact(input: &[u8], truncated: bool, layout: Layout, rules: &Rules) -> Redacted {
    let (text, rest) = match std::str::from_utf8(input) {
        Ok(text) => (text, Rest::Nothing),
        Err(error) => {
            let valid = input.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            (
                valid,
                if error.error_len().is_none() {
                    Rest::PartOfCharacter
                } else {
                    Rest::NoText
                },
            )
        }
    };
    Lexer::new(text, rest, truncated, layout, true, rules).redacted(input.len())
}

/// Whether a text is JSON with a secret in it, or could be; `truncated` says that more of it was there once.
pub(super) fn holds_secret(input: &str, truncated: bool, rules: &Rules) -> bool {
    holds_secret_within(input, truncated, true, rules)
}

/// The same; `letters` says that there may be [letters of shapes](shapes::Anchors) in it.
fn holds_secret_within(input: &str, truncated: bool, letters: bool, rules: &Rules) -> bool {
    let json = input.trim_start().starts_with(['{', '[', '"']);
    json && {
        let layout = Layout::Verbatim;
        let mut lexer = Lexer::new(input, Rest::Nothing, truncated, layout, letters, rules);
        let (end, secret) = lexer.read();
        let understood = end == End::Complete || truncated && end == End::Cut;
        // Otherwise it only looks like JSON, or somewhat.
        secret || !understood && text::holds_secret(input, truncated, rules)
    }
}
