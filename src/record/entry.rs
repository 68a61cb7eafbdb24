//! The lines of a log: exchanges, and what else is told.

use std::{collections::BTreeMap, time::SystemTime};

use serde::{
    de::{self, IgnoredAny},
    Deserialize, Deserializer, Serialize,
};
use serde_json::value::RawValue;

use super::{rfc3339, Client, Record};
use crate::{record_text::RecordText, span::RequestSpan};

/// One line of a log of exchanges.
///
/// A [`Sink`](crate::Sink) is handed a batch of these, in the order in which they came to be.
///
/// ```
/// use actix_web_body_logger::{Entry, Sink, SinkError};
///
/// struct CountErrors;
///
/// impl Sink for CountErrors {
///     fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
///         for entry in entries {
///             if let Entry::Exchange(record) = entry {
///                 // look at `record.outcome`, `record.status()`, ...
///                 let _ = record;
///             }
///         }
///         Ok(())
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are exchanges, and boxing those would cost an allocation each"
)]
#[non_exhaustive]
pub enum Entry {
    /// An exchange that has ended. There is exactly one for each exchange that was selected.
    Exchange(Record),
    /// A long-lived exchange whose response has begun; its [`Entry::Exchange`] follows under the
    /// same id. Written only where the application asked for it, see
    /// [`StartRecords`](crate::StartRecords).
    Start(StartRecord),
    /// Entries were lost here.
    Gap(GapRecord),
}

impl<'de> Deserialize<'de> for Entry {
    // Not derived: serde's untagged enums go through a buffer that cannot hold a `Json`.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Kind {
            start: Option<IgnoredAny>,
            gap: Option<IgnoredAny>,
        }

        let line = Box::<RawValue>::deserialize(input)?;
        let parsed = match serde_json::from_str::<Kind>(line.get()) {
            Ok(Kind { start: Some(_), .. }) => serde_json::from_str(line.get()).map(Self::Start),
            Ok(Kind { gap: Some(_), .. }) => serde_json::from_str(line.get()).map(Self::Gap),
            _ => serde_json::from_str(line.get()).map(Self::Exchange),
        };
        parsed.map_err(de::Error::custom)
    }
}

/// The line that announces a long-lived exchange, see [`Entry::Start`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StartRecord {
    /// The version of this JSON, [`RECORD_VERSION`](crate::RECORD_VERSION).
    pub v: u32,
    /// What has begun. Its key tells this line from a [`Record`].
    pub start: Start,
    #[serde(skip)]
    pub(crate) span: RequestSpan,
}

/// What is known of a long-lived exchange when its response begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Start {
    /// The id that the exchange's record will have.
    pub id: RecordText,
    /// When the request reached this layer.
    #[serde(with = "rfc3339")]
    pub time: SystemTime,
    /// Who asked.
    pub client: Client,
    /// The request's method.
    pub method: RecordText,
    /// The request's path, still percent-encoded.
    pub path: RecordText,
    /// The pattern of the route that matched.
    pub route: Option<RecordText>,
    /// The response's status.
    pub status: u16,
}

/// The line that tells of entries that were lost, see [`Entry::Gap`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GapRecord {
    /// The version of this JSON, [`RECORD_VERSION`](crate::RECORD_VERSION).
    pub v: u32,
    /// What was lost. Its key tells this line from a [`Record`].
    pub gap: Gap,
}

/// A stretch of time in which entries were lost. Written when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gap {
    /// When the first of them was.
    #[serde(with = "rfc3339")]
    pub from: SystemTime,
    /// When the last of them was.
    #[serde(with = "rfc3339")]
    pub to: SystemTime,
    /// How many they are.
    pub dropped: u64,
    /// How many of them why, by the names of the [`Counters`](crate::Counters).
    pub reasons: BTreeMap<String, u64>,
}
