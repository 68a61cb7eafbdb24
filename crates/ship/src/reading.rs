//! The thread that reads the log, one batch ahead of what is being sent.

use std::{
    io,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use body_logger_core::{Entry, Filter};
use body_logger_jsonl::{Line, ReadError, ReadErrorKind, Reader};
use tokio::sync::mpsc;

use crate::{
    backoff::Backoff,
    batch::{Batch, Identity, Outgoing},
    counters::AtomicCounters,
    loss::Loss,
    position::Progress,
    stop::Stop,
};

/// How long to wait for an entry before looking whether to stop.
const POLL: Duration = Duration::from_millis(200);

/// How often in a row a file that cannot be read is tried, before the rest of it is given up.
const ATTEMPTS: u32 = 5;

/// How often the files that are still to be read are measured.
const MEASURE: Duration = Duration::from_secs(1);

/// How much a batch holds at most, but for its last entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
}

#[derive(Debug)]
pub(crate) struct LogReader {
    /// What the shipper is called in the log.
    pub(crate) name: Arc<str>,
    pub(crate) log: PathBuf,
    pub(crate) filter: Filter,
    pub(crate) limits: Limits,
    pub(crate) progress: Progress,
    pub(crate) counters: Arc<AtomicCounters>,
    pub(crate) stop: Stop,
    /// Ends with the log, rather than to wait for more.
    pub(crate) ends: bool,
}

impl LogReader {
    /// Reads until it is to stop, or until the receiver of the batches is gone.
    pub(crate) fn run(self, batches: &mpsc::Sender<Batch>) {
        let Some(reader) = self.open() else { return };
        let mut reading = Reading {
            reader: reader.from(self.progress.position.clone()).follow(),
            last: self.progress.last.clone(),
            loss: None,
            rereads: false,
            failures: 0,
            unread: (0, None),
            at_the_end: false,
        };
        while !self.stop.is_requested() {
            let batch = self.next_batch(&mut reading);
            self.counters.read(&batch, reading.unread.0);
            if self.ends && reading.at_the_end && batch.read == 0 {
                return;
            }
            if batch.read > 0 && batches.blocking_send(batch).is_err() {
                return;
            }
        }
    }

    /// Waits until there is a log. Returns `None` if it is to stop before that.
    fn open(&self) -> Option<Reader> {
        let mut is_reported = false;
        while !self.stop.is_requested() {
            match Reader::open(&self.log) {
                Ok(reader) => return Some(reader),
                Err(error) if !is_reported => {
                    let then = if self.ends {
                        ""
                    } else {
                        "; waiting for the log"
                    };
                    log::warn!("body logger: {}: cannot ship: {error}{then}", self.name);
                    is_reported = true;
                }
                Err(_) => {}
            }
            if self.ends {
                return None;
            }
            thread::sleep(POLL);
        }
        None
    }

    /// Waits a moment for an entry, and returns it with what follows it already. The batch may be empty.
    fn next_batch(&self, reading: &mut Reading) -> Batch {
        let mut batch = Batch::default();
        let Limits { entries, bytes } = self.limits;
        let mut at_the_end = false;
        while batch.entries.len() < entries && batch.bytes < bytes {
            let next = match batch.read {
                0 => reading.reader.next_within(POLL),
                _ => reading.reader.next(),
            };
            match next {
                Some(Ok(line)) => self.take(reading, line, &mut batch),
                Some(Err(error)) => {
                    if !self.pass(reading, &error) {
                        break;
                    }
                }
                None => {
                    at_the_end = true;
                    break;
                }
            }
        }
        reading.measure(&batch, at_the_end);
        batch.position = reading.reader.current_position();
        batch.last = reading.last.clone();
        batch
    }

