//! Disks that are slower than the network, and budgets that are too small.

use std::{
    sync::{
        mpsc::{self, Sender},
        Arc, Mutex,
    },
    task::{Context, Poll, Wake, Waker},
};

use actix_web::body::MessageBody as _;
use body_logger_core::record::NoFile;

use super::{
    super::{SpoolBuilder, WhenSlow},
    call,
    disk::Mood,
    pattern, read, read_all, Bench, CHUNK, PATIENCE,
};

/// As much as four chunks may wait.
fn slowing_down(spool: SpoolBuilder) -> SpoolBuilder {
    spool.when_slow(WhenSlow::SlowDown).waiting_bytes(4 * CHUNK)
}

fn giving_up(spool: SpoolBuilder) -> SpoolBuilder {
    spool.when_slow(WhenSlow::GiveUp).waiting_bytes(4 * CHUNK)
}

/// Sends when it is woken.
struct Woken(Mutex<Sender<()>>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        let _ = self.0.lock().expect("a lock").send(());
    }
}

#[actix_web::test]
async fn a_stream_that_is_slowed_down_waits_for_the_disk_and_is_woken() {
    for chunk in [1_000, CHUNK] {
        waits_for_the_disk(chunk).await;
    }
}

async fn waits_for_the_disk(chunk: usize) {
    let bench = Bench::new(slowing_down);
    bench.valve.set(Mood::Stalls);
    let length = 20 * CHUNK;
    let mut body = Box::pin(call(&bench.app().await, &format!("/{length}/{chunk}")).await);
    let (first, ended) = read(&mut body).await;
    // As much as fills four blocks.
    assert_eq!(
        (first.len(), ended),
        ((4 * CHUNK).next_multiple_of(chunk), false)
    );
    // It stays so.
    assert_eq!(read(&mut body).await, (Vec::new(), false));
    bench.valve.wait_for_stall();
    assert!(bench.budget.in_use() >= 4 * CHUNK);

    let (sender, woken) = mpsc::channel();
    let waker = Waker::from(Arc::new(Woken(Mutex::new(sender))));
    let polled = body.as_mut().poll_next(&mut Context::from_waker(&waker));
    assert!(matches!(polled, Poll::Pending));
    woken.try_recv().expect_err("nothing to wake it for");
    bench.valve.open();
    woken
        .recv_timeout(PATIENCE)
        .expect("a stream that is woken");

    let rest = read_all(&mut body).await;
    assert!([first, rest].concat() == pattern(length));
    drop(body);
    let record = bench.record();
    let body = &record.response.expect("a response").body;
    assert!(bench.content(body) == pattern(length));
    bench.wait_for_freed();
}

#[actix_web::test]
async fn a_stream_that_is_dropped_while_it_waits_leaves_what_passed() {
    let bench = Bench::new(slowing_down);
    bench.valve.set(Mood::Stalls);
    let mut body = Box::pin(call(&bench.app().await, &format!("/{}/{CHUNK}", 20 * CHUNK)).await);
    let (first, _) = read(&mut body).await;
    drop(body);
    assert!(
        bench.memory.records().is_empty(),
        "the file is not finished"
    );
    bench.valve.open();
    let record = bench.record();
    let body = &record.response.expect("a response").body;
    assert!(bench.content(body) == first);
    assert!(body
        .file
        .as_ref()
        .expect("a file")
        .name
        .ends_with(".partial"));
    bench.wait_for_freed();
}

#[actix_web::test]
async fn a_stream_that_is_given_up_never_waits_and_its_record_says_so() {
    for chunk in [1_000, CHUNK, 10 * CHUNK] {
        let bench = Bench::new(giving_up);
        bench.valve.set(Mood::Stalls);
        let length = 40 * CHUNK;
        let mut body = Box::pin(call(&bench.app().await, &format!("/{length}/{chunk}")).await);
        assert_eq!(read(&mut body).await, (pattern(length), true));
        drop(body);
        // The disk still stalls.
        let record = bench.record();
        let body = &record.response.expect("a response").body;
        assert_eq!((&body.file, body.no_file), (&None, Some(NoFile::TooSlow)));
        assert_eq!(bench.logger.counters().file_too_slow, 1);
        bench.valve.open();
        bench.wait_for_freed();
        assert!(bench.valve.writes() <= 1, "what waited is not written");
        // The thread has one command left, which this comes after.
        drop(read_all(&mut Box::pin(call(&bench.app().await, "/1/1").await)).await);
        assert_eq!(bench.memory.wait_for(2, PATIENCE).len(), 2);
        assert_eq!(bench.names().len(), 1, "{:?}", bench.names());
    }
}

#[actix_web::test]
async fn a_body_for_which_the_budget_has_no_memory_is_given_up() {
    for chunk in [1_000, 3 * CHUNK] {
        let bench = Bench::configured(giving_up, 100_000, |logger| logger);
        bench.valve.set(Mood::Stalls);
        let length = 40 * CHUNK;
        let mut body = Box::pin(call(&bench.app().await, &format!("/{length}/{chunk}")).await);
        assert_eq!(read(&mut body).await, (pattern(length), true));
        drop(body);
        let record = bench.record();
        let reason = record.response.expect("a response").body.no_file;
        assert_eq!(reason, Some(NoFile::MemoryBudget));
        assert_eq!(bench.logger.counters().file_memory_budget, 1);
        bench.valve.open();
        bench.wait_for_freed();
    }
}

#[actix_web::test]
async fn a_stream_that_is_slowed_down_goes_on_by_its_own_blocks_without_any_budget() {
    for chunk in [1_000, 3 * CHUNK] {
        let bench = Bench::configured(slowing_down, 1, |logger| logger);
        let length = 40 * CHUNK;
        bench.valve.set(Mood::Stalls);
        let mut body = Box::pin(call(&bench.app().await, &format!("/{length}/{chunk}")).await);
        let (first, ended) = read(&mut body).await;
        assert!(
            !ended && first.len() <= CHUNK + 4 * chunk,
            "{}",
            first.len()
        );
        bench.valve.open();
        let rest = read_all(&mut body).await;
        assert!([first, rest].concat() == pattern(length));
        drop(body);
        let record = bench.record();
        let body = &record.response.expect("a response").body;
        assert!(bench.content(body) == pattern(length));
        bench.wait_for_freed();
    }
}
