//! Filters: which records someone wants to see, as values and as text.
//!
//! [`Filter::matches`] defines what a filter means. Whatever else answers filters, such as an index, is tested against it.

mod error;
mod keys;
mod matching;
mod parse;
mod text;
mod units;
mod words;

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    time::{Duration, SystemTime},
};

pub use self::{
    error::FilterError,
    keys::{Key, KEYS},
    matching::client_host,
    words::{record_words, Phrase, MAX_WORD_CHARS},
};
use crate::record::{whole_micros, Outcome};

/// Conditions on a record, all of which must hold. The default has none, and matches every record.
///
/// ```
/// use std::time::Duration;
///
/// use body_logger_core::{filter::Filter, Record};
///
/// let filter: Filter = r#"status:2xx method:post path:/orders @user:42 "server""#.parse()?;
/// assert!(filter.matches(&Record::example()));
///
/// let same = Filter::default()
///     .status(200..=299)
///     .method("post")
///     .path("/orders")
///     .attribute("user", "42")
///     .words("server");
/// assert_eq!(filter, same);
/// assert!(!same.slower_than(Duration::from_secs(1)).matches(&Record::example()));
/// # Ok::<(), body_logger_core::filter::FilterError>(())
/// ```
///
/// # The language
///
/// A text holds conditions separated by white space:
///
/// | condition | matches records |
/// |---|---|
/// | `status:503`, `status:5xx`, `status:500..504` | whose response has this status, one of this class, or one in this range |
/// | `method:post` | of this method, in any case |
/// | `path:/orders` | whose path, percent-encoded as it is recorded, begins with this |
/// | `route:/orders/{id}` | of exactly this route |
/// | `outcome:response_aborted` | of this [outcome](Outcome) |
/// | `id:01a1fd63-...` | of the exchange with this id |
/// | `trace:0af76519...` | of this trace |
/// | `client:192.0.2.1`, `client:192.0.2.1:53124` | of this client, at any port or at this one |
/// | `@user:42` | with this attribute |
/// | `slower:200ms` | that took longer; units `us`, `ms`, `s`, `m`, `h` |
/// | `larger:64KiB` | with a body, of the request or of the response, of more bytes; units `B`, `kB`, `KiB`, `MB`, `MiB`, `GB`, `GiB` |
/// | `body:lost`, `body:withheld` | with a body that is [not shown, or not completely](BodyCondition) |
/// | `from:2026-11-21T09:15:00Z`, `from:2026-11-21` | that began at this time or later |
/// | `to:2026-11-22` | that began before this time |
/// | `refused`, `"refused card"` | with this word, or with these [words](Phrase) one after the other |
///
/// Each key and each attribute may be given once; words may be given any number of times. A value that is empty or contains
/// white space is written in double quotes, in which `\"` and `\\` mean `"` and `\`. Times are RFC 3339, or a date in UTC.
///
/// `Display` writes a text that parses as the same filter, unless a range of statuses is empty or a year has more than four
/// digits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Filter {
    /// Earliest [`time`](crate::Record::time).
    pub from: Option<SystemTime>,
    /// The first time that is too late.
    pub to: Option<SystemTime>,
    /// Lowest and highest status.
    pub status: Option<RangeInclusive<u16>>,
    /// The method, in any case.
    pub method: Option<String>,
    /// Beginning of the path.
    pub path: Option<String>,
    /// The route.
    pub route: Option<String>,
    /// The outcome.
    pub outcome: Option<Outcome>,
    /// The id of the exchange.
    pub id: Option<String>,
    /// The id of the trace, in any case.
    pub trace: Option<String>,
    /// The client's address, with its port or without.
    pub client: Option<String>,
    /// Attributes with their values.
    pub attributes: BTreeMap<String, String>,
    /// The duration that must be exceeded, in whole microseconds.
    pub slower_than: Option<Duration>,
    /// Number of bytes that one of the bodies must exceed.
    pub larger_than: Option<u64>,
    /// What must be the case for one of the bodies.
    pub body: Option<BodyCondition>,
    /// Words that must follow each other in the record.
    pub words: Vec<Phrase>,
}

/// Why a body is not shown, or not completely. The [reasons](crate::record::Reason) of multipart bodies' parts count as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyCondition {
    /// It exceeded a limit, or its content coding was not decoded: the reasons `body_limit`, `memory_budget`,
    /// `record_limit` and `decode`.
    Lost,
    /// It could not be redacted, or the handler asked for it: the reasons `redaction` and `handler`.
    Withheld,
}

impl BodyCondition {
    const ALL: [Self; 2] = [Self::Lost, Self::Withheld];

    /// Returns the condition as written in a filter's text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Withheld => "withheld",
        }
    }
}

impl Filter {
    /// Earliest time at which an exchange began, in whole microseconds. Defaults to none.
    pub fn from(mut self, time: SystemTime) -> Self {
        self.from = Some(whole_micros(time));
        self
    }

    /// The first time that is too late, in whole microseconds. Defaults to none.
    pub fn to(mut self, time: SystemTime) -> Self {
        self.to = Some(whole_micros(time));
        self
    }

    /// Lowest and highest status of the response; `500..=599` is a class. Defaults to any, or no response.
    pub fn status(mut self, range: RangeInclusive<u16>) -> Self {
        self.status = Some(range);
        self
    }

    /// The method, in any case. Defaults to any.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Beginning of the path, as recorded: percent-encoded. Defaults to any.
    pub fn path(mut self, prefix: impl Into<String>) -> Self {
        self.path = Some(prefix.into());
        self
    }

    /// The route, such as `/orders/{id}`. Defaults to any, or none.
    pub fn route(mut self, pattern: impl Into<String>) -> Self {
        self.route = Some(pattern.into());
        self
    }

    /// The outcome. Defaults to any, or none.
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// The [id](crate::Record::id) of the exchange. Defaults to any.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The id of the [trace](crate::record::Trace), 32 hexadecimal digits. Defaults to any, or none.
    pub fn trace(mut self, trace_id: impl Into<String>) -> Self {
        self.trace = Some(trace_id.into());
        self
    }

    /// The client's address as recorded, or [without its port](client_host). Defaults to any, or none.
    pub fn client(mut self, address: impl Into<String>) -> Self {
        self.client = Some(address.into());
        self
    }

    /// Adds an attribute that the record must have with this value. Defaults to none.
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// Duration that the exchange must have exceeded, in whole microseconds. Defaults to none.
    pub fn slower_than(mut self, duration: Duration) -> Self {
        let micros = crate::record::micros(duration);
        self.slower_than = Some(Duration::from_micros(micros));
        self
    }

    /// Number of bytes that the request's or the response's body must have exceeded. Defaults to none.
    pub fn larger_than(mut self, bytes: u64) -> Self {
        self.larger_than = Some(bytes);
        self
    }

    /// Why the request's or the response's body is not shown completely. Defaults to any body.
    pub fn body(mut self, condition: BodyCondition) -> Self {
        self.body = Some(condition);
        self
    }

    /// Adds words that must follow each other in the record; see [`Phrase`]. A text without a word changes nothing.
    /// Defaults to none.
    pub fn words(mut self, words: &str) -> Self {
        self.words.extend(Phrase::new(words));
        self
    }
}

#[cfg(test)]
mod tests;
