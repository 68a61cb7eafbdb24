//! Renders headers.

use std::borrow::Cow;

use body_logger_core::record::RecordText;
use body_logger_redact::{Extent, MASK};

use super::{Renderer, Rendering};
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

impl Rendering<'_> {
    /// Adds the redacted headers to what is shown, an empty list, sorted by name.
    pub(super) fn headers(self, shown: &mut Vec<(RecordText, RecordText)>, head: &Fields<'_>) {
        let Renderer {
            hidden_headers,
            omits_headers,
            redactor,
            unchanged_headers,
            ..
        } = self.renderer;
        // 3 % of what a short exchange takes with a line of log.
        if *omits_headers {
            return;
        }
        let headers = head.headers();
        shown.reserve(headers.clone().count());
        for field in headers {
            if (unchanged_headers.get(field, |header| shown.push(header.clone()))).is_some() {
                continue;
            }
            let shows_secret = || redactor.shows_secret_header(field.name);
            let (value, is_unchanged) = match (hidden_headers, self.header_value(field)) {
                (HiddenHeaders::Omit, None) => continue,
                // Only the names of cookies would be shown.
                (HiddenHeaders::Omit, _) if is_cookie(field.name) && !shows_secret() => continue,
                (_, Some(value)) => value,
                (HiddenHeaders::Mask, None) => (RecordText::constant(MASK), false),
            };
            let name = self.tally.shown(redactor.header_name(field.name)).into();
            let header = (name, value);
            // Not what is shown although it is secret: nothing secret is to stay in memory.
            if is_unchanged && !shows_secret() {
                unchanged_headers.keep(field, &header);
            }
            shown.push(header);
        }
        shown.sort_by(|(a, _), (b, _)| a.cmp(b));
    }

    /// Returns what is shown of a value, and whether that is all of it.
    fn header_value(self, field: &Field<'_>) -> Option<(RecordText, bool)> {
        let redactor = &self.renderer.redactor;
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
        Some((self.tally.shown(redacted).into(), is_unchanged))
    }
}

fn is_cookie(name: &str) -> bool {
    matches!(name, "cookie" | "set-cookie")
}

#[cfg(test)]
mod tests {
    use body_logger_redact::Redactor;

    use super::{super::hidden::Tally, *};
    use crate::capture::{Head, HeadBuffer};

    type Header = (RecordText, RecordText);

    fn renderer(hidden_headers: HiddenHeaders) -> Renderer {
        Renderer {
            redactor: Redactor::builder().show_secret_headers(["x-all"]).build(),
            hidden_headers,
            ..Renderer::default()
        }
    }

    fn head(headers: &[(&str, &str, bool)]) -> Head {
        let mut head = HeadBuffer::default();
        for (name, value, sensitive) in headers {
            head.push(name, value.as_bytes(), *sensitive);
        }
        head.take()
    }

    fn rendered(renderer: &Renderer, head: &Head) -> Vec<Header> {
        let (mut shown, tally) = (Vec::new(), &Tally::default());
        Rendering { renderer, tally }.headers(&mut shown, &head.fields());
        shown
    }

    fn shown(hidden: HiddenHeaders, headers: &[(&str, &str, bool)]) -> Vec<Header> {
        rendered(&renderer(hidden), &head(headers))
    }

    fn pair(name: &str, value: &str) -> Header {
        (name.into(), value.into())
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
        let headers = [
            ("accept", "1", true),
            ("authorization", "***", false),
            ("cookie", "a=1", false),
            ("server", "1", false),
            ("set-cookie", "a=***", false),
            ("x-all", "1", false),
            ("x-unknown", "1", false),
        ];
        let (renderer, head) = (renderer(HiddenHeaders::Mask), head(&headers));
        let first = rendered(&renderer, &head);
        let fields = head.fields();
        let kept = fields.headers().filter_map(|field| {
            renderer
                .unchanged_headers
                .get(field, |(name, _)| name.clone())
        });
        assert_eq!(kept.collect::<Vec<_>>(), ["server"]);
        assert_eq!(rendered(&renderer, &head), first);
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
