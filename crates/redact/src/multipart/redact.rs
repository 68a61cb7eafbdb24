//! What is shown of a multipart body.

use std::{borrow::Cow, ops::Range};

use super::{parts, Format, PartsEnd, RawPart};
use crate::{
    decision::{decide, Decision, Value},
    encoded::scan_encoded,
    finding::Rule,
    input::Extent,
    json,
    layers::fully_decoded,
    mask::MASK,
    masker::Masker,
    names::NameClass,
    pairs::redact_form,
    percent::Encoding,
    plain::redact_text,
    redacted::{Counts, End, Redacted, Report},
    rules::Rules,
};

/// The parts of a multipart body, without what is secret in their heads.
#[derive(Debug)]
#[non_exhaustive]
pub struct Multipart<'a> {
    /// The first parts, in order.
    pub parts: Vec<Part<'a>>,
    /// The number of parts behind those.
    pub more: usize,
    /// How the body ended. Nothing behind the last part is understood where it is [malformed](End::Malformed).
    pub end: End,
    /// How many values were hidden in the heads of the parts.
    pub counts: Counts,
}

/// A part of a multipart body.
#[derive(Debug)]
#[non_exhaustive]
pub struct Part<'a> {
    /// The field's name, redacted, if it has one that is understood.
    pub name: Option<String>,
    /// The file's name, redacted. A part with one is a file.
    pub file_name: Option<String>,
    /// The value of its `Content-Type`, as sent.
    pub content_type: Option<&'a [u8]>,
    /// Where its content is in the body.
    pub content: Range<usize>,
    /// Whether that is all of it.
    pub complete: bool,
    /// What can be shown of the content.
    pub shown: PartContent<'a>,
}

/// What can be shown of a part's content.
#[derive(Debug)]
#[non_exhaustive]
pub enum PartContent<'a> {
    /// Nothing: it is a file.
    File,
    /// Nothing: its head or its format is not understood.
    NotUnderstood,
    /// What [`Redactor::part`](crate::Redactor::part) makes of it.
    Text(PartText<'a>),
}

/// A part's content that can be redacted.
#[derive(Debug)]
pub struct PartText<'a> {
    bytes: &'a [u8],
    /// As it is shown.
    name: String,
    class: NameClass,
    format: Format,
    extent: Extent,
}

impl<'a> PartText<'a> {
    /// Returns the content as sent, for callers that decode its charset: **nothing in it is redacted**.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn redact(
        &self,
        text: &str,
        extent: Extent,
        rules: &Rules,
        report: &mut Report,
    ) -> Redacted {
        let extent = match self.extent {
            Extent::Whole => extent,
            Extent::Truncated => Extent::Truncated,
        };
        let value = Value::Text(text);
        let rule = match decide(self.class, value) {
            Decision::Mask(rule) => rule,
            // What a truncated value lacks could have made it a secret.
            _ if self.class.is_secret() && extent == Extent::Truncated => Rule::Truncated,
            _ => {
                return match self.format {
                    Format::Json => json::redact(text.as_bytes(), extent, rules, report),
                    Format::Form => redact_form(text, extent, rules, report),
                    Format::Text => redact_text(text, extent, rules, report),
                }
            }
        };
        report.note(rule, || self.name.clone());
        let (mask, end) = match extent {
            Extent::Whole => (rules.mask.of(text), End::Complete),
            Extent::Truncated => (MASK.into(), End::Truncated),
        };
        Redacted::text(mask.into_owned(), end, text.len(), report.counts)
    }
}

/// Redacts the heads of a body's parts.
pub(crate) fn redact_multipart<'a>(
    body: &'a [u8],
    content_type: &[u8],
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Multipart<'a> {
    let found = parts(body, content_type, extent == Extent::Truncated);
    let parts = found.parts.into_iter();
    Multipart {
        parts: parts
            .map(|part| redact_part(body, part, rules, report))
            .collect(),
        more: found.more,
        end: match found.end {
            PartsEnd::Closed => End::Complete,
            PartsEnd::Truncated => End::Truncated,
            PartsEnd::Malformed => End::Malformed,
        },
        counts: report.counts,
    }
}

/// Redacts a body of UTF-8 with all its parts: a line with a part's name, and its content.
pub(crate) fn multipart_text(
    body: &[u8],
    content_type: &[u8],
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Redacted {
    let multipart = redact_multipart(body, content_type, extent, rules, report);
    let mut shown = String::new();
    for part in &multipart.parts {
        shown.push_str(part.name.as_deref().unwrap_or_default());
        shown.push('\n');
        if let PartContent::Text(content) = &part.shown {
            let text = String::from_utf8_lossy(content.bytes());
            let redacted = content.redact(&text, Extent::Whole, rules, report);
            shown.push_str(redacted.as_str());
            shown.push('\n');
        }
    }
    Redacted::text(shown, multipart.end, body.len(), report.counts)
}

fn redact_part<'a>(
    body: &'a [u8],
    part: RawPart<'a>,
    rules: &Rules,
    report: &mut Report,
) -> Part<'a> {
    let class = class(&part, rules);
    let mut shown_name = |name: Option<Cow<'_, str>>| {
        let mut found = Vec::new();
        let name = name?;
        scan_encoded(&name, Encoding::Url, Extent::Whole, rules, &mut found);
        let mut masker = Masker::new(&name);
        masker.mask_all(&found, report);
        Some(masker.finish().into_owned())
    };
    let (name, file_name) = (shown_name(part.name), shown_name(part.file_name));
    let shown = match part.format {
        _ if file_name.is_some() => PartContent::File,
        None => PartContent::NotUnderstood,
        Some(format) => PartContent::Text(PartText {
            bytes: &body[part.content.clone()],
            name: name.clone().unwrap_or_default(),
            class,
            format,
            extent: match part.complete {
                true => Extent::Whole,
                false => Extent::Truncated,
            },
        }),
    };
    Part {
        name,
        file_name,
        content_type: part.content_type,
        content: part.content,
        complete: part.complete,
        shown,
    }
}

