//! Entries, the lines of a log: records, gaps and maintenance notes.

use std::{collections::BTreeMap, ops::RangeInclusive, time::SystemTime};

use serde::{
    de::{self, IgnoredAny},
    Deserialize, Deserializer, Serialize,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{new_id, range, whole_micros, MaintenanceRecord, Record, SeqRanges, RECORD_VERSION};
use crate::rfc3339;

/// One line of a log of exchanges.
///
/// A [`Sink`](crate::Sink) gets batches of these, in the order of their numbers.
///
/// ```
/// use body_logger_core::{Entry, Sink, SinkError};
///
/// struct CountErrors;
///
/// impl Sink for CountErrors {
///     fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
///         for entry in entries {
///             if let Entry::Record(record) = entry {
///                 // use `record.outcome`, `record.status()`, ...
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
    reason = "nearly all are records, and boxing those would cost an allocation each"
)]
#[non_exhaustive]
pub enum Entry {
    /// An exchange that has ended, or a [stage](Record::stage) of one. Each recorded exchange has exactly one
    /// [whole](Record::is_whole) record.
    Record(Record),
    /// Entries were lost here.
    Gap(GapRecord),
    /// Something in the log itself was deleted or erased.
    Maintenance(MaintenanceRecord),
}

impl<'de> Deserialize<'de> for Entry {
    // Not derived: serde buffers untagged enums in a type that cannot hold a `Json`.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Kind {
            gap: Option<IgnoredAny>,
            maintenance: Option<IgnoredAny>,
        }

        let line = Box::<RawValue>::deserialize(input)?;
        let kind = serde_json::from_str::<Kind>(line.get()).map_err(de::Error::custom)?;
        let parsed = match kind {
            Kind { gap: Some(_), .. } => serde_json::from_str(line.get()).map(Self::Gap),
            Kind {
                maintenance: Some(_),
                ..
            } => serde_json::from_str(line.get()).map(Self::Maintenance),
            _ => serde_json::from_str(line.get()).map(Self::Record),
        };
        parsed.map_err(de::Error::custom)
    }
}

/// The line for lost entries, see [`Entry::Gap`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GapRecord {
    /// The version of this JSON, [`RECORD_VERSION`].
    pub v: u32,
    /// A UUID v7 of this entry alone.
    pub entry_id: Uuid,
    /// A UUID v7 of the logger, created when it is built.
    pub run: Uuid,
    /// What was lost. Its key distinguishes this line from a [`Record`].
    pub gap: Gap,
}

/// Entries lost within a period of time. Written when the period ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gap {
    /// When the first of them was lost.
    #[serde(with = "rfc3339")]
    pub from: SystemTime,
    /// When the last of them was lost.
    #[serde(with = "rfc3339")]
    pub to: SystemTime,
    /// Number of entries lost.
    pub dropped: u64,
    /// Number of entries lost by reason. Reasons are named like the [`Counters`](crate::sink::Counters).
    pub reasons: BTreeMap<String, u64>,
    /// Their numbers ([`Record::seq`]), in ascending order; in JSON as pairs of the first and the last.
    #[serde(with = "range::list")]
    pub seq: Vec<RangeInclusive<u64>>,
}

impl GapRecord {
    /// Creates the line of a gap in this run.
    #[must_use]
    pub fn new(run: Uuid, gap: Gap) -> Self {
        Self {
            v: RECORD_VERSION,
            entry_id: new_id(),
            run,
            gap,
        }
    }
}

impl Gap {
    /// Creates a gap for these numbers, with the number of entries lost for each reason.
    #[must_use]
    pub fn new(
        times: RangeInclusive<SystemTime>,
        reasons: BTreeMap<String, u64>,
        numbers: &SeqRanges,
    ) -> Self {
        let (from, to) = times.into_inner();
        Self {
            from: whole_micros(from),
            to: whole_micros(to),
            dropped: numbers.count(),
            reasons,
            seq: numbers.to_vec(),
        }
    }
}
