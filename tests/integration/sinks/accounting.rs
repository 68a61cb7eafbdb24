//! Whoever has a log can tell that nothing is missing, and what is: of every sink, whatever it did.

use std::{
    collections::BTreeSet,
    panic,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc, Arc, Mutex,
    },
    thread,
    time::Duration,
};

use actix_web::rt::System;
use actix_web_body_logger::{
    record::{missing_entries, missing_entries_of_lines},
    sink::{BatchOptions, JsonLines, Memory, QueueOptions, WhenFull},
    BodyLogger, Entry, Record, Sink, SinkError,
};

use super::{file::Directory, get, serve, Blocking};
use crate::app::{TestApp, PATIENCE};

const MODES: [WhenFull; 4] = [
    WhenFull::DropNewest,
    WhenFull::DropOldest,
    WhenFull::ShedBodies,
    WhenFull::Wait,
];

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic::panic_any("a payload, on purpose");
    }
}

/// Fails in one way after the other, until it is told to work, and keeps what it takes.
#[derive(Clone)]
struct Unreliable {
    kept: Memory,
    calls: Arc<AtomicU64>,
    works: Arc<Mutex<bool>>,
}

impl Unreliable {
    fn new() -> Self {
        Self {
            kept: Memory::new(100_000),
            calls: Arc::default(),
            works: Arc::default(),
        }
    }

    fn works(&self) {
        *self.works.lock().expect("a lock") = true;
    }

    /// Every number is held, or named by a gap, and no gap came too late.
    #[track_caller]
    fn check(&self, what: &str, last: u64) {
        let entries = self.kept.entries();
        let (mut known, mut named) = (BTreeSet::new(), 0);
        for entry in &entries {
            match entry {
                Entry::Record(record) => assert!(known.insert(record.seq), "{what}: held twice"),
                Entry::Gap(gap) => {
                    let gap = &gap.gap;
                    let numbers = gap.seq.iter().cloned().flatten();
                    assert_eq!(gap.dropped, numbers.clone().count() as u64);
                    assert_eq!(gap.dropped, gap.reasons.values().sum::<u64>());
                    named += gap.dropped;
                    known.extend(numbers);
                }
                entry => panic!("{entry:?}"),
            }
        }
        assert_eq!(known, (1..=last).collect(), "{what}");
        let reports = missing_entries(&entries);
        assert_eq!(reports.len(), 1, "{what}");
        assert!(reports[0].is_complete(), "{what}: {reports:?}");
        assert_eq!(
            (reports[0].held + named, reports[0].last),
            (last, last),
            "{what}"
        );
    }
}

impl Sink for Unreliable {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        if *self.works.lock().expect("a lock") {
            return self.kept.write(entries);
        }
        match self.calls.fetch_add(1, Ordering::Relaxed) % 6 {
            0 => Err(SinkError::new("on purpose")),
            1 => panic!("a sink, on purpose"),
            2 => {
                let written = entries.len() / 2;
                self.kept.write(&entries[..written])?;
                Err(SinkError::new("on purpose").after(written))
            }
            3 => panic::panic_any(Bomb),
            4 => {
                let lost = 0..entries.len() / 3;
                self.kept.write(&entries[lost.end..])?;
                Err(SinkError::new("on purpose").losing(lost))
            }
            _ => self.kept.write(entries),
        }
    }
}

/// A memory behind a queue.
pub struct Queued(pub Memory);

impl Sink for Queued {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        self.0.write(entries)
    }
}

/// Sends requests on several connections at once.
#[track_caller]
pub fn get_at_once(app: &TestApp, connections: usize, requests: usize) {
    let clients: Vec<_> = (0..connections).map(|_| app.connect()).collect();
    thread::scope(|scope| {
        for mut client in clients {
            scope.spawn(move || {
                for i in 0..requests {
                    assert_eq!(client.get(&format!("/{i}")).status, 200);
                }
            });
        }
    });
}

fn block_on<T>(future: impl std::future::Future<Output = T>) -> T {
    System::new().block_on(future)
}

