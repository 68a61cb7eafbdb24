//! Plain text, and error messages that quote their input.

mod quotes;

use std::{borrow::Cow, ops::Range};

use memchr::memchr3;

use crate::{
    characters::first_refused,
    field::redact_whole,
    finding::{in_order, Finding, Rule},
    input::Extent,
    masker::Masker,
    redacted::{End, Redacted, Report},
    rules::Rules,
    scan::scan,
};

/// Redacts a text. From its first control character on, all is withheld.
pub(crate) fn redact_text(
    input: &str,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Redacted {
    let is_white_space = |byte: u8| (byte == b'\t') | (byte == b'\n') | (byte == b'\r');
    let is_refused = |byte: u8| ((byte < b' ') & !is_white_space(byte)) | (byte == 0x7f);
    let (text, end, extent) = match first_refused(input.as_bytes(), is_refused) {
        // An ASCII byte is a character's boundary.
        Some(refused) => (&input[..refused], End::Malformed, Extent::Truncated),
        None if extent == Extent::Truncated => (input, End::Truncated, extent),
        None => (input, End::Complete, extent),
    };
    let shown = redact_whole(text, extent, rules, report).into_owned();
    Redacted::text(shown, end, text.len(), report.counts)
}

/// Redacts an error message: all that is in quotes is masked, as there it quotes its input.
pub(crate) fn redact_message<'m>(
    message: &'m str,
    rules: &Rules,
    report: &mut Report,
) -> Cow<'m, str> {
    let mut found = Vec::new();
    scan(message, Extent::Whole, rules, &mut found);
    found.extend(quoted(message.as_bytes()).map(|range| Finding {
        range,
        rule: Rule::Text,
    }));
    in_order(&mut found);
    let mut masker = Masker::new(message);
    masker.mask_all(&found, report);
    masker.finish()
}

/// What is in quotes; a quote that is not closed reaches to the end.
fn quoted(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || loop {
        let open = at + memchr3(b'"', b'\'', b'`', bytes.get(at..)?)?;
        at = open + 1;
        if !quotes::opens(bytes, open) {
            continue;
        }
        let end = quotes::closing_quote(bytes, open, at).unwrap_or(bytes.len());
        let inside = at..end;
        at = end + 1;
        if !inside.is_empty() {
            return Some(inside);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_what_an_error_message_quotes() {
        for (message, expected) in [
            (
                "invalid type: string \"a \\\" b\", expected u32 at line 1 column 5",
                "invalid type: string \"***\", expected u32 at line 1 column 5",
            ),
            (
                "unknown field `a`b`, expected `c`",
                "unknown field `***`, expected `***`",
            ),
            ("can't read 'it's' here", "can't read '***' here"),
            ("no b'a b', u'a'", "no b'***', u'***'"),
            ("no \"end", "no \"***"),
            ("empty \"\" and ''", "empty \"\" and ''"),
            ("plain", "plain"),
        ] {
            let shown = redact_message(message, &Rules::default(), &mut Report::default());
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn withholds_a_text_from_its_first_control_character_on() {
        let report = &mut Report::default();
        let shown = redact_text("a\tb\0c", Extent::Whole, &Rules::default(), report);
        assert_eq!(
            (shown.as_str(), shown.end, shown.consumed),
            ("a\tb", End::Malformed, 3)
        );
    }
}
