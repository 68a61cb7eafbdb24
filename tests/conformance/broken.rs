//! Sinks that are broken in one way each, and the check that finds it out.

use std::{
    panic,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use actix_web_body_logger::{
    conformance::{self, Subject},
    record::Stage,
    Entry, Record, Sink, SinkError,
};

/// What is wrong with a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    RefusesAnEmptyBatch,
    WantsNumbersForIds,
    TurnsBatchesAround,
    TakesTheLastTwice,
    SkipsEveryTenth,
    PanicsOnGaps,
    ForgetsStarts,
    RefusesBase64,
    CutsTextsAtNul,
    RefusesLargeTexts,
    HasRoomForNineThousand,
    CannotFlushNothing,
    CannotSyncTwice,
    FlushesAllAgain,
    TiresOfFlushing,
    StopsAfterAnError,
    SaysLessIsLost,
    SaysMoreWasTaken,
    TakesAgainAfterAnError,
    PanicsOnOddTimes,
    BelongsToOneThread,
    WantsShortIds,
    WantsShortIdsOnWorkers,
    HoldsBack,
    LosesAllWhenDropped,
    PanicsWhenDropped,
}

/// What a sink has taken and what it has handed on.
#[derive(Default)]
struct Kept {
    held: Vec<Entry>,
    out: Vec<Entry>,
    flushes: usize,
    syncs: usize,
    stopped: bool,
    thread: Option<thread::ThreadId>,
}

struct Broken {
    flaw: Flaw,
    kept: Arc<Mutex<Kept>>,
}

fn record(entry: &Entry) -> Option<&Record> {
    match entry {
        Entry::Record(record) if record.is_whole() => Some(record),
        _ => None,
    }
}

fn text(entry: &Entry) -> &str {
    let body = record(entry).map(|record| &record.request.body);
    body.and_then(|body| body.text.as_deref()).unwrap_or("")
}

impl Broken {
    fn refuses(&self, kept: &mut Kept, entry: &Entry) -> bool {
        let id = record(entry).map_or("", |record| &record.id);
        match self.flaw {
            Flaw::WantsNumbersForIds => record(entry).is_some() && id.parse::<usize>().is_err(),
            Flaw::PanicsOnGaps => match entry {
                Entry::Gap(_) => panic!("a sink, on purpose"),
                _ => false,
            },
            Flaw::RefusesBase64 => {
                record(entry).is_some_and(|record| record.request.body.base64.is_some())
            }
            Flaw::RefusesLargeTexts => text(entry).len() > 1 << 20,
            Flaw::StopsAfterAnError => {
                kept.stopped |= serde_json::to_string(entry).is_err();
                kept.stopped
            }
            Flaw::PanicsOnOddTimes => serde_json::to_string(entry).expect("a line").is_empty(),
            Flaw::BelongsToOneThread => {
                let here = thread::current().id();
                *kept.thread.get_or_insert(here) != here
            }
            Flaw::WantsShortIds => id.len() > 20,
            Flaw::WantsShortIdsOnWorkers => id.len() > 20 && thread::current().name().is_none(),
            _ => false,
        }
    }

    fn hand_on(&self, kept: &mut Kept) {
        match self.flaw {
            Flaw::FlushesAllAgain => kept.out.extend_from_slice(&kept.held),
            Flaw::HoldsBack => {}
            _ => kept.out.append(&mut kept.held),
        }
    }
}