#[test]
fn unreliable_sinks_can_account_for_every_number_in_every_mode() {
    const REQUESTS: usize = 200;
    for when_full in MODES {
        for beside in [0, 2] {
            let sinks: Vec<_> = (0..=beside).map(|_| Unreliable::new()).collect();
            let mut logger = BodyLogger::builder()
                .queue(QueueOptions::default().records(4).when_full(when_full));
            for sink in &sinks {
                logger = logger.sink(sink.clone());
            }
            let logger = logger.build();
            let app = serve(&logger, &Memory::new(0));
            get_at_once(&app, 3, REQUESTS / 4);
            sinks.iter().for_each(Unreliable::works);
            get(&app, 0..REQUESTS / 4);
            app.stop(true);
            block_on(logger.shutdown(PATIENCE)).expect("sinks that work");
            for (sink, counted) in sinks.iter().zip(logger.sink_counters()) {
                sink.check(&format!("{when_full:?} beside {beside}"), REQUESTS as u64);
                let counters = counted.counters;
                let accounted = counters.written + counters.lost() + counters.queued;
                assert_eq!(
                    (counters.produced, accounted),
                    (REQUESTS as u64, REQUESTS as u64)
                );
            }
        }
    }
}

#[test]
fn an_unreliable_sink_on_the_workers_can_account_for_every_number() {
    let (sink, memory) = (Unreliable::new(), Memory::new(1000));
    let logger = BodyLogger::builder()
        .inline_sink(sink.clone())
        .inline_sink(memory.clone())
        .build();
    let app = serve(&logger, &memory);
    get_at_once(&app, 3, 20);
    sink.works();
    get(&app, 0..1);
    app.stop(true);
    block_on(logger.shutdown(PATIENCE)).expect("a sink that works");
    sink.check("inline", 61);
    let mut others: Vec<_> = memory.records().iter().map(|record| record.seq).collect();
    others.sort_unstable();
    assert_eq!(others, (1..=61).collect::<Vec<_>>());
}

/// Fails once, and tells what it takes from then on.
struct FailsOnce(Mutex<mpsc::Sender<Option<Entry>>>);

impl Sink for FailsOnce {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let tell = self.0.lock().expect("a lock");
        match entries {
            [entry @ Entry::Gap(_)] => tell.send(Some(entry.clone())).expect("a test"),
            _ => {
                tell.send(None).expect("a test");
                return Err(SinkError::new("once"));
            }
        }
        Ok(())
    }
}

#[test]
fn a_last_batch_that_was_lost_is_named_though_nothing_else_comes_and_nobody_flushes() {
    for inline in [false, true] {
        let (tell, told) = mpsc::channel();
        let sink = FailsOnce(Mutex::new(tell));
        let logger = BodyLogger::builder();
        let logger = if inline {
            logger.inline_sink(sink)
        } else {
            logger.sink(sink)
        };
        let logger = logger.build();
        let app = serve(&logger, &Memory::new(0));
        get(&app, 0..1);
        assert_eq!(told.recv_timeout(PATIENCE), Ok(None));
        let Ok(Some(Entry::Gap(gap))) = told.recv_timeout(PATIENCE) else {
            panic!("the gap is not offered again");
        };
        assert_eq!(gap.gap.seq, [1..=1]);
        app.stop(true);
    }
}

#[test]
fn what_never_fits_is_named_though_nothing_else_comes_and_nobody_flushes() {
    for count in [1, 2] {
        let (tell, told) = mpsc::channel();
        let mut logger = BodyLogger::builder().queue(QueueOptions::default().bytes(1));
        for _ in 0..count {
            logger = logger.sink(FailsOnce(Mutex::new(tell.clone())));
        }
        let logger = logger.build();
        let app = serve(&logger, &Memory::new(0));
        get(&app, 0..1);
        for _ in 0..count {
            let Ok(Some(Entry::Gap(gap))) = told.recv_timeout(PATIENCE) else {
                panic!("the queue's thread sleeps on");
            };
            assert_eq!(gap.gap.seq, [1..=1]);
        }
        app.stop(true);
    }
}

#[test]
fn what_a_sink_was_never_told_is_named_to_who_waits() {
    let sink = Unreliable::new();
    let logger = BodyLogger::builder()
        .sink_with(QueueOptions::default().name("mine"), {
            let sink = sink.clone();
            struct Always(Unreliable);
            impl Sink for Always {
                fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
                    self.0.calls.store(0, Ordering::Relaxed);
                    self.0.write(entries)
                }
            }
            Always(sink)
        })
        .build();
    let app = serve(&logger, &Memory::new(0));
    get(&app, 0..3);
    app.stop(true);
    let left = block_on(logger.shutdown(Duration::MAX)).expect_err("it fails every time");
    assert_eq!((left.records, left.workers_left), (0, false));
    let [of_sink] = left.sinks.as_slice() else {
        panic!("{left:?}");
    };
    assert_eq!((of_sink.name.as_str(), of_sink.queued), ("mine", 0));
    assert_eq!(of_sink.unreported, [1..=3]);
    assert_eq!(of_sink.error.as_deref(), Some("on purpose"));
    let said = left.to_string();
    assert!(
        said.contains("mine: 0 queued, 3 lost and not named"),
        "{said}"
    );
    sink.works();
    block_on(logger.shutdown(Duration::MAX)).expect("it works");
    sink.check("told at last", 3);
}

