//! What a body says of itself where it is not shown whole: always the number, then the cause, then the reason's code.

use body_logger_core::record::{Body, BodyState, Outcome, Reason, RecordText};
use serde::Serialize;

use crate::format::{count, plural};

/// Which body of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

/// One thing that a body says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Statement {
    /// The name of its icon.
    icon: &'static str,
    title: &'static str,
    text: String,
    reason: Option<Reason>,
    /// How much was kept or passed, from 0 to 1.
    share: Option<f64>,
}

impl Statement {
    fn new(icon: &'static str, title: &'static str, text: impl Into<String>) -> Self {
        Self {
            icon,
            title,
            text: text.into(),
            reason: None,
            share: None,
        }
    }

    fn share(mut self, part: u64, whole: Option<u64>) -> Self {
        let whole = whole.filter(|whole| *whole > 0);
        self.share = whole.map(|whole| (part as f64 / whole as f64).min(1.0));
        self
    }
}

pub(crate) fn statements(
    body: &Body,
    headers: &[(RecordText, RecordText)],
    side: Side,
    outcome: Option<Outcome>,
) -> Vec<Statement> {
    let transfer = transfer(body, announced(headers), side, outcome);
    let kept = body.reasons.iter().filter_map(|reason| {
        let mut statement = kept(body, *reason)?;
        statement.reason = Some(*reason);
        Some(statement)
    });
    let parts = (body.parts_dropped > 0).then(|| {
        let more = plural(u64::from(body.parts_dropped), "further part");
        Statement::new("truncated", "Parts.", format!("{more} not listed."))
    });
    transfer.into_iter().chain(kept).chain(parts).collect()
}

/// The length that was announced.
fn announced(headers: &[(RecordText, RecordText)]) -> Option<u64> {
    let length = headers.iter().find(|(name, _)| *name == *"content-length");
    length.and_then(|(_, value)| value.parse().ok())
}

fn transfer(
    body: &Body,
    announced: Option<u64>,
    side: Side,
    outcome: Option<Outcome>,
) -> Option<Statement> {
    let bytes = body.bytes.unwrap_or(0);
    let passed_text = match announced {
        Some(length) => format!(
            "{} of {} passed",
            count(bytes),
            plural(length, "announced byte")
        ),
        None => format!("{}; no length was announced", passed(body)),
    };
    Some(match (body.state, side) {
        (BodyState::Unread, Side::Request) => {
            let text =
                format!("The handler answered without reading the request body. {passed_text}.");
            Statement::new("unread", "Unread.", text)
        }
        (BodyState::Unread, Side::Response) => Statement::new(
            "unread",
            "Unread.",
            format!("The response body was not read. {passed_text}."),
        ),
        (BodyState::Partial, Side::Request) => {
            let text = match announced {
                Some(length) => format!(
                    "The handler stopped after {} of {}. The rest never passed this layer.",
                    count(bytes),
                    plural(length, "announced byte")
                ),
                None => format!(
                    "The handler stopped after {}; no length was announced. The rest never passed this layer.",
                    plural(bytes, "byte")
                ),
            };
            Statement::new("unread", "Partly read.", text)
        }
        (BodyState::Partial, Side::Response) => {
            let text =
                format!("{passed_text}. The body was shorter or longer than its declared size.");
            Statement::new("aborted", "Not as announced.", text)
        }
        (BodyState::Aborted, side) => {
            let (when, more) = match (side, outcome) {
                (Side::Request, _) => ("when the request ended early", ""),
                (Side::Response, Some(Outcome::BodyError)) => ("when the response failed", TAKEN),
                (Side::Response, _) => ("when the response was dropped", TAKEN),
            };
            let text = match announced {
                Some(_) => format!("{passed_text} {when}.{more}"),
                None => format!("{} {when}; no length was announced.{more}", passed(body)),
            };
            Statement::new("aborted", "Aborted.", text).share(bytes, announced)
        }
        (BodyState::Pending, side) => {
            let what = if side == Side::Request {
                "request"
            } else {
                "response"
            };
            let bytes = plural(bytes, "byte");
            let text = format!(
                "{bytes} so far; this stage was recorded before the {what} ended. Its end will be a record of its own."
            );
            Statement::new("pending", "Open.", text)
        }
        _ => return None,
    })
}

const TAKEN: &str = " The server may have taken more than the client received.";

