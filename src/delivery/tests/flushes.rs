//! When a flush is answered, and which new exchanges are let in.

use std::time::Duration;

use super::{
    super::{
        flush::{deadline, FlushRequest},
        Limits, WhenFull,
    },
    support::{Scripted, Stepped},
    waiting::Waiter,
};
use crate::sink::BatchOptions;

/// A delivery whose sink is given one entry at a time.
fn one_by_one(records: usize, when_full: WhenFull) -> Stepped {
    let limits = Limits {
        records,
        bytes: 1 << 20,
        when_full,
    };
    let sink = Scripted {
        options: Some(BatchOptions::default().records(1)),
        ..Scripted::default()
    };
    Stepped::with_sinks(vec![sink], &[limits], 1 << 20)
}

#[test]
fn answers_a_flush_when_all_entries_before_it_are_written() {
    let mut all = one_by_one(10, WhenFull::DropNewest);
    all.end(0);
    let first = all.request();
    all.end(0);
    let (second, again) = (all.request(), all.request());
    all.write();
    assert_eq!(first.wait(deadline(Duration::ZERO)), [Some(Ok(()))]);
    assert_eq!(second.wait(deadline(Duration::ZERO)), [None]);
    all.write();
    assert_eq!(again.wait(deadline(Duration::ZERO)), [Some(Ok(()))]);
    assert_eq!(all.log(0).held, [1, 2]);
}

#[test]
fn flushes_a_sink_whenever_its_queue_is_empty() {
    for sinks in [1, 2] {
        let limits = Limits {
            records: 100,
            bytes: 1 << 20,
            when_full: WhenFull::DropNewest,
        };
        let mut all = Stepped::new(&vec![limits; sinks], 1 << 20);
        for flushes in 1..=3 {
            all.end(0);
            all.write();
            for sink in 0..sinks {
                all.sink(sink);
                assert_eq!(all.log(sink).flushes, flushes);
            }
        }
    }
}

#[test]
fn answers_a_flush_when_all_losses_before_it_are_named() {
    let mut all = one_by_one(1, WhenFull::DropNewest);
    all.end(0);
    all.end(0);
    let (request, again) = (all.request(), all.request());
    all.write();
    assert_eq!(all.log(0).held, [1]);
    assert_eq!(request.wait(deadline(Duration::ZERO)), [None]);
    all.write();
    assert_eq!(again.wait(deadline(Duration::ZERO)), [Some(Ok(()))]);
    assert_eq!(all.log(0).named, [2]);
}

#[test]
fn for_a_thread_that_has_ended_a_flush_is_answered_by_what_its_queue_has_left() {
    for left in [0, 1] {
        let all = one_by_one(10, WhenFull::DropNewest);
        for _ in 0..left {
            all.end(0);
        }
        all.writer.queue.abandon();
        let request = FlushRequest::to(1);
        (all.writer.queue).ask(&request, 0, &all.delivery.shared.queued[0]);
        let answer = request.wait(deadline(Duration::ZERO)).remove(0);
        assert_eq!(answer.expect("an answer").is_err(), left > 0);
    }
}

#[test]
fn a_new_exchange_does_not_overtake_a_waiting_one() {
    let mut all = one_by_one(2, WhenFull::Wait);
    all.end(0);
    all.end(0);
    let mut first = Waiter::new(all.delivery.admission().expect("it is full"));
    assert!(!first.is_admitted());
    all.write();
    assert!(all.delivery.admission().is_some(), "another one waits");
    assert!(first.is_admitted());
    drop(first);
    assert!(all.delivery.admission().is_none());
}

#[test]
fn lets_waiting_exchanges_in_when_the_logger_is_dropped() {
    let all = one_by_one(1, WhenFull::Wait);
    all.end(0);
    let mut waiter = Waiter::new(all.delivery.admission().expect("it is full"));
    assert!(!waiter.is_admitted());
    drop(all.delivery);
    assert!(waiter.is_admitted());
}
