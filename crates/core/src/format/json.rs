//! A record as JSON for a terminal.

use super::escape::is_unsafe;
use crate::record::Record;

/// A record as one line of JSON that does nothing to the terminal that it is shown on.
///
/// Like `serde_json::to_string`, but what [`text`](super::text) escapes is escaped here, too, as JSON
/// does it: control characters such as U+007F and U+009B, line separators, and characters that
/// reorder text such as U+202E. It reads back as the same record. Files need nothing of this.
///
/// # Errors
///
/// Returns an error where the record cannot be written as JSON: its time may lie outside of what
/// RFC 3339 can tell.
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

/// Escapes a document, in which all such characters stand in strings.
fn escaped_json(document: String) -> String {
    if !document.contains(is_unsafe) {
        return document;
    }
    let mut escaped = String::with_capacity(document.len() + 16);
    for char in document.chars() {
        if is_unsafe(char) {
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
    fn what_would_act_on_a_terminal_is_escaped_and_reads_back() {
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
    fn all_other_records_are_as_in_a_file() {
        let plain = serde_json::to_string(&Record::example()).expect("JSON");
        assert_eq!(json(&Record::example()).expect("JSON"), plain);
    }
}
