//! Renders bodies: decodes them, reads them as text, and redacts them by their media type.

mod events;
mod parts;

use base64::{engine::general_purpose::STANDARD as BASE64, Engine as _};
use body_logger_core::record::{Body, BodyState, Json, Part, Reason};
use body_logger_redact::{Content, End, Extent, Redacted, Redactor};
use mime::Mime;

use super::{extent, Rendering};
#[cfg(feature = "hash")]
use crate::content::BodyDigest;
use crate::{
    capture::{CapturedBody, Field, Fields},
    content::{
        charset::{self, Text},
        decode::{self, Codings},
        Essence, Kind,
    },
};

/// Options for bodies that are not simply redacted and shown.
#[derive(Debug, Default)]
pub(crate) struct ContentRules {
    /// Maximum number of events shown of an event stream.
    pub(crate) last_events: Option<usize>,
    /// The media types of bodies that are shown as base64.
    pub(crate) base64: Vec<Mime>,
    #[cfg(feature = "hash")]
    pub(crate) digest: Option<BodyDigest>,
}

/// Decoded bytes to render.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    bytes: &'a [u8],
    content_type: Option<&'a [u8]>,
    /// Whether they are a prefix of the content.
    begun: bool,
    /// Whether they are a suffix of the content.
    ended: bool,
}

/// The rendered content of a [`Source`].
#[derive(Debug, Default)]
struct Shown {
    json: Option<Json>,
    text: Option<String>,
    base64: Option<String>,
    parts: Vec<Part>,
    parts_dropped: u32,
    /// Number of source bytes that this content represents.
    consumed: usize,
    /// Whether all bytes could be parsed.
    understood: bool,
}

