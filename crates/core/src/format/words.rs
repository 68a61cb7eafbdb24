//! What records say in single words, as they stand in JSON.

use std::time::Duration;

use http::StatusCode;

use crate::record::{Body, BodyState, Reason};

/// All reasons, in parentheses; nothing where there is none.
pub(super) fn reasons(reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return String::new();
    }
    let words: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
    format!(" ({})", words.join(", "))
}

/// How many bytes passed.
pub(super) fn size(bytes: Option<u64>) -> String {
    match bytes {
        Some(1) => "1 byte".to_owned(),
        Some(bytes) => format!("{bytes} bytes"),
        None => "bytes not counted".to_owned(),
    }
}

/// What the standards call a status; nothing for one they do not know.
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

/// Whether there is content, and it stands for the whole body.
pub(super) fn is_whole(body: &Body) -> bool {
    body.state == BodyState::Complete && body.reasons.is_empty() && body.parts_dropped == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_to_the_microsecond_where_that_says_something() {
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
