//! Renders headers.

use std::borrow::Cow;

use body_logger_core::record::RecordText;
use body_logger_redact::{Extent, Redactor, MASK};

use super::{hidden::Tally, unchanged_headers::UnchangedHeaders};
use crate::capture::{Field, Fields};

/// How a header is recorded whose value is not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HiddenHeaders {
    /// With its name, and `***` as its value.
    #[default]
    Mask,
    /// Not at all.
    Omit,
}

impl HiddenHeaders {
    /// Returns the redacted headers, sorted by name.
    pub(super) fn redact(
        self,
        head: &Fields<'_>,
        redactor: &Redactor,
        unchanged: &UnchangedHeaders,
        tally: &Tally,
    ) -> Vec<(RecordText, RecordText)> {
        let headers = head.headers();
        let mut shown: Vec<(RecordText, RecordText)> = Vec::with_capacity(headers.clone().count());
        for field in headers {
            if let Some(header) = unchanged.get(field) {
                shown.push(header);
                continue;
            }
            let (value, is_unchanged) = match (self, value(field, redactor, tally)) {
                (Self::Omit, None) => continue,
                // Only the names of cookies would be shown.
                (Self::Omit, _)
                    if is_cookie(field.name) && !redactor.shows_secret_header(field.name) =>
                {
                    continue
                }
                (_, Some(value)) => value,
                (Self::Mask, None) => (RecordText::constant(MASK), false),
            };
            let name = tally.shown(redactor.header_name(field.name)).into();
            let header = (name, value);
            // Not what is shown although it is secret: nothing secret is to stay in memory.
            if is_unchanged && !redactor.shows_secret_header(field.name) {
                unchanged.keep(field, &header);
            }
            shown.push(header);
        }
        shown.sort_by(|(a, _), (b, _)| a.cmp(b));
        shown
    }
}

fn is_cookie(name: &str) -> bool {
    matches!(name, "cookie" | "set-cookie")
}

/// Returns what is shown of a value, and whether that is all of it.
fn value(field: &Field<'_>, redactor: &Redactor, tally: &Tally) -> Option<(RecordText, bool)> {
    if field.sensitive && !redactor.shows_secret_header(field.name) {
        return None;
    }
    // The missing suffix might be what identifies the value as secret.
    if field.truncated {
        return None;
    }
    let text = field.text();
    let redacted = redactor.header(field.name, &text, Extent::Whole)?;
    let is_unchanged = matches!(redacted.text, Cow::Borrowed(_));
    Some((tally.shown(redacted).into(), is_unchanged))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::HeadBuffer;

    fn shown(hidden: HiddenHeaders, headers: &[(&str, &str, bool)]) -> Vec<(String, String)> {
        let redactor = Redactor::builder().show_secret_headers(["x-all"]).build();
        let mut head = HeadBuffer::default();
        for (name, value, sensitive) in headers {
            head.push(name, value.as_bytes(), *sensitive);
        }
        let head = head.take();
        let unchanged = UnchangedHeaders::default();
        let shown = hidden.redact(&head.fields(), &redactor, &unchanged, &Tally::default());
        let strings = shown
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        strings.collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn omits_hidden_headers() {
        let headers = [
            ("x-b", "2", false),
            ("cookie", "a=1", false),
            ("accept", "1", false),
        ];
        assert_eq!(shown(HiddenHeaders::Omit, &headers), [pair("accept", "1")]);
        assert_eq!(
            shown(HiddenHeaders::Mask, &headers),
            [
                pair("accept", "1"),
                pair("cookie", "a=***"),
                pair("x-b", "***")
            ]
        );
    }

    #[test]
    fn keeps_only_headers_that_are_shown_unchanged_and_not_secret() {
        let redactor = Redactor::builder().show_secret_headers(["x-all"]).build();
        let unchanged = UnchangedHeaders::default();
        let headers = [
            ("accept", "1", true),
            ("authorization", "***", false),
            ("cookie", "a=1", false),
            ("server", "1", false),
            ("set-cookie", "a=***", false),
            ("x-all", "1", false),
            ("x-unknown", "1", false),
        ];
        let mut head = HeadBuffer::default();
        for (name, value, sensitive) in headers {
            head.push(name, value.as_bytes(), sensitive);
        }
        let head = head.take();
        let fields = head.fields();
        let show = || HiddenHeaders::Mask.redact(&fields, &redactor, &unchanged, &Tally::default());
        let first = show();
        let kept = fields
            .headers()
            .filter_map(|field| unchanged.get(field))
            .map(|(name, _)| name);
        assert_eq!(kept.collect::<Vec<_>>(), ["server"]);
        assert_eq!(show(), first);
    }

    #[test]
    fn masks_a_header_that_was_marked_sensitive_or_is_too_long() {
        let long = "a".repeat(5000);
        let headers = [
            ("accept", "1", true),
            ("server", &long, false),
            ("x-all", "1", true),
        ];
        assert_eq!(
            shown(HiddenHeaders::Mask, &headers),
            [
                pair("accept", "***"),
                pair("server", "***"),
                pair("x-all", "1")
            ]
        );
    }
}
