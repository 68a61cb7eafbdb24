//! Sets of sequence numbers, as ranges.

use std::ops::RangeInclusive;

/// A set of sequence numbers: sorted inclusive ranges, which neither overlap nor touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeqRanges(Vec<[u64; 2]>);

impl SeqRanges {
    /// Returns how many numbers are in it.
    pub fn count(&self) -> u64 {
        let sizes = self
            .0
            .iter()
            .map(|[from, to]| (to - from).saturating_add(1));
        sizes.fold(0, u64::saturating_add)
    }

    /// Whether a number is in it.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        let at = self.0.partition_point(|range| range[1] < number);
        self.0.get(at).is_some_and(|range| range[0] <= number)
    }

    /// Returns the ranges in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = RangeInclusive<u64>> + '_ {
        self.0.iter().map(|&[from, to]| from..=to)
    }

    /// Returns the smallest and the largest number.
    pub fn bounds(&self) -> Option<(u64, u64)> {
        Some((self.0.first()?[0], self.0.last()?[1]))
    }

    /// Returns the ranges in the form that records use.
    pub fn to_vec(&self) -> Vec<RangeInclusive<u64>> {
        self.iter().collect()
    }

    /// Adds a number. Returns false if it was already in the set.
    pub fn insert(&mut self, number: u64) -> bool {
        self.insert_range(number..=number) > 0
    }

    /// Adds a range. Returns how many of its numbers were new.
    pub fn insert_range(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (mut from, mut to) = range.into_inner();
        if from > to {
            return 0;
        }
        let ranges = &mut self.0;
        // Fast path: numbers are mostly added in ascending order.
        match ranges.last_mut() {
            None => {
                ranges.push([from, to]);
                return (to - from).saturating_add(1);
            }
            Some(last) if last[1] < from => {
                if last[1] + 1 == from {
                    last[1] = to;
                } else {
                    ranges.push([from, to]);
                }
                return (to - from).saturating_add(1);
            }
            Some(_) => {}
        }
        let added = (to - from).saturating_add(1);
        let first = ranges.partition_point(|range| range[1].saturating_add(1) < from);
        let end = ranges.partition_point(|range| range[0] <= to.saturating_add(1));
        let mut known = 0;
        for range in &ranges[first..end] {
            let (low, high) = (range[0].max(from), range[1].min(to));
            if low <= high {
                known += high - low + 1;
            }
        }
        if first < end {
            from = from.min(ranges[first][0]);
            to = to.max(ranges[end - 1][1]);
        }
        ranges.splice(first..end, [[from, to]]);
        added - known
    }

    /// Returns the numbers that are in this set and not in `other`.
    pub fn without(&self, other: &Self) -> Self {
        let mut left = Self::default();
        let mut others = other.0.iter().peekable();
        for &[mut from, to] in &self.0 {
            while others.next_if(|range| range[1] < from).is_some() {}
            let mut ended = false;
            let mut ahead = others.clone();
            while let Some(&&[low, high]) = ahead.peek() {
                if low > to {
                    break;
                }
                if low > from {
                    left.insert_range(from..=low - 1);
                }
                if high >= to {
                    ended = true;
                    break;
                }
                from = from.max(high + 1);
                ahead.next();
            }
            if !ended {
                left.insert_range(from..=to);
            }
        }
        left
    }

    /// Returns the number of ranges.
    pub fn range_count(&self) -> usize {
        self.0.len()
    }

    /// Removes and returns the lowest ranges, at most `ranges` of them.
    pub fn split_lowest(&mut self, ranges: usize) -> Self {
        let ranges = ranges.min(self.0.len());
        let rest = self.0.split_off(ranges);
        Self(std::mem::replace(&mut self.0, rest))
    }

    /// Removes and returns the numbers below `number`.
    pub fn split_below(&mut self, number: u64) -> Self {
        let at = self.0.partition_point(|range| range[1] < number);
        let mut below = Self(self.0.drain(..at).collect());
        if let Some(first) = self.0.first_mut().filter(|first| first[0] < number) {
            below.0.push([first[0], number - 1]);
            first[0] = number;
        }
        below
    }

    /// Returns the start of the first range that begins after `number`.
    pub fn next_after(&self, number: u64) -> Option<u64> {
        let at = self.0.partition_point(|range| range[0] <= number);
        self.0.get(at).map(|range| range[0])
    }

    /// Joins the two adjacent ranges with the fewest numbers between them. Returns how many numbers that adds.
    pub fn join_nearest(&mut self) -> u64 {
        let between = |at: usize| self.0[at + 1][0] - self.0[at][1] - 1;
        let Some(at) = (0..self.0.len().saturating_sub(1)).min_by_key(|&at| between(at)) else {
            return 0;
        };
        let joined = between(at);
        self.0[at][1] = self.0[at + 1][1];
        self.0.remove(at + 1);
        joined
    }
}

impl FromIterator<RangeInclusive<u64>> for SeqRanges {
    /// Collects ranges in any order. A range that ends before it begins is empty.
    fn from_iter<I: IntoIterator<Item = RangeInclusive<u64>>>(ranges: I) -> Self {
        let mut numbers = Self::default();
        for range in ranges {
            numbers.insert_range(range);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn plain(ranges: &SeqRanges) -> BTreeSet<u64> {
        ranges.iter().flatten().collect()
    }

    fn is_normal(ranges: &SeqRanges) -> bool {
        ranges.0.iter().all(|[from, to]| from <= to)
            && ranges.0.windows(2).all(|pair| pair[0][1] + 1 < pair[1][0])
    }

    fn any_ranges() -> impl Strategy<Value = Vec<RangeInclusive<u64>>> {
        prop::collection::vec((0u64..40, 0u64..6), 0..12).prop_map(|it| {
            it.into_iter()
                .map(|(from, more)| from..=from + more)
                .collect()
        })
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_set(one in any_ranges(), other in any_ranges()) {
            let mut ranges = SeqRanges::default();
            let mut set = BTreeSet::new();
            for range in one {
                let new = range.clone().filter(|number| set.insert(*number)).count();
                prop_assert_eq!(ranges.insert_range(range), new as u64);
                prop_assert!(is_normal(&ranges), "{:?}", ranges);
            }
            prop_assert_eq!(&plain(&ranges), &set);
            prop_assert_eq!(ranges.count(), set.len() as u64);
            for number in 0..50 {
                prop_assert_eq!(ranges.contains(number), set.contains(&number));
            }
            let other: SeqRanges = other.into_iter().collect();
            let others = plain(&other);
            let without = ranges.without(&other);
            prop_assert!(is_normal(&without), "{:?}", without);
            prop_assert_eq!(plain(&without), &set - &others);
            let mut rest = ranges.clone();
            let lowest = rest.split_lowest(2);
            prop_assert_eq!(lowest.range_count(), ranges.range_count().min(2));
            prop_assert_eq!(&plain(&lowest) | &plain(&rest), set);
        }
    }

    #[test]
    fn goes_up_to_the_largest_number() {
        let mut ranges = SeqRanges::default();
        assert_eq!(ranges.insert_range(1..=u64::MAX), u64::MAX);
        assert!(!ranges.insert(u64::MAX));
        assert!(ranges.insert(0));
        assert_eq!(ranges.range_count(), 1);
    }

    #[test]
    fn joins_the_nearest_neighbors() {
        let mut ranges: SeqRanges = [1..=2, 5..=5, 7..=9, 20..=20].into_iter().collect();
        assert_eq!(ranges.join_nearest(), 1);
        assert_eq!(ranges.to_vec(), [1..=2, 5..=9, 20..=20]);
    }
}
