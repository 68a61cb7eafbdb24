//! Tail sampling: decides at the end of an exchange whether its captured bodies are kept.

use std::{fmt, time::Duration};

use actix_web::http::Method;
use body_logger_core::{contain, record::Outcome};

use crate::capture::RequestId;

/// A summary of an ended exchange without any content, for closures that decide on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The pattern of the route that matched.
    pub route: Option<&'a str>,
    /// The response's status.
    pub status: Option<u16>,
    /// How the exchange ended.
    pub outcome: Outcome,
    /// Time from the request to the end of the response.
    pub duration: Duration,
    /// Time until the response's head was ready.
    pub ttfb: Option<Duration>,
    /// Number of bytes of the request's body that passed.
    pub request_bytes: u64,
    /// Number of bytes of the response's body that passed.
    pub response_bytes: u64,
}

/// What to record of an exchange whose bodies are not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsampled {
    /// A record with everything except the contents of bodies.
    #[default]
    Metadata,
    /// No record.
    Nothing,
}

type Decision = Box<dyn Fn(&Summary<'_>) -> bool + Send + Sync>;

/// Tail sampling: bodies are captured within their limits, and kept only if at least one of these conditions holds when
/// the exchange ends.
///
/// ```
/// use std::time::Duration;
/// use actix_web_body_logger::{policy::Unsampled, BodyLogger, TailSampling};
///
/// let logger = BodyLogger::builder()
///     .tail_sampling(
///         TailSampling::if_any()
///             .status_from(400)
///             .slower_than(Duration::from_secs(1))
///             .sampled(0.01)
///             .when(|summary| summary.response_bytes == 0)
///             .otherwise(Unsampled::Metadata),
///     )
///     .build();
/// # drop(logger);
/// ```
#[must_use = "it does nothing until it is given to a builder"]
#[derive(Default)]
pub struct TailSampling {
    status_from: Option<u16>,
    slower_than: Option<Duration>,
    first_byte_slower_than: Option<Duration>,
    sampled: Option<f64>,
    sample_adopted_ids: bool,
    decisions: Vec<Decision>,
    pub(super) otherwise: Unsampled,
}

impl TailSampling {
    /// Keeps no bodies, until conditions are added.
    pub fn if_any() -> Self {
        Self::default()
    }

    /// Keeps them if the response's status is at least `status`, or if there was no response.
    ///
    /// Defaults to never.
    pub fn status_from(mut self, status: u16) -> Self {
        self.status_from = Some(status);
        self
    }

    /// Keeps them if the exchange took longer than `duration` until its last byte, as event streams and large downloads
    /// do. See [`first_byte_slower_than`](Self::first_byte_slower_than).
    ///
    /// Defaults to never.
    pub fn slower_than(mut self, duration: Duration) -> Self {
        self.slower_than = Some(duration);
        self
    }

    /// Keeps them if the response's head took longer than `duration`, however long its body took.
    ///
    /// Defaults to never.
    pub fn first_byte_slower_than(mut self, duration: Duration) -> Self {
        self.first_byte_slower_than = Some(duration);
        self
    }

    /// Keeps them for this share of exchanges, from 0.0 to 1.0, chosen by the exchange's id: the 64-bit FNV-1a hash of
    /// its text, mixed with MurmurHash3's `fmix64` and divided by 2⁶⁴, is less than `share`. All services that see the
    /// id and use the same share decide alike.
    ///
    /// For an id adopted from a client the choice is random, unless [configured otherwise](Self::sample_adopted_ids),
    /// as a client could choose ids that are never kept.
    ///
    /// Defaults to none.
    pub fn sampled(mut self, share: f64) -> Self {
        self.sampled = Some(share);
        self
    }

    /// Lets adopted ids decide on sampling. Use it only if their senders are trusted.
    ///
    /// Defaults to random decisions for adopted ids.
    pub fn sample_adopted_ids(mut self) -> Self {
        self.sample_adopted_ids = true;
        self
    }

    /// Keeps them if `decision` returns true.
    ///
    /// Defaults to none. May be called several times.
    ///
    /// If `decision` panics, the bodies are kept.
    pub fn when<F>(mut self, decision: F) -> Self
    where
        F: Fn(&Summary<'_>) -> bool + Send + Sync + 'static,
    {
        self.decisions.push(Box::new(decision));
        self
    }

    /// What to record of exchanges whose bodies are not kept.
    ///
    /// Defaults to [`Unsampled::Metadata`].
    pub fn otherwise(mut self, otherwise: Unsampled) -> Self {
        self.otherwise = otherwise;
        self
    }

    pub(super) fn is_sampled<'s>(
        &self,
        summary: &Summary<'_>,
        id: impl FnOnce() -> &'s RequestId,
    ) -> bool {
        let by_status = self
            .status_from
            .is_some_and(|from| summary.status.is_none_or(|status| status >= from));
        let by_duration = self
            .slower_than
            .is_some_and(|limit| summary.duration > limit);
        // Without a response, the wait for its head lasted until the end.
        let until_head = summary.ttfb.unwrap_or(summary.duration);
        let by_first_byte = self
            .first_byte_slower_than
            .is_some_and(|limit| until_head > limit);
        by_status
            || by_duration
            || by_first_byte
            || self.sampled.is_some_and(|share| {
                let position = id().sampling_position(self.sample_adopted_ids);
                position < share
            })
            || self.decisions.iter().any(|decision| {
                // This may run while a handler's panic unwinds, where a second panic would abort the process.
                contain(|| decision(summary)).unwrap_or(true)
            })
    }
}

impl fmt::Debug for TailSampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TailSampling")
            .field("status_from", &self.status_from)
            .field("slower_than", &self.slower_than)
            .field("first_byte_slower_than", &self.first_byte_slower_than)
            .field("sampled", &self.sampled)
            .field("otherwise", &self.otherwise)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tail_sampling: TailSampling, ttfb: Option<u64>, duration: u64, kept: bool) {
        let summary = Summary {
            method: &Method::GET,
            route: None,
            status: Some(200),
            outcome: Outcome::Completed,
            duration: Duration::from_secs(duration),
            ttfb: ttfb.map(Duration::from_secs),
            request_bytes: 0,
            response_bytes: 0,
        };
        let id = RequestId::adopt(b"id").expect("a token");
        assert_eq!(
            tail_sampling.is_sampled(&summary, || &id),
            kept,
            "{summary:?}"
        );
    }

    #[test]
    fn first_byte_slower_than_ignores_the_time_of_the_body() {
        let limit = Duration::from_secs(1);
        let by_end = || TailSampling::if_any().slower_than(limit);
        let by_first_byte = || TailSampling::if_any().first_byte_slower_than(limit);
        check(by_end(), Some(0), 60, true);
        check(by_first_byte(), Some(0), 60, false);
        check(by_first_byte(), Some(1), 60, false);
        check(by_first_byte(), Some(2), 60, true);
        // There was no response.
        check(by_first_byte(), None, 1, false);
        check(by_first_byte(), None, 2, true);
    }
}
