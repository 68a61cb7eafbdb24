//! Whatever fails in whatever order, each entry arrives once, or is a dead letter.

use std::{collections::HashSet, time::Duration};

use proptest::prelude::*;

use super::{
    log::{lines, Directory},
    memory::{Fault, Memory},
    shipper, stop,
};

/// What happens while a log is shipped.
#[derive(Debug, Clone)]
enum Step {
    Append(u64),
    Rotate,
    Fail(Fault),
    /// The shipper ends at any moment, and a new one begins.
    Restart,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::None),
        Just(Fault::Unreachable),
        Just(Fault::Lost),
        Just(Fault::Unacknowledged),
        (0..100_usize).prop_map(Fault::Torn),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..40_u64).prop_map(Step::Append),
        1 => Just(Step::Rotate),
        3 => fault().prop_map(Step::Fail),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_entry_arrives_once_and_in_order_or_is_a_dead_letter(
        steps in prop::collection::vec(step(), 1..30),
        poison in prop::collection::hash_set(1..200_u64, 0..4),
        batch in 1..50_usize,
        leaves_pending in any::<bool>(),
    ) {
        let directory = Directory::new();
        let memory = Memory::refusing(poison.clone()).leaving_pending(leaves_pending);
        let start = || {
            let shipper = shipper(&directory, memory.clone()).batch_entries(batch);
            shipper.spawn().expect("a shipper")
        };
        directory.append("");
        let mut handle = start();
        let mut next = 1;
        for (number, step) in steps.iter().enumerate() {
            match step {
                Step::Append(count) => {
                    directory.append(&lines(next..next + count));
                    next += count;
                }
                Step::Rotate => {
                    directory.rotate(number);
                    directory.append("");
                }
                Step::Fail(fault) => memory.fail([*fault]),
                Step::Restart => {
                    handle.stop(Duration::ZERO).expect("a thread that ends");
                    handle = start();
                }
            }
        }
        // The last one is behind all dead letters.
        directory.append(&lines(1000..1001));
        let expected: Vec<u64> = (1..next).filter(|it| !poison.contains(it)).chain([1000]).collect();
        prop_assert_eq!(memory.numbers(expected.len()), expected);
        stop(handle);
        let dead: HashSet<u64> = directory.dead_letters().into_iter().map(|it| it.0).collect();
        let refused: HashSet<u64> = (1..next).filter(|it| poison.contains(it)).collect();
        prop_assert_eq!(dead, refused);
    }
}