impl Rendering<'_> {
    /// Adds the content of a body to what is shown of it.
    pub(super) fn body(self, shown: &mut Body, body: &CapturedBody, head: &Fields<'_>) {
        let content_type = head.get("content-type").map(|field| field.value);
        let essence = content_type.and_then(Essence::of);
        let seen = body.capture.seen();
        shown.media_type = essence.map(Essence::to_lowercase);
        shown.events = body.events.as_ref().map(|events| events.count());
        #[cfg(feature = "hash")]
        {
            shown.digest = body.digest.as_ref().map(|digest| digest.show());
        }
        match body.file.as_deref() {
            Some(Ok(file)) => shown.file = Some(file.clone()),
            Some(Err(reason)) => shown.no_file = Some(*reason),
            None => {}
        }
        if let Some(reason) = body.withheld {
            // These reasons are about content, and a body without bytes has none.
            let of_content = matches!(
                reason,
                Reason::MediaType | Reason::Decode | Reason::Level | Reason::SampledOut
            );
            if seen > 0 || !of_content {
                shown.reasons.push(reason);
            }
            return;
        }

        let kept = &*body.capture.kept();
        let whole = kept.len() as u64 == seen;
        if body.capture.starved() {
            shown.reasons.push(Reason::MemoryBudget);
        } else if !whole {
            shown.reasons.push(Reason::BodyLimit);
        }
        if kept.is_empty() {
            return;
        }
        let begun = body.capture.has_beginning();
        let ended = body.state == BodyState::Complete && (whole || !begun);
        let coded = head
            .headers()
            .filter(|field| field.name == "content-encoding");
        let coded = coded.map(|Field { value, .. }| *value);
        let kind = essence.map(Essence::kind);
        let is_plain = |bytes: &[u8]| begun && reads_as(kind, bytes);
        let limit = body.capture.limit();
        let Some((codings, decoded)) = Codings::undo_claimed(coded, kept, limit, is_plain) else {
            shown.reasons.push(Reason::Decode);
            return;
        };
        if !codings.is_empty() {
            shown.encoding = Some(codings.to_string());
            shown.decoded = Some(decoded.bytes.len() as u64);
        }
        let lost = match decoded.end {
            decode::End::Whole => None,
            decode::End::Cut => {
                let unexplained = decoded.bytes.is_empty() && shown.reasons.is_empty();
                (ended || unexplained).then_some(Reason::Decode)
            }
            decode::End::Limited => Some(Reason::BodyLimit),
            decode::End::Failed => Some(Reason::Decode),
        };
        if let Some(reason) = lost {
            shown.add_reason(reason);
        }

        let source = Source {
            bytes: &decoded.bytes,
            content_type,
            begun,
            ended: ended && decoded.end == decode::End::Whole,
        };
        let content = self.content(source, essence);
        let hidden = content.consumed < source.bytes.len() && shown.reasons.is_empty();
        if hidden || !content.understood {
            shown.add_reason(Reason::Redaction);
        }
        shown.captured = match content.consumed {
            consumed if codings.is_empty() => consumed,
            // Nothing was decoded, although the body was not empty.
            0 if !(decoded.bytes.is_empty() && lost.is_none()) => 0,
            // It is unknown which encoded bytes this content comes from.
            _ => kept.len(),
        } as u64;
        shown.json = content.json;
        shown.text = content.text;
        shown.base64 = content.base64;
        shown.parts = content.parts;
        shown.parts_dropped = content.parts_dropped;
    }

    fn content(self, source: Source<'_>, essence: Option<Essence<'_>>) -> Shown {
        match essence.map(Essence::kind) {
            Some(kind @ (Kind::Json | Kind::JsonSequence)) => {
                // A value outside of an object or array has no name that could mark it as secret: it is withheld.
                let named = matches!(source.bytes.trim_ascii_start(), [b'{' | b'[', ..]);
                let source = if named {
                    source.without_false_charset()
                } else {
                    source
                };
                self.json(source, kind)
            }
            Some(Kind::Form) => self.text(source.without_false_charset(), Redactor::form),
            Some(Kind::Text | Kind::Markup) => self.text(source, Redactor::text),
            Some(Kind::Multipart) => self.multipart(source),
            Some(Kind::Events) => self.events(source),
            Some(Kind::Other) if self.shows_as_base64(essence) => Shown {
                base64: (!source.bytes.is_empty()).then(|| BASE64.encode(source.bytes)),
                ..Shown::all_of(source)
            },
            Some(Kind::Other) | None => Shown::default(),
        }
    }

    fn shows_as_base64(self, essence: Option<Essence<'_>>) -> bool {
        let mut ranges = self.renderer.content.base64.iter();
        essence.is_some_and(|essence| {
            ranges.any(|range| {
                let exact = range.type_() != mime::STAR && range.subtype() != mime::STAR;
                let shows = essence.is_binary() || (exact && !essence.is_readable());
                shows && essence.is_in(range)
            })
        })
    }

    fn json(self, source: Source<'_>, kind: Kind) -> Shown {
        // The lexer reads UTF-8 itself, more strictly than `text` does.
        let is_utf8 = source.begun && charset::says_utf8(source.bytes, source.content_type);
        let decoded = if is_utf8 { None } else { source.text() };
        let (bytes, whole) = match &decoded {
            Some(text) => (text.text.as_bytes(), source.ended && text.whole),
            None if is_utf8 => (source.bytes, source.ended),
            None => return Shown::default(),
        };
        let length = bytes.len();
        let redacted = self.renderer.redactor.json(bytes, extent(!whole));
        self.tally.add(redacted.counts);
        match redacted.content {
            Content::Json(json) if kind == Kind::Json => {
                Shown::document(Json::from_valid_text(json), source)
            }
            _ => match decoded.or_else(|| source.text()) {
                Some(text) => source.show(&text, redacted, length),
                None => Shown::default(),
            },
        }
    }

    /// Reads the source as text, and redacts it.
    fn text(self, source: Source<'_>, redact: fn(&Redactor, &str, Extent) -> Redacted) -> Shown {
        let Some(text) = source.text() else {
            return Shown::default();
        };
        let extent = extent(!(source.ended && text.whole));
        let redacted = redact(&self.renderer.redactor, &text.text, extent);
        self.tally.add(redacted.counts);
        source.show(&text, redacted, text.text.len())
    }
}

/// Whether bytes look like content of this kind without any content coding.
fn reads_as(kind: Option<Kind>, bytes: &[u8]) -> bool {
    match kind {
        // Files among its parts, and the preamble, may be any bytes.
        Some(Kind::Multipart) => {
            bytes.starts_with(b"--") || memchr::memmem::find(bytes, b"\n--").is_some()
        }
        _ => charset::is_plain_utf8(bytes),
    }
}

impl<'a> Source<'a> {
    /// Ignores a charset that the bytes contradict: JSON and forms are UTF-8 by definition, and many handlers read them
    /// as UTF-8 whatever their media type says.
    fn without_false_charset(mut self) -> Self {
        if charset::is_falsely_declared(self.bytes, self.content_type, !self.ended) {
            self.content_type = None;
        }
        self
    }

