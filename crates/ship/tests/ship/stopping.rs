//! Stopping, and going on.

use std::{fs, sync::mpsc, time::Duration};

use body_logger_ship::{Acknowledged, Destination, Outgoing, SendError, StartError};

use super::{
    log::{lines, Directory},
    memory::{Fault, Memory},
    shipper, stop, LIMIT,
};

#[test]
fn goes_on_behind_what_was_acknowledged() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let first = Memory::default();
    let handle = shipper(&directory, first.clone())
        .spawn()
        .expect("a shipper");
    first.numbers(10);
    stop(handle);
    directory.rotate(1);
    directory.append(&lines(11..21));
    let second = Memory::default();
    let handle = shipper(&directory, second.clone())
        .spawn()
        .expect("a shipper");
    assert_eq!(second.numbers(10), Vec::from_iter(11..21));
    assert_eq!(stop(handle).shipped, 10);
}

#[test]
fn stops_in_time_while_the_destination_hangs_and_sends_the_batch_again_later() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let memory = Memory::failing([Fault::Hangs]);
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    // It has connected, and sends.
    memory.called(2);
    let counters = handle.stop(Duration::ZERO).expect("a thread that ends");
    assert_eq!((counters.shipped, counters.lag_entries), (0, 10));
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    assert_eq!(memory.numbers(10), Vec::from_iter(1..11));
    stop(handle);
}

/// Notes with which checkpoints it is called, and never acknowledges anything.
struct Remembers {
    calls: mpsc::Sender<Option<u64>>,
    known: Option<u64>,
}

impl Destination for Remembers {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        self.known = checkpoint;
        Ok(checkpoint.or(Some(7)))
    }

    async fn send(&mut self, _: &[Outgoing]) -> Result<Acknowledged, SendError> {
        let _ = self.calls.send(self.known);
        std::future::pending().await
    }
}

#[test]
fn the_first_checkpoint_is_saved_before_anything_is_sent() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let (sender, checkpoints) = mpsc::channel();
    for expected in [None, Some(7)] {
        let calls = sender.clone();
        let handle = shipper(&directory, Remembers { calls, known: None });
        let handle = handle.spawn().expect("a shipper");
        assert_eq!(checkpoints.recv_timeout(LIMIT), Ok(expected));
        let _ = handle.stop(Duration::ZERO);
    }
}

#[test]
fn a_destination_that_panics_ends_shipping_and_loses_nothing() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let memory = Memory::failing([Fault::Panics]);
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    let start = std::time::Instant::now();
    while handle.is_running() {
        assert!(start.elapsed() < super::LIMIT, "it has not ended");
        std::thread::yield_now();
    }
    stop(handle);
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    assert!(handle.is_running());
    assert_eq!(memory.numbers(10), Vec::from_iter(1..11));
    stop(handle);
}

#[test]
fn stops_while_it_waits_for_a_log() {
    let directory = Directory::new();
    let handle = shipper(&directory, Memory::default())
        .spawn()
        .expect("a shipper");
    assert_eq!(stop(handle).shipped, 0);
}

#[test]
fn waits_for_a_log_that_is_not_there_yet() {
    let directory = Directory::new();
    let memory = Memory::default();
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    directory.append(&lines(1..3));
    assert_eq!(memory.numbers(2), [1, 2]);
    stop(handle);
}

#[test]
fn two_shippers_on_one_position_exclude_each_other() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let memory = Memory::failing([Fault::Hangs]);
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    let second = shipper(&directory, memory.clone()).spawn();
    let error = second.expect_err("it is in use");
    assert!(matches!(error, StartError::InUse { .. }), "{error}");
    handle.stop(Duration::ZERO).expect("a thread that ends");
    stop(shipper(&directory, memory).spawn().expect("it is free"));
}

#[test]
fn a_position_that_cannot_be_read_is_an_error_and_not_the_beginning() {
    for (text, expected) in [
        ("", "the file is damaged: "),
        ("{}", "the file is damaged: "),
        (r#"{"v":1,"position":{"fi"#, "the file is damaged: "),
        (
            r#"{"v":2,"position":{"file":null,"offset":0},"last":null}"#,
            "it is of version 2, and this shipper reads 1; without it, all of the log would be shipped again",
        ),
        (r#"{"v":2,"position":7}"#, "it is of version 2, and this shipper reads 1"),
    ] {
        let directory = Directory::new();
        fs::write(directory.file("position.json"), text).expect("a file");
        let started = shipper(&directory, Memory::default()).spawn();
        let error = started.expect_err("no position");
        assert!(matches!(error, StartError::Position { .. }), "{error}");
        assert!(error.to_string().contains("position.json"), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_slow_destination_delays_no_other() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let (slow, fast) = (Memory::failing([Fault::Hangs]), Memory::default());
    let slow = shipper(&directory, slow).spawn().expect("a shipper");
    let position = directory.file("fast.json");
    let handle = super::shipper_at(&position, &directory, fast.clone());
    let handle = handle.spawn().expect("a shipper");
    assert_eq!(fast.numbers(10), Vec::from_iter(1..11));
    stop(handle);
    drop(slow);
}

/// Waits until shipping has ended by itself.
#[track_caller]
fn ended(handle: &body_logger_ship::ShipHandle) {
    let start = std::time::Instant::now();
    while handle.is_running() {
        assert!(start.elapsed() < Duration::from_secs(60), "it goes on");
        std::thread::yield_now();
    }
}

#[test]
fn ends_at_the_end_of_the_log_once_all_is_acknowledged() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    directory.rotate(1);
    directory.append(&lines(11..21));
    let memory = Memory::failing([Fault::Unreachable, Fault::Lost]);
    let handle = shipper(&directory, memory.clone())
        .batch_entries(3)
        .until_end()
        .spawn()
        .expect("a shipper");
    ended(&handle);
    assert_eq!(memory.numbers(20), Vec::from_iter(1..21));
    let counters = stop(handle);
    assert_eq!((counters.shipped, counters.lag_entries), (20, 0));
}

#[test]
fn a_log_that_does_not_exist_is_at_its_end() {
    let directory = Directory::new();
    let shipper = shipper(&directory, Memory::default()).until_end();
    let handle = shipper.spawn().expect("a shipper");
    ended(&handle);
    assert_eq!(stop(handle).shipped, 0);
}