    fn take(&self, reading: &mut Reading, line: Line, batch: &mut Batch) {
        reading.failures = 0;
        batch.read += 1;
        batch.bytes += line.bytes.len() as u64 + 1;
        let Some(entry) = Outgoing::new(line.entry, line.bytes) else {
            return;
        };
        if reading.was_read(entry.identity()) {
            return;
        }
        if let Some(loss) = reading.loss.take() {
            let gap = loss.gap(reading.last.as_ref(), entry.identity());
            batch.entries.extend(gap);
        }
        reading.last = Some(entry.identity().clone());
        match entry.entry() {
            Entry::Record(record) if !self.filter.matches(record) => {
                AtomicCounters::add(&self.counters.filtered, 1);
            }
            _ => batch.entries.push(entry),
        }
    }

    /// Sleeps, unless it is to stop.
    fn pause(&self, delay: Duration) {
        let start = Instant::now();
        while !self.stop.is_requested() && start.elapsed() < delay {
            thread::sleep(POLL.min(delay));
        }
    }

    /// Reports an error. Returns whether to go on after it at once.
    fn pass(&self, reading: &mut Reading, error: &ReadError) -> bool {
        let name = &self.name;
        if let ReadErrorKind::Io(cause) = error.kind() {
            reading.failures = reading.failures.saturating_add(1);
            let is_denied = is_denied(cause);
            if is_denied || reading.failures < ATTEMPTS {
                log::warn!("body logger: {name}: cannot read {error}; reading it again");
                AtomicCounters::add(&self.counters.retries, 1);
                self.pause(match is_denied {
                    true => Backoff::default().delay(reading.failures),
                    false => POLL,
                });
                reading.read_again(&self.log);
                return false;
            }
        }
        let Some(loss) = Loss::of(error) else {
            log::warn!("body logger: {name}: cannot ship {error}; the line stays in its file");
            AtomicCounters::add(&self.counters.unreadable_lines, 1);
            return true;
        };
        log::error!("body logger: {name}: entries may be lost: {error}; a gap will say so");
        AtomicCounters::add(&self.counters.losses, 1);
        reading.rereads = matches!(error.kind(), ReadErrorKind::Truncated);
        reading.loss = Some(loss);
        true
    }
}

/// Whether a file cannot be read for now, because of its permissions or a limit of open files, rather than damaged. Only
/// damaged files are given up.
fn is_denied(error: &io::Error) -> bool {
    // EIO: a disk has lost what is in it.
    const DAMAGED: i32 = 5;
    let is_by_system = cfg!(unix) && error.raw_os_error().is_some_and(|code| code != DAMAGED);
    is_by_system || error.kind() == io::ErrorKind::PermissionDenied
}

/// A log that is being read.
struct Reading {
    reader: Reader,
    /// The last entry read.
    last: Option<Identity>,
    /// Not reported yet, as no entry came after it.
    loss: Option<Loss>,
    /// The file was truncated, and is read from its beginning.
    rereads: bool,
    /// How often in a row a file could not be read.
    failures: u32,
    /// Bytes behind the reader, and when they were last measured.
    unread: (u64, Option<Instant>),
    /// Nothing was behind the last batch.
    at_the_end: bool,
}

impl Reading {
    /// Whether this entry was read before its file was truncated. Of other runs that is not known: they are shipped
    /// again, which duplicates rather than loses.
    fn was_read(&mut self, next: &Identity) -> bool {
        if !self.rereads {
            return false;
        }
        let same_run = self.last.as_ref().filter(|last| last.run == next.run);
        let was_read = same_run.is_some_and(|last| next.last <= last.last);
        self.rereads = was_read || same_run.is_none();
        was_read
    }

    /// Opens the log anew where it could not be read.
    fn read_again(&mut self, log: &std::path::Path) {
        if let Ok(reader) = Reader::open(log) {
            let position = self.reader.current_position();
            self.reader = reader.from(position).follow();
        }
    }

    fn measure(&mut self, batch: &Batch, at_the_end: bool) {
        let (unread, measured) = self.unread;
        self.at_the_end = at_the_end;
        let is_due = measured.is_none_or(|at| at.elapsed() >= MEASURE);
        self.unread = if at_the_end {
            (0, None)
        } else if is_due {
            let bytes = self.reader.unread_bytes().unwrap_or(unread);
            (bytes, Some(Instant::now()))
        } else {
            (unread.saturating_sub(batch.bytes), measured)
        };
    }
}
