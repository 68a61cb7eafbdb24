//! Documents and texts of others: what of them is changed.

use std::io::Read;

use body_logger_redact::{Content, End, Extent, Redactor};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;

/// Name, documents, and how many of 10,000 harmless values may be changed.
pub const SETS: &[(&str, &[u8], f64)] = &[
    (
        "webhooks of a code host",
        include_bytes!("../data/documents-webhooks.jsonl.gz"),
        5.0,
    ),
    (
        "responses of public APIs",
        include_bytes!("../data/documents-responses.jsonl.gz"),
        5.0,
    ),
    (
        "payments, identity, secrets",
        include_bytes!("../data/documents-sensitive.jsonl.gz"),
        20.0,
    ),
];

pub const PARAGRAPHS: &[u8] = include_bytes!("../data/paragraphs.jsonl.gz");

/// What is changed, and rightly so: a line each with a set's name or source, the member, a value or `*`, and why.
const JUDGED: &str = include_str!("../data/documents-judged.txt");

#[derive(Deserialize)]
pub struct Document {
    pub source: String,
    pub document: Value,
}

#[derive(Deserialize)]
pub struct Paragraph {
    pub source: String,
    pub text: String,
}

pub fn read<T: for<'d> Deserialize<'d>>(compressed: &[u8]) -> Vec<T> {
    let mut lines = String::new();
    GzDecoder::new(compressed)
        .read_to_string(&mut lines)
        .expect("gzip");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

/// A value that is not shown as it is.
#[derive(Debug)]
pub struct Change {
    pub source: String,
    pub path: String,
    pub value: String,
    pub shown: String,
}

impl Change {
    /// Whether the list of judged values has it as a secret.
    pub fn is_right(&self) -> bool {
        judged().any(|(source, member, value)| {
            self.source.starts_with(source)
                && self.path.ends_with(member)
                && (value == "*" || self.value.starts_with(value))
        })
    }
}

fn judged() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    JUDGED
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let mut fields = line.split('\t');
            let mut field = || fields.next().expect("source, member, value, reason");
            let found = (field(), field(), field());
            assert!(!field().is_empty(), "no reason: {line}");
            found
        })
}

#[derive(Default)]
pub struct Outcome {
    pub documents: usize,
    pub values: usize,
    pub changes: Vec<Change>,
    pub withheld: Vec<String>,
}

impl Outcome {
    pub fn wrong(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| !change.is_right())
    }
}

pub fn redact(redactor: &Redactor, compressed: &[u8]) -> Outcome {
    let mut outcome = Outcome::default();
    for Document { source, document } in read(compressed) {
        outcome.documents += 1;
        let redacted = redactor.json(document.to_string().as_bytes(), Extent::Whole);
        let shown = match &redacted.content {
            Content::Json(text) if redacted.end == End::Complete => serde_json::from_str(text).ok(),
            _ => None,
        };
        match shown {
            Some(shown) => compare(&source, &mut String::new(), &document, &shown, &mut outcome),
            None => outcome.withheld.push(source),
        }
    }
    outcome
}

fn compare(source: &str, path: &mut String, was: &Value, shown: &Value, outcome: &mut Outcome) {
    let length = path.len();
    match (was, shown) {
        (Value::Object(was), Value::Object(shown)) if was.len() == shown.len() => {
            for ((name, was), (as_shown, shown)) in was.iter().zip(shown) {
                path.push('.');
                path.push_str(name);
                if name != as_shown {
                    let (was, shown) = (name.as_str().into(), as_shown.as_str().into());
                    compare(source, path, &was, &shown, outcome);
                }
                compare(source, path, was, shown, outcome);
                path.truncate(length);
            }
        }
        (Value::Array(was), Value::Array(shown)) if was.len() == shown.len() => {
            path.push_str("[]");
            for (was, shown) in was.iter().zip(shown) {
                compare(source, path, was, shown, outcome);
            }
            path.truncate(length);
        }
        _ => {
            let values = values(was);
            outcome.values += values;
            if was != shown {
                outcome.changes.extend((0..values).map(|_| Change {
                    source: source.to_owned(),
                    path: path.clone(),
                    value: was.as_str().map_or_else(|| was.to_string(), str::to_owned),
                    shown: shown.to_string(),
                }));
            }
        }
    }
}

fn values(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(values).sum(),
        Value::Array(items) => items.iter().map(values).sum(),
        _ => 1,
    }
}

/// Returns the paragraphs that are changed, as they are and as shown, and how many there are.
pub fn paragraphs(redactor: &Redactor) -> (usize, Vec<Change>) {
    let all = read::<Paragraph>(PARAGRAPHS);
    let count = all.len();
    let changes = all
        .into_iter()
        .filter_map(|Paragraph { source, text }| {
            let shown = redactor.text(&text, Extent::Whole).into_string();
            (shown != text).then(|| Change {
                source,
                path: String::new(),
                value: text,
                shown,
            })
        })
        .collect();
    (count, changes)
}
