//! Tables, as the page draws them.

use serde::Serialize;

use super::lines::Line;
use crate::format::plural;

/// Rows of a table at most.
const MOST: usize = 1_000;

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
    /// `what` is what a row is about. Only the rows that are listed are made.
    pub(super) fn new(
        label: impl Into<String>,
        heads: &'static [&'static str],
        what: &str,
        rows: impl ExactSizeIterator<Item = Vec<Cell>>,
    ) -> Self {
        let more = rows.len().saturating_sub(MOST);
        let mut rows: Vec<_> = rows.take(MOST).collect();
        if more > 0 {
            let note = format!("{} not listed", plural(more as u64, what));
            let mut last = vec![Vec::new(); heads.len() - 1];
            last.push(vec![Piece::Muted(note)]);
            rows.push(last);
        }
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
