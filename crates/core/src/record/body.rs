//! The bodies of a record.

use serde::{Deserialize, Serialize};

use super::{is_zero, json::document, BodyState, Json, NoFile, Reason, RecordText};

/// A body: its size, the state of its transfer, and its content as far as it was kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Body {
    /// The state of the transfer.
    pub state: BodyState,
    /// Payload bytes that passed the logger; none for the request side of a tunnel.
    pub bytes: Option<u64>,
    /// Number of those bytes that the content below represents.
    pub captured: u64,
    /// Why it does not represent all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The media type without its parameters, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<RecordText>,
    /// The content codings that were decoded for the content below, such as `gzip` or `gzip, br`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Number of decoded bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoded: Option<u64>,
    /// Number of server-sent events that passed, for `text/event-stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// A digest of all bytes that passed, kept or not, if the application asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// A complete, valid JSON document, redacted and compact, with numbers and key order unchanged.
    #[serde(
        default,
        deserialize_with = "document",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Json>,
    /// Any other text, redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Binary content, only if the application asked for it: it is not redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The file that contains all bytes that passed, unredacted, if the application asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<BodyFile>,
    /// Why there is no such file although the application asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_file: Option<NoFile>,
    /// The parts of a multipart body, as far as they were kept; at most a hundred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Number of further parts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parts_dropped: u32,
}

impl Body {
    /// Adds a reason, unless it is there already.
    pub fn add_reason(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

/// A file that contains the bytes of a body that passed, unredacted: all of the body if its state is
/// [`Complete`](BodyState::Complete).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BodyFile {
    /// Its name in its directory.
    pub name: String,
    /// Its size: that of the body, unless the file is encrypted.
    pub bytes: u64,
    /// A digest of its content as it is on the disk, if the application asked for digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl BodyFile {
    /// Creates a file without a digest.
    ///
    /// ```
    /// use body_logger_core::record::BodyFile;
    ///
    /// let file = BodyFile::new("0199fd2c-5a3e-7c41-9d0f-3b6c1a2e4f58.response", 1024);
    /// assert_eq!(file.digest, None);
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: u64) -> Self {
        Self {
            name: name.into(),
            bytes,
            digest: None,
        }
    }
}

/// A part of a multipart body.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// The name of the form's field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the file. A part with a file name is a file, whose content is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The media type without its parameters, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<RecordText>,
    /// The size of its content; none if its end was not kept.
    pub bytes: Option<u64>,
    /// Why not all of its content is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// A digest of its content, if the application asked for digests and the whole part was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// A complete, valid JSON document, redacted.
    #[serde(
        default,
        deserialize_with = "document",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Json>,
    /// Any other text, redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_document_round_trips() {
        let body = Body {
            json: Json::from_text("null".to_owned()).ok(),
            ..Body::default()
        };
        let text = serde_json::to_string(&body).expect("JSON");
        assert!(text.contains(r#""json":null"#), "{text}");
        assert_eq!(serde_json::from_str::<Body>(&text).expect("a body"), body);
        let part = r#"{"bytes":4,"json":null}"#;
        let part: Part = serde_json::from_str(part).expect("a part");
        assert_eq!(part.json.expect("a document").get(), "null");
    }
}
