//! Which value was hidden by which rule.

use crate::{finding::Rule, redacted::Redacted};

/// How an input is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format<'a> {
    /// JSON: one document or several.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// The query of a URL.
    Query,
    /// `multipart/*`, with the value of its `Content-Type`.
    Multipart(&'a str),
    /// A header's value, with its name.
    Header(&'a str),
    /// A URL.
    Url,
    /// The path of a URL.
    Path,
    /// The value of a `Cookie` header.
    Cookie,
    /// Plain text.
    Text,
}

/// A redacted input, and what was hidden in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// What may be shown.
    pub redacted: Redacted,
    /// What was hidden, in the order of the input.
    pub hidden: Vec<Hidden>,
}

/// A value that was hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hidden {
    /// Where it stood: `$.user.password` in JSON, the name in a form, the byte in a text.
    pub place: String,
    /// What hid it.
    pub rule: Rule,
}
