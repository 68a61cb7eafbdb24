//! Which formats are understood in a part.

/// The formats of contents that can be redacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON document, or several one after the other.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `text/plain`.
    Text,
}

impl Format {
    /// Returns the format of a `Content-Type` value, if it is understood.
    pub(crate) fn of(content_type: &[u8]) -> Option<Self> {
        let essence = content_type
            .split(|byte| *byte == b';')
            .next()?
            .trim_ascii();
        let essence = std::str::from_utf8(essence).ok()?.to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        match (kind, subtype) {
            ("application", "json" | "x-ndjson" | "ndjson" | "jsonl" | "x-jsonlines") => {
                Some(Self::Json)
            }
            ("text", "json") => Some(Self::Json),
            ("application", "x-www-form-urlencoded") => Some(Self::Form),
            ("text", "plain") => Some(Self::Text),
            (_, subtype) if subtype.ends_with("+json") => Some(Self::Json),
            _ => None,
        }
    }
}
