//! Formats a record as JSON for a terminal.

use super::escape::{find_unsafe, is_unsafe};
use crate::record::Record;

/// Formats a record as one line of JSON that cannot control a terminal.
///
/// Like `serde_json::to_string`, but the characters that [`text`](super::text) escapes are escaped here, too, as JSON
/// escapes: control characters such as U+007F and U+009B, line separators, and characters that reorder text such as
/// U+202E. It parses as the same record. Files do not need this.
///
/// # Errors
///
/// Returns an error if the record cannot be serialized, as with a time that RFC 3339 cannot represent.
///
/// ```
/// use body_logger_core::{format, Record};
///
/// println!("{}", format::json(&Record::example())?);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn json(record: &Record) -> serde_json::Result<String> {
    serde_json::to_string(record).map(escaped_json)
}

/// Escapes a JSON document so that it is one line and cannot control a terminal. It parses as the same document.
///
/// [`json`] does so for a record. This is for what is JSON already, such as a line of a log, in which members stay that this
/// version does not know.
///
/// ```
/// use body_logger_core::format;
///
/// let document = "[\"\u{9b}31m\",\r\n2]".to_owned();
/// assert_eq!(format::escaped_json(document), r#"["\u009b31m",  2]"#);
/// ```
#[must_use]
pub fn escaped_json(document: String) -> String {
    if find_unsafe(&document).is_none() {
        return document;
    }
    let mut escaped = String::with_capacity(document.len() + 16);
    for char in document.chars() {
        if matches!(char, '\t' | '\n' | '\r') {
            // In valid JSON they occur only between tokens, and the others only in strings.
            escaped.push(' ');
        } else if is_unsafe(char) {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(char);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Json;

    #[test]
    fn escapes_unsafe_characters_and_round_trips() {
        let hostile: String = ('\0'..='\u{ffff}')
            .filter(|char| is_unsafe(*char))
            .collect();
        let mut record = Record::example();
        record.request.path = (&*format!("/{hostile}")).into();
        record.request.body.text = Some(hostile.clone());
        record.request.body.json = None;
        record.attributes.insert(hostile.clone(), hostile);
        let body = &mut record.response.as_mut().expect("a response").body;
        body.text = None;
        body.json = Json::from_text("[\"\u{9b}31m\u{7f}\u{202e}\"]".to_owned()).ok();
        assert!(body.json.is_some());

        let line = json(&record).expect("JSON");
        assert_eq!(line.find(is_unsafe), None, "{line}");
        assert!(line.contains(r#"["\u009b31m\u007f\u202e"]"#), "{line}");
        let plain = serde_json::to_string(&record).expect("JSON");
        assert!(plain.contains(is_unsafe), "files stay as they are");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(read(&line), read(&plain));
    }

    #[test]
    fn leaves_safe_records_unchanged() {
        let plain = serde_json::to_string(&Record::example()).expect("JSON");
        assert_eq!(json(&Record::example()).expect("JSON"), plain);
    }
}
