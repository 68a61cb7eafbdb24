//! Two values beside each other.

use serde::Serialize;

use crate::body::MASK;

/// How the two sides of a row relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Equal,
    Changed,
    /// Only in A.
    Removed,
    /// Only in B.
    Added,
    /// Masked on both sides, or not kept on one.
    Unknown,
    /// The line above the members of a container.
    Group,
}

/// A value of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    Text(String),
    Absent,
    /// It may have been there; why that is not known.
    NotKept(String),
}

impl Side {
    pub(super) fn of(text: Option<String>) -> Self {
        match text {
            Some(text) if !text.is_empty() => Self::Text(text),
            _ => Self::Absent,
        }
    }
}

/// A line of a comparison.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Row {
    /// The whole path of a value in a document.
    pub(super) name: String,
    /// The last step of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    pub(super) depth: usize,
    pub(super) kind: Kind,
    pub(super) a: Side,
    pub(super) b: Side,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delta: Option<String>,
    /// Of a group, its last row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<usize>,
}

/// Relates two values. `None` if both are absent.
pub(super) fn pair(name: &str, a: Side, b: Side) -> Option<Row> {
    let mut delta = None;
    let kind = match (&a, &b) {
        (Side::Absent, Side::Absent) => return None,
        (Side::NotKept(_), _) | (_, Side::NotKept(_)) => Kind::Unknown,
        (Side::Absent, Side::Text(_)) => Kind::Added,
        (Side::Text(_), Side::Absent) => Kind::Removed,
        (Side::Text(x), Side::Text(y)) if x != y => Kind::Changed,
        (Side::Text(x), Side::Text(_)) if x.contains(MASK) => {
            delta = Some("whether they are equal is not known".to_owned());
            Kind::Unknown
        }
        (Side::Text(_), Side::Text(_)) => Kind::Equal,
    };
    Some(Row {
        name: name.to_owned(),
        key: None,
        depth: 0,
        kind,
        a,
        b,
        delta,
        until: None,
    })
}
