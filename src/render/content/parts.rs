//! Renders the parts of multipart bodies.

use body_logger_core::record::{Json, Part, Reason};
use body_logger_redact::{Content, End, PartContent, PartText};

use super::{extent, Rendering, Shown, Source};
use crate::content::{Essence, Kind};

impl Rendering<'_> {
    /// Renders a multipart body, part by part.
    pub(super) fn multipart(self, source: Source<'_>) -> Shown {
        let content_type = source.content_type.unwrap_or_default();
        let found =
            (self.renderer.redactor).multipart(source.bytes, content_type, extent(!source.ended));
        self.tally.add(found.counts);
        let understood = found.end != End::Malformed;
        let last = found.parts.last().map_or(0, |part| part.content.end);
        Shown {
            parts_dropped: u32::try_from(found.more).unwrap_or(u32::MAX),
            parts: (found.parts.into_iter())
                .map(|part| self.digested(source, part))
                .collect(),
            consumed: if understood { source.bytes.len() } else { last },
            understood,
            ..Shown::default()
        }
    }

    #[cfg(feature = "hash")]
    fn digested(self, source: Source<'_>, part: body_logger_redact::Part<'_>) -> Part {
        let digest = self
            .renderer
            .content
            .digest
            .as_ref()
            .filter(|_| part.complete);
        let digest = digest.map(|digest| digest.of(&source.bytes[part.content.clone()]));
        let mut shown = self.part(part);
        shown.digest = digest;
        shown
    }

    #[cfg(not(feature = "hash"))]
    fn digested(self, _: Source<'_>, part: body_logger_redact::Part<'_>) -> Part {
        self.part(part)
    }

    fn part(self, part: body_logger_redact::Part<'_>) -> Part {
        let essence = part.content_type.and_then(Essence::of);
        let mut shown = Part::default();
        shown.media_type = essence.map(Essence::to_lowercase);
        shown.bytes = part.complete.then_some(part.content.len() as u64);
        shown.name = part.name;
        shown.file_name = part.file_name;
        match part.shown {
            PartContent::Text(text) => {
                if !part.complete {
                    shown.reasons.push(Reason::BodyLimit);
                }
                self.part_text(&text, part.content_type, part.complete, &mut shown);
            }
            PartContent::File => shown.reasons.push(Reason::MediaType),
            _ => shown.reasons.push(Reason::Redaction),
        }
        shown
    }

    fn part_text(
        self,
        part: &PartText<'_>,
        content_type: Option<&[u8]>,
        complete: bool,
        shown: &mut Part,
    ) {
        let source = Source {
            bytes: part.bytes(),
            content_type,
            begun: true,
            ended: complete,
        };
        let source = match content_type.and_then(Essence::of).map(Essence::kind) {
            Some(Kind::Json | Kind::JsonSequence | Kind::Form) => source.without_false_charset(),
            _ => source,
        };
        let Some(text) = source.text() else {
            shown.reasons.push(Reason::Redaction);
            return;
        };
        let whole = source.ended && text.whole;
        let redacted = self
            .renderer
            .redactor
            .part(part, &text.text, extent(!whole));
        self.tally.add(redacted.counts);
        if let Content::Json(json) = redacted.content {
            shown.json = Some(Json::from_valid_text(json));
            return;
        }
        let content = source.show(&text, redacted, text.text.len());
        if !content.understood {
            shown.reasons.push(Reason::Redaction);
        }
        shown.text = content.text;
    }
}
