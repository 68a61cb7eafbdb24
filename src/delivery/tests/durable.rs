//! Which waiters learn that their entry is durable, whatever the sinks do.

use std::{
    future::Future as _,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use super::{
    super::{Limits, Receipt, WhenFull},
    support::{end_awaited, Reply, Scripted, Stepped},
};
use crate::policy::Quorum;

const LIMITS: Limits = Limits {
    records: 100,
    bytes: 1 << 20,
    when_full: WhenFull::DropNewest,
};

fn with_sinks(required: usize, others: usize, quorum: Quorum) -> Stepped {
    let sinks = (0..required + others).map(|_| Scripted::default());
    let limits = vec![LIMITS; required + others];
    Stepped::requiring(sinks.collect(), &limits, required, quorum)
}

/// What a waiter knows: `None` if it still waits.
fn answer(receipt: &mut Receipt) -> Option<bool> {
    match Pin::new(receipt).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(durable) => Some(durable),
        Poll::Pending => None,
    }
}

fn answers(receipts: &mut [Receipt]) -> Vec<Option<bool>> {
    receipts.iter_mut().map(answer).collect()
}

#[test]
fn one_sync_answers_all_who_wait() {
    for others in [0, 1] {
        let mut all = with_sinks(1, others, Quorum::All);
        let mut receipts: Vec<_> = (0..5).map(|_| end_awaited(&all.delivery)).collect();
        assert_eq!(answers(&mut receipts), [None; 5]);
        all.finish();
        assert_eq!(answers(&mut receipts), [Some(true); 5]);
        assert_eq!(all.log(0).syncs, 1);
    }
}

#[test]
fn entries_that_nobody_waits_for_are_not_synced() {
    let mut all = with_sinks(1, 0, Quorum::All);
    all.end(0);
    all.finish();
    let log = all.log(0);
    assert_eq!((log.syncs, log.held.len()), (0, 1));
}

#[test]
fn each_waiter_of_a_failed_batch_learns_the_fate_of_its_own_entry() {
    for others in [0, 1] {
        for first in [
            Reply::Refuse,
            Reply::Panic,
            Reply::Explode,
            Reply::TakeHalfSilently,
        ] {
            let mut all = with_sinks(1, others, Quorum::All);
            let mut receipts: Vec<_> = (0..3).map(|_| end_awaited(&all.delivery)).collect();
            // The batch, the first and the second entry alone, and then a gap for the second before the third.
            all.sinks[0].script([first.clone(), Reply::Take, Reply::Refuse]);
            all.finish();
            assert_eq!(
                answers(&mut receipts),
                [Some(true), Some(false), Some(true)],
                "{first:?}"
            );
            let log = all.log(0);
            assert_eq!(log.named, [2]);
            assert!(
                [1, 3].iter().all(|number| log.held.contains(number)),
                "{log:?}"
            );
        }
    }
}

#[test]
fn what_a_failed_batch_has_written_is_not_written_again() {
    let mut all = with_sinks(1, 0, Quorum::All);
    let mut receipts: Vec<_> = (0..4).map(|_| end_awaited(&all.delivery)).collect();
    all.sinks[0].script([Reply::TakePrefix(2), Reply::Take, Reply::Refuse]);
    all.finish();
    let durable = [true, true, true, false].map(Some);
    assert_eq!(answers(&mut receipts), durable);
    assert_eq!(all.log(0).held, [1, 2, 3]);
    let counters = all.delivery.sum();
    assert_eq!((counters.written, counters.sink_error), (3, 1));
}

#[test]
fn entries_that_nobody_waits_for_any_more_are_not_written_alone() {
    let mut all = with_sinks(1, 0, Quorum::All);
    let (gone, mut stays) = (end_awaited(&all.delivery), end_awaited(&all.delivery));
    all.end(0);
    drop(gone);
    all.sinks[0].script([Reply::Refuse]);
    all.finish();
    assert_eq!(answer(&mut stays), Some(true));
    let log = all.log(0);
    assert_eq!((&*log.held, &*log.named), (&[2][..], &[1, 3][..]));
}

#[test]
fn dropped_entries_are_not_durable() {
    let full = Limits {
        records: 1,
        ..LIMITS
    };
    let mut all = Stepped::requiring(vec![Scripted::default()], &[full], 1, Quorum::All);
    let mut receipts = [end_awaited(&all.delivery), end_awaited(&all.delivery)];
    assert_eq!(answers(&mut receipts), [None, Some(false)]);
    all.finish();
    assert_eq!(
        answer(&mut end_awaited(&with_sinks(0, 1, Quorum::All).delivery)),
        Some(false)
    );
}

#[test]
fn a_full_lane_of_one_sink_is_a_failure_of_that_one() {
    for (quorum, durable) in [(Quorum::All, false), (Quorum::Any, true)] {
        let full = Limits {
            records: 1,
            ..LIMITS
        };
        let sinks = vec![Scripted::default(), Scripted::default()];
        let mut all = Stepped::requiring(sinks, &[LIMITS, full], 2, quorum);
        let mut receipts = Vec::new();
        for _ in 0..2 {
            receipts.push(end_awaited(&all.delivery));
            all.write();
        }
        // The lane of the second sink has capacity for one, which is enough to know if all are needed.
        let known = (quorum == Quorum::All).then_some(false);
        assert_eq!(answers(&mut receipts[1..]), [known]);
        receipts.truncate(2 - usize::from(known.is_some()));
        all.finish();
        let durable = [true, durable].map(Some);
        assert_eq!(answers(&mut receipts), durable[..receipts.len()]);
    }
}

#[test]
fn a_quorum_is_each_or_any_of_the_required_sinks() {
    for (refusing, quorum, expected) in [
        (0, Quorum::All, true),
        (1, Quorum::All, false),
        (1, Quorum::Any, true),
        (2, Quorum::Any, false),
    ] {
        let mut all = with_sinks(2, 1, quorum);
        let mut receipt = end_awaited(&all.delivery);
        for sink in &all.sinks[..refusing] {
            sink.script([Reply::Refuse, Reply::Refuse]);
        }
        all.finish();
        assert_eq!(
            answer(&mut receipt),
            Some(expected),
            "{refusing} {quorum:?}"
        );
    }
}

#[test]
fn waiters_are_answered_as_soon_as_the_outcome_is_certain() {
    let mut all = with_sinks(2, 0, Quorum::Any);
    let mut receipt = end_awaited(&all.delivery);
    all.write();
    all.sink(1);
    assert_eq!(answer(&mut receipt), Some(true));

    let mut all = with_sinks(2, 0, Quorum::All);
    let mut receipt = end_awaited(&all.delivery);
    all.write();
    all.sinks[0].script([Reply::Refuse, Reply::Refuse]);
    all.sink(0);
    assert_eq!(answer(&mut receipt), Some(false));

    let mut all = with_sinks(2, 0, Quorum::All);
    let mut receipt = end_awaited(&all.delivery);
    all.write();
    all.sink(0);
    assert_eq!(answer(&mut receipt), None);
    all.sinks[1].script([Reply::Refuse, Reply::Refuse]);
    all.sink(1);
    assert_eq!(answer(&mut receipt), Some(false));
}