fn kept(body: &Body, reason: Reason) -> Option<Statement> {
    let passed = passed(body);
    let of = || {
        format!(
            "{} of {}",
            count(body.captured),
            plural(body.bytes.unwrap_or(0), "byte")
        )
    };
    Some(match reason {
        Reason::BodyLimit => truncated(body),
        Reason::MemoryBudget => {
            let text = format!(
                "{} were kept: the memory for captured bodies was exhausted.",
                of()
            );
            Statement::new("truncated", "Truncated.", text).share(body.captured, body.bytes)
        }
        Reason::RecordLimit => {
            let text = format!(
                "{} are shown: with more the record would have been too long.",
                of()
            );
            Statement::new("truncated", "Truncated.", text).share(body.captured, body.bytes)
        }
        Reason::Redaction if body.captured > 0 => {
            let text = format!(
                "shown up to byte {} of {}: what follows could not be parsed, so nothing in it could be masked safely.",
                count(body.captured),
                count(body.bytes.unwrap_or(0))
            );
            Statement::new("withheld", "Withheld in part:", text).share(body.captured, body.bytes)
        }
        Reason::Redaction => {
            let text = format!(
                "{passed}, none is shown: the body could not be parsed, so nothing in it could be masked safely."
            );
            Statement::new("withheld", "Withheld.", text)
        }
        Reason::Decode => {
            let part = if body.captured > 0 {
                "from some point on it"
            } else {
                "it"
            };
            Statement::new(
                "withheld",
                "Not decoded.",
                format!("{passed}; {part} could not be decoded."),
            )
        }
        Reason::MediaType => {
            let kind = body
                .media_type
                .as_deref()
                .unwrap_or("a body without a media type");
            let text = format!("{passed}, not captured: {kind} is not on the list.");
            Statement::new("sampled-out", "Not shown.", text)
        }
        Reason::Level => Statement::new(
            "sampled-out",
            "Not shown.",
            format!("{passed}, left out by the level."),
        ),
        Reason::Handler => {
            let text = format!("{passed}, none is shown: the handler asked for that.");
            Statement::new("withheld", "Withheld.", text)
        }
        Reason::Upgrade => {
            let text = format!("{passed}, counted only: the connection became a tunnel.");
            Statement::new("sampled-out", "Tunnel.", text)
        }
        Reason::Head => {
            let text = "0 bytes passed: the response to a HEAD request has no body.";
            Statement::new("sampled-out", "No body.", text)
        }
        Reason::SampledOut => {
            let bytes = body
                .bytes
                .map(|bytes| format!(", {},", plural(bytes, "byte")));
            let text = format!(
                "The body{} was discarded on purpose.",
                bytes.unwrap_or_default()
            );
            Statement::new("sampled-out", "Sampled out.", text)
        }
        // A reason that this version does not know.
        _ => return None,
    })
}

fn truncated(body: &Body) -> Statement {
    let bytes = body.bytes.unwrap_or(0);
    if let (Some(decoded), true) = (body.decoded, body.captured >= bytes) {
        let text = format!(
            "The first {} were kept; how many more there are is not known.",
            plural(decoded, "decoded byte")
        );
        return Statement::new("truncated", "Truncated.", text);
    }
    // Of a stream of events the end is kept.
    let is_stream = body.media_type.as_deref() == Some("text/event-stream");
    let text = format!(
        "The {} {} of {} were kept; the other {} passed unrecorded.",
        if is_stream { "last" } else { "first" },
        count(body.captured),
        plural(bytes, "byte"),
        count(bytes.saturating_sub(body.captured))
    );
    Statement::new("truncated", "Truncated.", text).share(body.captured, body.bytes)
}

fn passed(body: &Body) -> String {
    match body.bytes {
        Some(bytes) => format!("{} passed", plural(bytes, "byte")),
        None => "Bytes that were not counted passed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(body: serde_json::Value, length: Option<&str>, side: Side, expected: &[&str]) {
        let body: Body = serde_json::from_value(body).expect("a body");
        let headers: Vec<(RecordText, RecordText)> = length
            .map(|length| ("content-length".into(), length.into()))
            .into_iter()
            .collect();
        let said = statements(&body, &headers, side, None);
        let said: Vec<_> = said
            .iter()
            .map(|it| format!("{} {}", it.title, it.text))
            .collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn a_body_says_the_number_and_the_cause() {
        use {serde_json::json, Side::*};
        let complete = |bytes: u64, captured: u64, reason: &str, media: &str| json!({"state": "complete", "bytes": bytes, "captured": captured, "reasons": [reason], "media_type": media});
        says(
            complete(48213, 32768, "body_limit", "application/json"),
            None,
            Response,
            &["Truncated. The first 32,768 of 48,213 bytes were kept; the other 15,445 passed unrecorded."],
        );
        says(
            complete(2048, 0, "redaction", "application/json"),
            None,
            Request,
            &["Withheld. 2,048 bytes passed, none is shown: the body could not be parsed, so nothing in it could be masked safely."],
        );
        says(
            complete(39, 33, "redaction", "application/json"),
            None,
            Request,
            &["Withheld in part: shown up to byte 33 of 39: what follows could not be parsed, so nothing in it could be masked safely."],
        );
        says(
            complete(12, 0, "media_type", "text/plain"),
            None,
            Request,
            &["Not shown. 12 bytes passed, not captured: text/plain is not on the list."],
        );
        says(
            complete(12, 0, "decode", "text/plain"),
            None,
            Request,
            &["Not decoded. 12 bytes passed; it could not be decoded."],
        );
        says(
            complete(1, 0, "level", "a/b"),
            None,
            Request,
            &["Not shown. 1 byte passed, left out by the level."],
        );
        says(
            complete(1284, 0, "sampled_out", "a/b"),
            None,
            Response,
            &["Sampled out. The body, 1,284 bytes, was discarded on purpose."],
        );
        let unread = json!({"state": "unread", "bytes": 0, "captured": 0});
        says(
            unread.clone(),
            Some("8388608"),
            Request,
            &["Unread. The handler answered without reading the request body. 0 of 8,388,608 announced bytes passed."],
        );
        says(
            unread,
            None,
            Request,
            &["Unread. The handler answered without reading the request body. 0 bytes passed; no length was announced."],
        );
        let aborted = json!({"state": "aborted", "bytes": 917504, "captured": 0});
        says(
            aborted.clone(),
            Some("2411520"),
            Response,
            &["Aborted. 917,504 of 2,411,520 announced bytes passed when the response was dropped. The server may have taken more than the client received."],
        );
        says(
            aborted,
            None,
            Response,
            &["Aborted. 917,504 bytes passed when the response was dropped; no length was announced. The server may have taken more than the client received."],
        );
    }

    #[test]
    fn a_whole_body_says_nothing() {
        let body =
            serde_json::json!({"state": "complete", "bytes": 2, "captured": 2, "text": "hi"});
        says(body, None, Side::Request, &[]);
    }
}
