//! Which value was hidden by which rule.

use std::borrow::Cow;

use memchr::memmem;

use crate::{
    finding::Rule,
    headers::redact_header,
    input::{Extent, Format, Route},
    json,
    mask::MASK,
    multipart::multipart_text,
    pairs::{redact_form, redact_query},
    path::redact_path,
    plain::redact_text,
    redacted::{End, Hidden, Redacted, Report},
    redactor::Redactor,
    rules::Rules,
    url::redact_url,
};

/// A redacted input, and what was hidden in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// What may be shown.
    pub redacted: Redacted,
    /// What was hidden, in the order of the input.
    pub hidden: Vec<Hidden>,
}

impl Redactor {
    /// Redacts an input, and says what was hidden by which rule.
    ///
    /// ```
    /// use body_logger_redact::{Extent, Format, Redactor, Rule};
    ///
    /// let body = br#"{"user": {"name": "ada", "password": "correct horse"}}"#;
    /// let explanation = Redactor::default().explain(body, Format::Json, Extent::Whole);
    /// assert_eq!(explanation.hidden[0].place, "$.user.password");
    /// assert_eq!(explanation.hidden[0].rule, Rule::Name);
    /// ```
    ///
    /// [`assert_hidden`](Self::assert_hidden) and [`assert_shown`](Self::assert_shown) are for tests of your own. Formats
    /// that are text are read up to the first byte that is not UTF-8.
    #[must_use]
    pub fn explain(&self, input: &[u8], format: Format<'_>, extent: Extent) -> Explanation {
        let mut report = Report::explaining();
        let redacted = redact(input, format, extent, self.rules(), &mut report);
        Explanation {
            redacted,
            hidden: report.hidden.unwrap_or_default(),
        }
    }
}

/// # In your own tests
impl Redactor {
    /// Asserts that none of `secrets` is shown of an input.
    ///
    /// ```
    /// use body_logger_redact::{Format, Redactor};
    ///
    /// let redactor = Redactor::builder().redact_fields(["badge"]).build();
    /// let body = r#"{"user": "ada", "badge": "B-17", "login": {"password": "correct horse"}}"#;
    /// redactor.assert_hidden(body, Format::Json, &["B-17", "correct horse"]);
    /// // The control: a body of which nothing is shown would pass the line above, too.
    /// redactor.assert_shown(body, Format::Json, &["ada"]);
    /// ```
    ///
    /// # Panics
    ///
    /// If one of `secrets` is shown as it is written here, or does not stand in the input: then nothing would be tested.
    #[track_caller]
    pub fn assert_hidden(&self, input: impl AsRef<[u8]>, format: Format<'_>, secrets: &[&str]) {
        let explanation = self.of_values(input.as_ref(), format, secrets);
        for secret in secrets {
            assert!(
                !explanation.redacted.as_str().contains(secret),
                "{secret:?} is shown: {explanation:#?}"
            );
        }
    }

    /// Asserts that all of `values` are shown of an input.
    ///
    /// # Panics
    ///
    /// If one of `values` is not shown as it is written here, or does not stand in the input.
    #[track_caller]
    pub fn assert_shown(&self, input: impl AsRef<[u8]>, format: Format<'_>, values: &[&str]) {
        let explanation = self.of_values(input.as_ref(), format, values);
        for value in values {
            assert!(
                explanation.redacted.as_str().contains(value),
                "{value:?} is hidden: {explanation:#?}"
            );
        }
    }

    #[track_caller]
    fn of_values(&self, input: &[u8], format: Format<'_>, values: &[&str]) -> Explanation {
        assert!(!values.is_empty(), "there are no values to look for");
        for value in values {
            assert!(
                !value.is_empty() && memmem::find(input, value.as_bytes()).is_some(),
                "{value:?} does not stand in the input"
            );
        }
        self.explain(input, format, Extent::Whole)
    }
}

