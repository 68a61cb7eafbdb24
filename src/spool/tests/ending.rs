//! Exchanges that have ended and wait for their files.

use std::{collections::BTreeSet, time::Duration};

use body_logger_core::record::NoFile;

use super::{call, disk::Mood, pattern, read_all, Bench, PATIENCE};

/// More than may wait.
const MANY: usize = 1_100;

#[actix_web::test]
async fn a_stalled_disk_holds_back_a_limited_number_of_records() {
    let bench = Bench::new(|spool| spool);
    bench.valve.set(Mood::Stalls);
    let app = bench.app().await;
    for _ in 0..MANY {
        assert_eq!(
            read_all(&mut Box::pin(call(&app, "/10/10").await))
                .await
                .len(),
            10
        );
    }
    let early = bench.memory.wait_for(MANY - 1024, PATIENCE);
    assert_eq!(early.len(), MANY - 1024);
    let reason =
        |record: &crate::Record| record.response.as_ref().expect("a response").body.no_file;
    assert!(early
        .iter()
        .all(|record| reason(record) == Some(NoFile::TooSlow)));
    bench.valve.open();
    let all = bench.memory.wait_for(MANY, PATIENCE);
    let numbers: BTreeSet<_> = all.iter().map(|record| record.seq).collect();
    assert_eq!(numbers, (1..=MANY as u64).collect());
    let kept = all.iter().filter(|record| reason(record).is_none());
    assert_eq!((kept.count(), bench.names().len()), (1024, 1024));
    bench.wait_for_freed();
}

#[cfg(feature = "hash")]
#[actix_web::test]
async fn the_budget_is_charged_for_the_file_and_its_name_and_digest() {
    use std::{
        mem,
        sync::{mpsc, Mutex},
    };

    use body_logger_core::record::{BodyFile, Record};

    use crate::{content::BodyDigest, policy::MemoryBudget};

    let budget = MemoryBudget::new(64 * 1024 * 1024);
    let (tell, told) = mpsc::channel();
    let (tell, charged) = (Mutex::new(tell), budget.clone());
    // Called while what is rendered is still there.
    let sink = move |record: &Record| {
        let body = &record.response.as_ref().expect("a response").body;
        let seen = (charged.in_use(), body.file.clone());
        tell.lock().expect("a lock").send(seen).expect("a test");
    };
    let bench = Bench::configured(
        |spool| spool,
        1,
        |logger| {
            let logger = logger.memory_budget(budget).inline_sink(sink);
            logger.digest_bodies(BodyDigest::PlainSha256)
        },
    );
    let app = bench.app().await;
    let mut charged = Vec::new();
    for mood in [Mood::IsFull, Mood::Works] {
        bench.valve.set(mood);
        drop(read_all(&mut Box::pin(call(&app, "/10/10").await)).await);
        charged.push(told.recv_timeout(PATIENCE).expect("a record"));
    }
    let [(without, None), (with, Some(file))] = &charged[..] else {
        panic!("{charged:?}");
    };
    let digest = file.digest.as_ref().expect("a digest");
    let cost = mem::size_of::<BodyFile>() + file.name.len() + digest.len();
    assert_eq!(with - without, cost);
}

#[actix_web::test]
async fn a_flush_waits_for_the_files_of_ended_exchanges() {
    let bench = Bench::new(|spool| spool);
    bench.valve.set(Mood::Stalls);
    let mut body = Box::pin(call(&bench.app().await, "/10/10").await);
    assert_eq!(read_all(&mut body).await, pattern(10));
    drop(body);
    let unflushed = bench.logger.sync(Duration::from_millis(1)).await;
    let unflushed = unflushed.expect_err("a file that is not finished");
    assert_eq!(unflushed.waiting_for_files, 1);
    assert!(
        unflushed.to_string().contains("1 exchanges wait"),
        "{unflushed}"
    );
    let unflushed = bench.logger.shutdown(Duration::from_millis(1)).await;
    assert_eq!(unflushed.expect_err("likewise").waiting_for_files, 1);
    bench.valve.open();
    bench
        .logger
        .sync(PATIENCE)
        .await
        .expect("a disk that works");
    assert_eq!(bench.memory.records().len(), 1, "before the flush is over");
}

#[actix_web::test]
async fn records_that_wait_for_no_file_overtake_those_that_do() {
    let bench = Bench::new(|spool| spool);
    bench.valve.set(Mood::Stalls);
    let app = bench.app().await;
    for target in ["/10/10", "/unspooled"] {
        read_all(&mut Box::pin(call(&app, target).await)).await;
    }
    assert_eq!(*bench.record().request.path, *"/unspooled");
    bench.valve.open();
    let records = bench.memory.wait_for(2, PATIENCE);
    let of = |record: &crate::Record| (record.request.path.to_string(), record.seq);
    let all: Vec<_> = records.iter().map(of).collect();
    assert_eq!(
        all,
        [("/unspooled".to_owned(), 1), ("/10/10".to_owned(), 2)]
    );
}
