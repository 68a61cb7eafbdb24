//! The records with the highest values.

use std::{cmp::Reverse, collections::BinaryHeap};

/// The positions with the highest values, and of equal values the newest.
#[derive(Debug, Default)]
pub(super) struct Top(BinaryHeap<Reverse<(u64, i64)>>);

/// Number of positions that are kept.
const KEPT: usize = 10;

impl Top {
    pub(super) fn add(&mut self, value: u64, position: i64) {
        let entry = Reverse((value, position));
        if self.0.len() < KEPT {
            self.0.push(entry);
        } else if self.0.peek().is_some_and(|lowest| entry < *lowest) {
            self.0.pop();
            self.0.push(entry);
        }
    }

    /// Returns the positions, that of the highest value first.
    pub(super) fn positions(self) -> Vec<i64> {
        let sorted = self.0.into_sorted_vec();
        sorted.into_iter().map(|Reverse((_, at))| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_highest_values_in_order() {
        let mut top = Top::default();
        for position in 0..100 {
            top.add((position as u64 * 7) % 50, position);
        }
        let values: Vec<u64> = top
            .positions()
            .iter()
            .map(|at| (*at as u64 * 7) % 50)
            .collect();
        assert_eq!(values, [49, 49, 48, 48, 47, 47, 46, 46, 45, 45]);
    }
}