/// Counts its syncs.
#[derive(Clone, Default)]
struct Synced(Arc<AtomicU64>);

impl Sink for Synced {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        Ok(())
    }

    fn sync(&self) -> Result<(), SinkError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn every_flush_syncs_every_sink_though_nothing_was_queued() {
    let sinks = [Synced::default(), Synced::default(), Synced::default()];
    let syncs = || sinks.each_ref().map(|sink| sink.0.load(Ordering::SeqCst));
    let logger = BodyLogger::builder()
        .sink(sinks[0].clone())
        .sink(sinks[1].clone())
        .inline_sink(sinks[2].clone())
        .build();
    block_on(logger.shutdown(Duration::MAX)).expect("sinks that work");
    assert_eq!(syncs(), [1; 3]);
    drop(logger.flush_guard());
    assert_eq!(syncs(), [2; 3]);
    block_on(logger.sync(PATIENCE)).expect("sinks that work");
    assert_eq!(syncs(), [3; 3]);
}

#[test]
fn a_sync_has_all_written_that_was_queued_while_the_server_runs() {
    let directory = Directory::new("live-sync");
    let path = directory.path.join("audit.jsonl");
    let (memory, synced) = (Memory::new(100), Synced::default());
    let logger = BodyLogger::builder()
        .sink(JsonLines::open(&path).expect("a file"))
        .sink(synced.clone())
        .inline_sink(memory.clone())
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..20);
    // The exchange ends a moment after the client has its response.
    assert_eq!(memory.wait_for(20, PATIENCE).len(), 20);
    block_on(logger.sync(PATIENCE)).expect("a disk that works");
    let text = std::fs::read_to_string(&path).expect("a file");
    let (reports, unreadable) = missing_entries_of_lines(text.lines());
    assert_eq!((reports[0].held, reports[0].last, unreadable), (20, 20, 0));
    assert!(synced.0.load(Ordering::SeqCst) > 0);
    app.stop(true);
}

#[test]
fn a_blocked_sink_costs_its_neighbors_nothing() {
    const REQUESTS: usize = 500;
    let (blocked, gate) = Blocking::new();
    let kept = Unreliable::new();
    kept.works();
    let logger = BodyLogger::builder()
        .sink_with(QueueOptions::default().name("stuck").records(8), blocked)
        .sink(kept.clone())
        .sink(Unreliable::new())
        .build();
    let app = serve(&logger, &Memory::new(0));
    get(&app, 0..REQUESTS);
    app.stop(true);
    let left = block_on(logger.shutdown(Duration::from_millis(100))).expect_err("it blocks");
    assert!(left.sinks.iter().any(|sink| sink.name == "stuck"), "{left}");
    // It has its own queue, and so it has all.
    assert_eq!(kept.kept.wait_for(REQUESTS, PATIENCE).len(), REQUESTS);
    kept.check("beside a blocked sink", REQUESTS as u64);
    let counters = logger.sink_counters();
    assert_eq!(counters[0].name, "stuck");
    assert!(counters[0].counters.lost() > 0);
    assert_eq!(counters[1].counters.lost(), 0);
    drop(gate);
}

#[test]
fn a_sink_gets_batches_as_it_wants_them() {
    struct Batches(Mutex<Vec<usize>>);
    impl Sink for Batches {
        fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
            self.0.lock().expect("a lock").push(entries.len());
            Ok(())
        }
        fn batch_options(&self) -> BatchOptions {
            BatchOptions::default()
                .records(10)
                .linger(Duration::from_secs(600))
        }
    }
    for beside in [false, true] {
        let batches = Arc::new(Batches(Mutex::default()));
        let logger = BodyLogger::builder().sink(Arc::clone(&batches));
        let logger = if beside {
            logger.sink(|_: &Record| {})
        } else {
            logger
        };
        let logger = logger.build();
        let app = serve(&logger, &Memory::new(0));
        get(&app, 0..35);
        app.stop(true);
        // What does not fill a batch waits until somebody asks for it.
        block_on(logger.shutdown(PATIENCE)).expect("a sink that works");
        let sizes = batches.0.lock().expect("a lock").clone();
        assert_eq!(sizes.iter().sum::<usize>(), 35, "{sizes:?}");
        assert!(
            sizes.iter().all(|size| (1..=10).contains(size)),
            "{sizes:?}"
        );
    }
}
