//! Disks that fail: the exchange goes on, and leaves nothing behind.

use body_logger_core::record::NoFile;

use super::{
    super::{SpoolBuilder, SpoolSync, WhenSlow},
    call,
    disk::Mood,
    pattern, read_all, Bench, CHUNK, PATIENCE,
};

fn slowing_down(spool: SpoolBuilder) -> SpoolBuilder {
    spool.when_slow(WhenSlow::SlowDown).waiting_bytes(CHUNK)
}

async fn download(bench: &Bench, length: usize) {
    let target = format!("/{length}/{CHUNK}");
    let mut body = Box::pin(call(&bench.app().await, &target).await);
    assert!(read_all(&mut body).await == pattern(length));
}

#[actix_web::test]
async fn a_disk_that_fails_costs_the_file_only_and_is_used_again_when_it_works() {
    for mood in [Mood::IsFull, Mood::CreatesNothing, Mood::RenamesNothing] {
        let bench = Bench::new(slowing_down);
        bench.valve.set(mood);
        for length in [10, 20 * CHUNK] {
            download(&bench, length).await;
        }
        let records = bench.memory.wait_for(2, PATIENCE);
        for record in &records {
            let body = &record.response.as_ref().expect("a response").body;
            assert_eq!(body.no_file, Some(NoFile::Failed), "{mood:?}");
            assert_eq!(body.file, None);
        }
        assert_eq!(bench.logger.counters().file_failed, 2);
        assert!(bench.names().is_empty(), "{mood:?}: {:?}", bench.names());
        bench.valve.open();
        download(&bench, 20 * CHUNK).await;
        let records = bench.memory.wait_for(3, PATIENCE);
        let body = &records[2].response.as_ref().expect("a response").body;
        assert!(bench.content(body) == pattern(20 * CHUNK));
        bench.wait_for_freed();
    }
}

#[actix_web::test]
async fn a_disk_that_gets_full_in_the_middle_costs_the_file_only() {
    let bench = Bench::new(slowing_down);
    let mut body = Box::pin(call(&bench.app().await, &format!("/{}/{CHUNK}", 9 * CHUNK)).await);
    bench.valve.set(Mood::Stalls);
    let (first, ended) = super::read(&mut body).await;
    assert!(!ended);
    bench.valve.set(Mood::IsFull);
    let rest = read_all(&mut body).await;
    assert!([first, rest].concat() == pattern(9 * CHUNK));
    drop(body);
    let record = bench.record();
    assert_eq!(
        record.response.expect("a response").body.no_file,
        Some(NoFile::Failed)
    );
    assert!(bench.names().is_empty());
}

#[actix_web::test]
async fn without_its_thread_each_record_is_still_delivered_and_no_stream_waits() {
    let bench = Bench::new(slowing_down);
    bench.valve.set(Mood::Panics);
    for _ in 0..3 {
        download(&bench, 20 * CHUNK).await;
    }
    for record in bench.memory.wait_for(3, PATIENCE) {
        let body = &record.response.expect("a response").body;
        assert_eq!((&body.file, body.no_file), (&None, Some(NoFile::Failed)));
    }
    assert_eq!(bench.logger.counters().file_failed, 3);
    bench.wait_for_freed();
}

#[actix_web::test]
async fn files_are_synced_where_that_is_asked_for() {
    let bench = Bench::new(|spool| spool.sync(SpoolSync::EachFile));
    download(&bench, 3 * CHUNK).await;
    let record = bench.record();
    let body = &record.response.expect("a response").body;
    assert!(bench.content(body) == pattern(3 * CHUNK));
    assert_eq!(bench.valve.synced(), (1, 1));
}