impl Sink for Broken {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if self.flaw == Flaw::RefusesAnEmptyBatch && entries.is_empty() {
            return Err(SinkError::new("nothing to write"));
        }
        if let Some(at) = entries.iter().position(is_unspeakable) {
            let error = SinkError::new("not all of these");
            match self.flaw {
                // This is none.
                Flaw::None => {
                    let (before, after) = (&entries[..at], &entries[at + 1..]);
                    kept.held.extend(before.iter().chain(after).cloned());
                    return Err(error.losing([at]));
                }
                Flaw::SaysLessIsLost => {
                    kept.held.extend_from_slice(&entries[..at]);
                    return Err(error.losing([at]));
                }
                Flaw::SaysMoreWasTaken => return Err(error.after(at)),
                Flaw::TakesAgainAfterAnError => {
                    kept.held.extend_from_slice(&entries[..at]);
                    kept.held.extend_from_slice(&entries[..at]);
                    return Err(error.after(at));
                }
                _ => {}
            }
        }
        for entry in entries {
            if self.refuses(&mut kept, entry) {
                return Err(SinkError::new("not this one"));
            }
        }
        let mut entries = entries.to_vec();
        match self.flaw {
            Flaw::HasRoomForNineThousand => entries.truncate(9000),
            Flaw::TurnsBatchesAround => entries.reverse(),
            Flaw::TakesTheLastTwice if entries.len() > 1 => entries.extend(entries.last().cloned()),
            Flaw::SkipsEveryTenth if entries.len() > 10 => drop(entries.remove(9)),
            Flaw::ForgetsStarts => entries.retain(|entry| !is_start(entry)),
            Flaw::CutsTextsAtNul => entries.retain(|entry| !text(entry).contains('\0')),
            _ => {}
        }
        kept.held.append(&mut entries);
        Ok(())
    }

    fn flush(&self) -> Result<(), SinkError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.flushes += 1;
        let fails = match self.flaw {
            Flaw::CannotFlushNothing => kept.held.is_empty() && kept.out.is_empty(),
            Flaw::TiresOfFlushing => kept.flushes > 4,
            _ => false,
        };
        if fails {
            return Err(SinkError::new("not this time"));
        }
        self.hand_on(&mut kept);
        Ok(())
    }

    fn sync(&self) -> Result<(), SinkError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.syncs += 1;
        if self.flaw == Flaw::CannotSyncTwice && kept.syncs > 1 {
            return Err(SinkError::new("not this time"));
        }
        Ok(())
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match self.flaw {
            Flaw::HoldsBack => kept.out = std::mem::take(&mut kept.held),
            Flaw::LosesAllWhenDropped => kept.out.clear(),
            Flaw::PanicsWhenDropped => {
                drop(kept);
                panic!("a sink, on purpose")
            }
            _ => {}
        }
    }
}

/// What the suite says of a sink that can be read back whole.
fn verdict(flaw: Flaw) -> Result<(), String> {
    verdict_on(move |kept| {
        let out = Arc::clone(&kept);
        Subject::new(Broken { flaw, kept })
            .reading_entries(move || out.lock().expect("a lock").out.clone())
    })
}

fn verdict_on(subject: impl Fn(Arc<Mutex<Kept>>) -> Subject) -> Result<(), String> {
    let run = || conformance::run(|| subject(Arc::default()));
    let panic = panic::catch_unwind(panic::AssertUnwindSafe(run));
    panic.map_err(|panic| *panic.downcast::<String>().expect("a message"))
}

#[test]
fn a_sink_without_a_flaw_passes() {
    assert_eq!(verdict(Flaw::None), Ok(()));
}

