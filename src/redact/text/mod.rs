//! Plain text and error messages, as far as secrets can be told in them.
//!
//! This is best effort, and text is shown only where the application asks for it. What is looked for: the shapes of
//! [`shapes`], [values beside secret names](named), and in error messages whatever is in quotes.

mod named;
mod quotes;
mod words;

use std::{borrow::Cow, ops::Range};

use memchr::memchr3;

use super::{
    readable::{Readable, Redacted},
    rules::Rules,
    shapes,
};

/// Masks what can be told to be secret in a text; `truncated` says that more of the input was there once.
///
/// From the first byte on that is a control character, all is withheld.
pub(crate) fn redact_text(input: &str, truncated: bool, rules: &Rules) -> Redacted {
    let is_refused = |b: u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r');
    let readable = Readable::new(input, truncated, is_refused);
    let found = found(readable.text, readable.cut, rules);
    readable.shown_as(masked(readable.text, found).into_owned())
}

/// Masks what can be told to be secret in an error message, and all that is in quotes: there it quotes the input.
pub(crate) fn redact_error_message(message: &str, rules: &Rules) -> String {
    let mut found = found(message, false, rules);
    find_quoted(message.as_bytes(), &mut found);
    masked(message, found).into_owned()
}

/// A short text, such as a name, without what can be told to be secret in it.
pub(crate) fn mask_secrets<'t>(text: &'t str, rules: &Rules) -> Cow<'t, str> {
    masked(text, found(text, false, rules))
}

/// Whether anything in a text would be masked.
pub(super) fn holds_secret(text: &str, cut: bool, rules: &Rules) -> bool {
    !found(text, cut, rules).is_empty()
}

fn found(text: &str, cut: bool, rules: &Rules) -> Vec<Range<usize>> {
    let mut found = if rules.shapes {
        shapes::find(text, cut)
    } else {
        Vec::new()
    };
    named::find(text, cut, rules, &mut found);
    found
}

fn masked(text: &str, mut found: Vec<Range<usize>>) -> Cow<'_, str> {
    shapes::in_order(&mut found);
    shapes::replace(text, &found)
}

/// Finds what is in quotes; a quote that is not closed goes to the end.
fn find_quoted(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(offset) = memchr3(b'"', b'\'', b'`', &bytes[at..]) {
        let open = at + offset;
        at = open + 1;
        if !quotes::opens(bytes, open) {
            continue;
        }
        let closing = quotes::closing_quote(bytes, open, at);
        let end = closing.unwrap_or(bytes.len());
        if end > at {
            found.push(at..end);
        }
        at = bytes.len().min(end + 1);
    }
}

#[cfg(test)]
mod tests;
