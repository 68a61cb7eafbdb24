//! The run of one check with one sink.

use std::{
    any::Any,
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use super::{Subject, Taken};
use crate::{
    record::Entry,
    sink::{Sink, SinkError},
};

/// Maximum time until a logger's thread drops the sink.
const PATIENCE: Duration = Duration::from_secs(60);

/// A sink under test, and the entries given to it: for checks of your own, in addition to those of
/// [`run`](super::run).
pub struct Trial {
    name: &'static str,
    sink: Watched,
    dropped: mpsc::Receiver<Option<String>>,
    taken: Taken,
    given: Vec<Entry>,
}

impl Trial {
    /// Begins a check with this name.
    #[must_use]
    pub fn new(name: &'static str, subject: Subject) -> Self {
        let (sender, receiver) = mpsc::channel();
        Self {
            name,
            sink: Watched {
                sink: Some(subject.sink),
                dropped: sender,
            },
            dropped: receiver,
            taken: subject.taken,
            given: Vec::new(),
        }
    }

    /// Writes a batch that the sink must accept.
    #[track_caller]
    pub(super) fn write(&mut self, entries: &[Entry]) {
        self.call("write", |sink| sink.write(entries));
        self.given(entries);
    }

    /// Writes a batch that the sink may refuse in whole or in part. Returns the indices of lost entries.
    #[track_caller]
    pub(super) fn offer(&mut self, entries: &[Entry]) -> Vec<usize> {
        let mut lost = Vec::new();
        self.call("write", |sink| {
            if let Err(error) = sink.write(entries) {
                lost.extend(error.lost(entries.len()));
            }
            Ok(())
        });
        lost
    }

    #[track_caller]
    pub(super) fn flush(&self) {
        self.call("flush", Sink::flush);
    }

    #[track_caller]
    pub(super) fn sync(&self) {
        self.call("sync", Sink::sync);
    }

    /// Calls the sink, which must neither fail nor panic.
    #[track_caller]
    pub(super) fn call(&self, what: &str, work: impl FnOnce(&dyn Sink) -> Result<(), SinkError>) {
        match panic::catch_unwind(AssertUnwindSafe(|| work(&self.sink))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.fail(format_args!("{what} failed: {error}")),
            Err(panic) => self.fail(format_args!("{what} panicked: {}", message(&*panic))),
        }
    }

    /// Adds entries that others have written to the sink.
    pub fn given(&mut self, entries: &[Entry]) {
        self.given.extend_from_slice(entries);
    }

    /// Flushes and drops the sink, and checks that it has written all entries given to it.
    #[track_caller]
    pub(super) fn end(self) {
        self.end_with(Self::expect_all);
    }

    #[track_caller]
    pub(super) fn end_with(self, look: fn(&Self)) {
        self.flush();
        look(&self);
        let (rest, sink) = self.give_away();
        drop(sink);
        rest.expect_dropped();
        look(&rest);
    }

    /// Returns the sink, to be given to a logger. Nothing can be written through the trial any more.
    #[must_use]
    pub fn give_away(mut self) -> (Self, Watched) {
        let none = Watched {
            sink: None,
            dropped: self.sink.dropped.clone(),
        };
        let sink = std::mem::replace(&mut self.sink, none);
        (self, sink)
    }

    /// Waits until the sink is dropped.
    ///
    /// # Panics
    ///
    /// Panics if it is not dropped in time, or if dropping it panics.
    #[track_caller]
    pub fn expect_dropped(&self) {
        match self.dropped.recv_timeout(PATIENCE) {
            Ok(None) => {}
            Ok(Some(panic)) => self.fail(format_args!("drop panicked: {panic}")),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                self.fail("it is not dropped")
            }
        }
    }

    /// Checks that the sink has written all entries given to it, in order, each once, and nothing else.
    ///
    /// # Panics
    ///
    /// Panics if it has not.
    #[track_caller]
    pub fn expect_all(&self) {
        match &self.taken {
            Taken::Unknown => {}
            Taken::Ids(read) => self.expect(&read(), &ids(&self.given)),
            Taken::Entries(read) => self.expect(&read(), &self.given),
        }
    }

    /// The same, but with the order of each thread only. The id of an entry begins with the number of its thread.
    #[track_caller]
    pub(super) fn expect_by_thread(&self) {
        match &self.taken {
            Taken::Unknown => {}
            Taken::Ids(read) => {
                let sorted = sorted_by_thread(read(), |id| Some(id.as_str()));
                self.expect(&sorted, &ids(&self.given));
            }
            Taken::Entries(read) => {
                let sorted = sorted_by_thread(read(), id);
                self.expect(&sorted, &self.given);
            }
        }
    }

    /// Checks that each number given is written once, or named by a gap. It may be both if the sink did not report how
    /// much of a batch it wrote.
    #[track_caller]
    pub(super) fn expect_accounted(&self) {
        let (held, gaps): (Vec<u64>, _) = match &self.taken {
            Taken::Unknown => return,
            Taken::Ids(read) => {
                let held = read().iter().filter_map(|id| id.parse().ok()).collect();
                (held, self.given.clone())
            }
            Taken::Entries(read) => {
                let taken = read();
                (taken.iter().filter_map(seq).collect(), taken)
            }
        };
        let repeated = held.windows(2).find(|pair| pair[0] >= pair[1]);
        if let Some([before, number]) = repeated {
            self.fail(format_args!("it took number {number} after {before}"));
        }
        let is_named = |number| {
            let gaps = gaps.iter().filter_map(|entry| match entry {
                Entry::Gap(gap) => Some(&gap.gap.seq),
                Entry::Record(_) | Entry::Maintenance(_) => None,
            });
            gaps.flatten().any(|range| range.contains(&number))
        };
        let mut given = self.given.iter().filter_map(seq);
        if let Some(number) = given.find(|number| !held.contains(number) && !is_named(*number)) {
            self.fail(format_args!(
                "it did not take number {number}, nor say that it is lost"
            ));
        }
    }

    #[track_caller]
    fn expect<T: PartialEq + fmt::Debug>(&self, taken: &[T], given: &[T]) {
        if taken == given {
            return;
        }
        let same = taken.iter().zip(given).take_while(|(a, b)| a == b).count();
        let (it, instead) = differing(&shown(taken.get(same)), &shown(given.get(same)));
        self.fail(format_args!(
            "it took {} of {} entries; the first that differs is number {same}: {it} instead of {instead}",
            taken.len(),
            given.len(),
        ));
    }

    /// Ends the check.
    ///
    /// # Panics
    ///
    /// Always panics, with the name of the check and the reason.
    #[track_caller]
    pub fn fail(&self, what: impl fmt::Display) -> ! {
        panic!("this sink does not conform: {}: {what}", self.name)
    }
}

