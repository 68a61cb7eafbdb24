//! Compares a queue's state with a plain, slow model of it.

use std::collections::{BTreeMap, VecDeque};

use proptest::{collection::vec, prelude::*};

use super::super::{
    state::{BatchLimits, Queued, State},
    Limits, WhenFull,
};

#[derive(Debug, Clone, PartialEq)]
struct Item {
    number: u64,
    head: usize,
    body: usize,
}

impl Queued for Item {
    fn records(&self) -> usize {
        1
    }

    fn bytes(&self) -> usize {
        self.head + self.body
    }

    fn shed_bodies(&mut self) -> usize {
        usize::from(std::mem::take(&mut self.body) > 0)
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        std::iter::once(self.number)
    }
}

/// A model that recomputes every count each time.
#[derive(Default)]
struct Model {
    waiting: VecDeque<Item>,
    taken: Vec<Item>,
    lost: BTreeMap<u64, &'static str>,
    /// How many entries are or were queued without the body that they had.
    shed: usize,
}

impl Model {
    fn depth(&self) -> (usize, usize) {
        let all = || self.waiting.iter().chain(&self.taken);
        (all().count(), all().map(Item::bytes).sum())
    }

    fn push(&mut self, limits: Limits, mut item: Item) {
        let (most_records, most_bytes) = match limits.when_full {
            WhenFull::Wait => (limits.records + limits.records.max(1024), limits.bytes * 2),
            _ => (limits.records, limits.bytes),
        };
        let would_be = self.depth().1 + item.bytes();
        let sheds = match limits.when_full {
            WhenFull::ShedBodies => would_be > limits.bytes / 4 * 3,
            WhenFull::Wait => would_be > most_bytes,
            _ => false,
        };
        let loses_body = (sheds || item.bytes() > most_bytes) && item.body > 0;
        if loses_body {
            item.body = 0;
        }
        let fits = |(records, bytes): (usize, usize), item: &Item| {
            records < most_records && bytes + item.bytes() <= most_bytes
        };
        let in_hand: usize = self.taken.iter().map(Item::bytes).sum();
        if limits.when_full == WhenFull::DropOldest && fits((self.taken.len(), in_hand), &item) {
            while !fits(self.depth(), &item) {
                let oldest = self.waiting.pop_front().expect("it fits without them");
                self.lost.insert(oldest.number, "oldest");
            }
        }
        if fits(self.depth(), &item) {
            self.shed += usize::from(loses_body);
            self.waiting.push_back(item);
        } else {
            self.lost.insert(item.number, "newest");
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Push { head: usize, body: usize },
    Take(usize, usize),
    Release,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..400usize, prop_oneof![Just(0), 0..900usize]).prop_map(|(head, body)| Step::Push { head, body }),
        1 => (1..6usize, 1..2000usize).prop_map(|(records, bytes)| Step::Take(records, bytes)),
        1 => Just(Step::Release),
    ]
}

#[test]
fn limits_the_records_of_the_excess() {
    for (records, most) in [(4, 4 + 1024), (1500, 2 * 1500)] {
        let limits = Limits {
            records,
            bytes: 1 << 20,
            when_full: WhenFull::Wait,
        };
        let mut state = State::new(limits);
        let item = |number| Item {
            number,
            head: 1,
            body: 0,
        };
        let accepted = (1..=4000).filter(|number| state.push(item(*number)).accepted);
        assert_eq!(accepted.count(), most);
        assert_eq!(state.depth(), (most, most));
    }
}

fn of_size(bytes: usize) -> Item {
    Item {
        number: 1,
        head: bytes,
        body: 0,
    }
}

fn state(records: usize, bytes: usize) -> State<Item> {
    State::new(Limits {
        records,
        bytes,
        when_full: WhenFull::DropNewest,
    })
}

#[test]
fn a_queue_is_half_full_by_its_records_or_by_its_bytes() {
    for (sizes, expected) in [
        (&[][..], false),
        (&[1], false),
        (&[1, 1], true),
        (&[49], false),
        (&[50], true),
    ] {
        let mut state = state(4, 100);
        for bytes in sizes {
            state.push(of_size(*bytes));
        }
        assert_eq!(state.is_half_full(), expected, "{sizes:?}");
    }
}

#[test]
fn what_is_being_written_counts_for_no_batch_to_come() {
    let batch = BatchLimits {
        items: usize::MAX,
        records: 3,
        bytes: 30,
    };
    for sizes in [&[20, 10][..], &[1, 1, 1]] {
        let mut state = state(100, 1000);
        let mut fills = |bytes: &usize| {
            state.push(of_size(*bytes));
            state.fills(batch)
        };
        let (last, first) = sizes.split_last().expect("not empty");
        assert!(!first.iter().any(&mut fills) && fills(last));
        state.take(batch);
        let mut fills = |bytes: &usize| {
            state.push(of_size(*bytes));
            state.fills(batch)
        };
        assert!(!first.iter().any(&mut fills) && fills(last));
    }
}

proptest! {
    #[test]
    fn a_queue_agrees_with_a_plain_model(
        steps in vec(any_step(), 0..200),
        records in 0..10usize,
        bytes in 0..3000usize,
        mode in 0..4usize,
    ) {
        use WhenFull::{DropNewest, DropOldest, ShedBodies, Wait};
        let when_full = [DropNewest, DropOldest, ShedBodies, Wait][mode];
        let limits = Limits { records, bytes, when_full };
        let (mut state, mut model) = (State::new(limits), Model::default());
        let mut shed = 0;
        for (number, step) in (1..).zip(steps) {
            match step {
                Step::Push { head, body } => {
                    let item = Item { number, head, body };
                    shed += state.push(item.clone()).bodies_shed;
                    model.push(limits, item);
                }
                Step::Take(records, bytes) => {
                    let most = BatchLimits { items: usize::MAX, records, bytes };
                    let taken = state.take(most);
                    let mut size = 0;
                    let mut expected = Vec::new();
                    while let Some(next) = model.waiting.front() {
                        // No loss lies between two entries taken at once.
                        let first = expected.first().map_or(next.number, |it: &Item| it.number);
                        let lost_between = model.lost.range(first..next.number).next();
                        let fits = expected.len() < records
                            && size + next.bytes() <= bytes
                            && lost_between.is_none();
                        if !fits && !expected.is_empty() {
                            break;
                        }
                        size += next.bytes();
                        expected.extend(model.waiting.pop_front());
                    }
                    prop_assert_eq!(&taken.items, &expected);
                    prop_assert_eq!(taken.is_last, model.waiting.is_empty());
                    let named = taken.gap.iter().flat_map(|gap| gap.seq.iter()).flatten();
                    let named: Vec<u64> = named.collect();
                    // Losses after them are named after them.
                    let later = match expected.last() {
                        Some(last) => model.lost.split_off(&last.number),
                        None => BTreeMap::new(),
                    };
                    let earlier: Vec<u64> = model.lost.keys().copied().collect();
                    prop_assert_eq!(named, earlier);
                    model.lost = later;
                    model.taken.extend(expected);
                }
                Step::Release => {
                    let taken = std::mem::take(&mut model.taken);
                    state.release(taken.len(), taken.iter().map(Item::bytes).sum());
                }
            }
            prop_assert_eq!(state.depth(), model.depth());
            prop_assert_eq!(shed, model.shed);
            let has_capacity = model.depth().0 < records && model.depth().1 < bytes;
            prop_assert_eq!(state.has_capacity(), has_capacity);
        }
    }
}
