//! Tables, as the page draws them.

use serde::Serialize;

use super::lines::Line;

/// A table with heads.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    label: String,
    heads: &'static [&'static str],
    pub(super) rows: Vec<Vec<Cell>>,
}

/// The pieces of a cell, one below the other.
pub(super) type Cell = Vec<Piece>;

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Piece {
    /// What was recorded.
    Text(String),
    /// What the page says of it.
    Muted(String),
    /// The name of a file.
    File(String),
    /// A document.
    Lines(Vec<Line>),
}

impl Table {
    pub(super) fn new(
        label: impl Into<String>,
        heads: &'static [&'static str],
        rows: Vec<Vec<Cell>>,
    ) -> Self {
        Self {
            label: label.into(),
            heads,
            rows,
        }
    }
}

/// What was recorded, or a dash.
pub(super) fn text_or_dash(text: Option<&str>) -> Cell {
    match text {
        Some(text) => vec![Piece::Text(text.to_owned())],
        None => vec![Piece::Muted("–".to_owned())],
    }
}
