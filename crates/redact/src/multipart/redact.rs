//! What is shown of a multipart body.

use std::{borrow::Cow, ops::Range};

use super::{parts, Format, PartsEnd, RawPart};
use crate::{
    decision::{decide, Decision, Value},
    encoded::{fully_decoded, scan_encoded, Encoding},
    finding::Rule,
    json,
    mask::MASK,
    masker::Masker,
    names::NameClass,
    pairs::redact_form,
    plain::redact_text,
    redacted::{Counts, End, Extent, Redacted, Report},
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
        report.note(rule, String::new);
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

fn redact_part<'a>(
    body: &'a [u8],
    part: RawPart<'a>,
    rules: &Rules,
    report: &mut Report,
) -> Part<'a> {
    let shown = match part.format {
        _ if part.file_name.is_some() => PartContent::File,
        None => PartContent::NotUnderstood,
        Some(format) => PartContent::Text(PartText {
            bytes: &body[part.content.clone()],
            class: class(&part, rules),
            format,
            extent: match part.complete {
                true => Extent::Whole,
                false => Extent::Truncated,
            },
        }),
    };
    let mut shown_name = |name: Option<Cow<'_, str>>| {
        let mut found = Vec::new();
        let name = name?;
        scan_encoded(&name, Encoding::Url, Extent::Whole, rules, &mut found);
        let mut masker = Masker::new(&name);
        masker.mask_all(&found, report);
        Some(masker.finish().into_owned())
    };
    Part {
        name: shown_name(part.name),
        file_name: shown_name(part.file_name),
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