/// What the names of a part say: the more secret of them, as they are and decoded. Browsers percent-encode some
/// characters of a name, and some readers decode them.
fn class(part: &RawPart<'_>, rules: &Rules) -> NameClass {
    let names = [&part.name, &part.type_name];
    let mut classes = names.into_iter().flatten().flat_map(|name| {
        let decoded = fully_decoded(name, Encoding::Url);
        [
            Some(rules.names.class(name)),
            decoded.map(|name| rules.names.class(&name)),
        ]
    });
    let first = classes.next().flatten().unwrap_or_default();
    classes.flatten().fold(first, |most, class| {
        if class.secrecy > most.secrecy {
            class
        } else {
            most
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Redactor;

    /// What is shown of the one part of a body with this head.
    #[track_caller]
    fn shown(media_type: &str, head: &str, content: &str) -> Option<String> {
        let body = format!("--X\r\n{head}\r\n\r\n{content}\r\n--X--\r\n");
        let redactor = Redactor::default();
        let media_type = format!("{media_type}; boundary=X");
        let found = redactor.multipart(body.as_bytes(), media_type.as_bytes(), Extent::Whole);
        assert_eq!((found.parts.len(), found.end), (1, End::Complete), "{head}");
        match &found.parts[0].shown {
            PartContent::Text(text) => {
                assert_eq!(text.bytes(), content.as_bytes());
                Some(redactor.part(text, content, Extent::Whole).into_string())
            }
            _ => None,
        }
    }

    fn form(head: &str, content: &str) -> Option<String> {
        shown("multipart/form-data", head, content)
    }

    #[test]
    fn masks_the_content_of_a_secret_name() {
        for parameters in [
            "name=\"password\"",
            "name=user[password]",
            "name*=utf-8''p%61ssword",
            "name*0=\"pass\"; name*1=\"word\"",
            "name=\"pass%77ord\"",
        ] {
            let head = format!("Content-Disposition: form-data; {parameters}");
            assert_eq!(
                form(&head, "q7Kd92").as_deref(),
                Some("***"),
                "{parameters}"
            );
            let json = format!("{head}\r\nContent-Type: application/json");
            assert_eq!(
                form(&json, "{\"a\":1}").as_deref(),
                Some("***"),
                "{parameters}"
            );
        }
        let disposition = "Content-Disposition: form-data; name=\"a\"";
        assert_eq!(form(disposition, "q7Kd92").as_deref(), Some("q7Kd92"));
    }

    #[test]
    fn masks_the_content_of_a_secret_name_in_the_media_type() {
        let mixed = |head: &str| shown("multipart/mixed", head, "q7Kd92");
        let head = "Content-Type: text/plain; name=\"password\"";
        assert_eq!(mixed(head).as_deref(), Some("***"));
        let head = "Content-Type: text/plain; name*0=pass; name*1=word";
        assert_eq!(mixed(head).as_deref(), Some("***"));
        assert_eq!(
            mixed("Content-Type: text/plain; name=a").as_deref(),
            Some("q7Kd92")
        );
        assert_eq!(mixed("Content-Type: text/plain; name=\"a"), None);
    }

    #[test]
    fn shows_nothing_of_a_format_that_is_not_understood() {
        for content_type in [
            "text/csv",
            "application/xml",
            "text/html",
            "application/yaml",
        ] {
            let head = format!(
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: {content_type}"
            );
            assert_eq!(form(&head, "q7Kd92"), None, "{content_type}");
        }
    }

    #[test]
    fn redacts_the_names_of_parts_and_files() {
        let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        let body = format!(
            "--X\r\nContent-Disposition: form-data; name=\"{token}\"; filename=\"x {token}.txt\"\r\n\r\n\r\n--X--\r\n"
        );
        let redactor = Redactor::default();
        let media_type = b"multipart/form-data; boundary=X";
        let found = redactor.multipart(body.as_bytes(), media_type, Extent::Whole);
        let part = &found.parts[0];
        assert_eq!(part.name.as_deref(), Some("***"));
        assert_eq!(part.file_name.as_deref(), Some("x ***.txt"));
        assert!(matches!(part.shown, PartContent::File));
        assert_eq!(found.counts.families, 2);
    }

    #[test]
    fn masks_a_truncated_part_of_a_secret_name() {
        let body = b"--X\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nbearer";
        let redactor = Redactor::default();
        let media_type = b"multipart/form-data; boundary=X";
        let found = redactor.multipart(body, media_type, Extent::Truncated);
        let PartContent::Text(text) = &found.parts[0].shown else {
            panic!("{found:?}");
        };
        assert_eq!(redactor.part(text, "bearer", Extent::Whole).as_str(), "***");
    }
}
