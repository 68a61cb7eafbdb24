//! The parts of multipart bodies.

use std::borrow::Cow;

use super::{Contents, Shown, Source};
use crate::{
    media_type::Essence,
    record::{Part, Reason, MASK},
    redact::{
        multipart::{self, PartsEnd},
        text::mask_secrets,
    },
};

impl Contents<'_> {
    /// A multipart body, part by part.
    pub(super) fn multipart(self, source: Source<'_>) -> Shown {
        let content_type = source.content_type.unwrap_or_default();
        let found = multipart::parts(source.bytes, content_type, source.ended);
        let understood = found.end != PartsEnd::Malformed;
        let last = found.parts.last().map_or(0, |part| part.content.end);
        let part = |part: &multipart::Part<'_>| Part {
            #[cfg(feature = "hash")]
            digest: (self.content.digest.as_ref())
                .filter(|_| part.complete)
                .map(|digest| digest.of(&source.bytes[part.content.clone()])),
            ..self.part(part)
        };
        Shown {
            parts: found.parts.iter().map(part).collect(),
            parts_dropped: u32::try_from(found.more).unwrap_or(u32::MAX),
            consumed: if understood { source.bytes.len() } else { last },
            understood,
            ..Shown::default()
        }
    }

    fn part(self, part: &multipart::Part<'_>) -> Part {
        let masked = |name: &Option<Cow<'_, str>>| {
            let name = name.as_deref()?;
            Some(mask_secrets(name, self.rules).into_owned())
        };
        let mut shown = Part {
            name: masked(&part.name),
            file_name: masked(&part.file_name),
            media_type: part.media_type(),
            bytes: part.complete.then_some(part.content.len() as u64),
            ..Part::default()
        };
        let Some(bytes) = part.text else {
            let is_file = part.file_name.is_some();
            shown.reasons.push(if is_file {
                Reason::MediaType
            } else {
                Reason::Redaction
            });
            return shown;
        };
        if !part.complete {
            shown.reasons.push(Reason::BodyLimit);
        }
        let source = Source {
            bytes,
            content_type: part.content_type,
            begun: true,
            ended: part.complete,
        };
        if part
            .name
            .as_deref()
            .is_some_and(|name| self.rules.is_name(name))
        {
            shown.text = Some(self.masked(source));
            return shown;
        }
        let essence = part.content_type.unwrap_or(b"text/plain");
        let content = self.content(source, Essence::of(essence));
        if !content.understood {
            shown.reasons.push(Reason::Redaction);
        }
        shown.json = content.json;
        shown.text = content.text;
        shown
    }

    /// What stands for all of a text.
    fn masked(self, source: Source<'_>) -> String {
        let text = source.text().filter(|text| source.ended && text.whole);
        text.map_or(MASK.into(), |text| self.rules.masking.of(&text.text))
            .into_owned()
    }
}