fn ids(entries: &[Entry]) -> Vec<String> {
    let of = |entry: &Entry| match entry {
        Entry::Record(record) if record.is_whole() => Some(record.id.to_string()),
        Entry::Record(_) | Entry::Gap(_) | Entry::Maintenance(_) => None,
    };
    entries.iter().filter_map(of).collect()
}

fn id(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Record(record) => Some(&record.id),
        Entry::Gap(_) | Entry::Maintenance(_) => None,
    }
}

fn seq(entry: &Entry) -> Option<u64> {
    match entry {
        Entry::Record(record) => Some(record.seq),
        Entry::Gap(_) | Entry::Maintenance(_) => None,
    }
}

/// Sorts by thread. The sort is stable: the order within each thread remains.
fn sorted_by_thread<T>(mut taken: Vec<T>, id: fn(&T) -> Option<&str>) -> Vec<T> {
    let thread = |entry: &T| {
        let digits = id(entry).and_then(|id| id.split('-').next());
        digits.and_then(|digits| digits.parse::<usize>().ok())
    };
    taken.sort_by_key(thread);
    taken
}

fn shown(entry: Option<&impl fmt::Debug>) -> String {
    entry.map_or_else(|| "nothing".to_owned(), |entry| format!("{entry:?}"))
}

/// Returns excerpts of two texts from shortly before they differ, as they may be large.
fn differing(one: &str, other: &str) -> (String, String) {
    const BEFORE: usize = 60;
    const SHOWN: usize = 200;

    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    let skipped = same.count().saturating_sub(BEFORE);
    let part = |text: &str| text.chars().skip(skipped).take(SHOWN).collect();
    (part(one), part(other))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("with a payload that is not text")
}

/// A sink under test. Reports to the trial when it is dropped, and whether that panicked.
pub struct Watched {
    /// `None` once it was given away.
    sink: Option<Box<dyn Sink>>,
    dropped: mpsc::Sender<Option<String>>,
}

impl fmt::Debug for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trial")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

impl Watched {
    fn sink(&self) -> Result<&dyn Sink, SinkError> {
        self.sink
            .as_deref()
            .ok_or_else(|| SinkError::new("it was given away"))
    }
}

impl Sink for Watched {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        self.sink()?.write(entries)
    }

    fn flush(&self) -> Result<(), SinkError> {
        self.sink()?.flush()
    }

    fn sync(&self) -> Result<(), SinkError> {
        self.sink()?.sync()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(sink) = self.sink.take() {
            let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(sink)));
            let panic = dropped.err().map(|panic| message(&*panic).to_owned());
            // The receiver is gone if the check has failed.
            let _ = self.dropped.send(panic);
        }
    }
}
