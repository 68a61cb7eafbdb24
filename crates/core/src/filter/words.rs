//! Words: what a full-text search compares.

use std::borrow::Cow;

use crate::record::{Body, Record};

/// Number of characters of a word that count: what is longer is a key or a document in base64 rather than a word.
pub const MAX_WORD_CHARS: usize = 64;

/// Words that must follow each other in one field of a record.
///
/// A word is a sequence of letters and digits of any script, of which the first [`MAX_WORD_CHARS`] characters count; case does
/// not. All other characters separate words, so `user_id` is two of them, as is `user-id`.
///
/// The fields are the path, the query, each attribute with its name, the error's kind and message, and the content of both
/// bodies as far as it is shown: JSON with the escapes in its strings resolved, text, and names and content of multipart
/// parts. Base64 is not searched.
///
/// ```
/// use body_logger_core::{filter::Phrase, Record};
///
/// let phrase = Phrase::new("Item: server").expect("words");
/// assert_eq!(phrase.words(), ["item", "server"]);
/// assert!(phrase.matches(&Record::example()));
/// assert!(!Phrase::new("server item").expect("words").matches(&Record::example()));
/// assert_eq!(Phrase::new("***"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    text: String,
    words: Vec<String>,
}

impl Phrase {
    /// Creates a phrase. Returns `None` if the text has no word.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let words: Vec<String> = words(text).map(|word| fold(word).into_owned()).collect();
        (!words.is_empty()).then(|| Self {
            text: text.to_owned(),
            words,
        })
    }

    /// Returns the text as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the words in lower case.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether the words follow each other in one field of the record.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        let mut found = false;
        for_each_field(record, |field| found = found || self.is_in(field));
        found
    }

    fn is_in(&self, field: &str) -> bool {
        // For each place where the phrase may have begun: how many of its words have matched so far.
        let mut open: Vec<usize> = Vec::new();
        words(field).any(|word| {
            let word = fold(word);
            open.push(0);
            open.retain_mut(|matched| {
                let is_next = self.words[*matched] == *word;
                *matched += usize::from(is_next);
                is_next
            });
            open.first() == Some(&self.words.len())
        })
    }
}

/// Calls `word` with each searched word of a record, in lower case, and with `None` between two fields: what an index must
/// hold to find the same records as [`Phrase::matches`].
pub fn record_words(record: &Record, mut word: impl FnMut(Option<&str>)) {
    for_each_field(record, |field| {
        for found in words(field) {
            word(Some(&fold(found)));
        }
        word(None);
    });
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(|word| {
        let end = word.char_indices().nth(MAX_WORD_CHARS);
        end.map_or(word, |(end, _)| &word[..end])
    })
}

fn fold(word: &str) -> Cow<'_, str> {
    let is_folded = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if word.bytes().all(is_folded) {
        return word.into();
    }
    // Character by character: the lower case of a whole word depends on where in it a sigma stands.
    word.chars().flat_map(char::to_lowercase).collect()
}

fn for_each_field(record: &Record, mut field: impl FnMut(&str)) {
    field(&record.request.path);
    field(record.request.query.as_deref().unwrap_or_default());
    for (name, value) in &record.attributes {
        field(&format!("{name} {value}"));
    }
    if let Some(error) = &record.error {
        field(error.kind.as_str());
        field(error.message.as_deref().unwrap_or_default());
    }
    let response = record.response.as_ref().map(|response| &response.body);
    for body in [&record.request.body].into_iter().chain(response) {
        for_each_text(body, &mut field);
    }
}

fn for_each_text(body: &Body, field: &mut impl FnMut(&str)) {
    let content = [(&body.json, &body.text)];
    let of_parts = body.parts.iter().map(|part| (&part.json, &part.text));
    for (json, text) in content.into_iter().chain(of_parts) {
        if let Some(json) = json {
            field(&unescaped(json.get()));
        }
        field(text.as_deref().unwrap_or_default());
    }
    for part in &body.parts {
        field(part.name.as_deref().unwrap_or_default());
        field(part.file_name.as_deref().unwrap_or_default());
    }
}

/// Resolves the escapes of JSON, which stand within strings only. A lone surrogate becomes U+FFFD.
fn unescaped(json: &str) -> Cow<'_, str> {
    if !json.contains('\\') {
        return json.into();
    }
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        // The escapes in sequence, as the two halves of a surrogate pair are.
        let units = std::iter::from_fn(|| {
            let hex = rest.strip_prefix("\\u")?.get(..4)?;
            let unit = u16::from_str_radix(hex, 16).ok()?;
            rest = &rest[6..];
            Some(unit)
        });
        let before = text.len();
        text.extend(char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)));
        if text.len() == before {
            // A control character, or a punctuation mark: either separates words.
            text.push(' ');
            let mut skipped = rest.chars();
            skipped.by_ref().take(2).for_each(drop);
            rest = skipped.as_str();
        }
    }
    text.push_str(rest);
    text.into()
}
