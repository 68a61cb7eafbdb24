//! Collects all texts of an entry, decoded.

use base64::{engine::general_purpose::STANDARD as BASE64, Engine as _};
use body_logger_core::Entry;
use serde_json::Value;

/// Returns the names and values of an entry, as they are and decoded.
pub(super) fn of_entry(entry: &Entry) -> Vec<String> {
    let mut texts = Vec::new();
    // An entry that cannot be serialized is in no log either.
    if let Ok(value) = serde_json::to_value(entry) {
        gather(&value, &mut texts);
    }
    texts
}

fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => push(text, texts),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| gather(value, texts)),
        Value::Object(members) => {
            for (name, value) in members {
                push(name, texts);
                gather(value, texts);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn push(text: &str, texts: &mut Vec<String>) {
    let decoded = percent_encoding::percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned();
    let bytes = BASE64.decode(text).unwrap_or_default();
    let of_base64 = String::from_utf8_lossy(&bytes).into_owned();
    texts.extend([text.to_owned(), decoded, of_base64]);
}
