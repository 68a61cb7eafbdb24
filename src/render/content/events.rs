//! Renders streams of server-sent events.

use std::{borrow::Cow, iter};

use body_logger_redact::{End, Extent, MASK};

use super::{Rendering, Shown, Source};
use crate::content::{events, Event};

impl Rendering<'_> {
    /// Renders the last events of a stream.
    pub(super) fn events(self, source: Source<'_>) -> Shown {
        let Some(text) = source.text() else {
            return Shown::default();
        };
        let all: Vec<_> = events(&text.text, source.begun).collect();
        let max = self.renderer.content.last_events.unwrap_or(usize::MAX);
        let last = &all[all.len().saturating_sub(max)..];
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
            .filter_map(|(name, value)| {
                let shown = self.renderer.redactor.field(name, value?);
                Some((name, self.tally.shown(shown)))
            })
            .chain(data.split('\n').map(|line| ("data", Cow::Borrowed(line))));
        fields
            .map(|(name, value)| format!("{name}: {value}\n"))
            .chain(iter::once("\n".to_owned()))
            .collect()
    }

    fn event_data(self, data: &str) -> String {
        let is_json = data.trim_start().starts_with(['{', '[']);
        let redacted = match is_json {
            true => self.renderer.redactor.json(data.as_bytes(), Extent::Whole),
            false => self.renderer.redactor.text(data, Extent::Whole),
        };
        self.tally.add(redacted.counts);
        match redacted.end {
            End::Complete => redacted.into_string(),
            _ => MASK.to_owned(),
        }
    }
}
