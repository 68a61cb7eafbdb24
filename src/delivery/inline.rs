//! Sinks that run on the workers.

use std::{sync::Arc, time::Duration};

use super::{
    flush::Answer,
    gap::GapReason,
    isolated::IsolatedSink,
    sync::{
        atomic::{AtomicBool, Ordering},
        thread,
    },
};
use body_logger_core::record::Entry;

#[derive(Debug)]
pub(crate) struct Inline {
    sinks: Vec<IsolatedSink>,
    /// After how long a gap that a sink has refused is offered again.
    retry: Duration,
    /// A thread is doing so.
    retrying: AtomicBool,
}

impl Inline {
    pub(crate) fn new(sinks: Vec<IsolatedSink>, retry: Duration) -> Arc<Self> {
        Arc::new(Self {
            sinks,
            retry,
            retrying: AtomicBool::new(false),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sinks.is_empty()
    }

    /// Writes an entry to all sinks, and flushes them.
    pub(crate) fn write(self: &Arc<Self>, entry: &Entry, number: u64) {
        for sink in &self.sinks {
            sink.write(std::slice::from_ref(entry), &[number]);
            // A failure is counted and reported there.
            let _ = sink.flush();
        }
        self.watch_gaps();
    }

    pub(crate) fn lose(self: &Arc<Self>, reason: GapReason, number: u64) {
        for sink in &self.sinks {
            sink.status().lose(reason, [number]);
        }
        self.watch_gaps();
    }

    /// Flushes and syncs all sinks.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        self.sinks.iter().map(IsolatedSink::answer).collect()
    }

    /// Has gaps offered again that a sink has refused. As no thread is theirs, one is started for
    /// it, and ends when all is told.
    fn watch_gaps(self: &Arc<Self>) {
        if !self.has_untold() || self.retrying.swap(true, Ordering::SeqCst) {
            return;
        }
        let (inline, retry) = (Arc::downgrade(self), self.retry);
        let started = thread::Builder::new()
            .name("body-logger-gaps".to_owned())
            .spawn(move || loop {
                thread::sleep(retry);
                let Some(inline) = inline.upgrade() else {
                    return;
                };
                inline.sinks.iter().for_each(IsolatedSink::retry_gap);
                if !inline.has_untold() {
                    inline.retrying.store(false, Ordering::SeqCst);
                    // Something may have been lost since, by who saw that it was being retried.
                    if !inline.has_untold() || inline.retrying.swap(true, Ordering::SeqCst) {
                        return;
                    }
                }
            });
        if started.is_err() {
            // The next loss, write or flush tries again.
            self.retrying.store(false, Ordering::SeqCst);
        }
    }

    fn has_untold(&self) -> bool {
        self.sinks.iter().any(|sink| sink.status().has_untold())
    }
}