#[test]
fn each_flaw_is_found_by_the_check_that_is_made_for_it() {
    for (flaw, check, what) in [
        (
            Flaw::RefusesAnEmptyBatch,
            "it takes an empty batch",
            "nothing to write",
        ),
        (Flaw::HoldsBack, "it takes an empty batch", "0 of 1 entries"),
        (
            Flaw::LosesAllWhenDropped,
            "it takes an empty batch",
            "0 of 1 entries",
        ),
        (
            Flaw::PanicsWhenDropped,
            "it takes an empty batch",
            "drop panicked",
        ),
        (
            Flaw::WantsNumbersForIds,
            "it takes one entry",
            "not this one",
        ),
        (
            Flaw::TurnsBatchesAround,
            "it takes many entries in their order",
            "number 1",
        ),
        (
            Flaw::TakesTheLastTwice,
            "it takes many entries in their order",
            "504 of 500",
        ),
        (
            Flaw::SkipsEveryTenth,
            "it takes many entries in their order",
            "498 of 500",
        ),
        (
            Flaw::PanicsOnGaps,
            "it takes entries of every kind",
            "write panicked",
        ),
        (
            Flaw::ForgetsStarts,
            "it takes entries of every kind",
            "4 of 6",
        ),
        (
            Flaw::RefusesBase64,
            "it takes bodies of every kind",
            "not this one",
        ),
        (
            Flaw::CutsTextsAtNul,
            "it takes what is unusual",
            "instead of",
        ),
        (
            Flaw::RefusesLargeTexts,
            "it takes a large text",
            "not this one",
        ),
        (
            Flaw::HasRoomForNineThousand,
            "it takes ten thousand entries",
            "9000 of 10000",
        ),
        (
            Flaw::CannotFlushNothing,
            "it flushes and syncs at any time",
            "flush failed",
        ),
        (
            Flaw::CannotSyncTwice,
            "it flushes and syncs at any time",
            "sync failed",
        ),
        (
            Flaw::FlushesAllAgain,
            "it flushes and syncs at any time",
            "9 of 3",
        ),
        (
            Flaw::TiresOfFlushing,
            "it takes more after it was flushed",
            "flush failed",
        ),
        (
            Flaw::StopsAfterAnError,
            "it goes on after an entry",
            "not this one",
        ),
        (
            Flaw::PanicsOnOddTimes,
            "it goes on after an entry",
            "write panicked",
        ),
        (
            Flaw::SaysLessIsLost,
            "it says which entries of a batch it has lost",
            "did not take number 2,",
        ),
        (
            Flaw::SaysMoreWasTaken,
            "it says which entries of a batch it has lost",
            "did not take number 6,",
        ),
        (
            Flaw::TakesAgainAfterAnError,
            "it says which entries of a batch it has lost",
            "took number 6 after 6",
        ),
        (
            Flaw::BelongsToOneThread,
            "several threads at once",
            "not this one",
        ),
        (
            Flaw::WantsShortIds,
            "it takes what a logger's queue",
            "sink_error",
        ),
        (
            Flaw::WantsShortIdsOnWorkers,
            "it takes what a logger's workers",
            "sink_error",
        ),
    ] {
        let verdict = verdict(flaw).expect_err("a flaw");
        assert!(verdict.contains(check), "{flaw:?}: {verdict}");
        assert!(verdict.contains(what), "{flaw:?}: {verdict}");
    }
}

#[test]
fn by_ids_it_is_seen_what_is_lost_and_without_them_what_fails() {
    let by_ids = |flaw| {
        verdict_on(move |kept| {
            let out = Arc::clone(&kept);
            let id = |entry: &Entry| record(entry).map(|record| record.id.to_string());
            Subject::new(Broken { flaw, kept }).reading_ids(move || {
                let out = &out.lock().expect("a lock").out;
                out.iter().filter_map(id).collect()
            })
        })
    };
    assert_eq!(by_ids(Flaw::None), Ok(()));
    assert_eq!(by_ids(Flaw::ForgetsStarts), Ok(()));
    let verdict = by_ids(Flaw::SkipsEveryTenth).expect_err("a flaw");
    assert!(verdict.contains("498 of 500"), "{verdict}");

    let blind = |flaw| verdict_on(move |kept| Subject::new(Broken { flaw, kept }));
    assert_eq!(blind(Flaw::SkipsEveryTenth), Ok(()));
    let verdict = blind(Flaw::RefusesBase64).expect_err("a flaw");
    assert!(verdict.contains("bodies of every kind"), "{verdict}");
}

fn is_start(entry: &Entry) -> bool {
    matches!(entry, Entry::Record(record) if record.stage == Some(Stage::Start))
}

/// It has a time that no line can tell.
fn is_unspeakable(entry: &Entry) -> bool {
    serde_json::to_string(entry).is_err()
}