    /// Reads the bytes as text. Returns `None` if their charset is unclear or unknown.
    fn text(self) -> Option<Text<'a>> {
        let mut bytes = self.bytes;
        if !self.begun {
            // Skips the rest of a character whose first bytes are missing.
            let is_first = |byte: &u8| byte & 0xc0 != 0x80;
            let first = bytes.iter().position(is_first).unwrap_or(bytes.len());
            bytes = &bytes[first.min(3)..];
        }
        charset::to_utf8(bytes, self.content_type, !self.ended).ok()
    }

    /// Returns the content for `redacted`, which covers a prefix of the source's text of the given length.
    fn show(self, text: &Text<'_>, redacted: Redacted, length: usize) -> Shown {
        let all = text.whole && redacted.consumed == length;
        Shown {
            consumed: if all {
                self.bytes.len()
            } else {
                redacted.consumed.min(self.bytes.len())
            },
            understood: text.whole
                && match redacted.end {
                    End::Complete => true,
                    // Complete content must not end within a document.
                    End::Truncated => !self.ended,
                    End::Malformed => false,
                },
            text: Some(redacted.into_string()).filter(|text| !text.is_empty()),
            ..Shown::default()
        }
    }
}

impl Shown {
    /// Returns empty content that will represent all of a source.
    fn all_of(source: Source<'_>) -> Self {
        Self {
            consumed: source.bytes.len(),
            understood: true,
            ..Self::default()
        }
    }

    fn document(json: Json, source: Source<'_>) -> Self {
        Self {
            json: Some(json),
            ..Self::all_of(source)
        }
    }
}

#[cfg(all(test, feature = "decode"))]
mod tests {
    use std::io::Write;

    use super::{
        super::{hidden::Tally, Renderer},
        *,
    };
    use crate::capture::{HeadBuffer, KeptPart, MemoryBudget};

    fn shown(coding: Option<&str>, coded: &[u8], state: BodyState) -> Body {
        shown_as("application/json", coding, coded, state)
    }

    fn shown_as(media_type: &str, coding: Option<&str>, coded: &[u8], state: BodyState) -> Body {
        let mut head = HeadBuffer::default();
        head.push("content-type", media_type.as_bytes(), false);
        if let Some(coding) = coding {
            head.push("content-encoding", coding.as_bytes(), false);
        }
        let head = head.take();
        let budget = MemoryBudget::new(1024);
        let mut body = CapturedBody::new(1024, KeptPart::Prefix, None, &budget);
        body.state = state;
        body.push(&coded.to_vec().into());
        let rendering = Rendering {
            renderer: &Renderer::default(),
            tally: &Tally::default(),
        };
        let mut shown = Body::default();
        rendering.body(&mut shown, &body, &head.fields());
        shown
    }

    #[test]
    fn gives_the_reason_if_an_encoded_body_decodes_to_nothing() {
        for plain in ["", "{\"a\":1}"] {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
            encoder.write_all(plain.as_bytes()).unwrap();
            let coded = encoder.finish().unwrap();
            let whole = shown(Some("gzip"), &coded, BodyState::Complete);
            assert_eq!(
                (whole.captured, whole.reasons),
                (coded.len() as u64, vec![])
            );
            for end in 1..coded.len() {
                let truncated = shown(Some("gzip"), &coded[..end], BodyState::Aborted);
                if truncated.decoded == Some(0) {
                    assert_eq!(
                        (truncated.captured, truncated.reasons),
                        (0, vec![Reason::Decode])
                    );
                }
            }
        }
    }

    #[test]
    fn a_charset_is_false_if_it_leaves_out_what_a_whole_body_ends_with() {
        let shift_jis = "application/json; charset=shift_jis";
        // Text in both charsets, and the first byte of a character.
        let json = b"{\"a\":\"\xc3\xa9\",\"b\":1}\xe3";
        let text = |state| {
            let shown = shown_as(shift_jis, None, json, state);
            shown.text.expect("text that is not complete JSON")
        };
        let truncated = text(BodyState::Aborted);
        assert!(
            truncated.starts_with("{\"a\":\"\u{ff83}\u{ff69}\""),
            "{truncated}"
        );
        let whole = text(BodyState::Complete);
        assert!(whole.starts_with("{\"a\":\"\u{e9}\""), "{whole}");
    }

    #[test]
    fn gives_the_reason_if_the_end_of_an_aborted_body_is_hidden() {
        let aborted = |json: &[u8]| shown(None, json, BodyState::Aborted);
        let hidden = aborted(br#"{"a":1,"pass"#);
        assert_eq!(
            (hidden.reasons, hidden.captured),
            (vec![Reason::Redaction], 7)
        );
        let all = aborted(br#"{"a":1,"b":12"#);
        assert_eq!((all.reasons, all.captured), (vec![], 13));
    }
}
