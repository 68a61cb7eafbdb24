//! Streams of server-sent events.

use std::{borrow::Cow, iter};

use super::{Contents, Shown, Source};
use crate::{
    events::{events, Event},
    record::MASK,
    redact::{
        json::{self, Layout},
        text::{mask_secrets, redact_text},
    },
};

impl Contents<'_> {
    /// The last events of a stream.
    pub(super) fn events(self, source: Source<'_>) -> Shown {
        let Some(text) = source.text() else {
            return Shown::default();
        };
        let all: Vec<_> = events(&text.text, source.begun).collect();
        let most = self.content.last_events.unwrap_or(usize::MAX);
        let last = &all[all.len().saturating_sub(most)..];
        Shown {
            text: (!last.is_empty()).then(|| last.iter().map(|event| self.event(event)).collect()),
            understood: text.whole,
            ..Shown::all_of(source)
        }
    }

    fn event(self, event: &Event<'_>) -> String {
        let data = self.event_data(&event.data);
        let fields = [("event", event.kind), ("id", event.id)];
        let fields = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, mask_secrets(value?, self.rules))))
            .chain(data.split('\n').map(|line| ("data", Cow::Borrowed(line))));
        fields
            .map(|(name, value)| format!("{name}: {value}\n"))
            .chain(iter::once("\n".to_owned()))
            .collect()
    }

    fn event_data(self, data: &str) -> String {
        let (text, understood) = if data.trim_start().starts_with(['{', '[']) {
            let redacted = json::redact(data.as_bytes(), false, Layout::Verbatim, self.rules);
            (redacted.text, redacted.end == json::End::Complete)
        } else {
            let redacted = redact_text(data, false, self.rules);
            (redacted.text, !redacted.malformed)
        };
        if understood {
            text
        } else {
            MASK.to_owned()
        }
    }
}
