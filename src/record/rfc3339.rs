//! Times as RFC 3339 in UTC, always with six digits of a second.

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

/// None where the year does not have four digits.
pub(crate) fn text(at: SystemTime) -> Option<String> {
    // Not by `OffsetDateTime::from`, which panics on what is too far away.
    let signed = |age: Duration| time::Duration::try_from(age).ok();
    let since = match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(age) => signed(age)?,
        Err(before) => -signed(before.duration())?,
    };
    let at = OffsetDateTime::UNIX_EPOCH.checked_add(since)?;
    at.format(&Iso8601::<MICROSECONDS>).ok()
}

pub(crate) fn parse(text: &str) -> Result<SystemTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339).map(SystemTime::from)
}

/// The text, or why there is none.
pub(crate) fn checked_text<E: ser::Error>(at: SystemTime) -> Result<String, E> {
    text(at).ok_or_else(|| E::custom("the year has more than four digits"))
}

pub(crate) fn serialize<S: Serializer>(at: &SystemTime, out: S) -> Result<S::Ok, S::Error> {
    checked_text::<S::Error>(*at)?.serialize(out)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<SystemTime, D::Error> {
    let text = String::deserialize(input)?;
    parse(&text).map_err(de::Error::custom)
}
