//! The partitions that are known to be there.

use std::collections::VecDeque;

/// More days than a log of one application has at once.
const MAX: usize = 64;

/// By the statements that made them.
#[derive(Debug, Default)]
pub(super) struct Partitions(VecDeque<String>);

impl Partitions {
    /// Those that are not known, each once.
    pub(super) fn unknown(&self, wanted: impl Iterator<Item = String>) -> Vec<String> {
        let mut unknown: Vec<String> = wanted.filter(|it| !self.0.contains(it)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    pub(super) fn know(&mut self, statement: String) {
        if self.0.len() == MAX {
            self.0.pop_front();
        }
        self.0.push_back(statement);
    }
}
