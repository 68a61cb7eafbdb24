//! Sinks that are well, and those that are not.

use std::{
    collections::BTreeSet,
    path::Path,
    slice,
    sync::{
        atomic::{AtomicU64, Ordering},
        Mutex,
    },
    thread,
    time::Duration,
};

use actix_web_body_logger::{
    policy::{Guarantee, MemoryBudget},
    sink::{DurableSink, JsonLines, JsonLinesFile, QueueOptions, WhenFull},
    BodyLogger, CaptureLevel, Entry, Rule, Sink, SinkError,
};

/// The logger of a server; none where it has none. A sink may be followed by a number of
/// microseconds that it rests after each entry. What it writes goes to the directory.
pub(crate) fn logger(sink: &str, directory: &Path, budget: MemoryBudget) -> Option<BodyLogger> {
    let (sink, rest) = sink.split_once(':').unwrap_or((sink, "0"));
    let rest = Duration::from_micros(rest.parse().expect("a number"));
    let file = directory.join("audit.jsonl");
    let null = || JsonLines::open("/dev/null").expect("a device");
    let logger = BodyLogger::builder()
        .memory_budget(budget)
        .exclude_path("/free");
    let logger = match sink {
        "none" => return None,
        "healthy" => logger.sink(null()),
        "blocked" => logger.sink(Blocked),
        "failing" => logger.sink(Failing),
        "panicking" => logger.sink(Panicking),
        "slow" => logger.sink(Slow { sink: null(), rest }),
        "full" => logger.sink(JsonLines::open(file).expect("a file")),
        "file" => logger.sink(JsonLines::open(file).expect("a file")),
        "shipped" => logger.sink(JsonLines::open(directory.join("shipped.jsonl")).expect("a file")),
        "required" => {
            let file = JsonLines::open(directory.join("required.jsonl")).expect("a file");
            let rule = Rule::new(CaptureLevel::RequestResponse).guarantee(Guarantee::Required);
            logger
                .rule(rule)
                .required_sink(DurableSink::new(file).expect("a file"))
        }
        "waiting" => logger
            .sink(Slow { sink: null(), rest })
            .queue(QueueOptions::default().when_full(WhenFull::Wait)),
        "soak" => {
            let file = JsonLinesFile::at(file).rotate_at(16 * 1024 * 1024).keep(3);
            logger.sink(Accounted(file.open().expect("a file")))
        }
        _ => panic!("no such sink: {sink}"),
    };
    Some(logger.build())
}

/// The numbers up to this one were taken by the sink, or named to it by gaps.
pub(crate) static ACCOUNTED: AtomicU64 = AtomicU64::new(0);

/// Accounts for the numbers that a sink takes.
struct Accounted<S>(S);

impl<S: Sink> Sink for Accounted<S> {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        // A gap names numbers before their turn.
        static AHEAD: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

        self.0.write(entries)?;
        let mut ahead = AHEAD.lock().expect("a lock");
        for entry in entries {
            match entry {
                Entry::Record(record) => {
                    ahead.insert(record.seq);
                }
                Entry::Gap(gap) => ahead.extend(gap.gap.seq.iter().cloned().flatten()),
                _ => {}
            }
        }
        let mut last = ACCOUNTED.load(Ordering::Relaxed);
        while ahead.remove(&(last + 1)) {
            last += 1;
        }
        ACCOUNTED.store(last, Ordering::Relaxed);
        Ok(())
    }

    fn flush(&self) -> Result<(), SinkError> {
        self.0.flush()
    }

    fn sync(&self) -> Result<(), SinkError> {
        self.0.sync()
    }
}

struct Blocked;

impl Sink for Blocked {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        loop {
            thread::park();
        }
    }
}

struct Failing;

impl Sink for Failing {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        Err(SinkError::new("on purpose"))
    }
}

struct Panicking;

impl Sink for Panicking {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        panic!("on purpose")
    }
}

/// Rests after each entry.
struct Slow<S> {
    sink: S,
    rest: Duration,
}

impl<S: Sink> Sink for Slow<S> {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        for entry in entries {
            self.sink.write(slice::from_ref(entry))?;
            thread::sleep(self.rest);
        }
        Ok(())
    }
}
