//! Numbers of exchanges whose bodies are not recorded whole.

use body_logger_core::{
    record::{BodyState, Reason},
    Record,
};

/// Numbers of exchanges of which a body is not recorded whole, or did not pass whole. An exchange can count for several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BodyTotals {
    /// A limit was exceeded: the reasons `body_limit`, `memory_budget` and `record_limit`.
    pub truncated: u64,
    /// Not shown, as it was not understood, or as the handler asked: the reasons `redaction`, `decode` and `handler`.
    pub withheld: u64,
    /// Discarded on purpose in the end: the reason `sampled_out`.
    pub sampled_out: u64,
    /// Not read to its end: the states `unread` and `partial`.
    pub unread: u64,
    /// Broken off: the state `aborted`.
    pub aborted: u64,
}

// As they are stored, also by `schema/v2.sql`.
const TRUNCATED: i64 = 1;
const WITHHELD: i64 = 2;
const SAMPLED_OUT: i64 = 4;
const UNREAD: i64 = 8;
const ABORTED: i64 = 16;

/// Returns what is missing of a record's bodies, as a sum of flags.
pub(crate) fn missing(record: &Record) -> i64 {
    let response = record.response.as_ref().map(|response| &response.body);
    let mut flags = 0;
    for body in [Some(&record.request.body), response].into_iter().flatten() {
        flags |= match body.state {
            BodyState::Unread | BodyState::Partial => UNREAD,
            BodyState::Aborted => ABORTED,
            _ => 0,
        };
        for reason in &body.reasons {
            flags |= match reason {
                Reason::BodyLimit | Reason::MemoryBudget | Reason::RecordLimit => TRUNCATED,
                Reason::Redaction | Reason::Decode | Reason::Handler => WITHHELD,
                Reason::SampledOut => SAMPLED_OUT,
                _ => 0,
            };
        }
    }
    flags
}

impl BodyTotals {
    /// Adds an exchange with these flags.
    pub(super) fn add(&mut self, flags: i64) {
        for (flag, count) in self.by_flag() {
            *count += u64::from(flags & flag != 0);
        }
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        for ((_, count), (_, more)) in self.by_flag().into_iter().zip(other.by_flag()) {
            *count += *more;
        }
    }

    fn by_flag(&mut self) -> [(i64, &mut u64); 5] {
        [
            (TRUNCATED, &mut self.truncated),
            (WITHHELD, &mut self.withheld),
            (SAMPLED_OUT, &mut self.sampled_out),
            (UNREAD, &mut self.unread),
            (ABORTED, &mut self.aborted),
        ]
    }
}
