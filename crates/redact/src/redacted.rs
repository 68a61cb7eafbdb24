//! What redaction returns.

use std::borrow::Cow;

use crate::finding::Rule;

/// How an input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// It was whole, and understood.
    Complete,
    /// It ended before its format did, or was said to be [truncated](crate::Extent::Truncated).
    Truncated,
    /// There is a byte that is not understood. Nothing from its token on is shown.
    Malformed,
}

/// What may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// One whole valid JSON document of up to 64 levels, without white space outside strings.
    Json(String),
    /// Anything else, laid out as the input was.
    Text(String),
}

/// A redacted input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redacted {
    /// What may be shown.
    pub content: Content,
    /// How the input ended.
    pub end: End,
    /// The number of input bytes, from the first on, that `content` stands for.
    pub consumed: usize,
    /// How many values were hidden.
    pub counts: Counts,
}

impl Redacted {
    pub(crate) fn text(text: String, end: End, consumed: usize, counts: Counts) -> Self {
        Self {
            content: Content::Text(text),
            end,
            consumed,
            counts,
        }
    }

    /// Returns the content, JSON or not.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.content {
            Content::Json(text) | Content::Text(text) => text,
        }
    }

    /// Returns the content, JSON or not.
    #[must_use]
    pub fn into_string(self) -> String {
        match self.content {
            Content::Json(text) | Content::Text(text) => text,
        }
    }
}

/// A redacted text, borrowed where nothing was hidden in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedactedText<'t> {
    /// What may be shown.
    pub text: Cow<'t, str>,
    /// How many values were hidden.
    pub counts: Counts,
}

impl<'t> RedactedText<'t> {
    /// What `redact` returns, and what it notes.
    pub(crate) fn by(redact: impl FnOnce(&mut Report) -> Cow<'t, str>) -> Self {
        let mut report = Report::default();
        let text = redact(&mut report);
        Self {
            text,
            counts: report.counts,
        }
    }
}

/// How many values were hidden, by what hid them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// By names: the words of a name, the application's fields and paths.
    pub names: u64,
    /// By token families, and by the opt-in forms.
    pub families: u64,
    /// By their place in a structure.
    pub structure: u64,
    /// By what stands beside them in a text.
    pub text: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, rule: Rule) {
        let count = match rule {
            Rule::Name | Rule::Field | Rule::Path => &mut self.names,
            Rule::Family(_) | Rule::HighEntropy | Rule::PersonalData => &mut self.families,
            Rule::Structure => &mut self.structure,
            Rule::Text | Rule::Truncated => &mut self.text,
        };
        *count += 1;
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.names += other.names;
        self.families += other.families;
        self.structure += other.structure;
        self.text += other.text;
    }
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

/// What is noted while an input is redacted: counts always, places only to explain.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) counts: Counts,
    pub(crate) hidden: Option<Vec<Hidden>>,
}

impl Report {
    /// A report that keeps places.
    pub(crate) fn explaining() -> Self {
        Self {
            hidden: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Notes a hidden value; `place` is called only to explain.
    pub(crate) fn note(&mut self, rule: Rule, place: impl FnOnce() -> String) {
        self.counts.add(rule);
        if let Some(hidden) = &mut self.hidden {
            hidden.push(Hidden {
                place: place(),
                rule,
            });
        }
    }
}