/// Redacts an input. Formats that are text are read up to the first byte that is not UTF-8.
fn redact(
    input: &[u8],
    format: Format<'_>,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Redacted {
    let text = input.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let of_text = match text.len() == input.len() {
        true => extent,
        false => Extent::Truncated,
    };
    let shown = match format {
        Format::Json => return json::redact(input, extent, rules, report),
        Format::Multipart(content_type) => {
            return multipart_text(input, content_type.as_bytes(), extent, rules, report);
        }
        Format::Form => return redact_form(text, of_text, rules, report),
        Format::Query => redact_query(text, of_text, rules, report),
        Format::Header(name) => {
            redact_header(name, text, of_text, rules, report).unwrap_or(Cow::Borrowed(MASK))
        }
        Format::Cookie => {
            redact_header("cookie", text, of_text, rules, report).unwrap_or(Cow::Borrowed(MASK))
        }
        // Like a header's: where the rest would have begun is not known.
        Format::Url if of_text == Extent::Truncated && !text.is_empty() => {
            report.note(Rule::Truncated, || "byte 0".into());
            Cow::Borrowed(MASK)
        }
        Format::Url => redact_url(text, rules, report),
        Format::Path => redact_path(text, of_text, Route::Unknown, rules, report),
        Format::Text => return redact_text(text, of_text, rules, report),
    };
    let end = match of_text {
        Extent::Whole => End::Complete,
        Extent::Truncated => End::Truncated,
    };
    Redacted::text(shown.into_owned(), end, text.len(), report.counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"user":"ada","password":"hunter2"}"#;

    #[test]
    fn what_holds_is_asserted() {
        let redactor = Redactor::default();
        redactor.assert_hidden(BODY, Format::Json, &["hunter2"]);
        redactor.assert_shown(BODY, Format::Json, &["ada", "password"]);
        redactor.assert_hidden("a=1&pin=23", Format::Form, &["23"]);
    }

    #[test]
    #[should_panic(expected = "\"ada\" is shown")]
    fn what_is_shown_is_not_hidden() {
        Redactor::default().assert_hidden(BODY, Format::Json, &["hunter2", "ada"]);
    }

    #[test]
    #[should_panic(expected = "\"hunter2\" is hidden")]
    fn what_is_hidden_is_not_shown() {
        Redactor::default().assert_shown(BODY, Format::Json, &["hunter2"]);
    }

    #[test]
    #[should_panic(expected = "does not stand in the input")]
    fn a_secret_that_is_not_there_tests_nothing() {
        Redactor::default().assert_hidden(BODY, Format::Json, &["hunter3"]);
    }

    #[test]
    #[should_panic(expected = "no values to look for")]
    fn no_secrets_test_nothing() {
        Redactor::default().assert_hidden(BODY, Format::Json, &[]);
    }

    #[test]
    fn a_text_is_explained_by_bytes() {
        let explanation =
            Redactor::default().explain(b"a password=hunter2 b", Format::Text, Extent::Whole);
        let hidden = Hidden {
            place: "byte 11".into(),
            rule: Rule::Text,
        };
        assert_eq!(explanation.redacted.as_str(), "a password=*** b");
        assert_eq!(explanation.hidden, [hidden]);
    }

    #[test]
    fn a_field_of_the_application_is_hidden_for_that_reason_also_if_it_is_empty() {
        let redactor = Redactor::builder().redact_fields(["nickname"]).build();
        let explanation =
            redactor.explain(b"nickname=ada&nickname=&a=", Format::Form, Extent::Whole);
        let rules: Vec<_> = explanation.hidden.iter().map(|it| it.rule).collect();
        assert_eq!(
            explanation.redacted.as_str(),
            "nickname=***&nickname=***&a="
        );
        assert_eq!(rules, [Rule::Field, Rule::Field]);
    }

    #[test]
    fn a_place_has_no_secret_that_stands_in_a_name() {
        const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        let input = format!(r#"{{"a":{{"x{TOKEN}":[{{"pin":1}}]}},"b":{{"pin":2}}}}"#);
        let explanation =
            Redactor::default().explain(input.as_bytes(), Format::Json, Extent::Whole);
        let places: Vec<_> = explanation.hidden.iter().map(|it| &it.place[..]).collect();
        assert_eq!(places, ["$.a.(name)", "$.a.***[0].pin", "$.b.pin"]);
    }

    #[test]
    fn rules_are_written_for_people() {
        assert_eq!(Rule::Family("github").to_string(), "token family github");
        assert_eq!(Rule::PersonalData.to_string(), "personal data");
    }

    #[test]
    fn what_is_not_utf8_is_withheld_from_there_on() {
        let explanation = Redactor::default().explain(b"a=1&b=\xFF2", Format::Form, Extent::Whole);
        assert_eq!(explanation.redacted.as_str(), "a=1&b=***");
        assert_eq!(explanation.hidden[0].rule, Rule::Truncated);
    }

    #[track_caller]
    fn check(format: Format<'_>, input: &str, shown: &str, places: &[&str]) {
        let explanation = Redactor::default().explain(input.as_bytes(), format, Extent::Whole);
        assert_eq!(explanation.redacted.as_str(), shown);
        let hidden = explanation.hidden.iter();
        let own: Vec<_> = hidden.map(|hidden| &hidden.place[..]).collect();
        assert_eq!(own, places);
    }

    #[test]
    fn a_url_that_was_cut_off_is_hidden_whole() {
        let input = b"https://h.example/?q=ghp_16C7e42";
        let explanation = Redactor::default().explain(input, Format::Url, Extent::Truncated);
        assert_eq!(explanation.redacted.as_str(), MASK);
        assert_eq!(explanation.hidden[0].rule, Rule::Truncated);
    }

    #[test]
    fn explains_every_format() {
        check(Format::Form, "a=1&pin=2", "a=1&pin=***", &["pin"]);
        check(Format::Query, "a=1&pin=2", "a=1&pin=***", &["pin"]);
        check(Format::Url, "/a?pin=2", "/a?pin=***", &["pin"]);
        check(Format::Path, "/a;pin=2", "/a;pin=***", &["byte 7"]);
        check(Format::Cookie, "a=2", "a=***", &["byte 2"]);
        check(
            Format::Header("authorization"),
            "x",
            "***",
            &["authorization"],
        );
        check(Format::Text, "nothing", "nothing", &[]);
        let body = "--X\r\nContent-Disposition: form-data; name=pin\r\n\r\n2\r\n--X--";
        let multipart = Format::Multipart("multipart/form-data; boundary=X");
        check(multipart, body, "pin\n***\n", &["pin"]);
    }
}
