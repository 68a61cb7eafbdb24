//! What else is known of a log, such as the state of its proofs or how far it was shipped.

use std::time::Duration;

use serde::Serialize;

use crate::format::{count, duration, size};

/// A line of a panel in the inspector's overview; see [`Inspector::status`](crate::Inspector::status).
///
/// ```
/// use std::time::Duration;
///
/// use body_logger_inspector::{StatusRow, Tone};
///
/// let proofs = StatusRow::new("audit.jsonl", "lines 1 to 48,201 proven").tone(Tone::Good);
/// let shipping = StatusRow::lag("nats", 12, 3_482, Duration::from_millis(800));
/// assert_eq!(shipping.value, "12 entries, 3.4 KiB, 800 ms behind");
/// # drop(proofs);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StatusRow {
    /// What it is about.
    pub name: String,
    /// What is known of it.
    pub value: String,
    /// How it is marked.
    pub tone: Tone,
}

/// How a [`StatusRow`] is marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tone {
    /// Not marked.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// Unusual, but not wrong.
    Warning,
    /// Not as it has to be.
    Bad,
}

impl StatusRow {
    /// Creates a row. It is shown as text, whatever it contains.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            tone: Tone::Plain,
        }
    }

    /// Creates a row about a destination that has not received everything yet: how many entries and bytes it lacks, and how
    /// long ago the oldest of them was recorded.
    #[must_use]
    pub fn lag(destination: impl Into<String>, entries: u64, bytes: u64, behind: Duration) -> Self {
        if entries == 0 {
            return Self::new(destination, "caught up").tone(Tone::Good);
        }
        let micros = u64::try_from(behind.as_micros()).unwrap_or(u64::MAX);
        let entries = match entries {
            1 => "1 entry".to_owned(),
            entries => format!("{} entries", count(entries)),
        };
        let lag = format!("{entries}, {}, {} behind", size(bytes), duration(micros));
        Self::new(destination, lag)
    }

    /// How the row is marked. Defaults to [`Tone::Plain`], for a destination that has caught up to [`Tone::Good`].
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// A panel, and the closure that knows its rows.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) rows: Box<dyn Fn() -> Vec<StatusRow> + Send + Sync>,
}
