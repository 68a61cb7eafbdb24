//! Counters of a file.

use std::{
    io,
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use body_logger_core::contain;

/// The target of the middleware's log lines, so that an application that filters by it sees these, too.
const LOG_TARGET: &str = "actix_web_body_logger";

/// What happened to the files of a [`JsonLinesFile`](super::JsonLinesFile) since it was opened; see
/// [`JsonLinesFile::counters`](super::JsonLinesFile::counters).
///
/// Records that could not be written are not among them: those are in
/// [`Counters::sink_error`](body_logger_core::sink::Counters::sink_error).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileCounters {
    /// Torn lines found at the end of the file, and moved to the `.torn` file.
    pub torn_lines: u64,
    /// Files closed by rotation.
    pub closed: u64,
    /// Closed files deleted because of a limit.
    pub removed: u64,
    /// Closed files, included in `removed`, that were deleted although a [registered reader](crate::Registration) had not read
    /// them, as they exceeded the [limit for that](super::JsonLinesFileBuilder::hold_for_readers).
    pub removed_unread: u64,
    /// How often closing, compressing or deleting a file, or keeping a torn line, has failed. It is retried, and costs no
    /// record by itself.
    pub faults: u64,
}

/// The running counters behind [`FileCounters`].
#[derive(Debug, Default)]
pub(super) struct Counts {
    torn_lines: AtomicU64,
    closed: AtomicU64,
    removed: AtomicU64,
    removed_unread: AtomicU64,
    faults: AtomicU64,
    /// Whether the last attempt failed, and the failure was logged.
    failing: AtomicBool,
}

impl Counts {
    pub(super) fn snapshot(&self) -> FileCounters {
        FileCounters {
            torn_lines: self.torn_lines.load(Ordering::Relaxed),
            closed: self.closed.load(Ordering::Relaxed),
            removed: self.removed.load(Ordering::Relaxed),
            removed_unread: self.removed_unread.load(Ordering::Relaxed),
            faults: self.faults.load(Ordering::Relaxed),
        }
    }

    pub(super) fn torn_line(&self) {
        self.torn_lines.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self) {
        self.closed.fetch_add(1, Ordering::Relaxed);
        self.failing.store(false, Ordering::Relaxed);
    }

    pub(super) fn removed(&self) {
        self.removed.fetch_add(1, Ordering::Relaxed);
        self.failing.store(false, Ordering::Relaxed);
    }

    /// Counts and logs a file that is deleted before it was read.
    pub(super) fn removed_unread(&self, path: &Path, limit: u64) {
        self.removed_unread.fetch_add(1, Ordering::Relaxed);
        let _ = contain(|| {
            log::error!(
                target: LOG_TARGET,
                "body logger: deletes {}, which a registered reader has not read, as no more than {limit} bytes are held for readers",
                path.display()
            );
        });
    }

    /// Counts a fault, and logs it unless the last attempt failed, too.
    pub(super) fn fault(&self, action: &str, path: &Path, error: &io::Error, next: &str) {
        self.faults.fetch_add(1, Ordering::Relaxed);
        if self.failing.swap(true, Ordering::Relaxed) {
            return;
        }
        // The application's logger may panic, which must not cost records.
        let _ = contain(|| {
            log::warn!(
                target: LOG_TARGET,
                "body logger: cannot {action} {}: {error}; {next}",
                path.display()
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Lines(Mutex<Vec<String>>);

    static LINES: Lines = Lines(Mutex::new(Vec::new()));

    impl log::Log for Lines {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, line: &log::Record<'_>) {
            self.0.lock().expect("a list").push(line.args().to_string());
        }

        fn flush(&self) {}
    }

    #[test]
    fn a_fault_is_logged_with_what_failed_and_what_happens_now() {
        log::set_logger(&LINES).expect("no other test sets one");
        log::set_max_level(log::LevelFilter::Warn);
        let counts = Counts::default();
        let (path, error) = (Path::new("/log/own.jsonl"), io::Error::other("no"));
        let next = "appending to it";
        counts.fault("rotate", path, &error, next);
        counts.fault("rotate", path, &error, next);

        let lines = LINES.0.lock().expect("a list");
        let own = lines.iter().filter(|line| line.contains("own.jsonl"));
        let expected = "body logger: cannot rotate /log/own.jsonl: no; appending to it";
        assert!(own.eq([expected]), "{lines:?}");
        assert_eq!(counts.snapshot().faults, 2);
    }
}
