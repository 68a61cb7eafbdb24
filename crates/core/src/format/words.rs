//! Formats single values of records.

use std::time::Duration;

use http::StatusCode;

use crate::record::{Body, BodyState, Reason};

/// Formats all reasons in parentheses, or returns an empty text if there are none.
pub(super) fn reasons(reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return String::new();
    }
    let words: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
    format!(" ({})", words.join(", "))
}

/// Formats a number of bytes.
pub(super) fn size(bytes: Option<u64>) -> String {
    match bytes {
        Some(1) => "1 byte".to_owned(),
        Some(bytes) => format!("{bytes} bytes"),
        None => "bytes not counted".to_owned(),
    }
}

/// Returns the standard phrase of a status, or an empty text if it is unknown.
pub(super) fn status_text(status: u16) -> &'static str {
    let known = StatusCode::from_u16(status).ok();
    known.and_then(|it| it.canonical_reason()).unwrap_or("")
}

pub(super) fn duration(micros: u64) -> String {
    let duration = Duration::from_micros(micros);
    if duration < Duration::from_secs(1) {
        format!("{}.{:03} ms", micros / 1000, micros % 1000)
    } else {
        format!("{}.{:03} s", duration.as_secs(), duration.subsec_millis())
    }
}

/// Whether the content represents the whole body.
pub(super) fn is_whole(body: &Body) -> bool {
    body.state == BodyState::Complete && body.reasons.is_empty() && body.parts_dropped == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_durations_below_a_second_in_microseconds() {
        for (micros, expected) in [
            (0, "0.000 ms"),
            (1_234, "1.234 ms"),
            (999_999, "999.999 ms"),
            (1_000_000, "1.000 s"),
            (61_234_567, "61.234 s"),
        ] {
            assert_eq!(duration(micros), expected);
        }
    }
}
