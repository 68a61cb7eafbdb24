//! Durations and sizes with their units.

use std::time::Duration;

type Unit = (&'static str, u64);

/// In microseconds, from the largest.
const DURATIONS: [Unit; 5] = [
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// In bytes, from the largest.
const SIZES: [Unit; 7] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let micros = parse(text, &DURATIONS)?;
    Some(Duration::from_micros(micros))
}

/// A size without a unit is in bytes.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| parse(text, &SIZES))
}

pub(super) fn duration(duration: Duration) -> String {
    format(crate::record::micros(duration), &DURATIONS)
}

pub(super) fn size(bytes: u64) -> String {
    format(bytes, &SIZES)
}

/// Parses a decimal number and its unit. What is less than one of the smallest unit is dropped.
fn parse(text: &str, units: &[Unit]) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(end);
    let is_unit = |(name, _): &&Unit| name.eq_ignore_ascii_case(unit);
    let factor = units.iter().find(is_unit)?.1;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    // Enough for a microsecond of an hour, and short enough not to overflow.
    let fraction = &fraction[..fraction.len().min(12)];
    let scale = 10u128.pow(fraction.len() as u32);
    let fraction = fraction.parse::<u128>().ok()? * u128::from(factor) / scale;
    let whole = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    whole.checked_add(u64::try_from(fraction).ok()?)
}

fn format(value: u64, units: &[Unit]) -> String {
    let unit = units
        .iter()
        .find(|(_, factor)| value >= *factor && value.is_multiple_of(*factor));
    // Zero has no unit that divides it.
    let (name, factor) = unit.or(units.last()).copied().unwrap_or(("", 1));
    format!("{}{name}", value / factor)
}
