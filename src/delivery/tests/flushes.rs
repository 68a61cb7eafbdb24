//! When a flush is answered, and what is let in meanwhile.

use std::time::Duration;

use super::{
    super::{flush::deadline, Limits, WhenFull},
    support::{Scripted, Stepped},
    waiting::Waiter,
};
use crate::sink::BatchOptions;

/// With a sink that is given one entry at a time.
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
fn a_flush_is_answered_once_all_before_it_is_written() {
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
fn a_flush_is_answered_once_all_that_was_lost_before_it_is_named() {
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
fn who_comes_does_not_overtake_who_waits() {
    let mut all = one_by_one(2, WhenFull::Wait);
    all.end(0);
    all.end(0);
    let mut first = Waiter::new(all.delivery.admission().expect("it is full"));
    assert!(!first.is_admitted());
    all.write();
    assert!(all.delivery.admission().is_some(), "somebody waits");
    assert!(first.is_admitted());
    drop(first);
    assert!(all.delivery.admission().is_none());
}

#[test]
fn who_waits_is_let_in_when_the_logger_is_gone() {
    let all = one_by_one(1, WhenFull::Wait);
    all.end(0);
    let mut waiter = Waiter::new(all.delivery.admission().expect("it is full"));
    assert!(!waiter.is_admitted());
    drop(all.delivery);
    assert!(waiter.is_admitted());
}
