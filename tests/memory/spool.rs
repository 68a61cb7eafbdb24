//! A body that is kept whole takes up no more memory than what may wait for the disk.

use std::{
    convert::Infallible,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
};

use actix_web::{web, App, HttpResponse};
use actix_web_body_logger::{
    policy::{BodyMode, MemoryBudget, WhenSlow},
    sink::Memory,
    BodyLogger,
};
use bytes::Bytes;
use futures_util::stream;

use crate::{
    alone,
    app::{TestApp, PATIENCE},
    heap,
};

const CHUNK: usize = 64 * 1024;
const LENGTH: usize = 64 * 1024 * 1024;
/// As much may wait.
const WAITING: usize = 512 * 1024;
/// What the server and the client hold at any moment.
const SLACK: usize = 512 * 1024;

/// The most that was seen.
#[derive(Default)]
struct Peak {
    heap: AtomicUsize,
    budget: AtomicUsize,
}

#[test]
fn a_long_download_that_is_kept_whole_takes_up_what_may_wait_for_the_disk() {
    let _alone = alone();
    for chunk in [1_000, CHUNK] {
        let name = format!("body-logger-{}-memory-{chunk}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let spool = BodyMode::spool_raw(&path, LENGTH as u64)
            .when_slow(WhenSlow::SlowDown)
            .waiting_bytes(WAITING)
            .open()
            .expect("a directory");
        let memory = Memory::new(10);
        let budget = MemoryBudget::new(64 * 1024 * 1024);
        let logger = BodyLogger::builder()
            .response_mode(spool)
            .memory_budget(budget.clone())
            .inline_sink(memory.clone())
            .build();
        let peak = Arc::<Peak>::default();
        let theirs = (Arc::clone(&peak), budget.clone());
        let download = move |length: web::Path<usize>| {
            let (peak, budget) = theirs.clone();
            let chunks = (0..*length / chunk).map(move |_| {
                peak.heap.fetch_max(heap(), Ordering::Relaxed);
                peak.budget.fetch_max(budget.in_use(), Ordering::Relaxed);
                Ok::<_, Infallible>(Bytes::from(vec![b'x'; chunk]))
            });
            async { HttpResponse::Ok().streaming(stream::iter(chunks)) }
        };
        let app = TestApp::serve(
            memory.clone(),
            move || {
                App::new()
                    .wrap(logger.clone())
                    .route("/{length}", web::get().to(download.clone()))
            },
            |server| server,
        );
        let mut client = app.connect();
        let mut get = |length: usize| {
            client.send(format!("GET /{length} HTTP/1.1\r\nhost: test\r\n\r\n"));
            client.head();
            let mut read = 0;
            while let Some(chunk) = client.chunk() {
                read += chunk.len();
            }
            assert_eq!(read, length / chunk * chunk);
        };
        // What the first request leaves behind, in actix and in the runtime, is not ours.
        get(LENGTH / 16);
        let before = heap();
        peak.heap.store(before, Ordering::Relaxed);
        peak.budget.store(0, Ordering::Relaxed);
        get(LENGTH);
        let grown = peak.heap.load(Ordering::Relaxed) - before;
        let claimed = peak.budget.load(Ordering::Relaxed);
        let report = format!("{grown} bytes more, {claimed} claimed");
        assert!(grown <= WAITING + SLACK, "{report}");
        assert!(claimed > 0 && claimed <= WAITING + SLACK, "{report}");
        let records = memory.wait_for(2, PATIENCE);
        let body = &records[1].response.as_ref().expect("a response").body;
        let file = body.file.as_ref().expect("a file");
        assert_eq!(file.bytes, (LENGTH / chunk * chunk) as u64);
        app.stop(true);
        assert_eq!(budget.in_use(), 0);
        std::fs::remove_dir_all(&path).expect("a directory");
    }
}
