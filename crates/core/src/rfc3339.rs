//! Times in the format of [RFC 3339], in UTC with exactly six decimal places; also for `#[serde(with = "rfc3339")]`.
//!
//! [RFC 3339]: https://www.rfc-editor.org/rfc/rfc3339

use std::time::{Duration, SystemTime};

use serde::{de, ser, Deserialize, Deserializer, Serialize, Serializer};
use time::{
    format_description::well_known::{
        iso8601::{Config, EncodedConfig, TimePrecision},
        Iso8601, Rfc3339,
    },
    OffsetDateTime,
};

const MICROSECONDS: EncodedConfig = Config::DEFAULT
    .set_time_precision(TimePrecision::Second {
        decimal_digits: std::num::NonZeroU8::new(6),
    })
    .encode();

/// Formats a time. Returns `None` if its year does not have four digits.
///
/// ```
/// use std::time::SystemTime;
///
/// use body_logger_core::rfc3339;
///
/// let text = rfc3339::text(SystemTime::UNIX_EPOCH);
/// assert_eq!(text.as_deref(), Some("1970-01-01T00:00:00.000000Z"));
/// ```
#[must_use]
pub fn text(at: SystemTime) -> Option<String> {
    // Not by `OffsetDateTime::from`, which panics on times out of its range.
    let signed = |age: Duration| time::Duration::try_from(age).ok();
    let since = match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(age) => signed(age)?,
        Err(before) => -signed(before.duration())?,
    };
    let at = OffsetDateTime::UNIX_EPOCH.checked_add(since)?;
    at.format(&Iso8601::<MICROSECONDS>).ok()
}

/// Parses a time with any offset and precision that RFC 3339 allows. Returns `None` if the text is invalid.
#[must_use]
pub fn parse(text: &str) -> Option<SystemTime> {
    Some(OffsetDateTime::parse(text, &Rfc3339).ok()?.into())
}

/// Returns the time in whole microseconds since 1970, rounded down.
#[must_use]
pub fn unix_micros(at: SystemTime) -> i64 {
    let whole = |age: Duration, rounding: u128| {
        let micros = (age.as_nanos() + rounding) / 1_000;
        i64::try_from(micros).unwrap_or(i64::MAX)
    };
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(age) => whole(age, 0),
        Err(before) => -whole(before.duration(), 999),
    }
}

/// Formats a time, or returns serde's error.
pub(crate) fn checked_text<E: ser::Error>(at: SystemTime) -> Result<String, E> {
    text(at).ok_or_else(|| E::custom("the year has more than four digits"))
}

/// Serializes a time.
///
/// # Errors
///
/// Returns an error if the year does not have four digits.
pub fn serialize<S: Serializer>(at: &SystemTime, out: S) -> Result<S::Ok, S::Error> {
    checked_text::<S::Error>(*at)?.serialize(out)
}

/// Deserializes a time.
///
/// # Errors
///
/// Returns an error if the text is not a time of RFC 3339.
pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<SystemTime, D::Error> {
    let text = String::deserialize(input)?;
    parse(&text).ok_or_else(|| de::Error::custom("not a time of RFC 3339"))
}
