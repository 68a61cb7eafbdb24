//! The index of a log: which leaf each of its files begins with.

use std::fmt::Write;

/// Which leaf each file begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileIndex {
    /// The closed files, as the times in their names, with their first leaves.
    pub(crate) closed: Vec<(String, u64)>,
    pub(crate) live: u64,
}

impl FileIndex {
    /// Formats the index, one line per file: its first leaf, and the time in its name or `live`.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (closed_at, first) in &self.closed {
            let _ = writeln!(text, "{first} {closed_at}");
        }
        let _ = writeln!(text, "{} live", self.live);
        text
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut index = Self::default();
        for line in text.lines() {
            let (first, name) = line.split_once(' ')?;
            let first = first.parse().ok()?;
            match name {
                "live" => index.live = first,
                _ => index.closed.push((name.to_owned(), first)),
            }
        }
        text.ends_with(" live\n").then_some(index)
    }

    /// Returns the first leaf of the file closed at this time, or of the live file.
    pub(crate) fn first_of(&self, closed_at: Option<&str>) -> Option<u64> {
        let Some(closed_at) = closed_at else {
            return Some(self.live);
        };
        let mut closed = self.closed.iter();
        Some(closed.find(|(known, _)| known == closed_at)?.1)
    }
}
