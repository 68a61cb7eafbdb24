//! Inline sinks, which run on the workers.

use std::{sync::Arc, time::Duration};

use body_logger_core::record::Entry;

use super::{
    flush::Answer,
    gap::GapReason,
    isolated::IsolatedSink,
    sync::{
        atomic::{AtomicBool, Ordering},
        thread,
    },
};

#[derive(Debug)]
pub(crate) struct Inline {
    sinks: Vec<IsolatedSink>,
    /// Interval after which a refused gap record is offered again.
    retry: Duration,
    /// Whether the retry thread is running.
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
            // `flush` counts and reports failures itself.
            let _ = sink.flush();
        }
        self.retry_gaps();
    }

    pub(crate) fn lose(self: &Arc<Self>, reason: GapReason, number: u64) {
        for sink in &self.sinks {
            sink.status().lose(reason, [number]);
        }
        self.retry_gaps();
    }

    /// Flushes and syncs all sinks, and returns their results.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        self.sinks.iter().map(IsolatedSink::answer).collect()
    }

    /// Starts a thread that offers refused gap records again, as inline sinks have no thread. It ends when no gap is
    /// pending.
    fn retry_gaps(self: &Arc<Self>) {
        if !self.has_pending_gap() || self.retrying.swap(true, Ordering::SeqCst) {
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
                if !inline.has_pending_gap() {
                    inline.retrying.store(false, Ordering::SeqCst);
                    // A worker may have added a loss and started no thread, because `retrying` was still set.
                    if !inline.has_pending_gap() || inline.retrying.swap(true, Ordering::SeqCst) {
                        return;
                    }
                }
            });
        if started.is_err() {
            // The next loss, write or flush tries again.
            self.retrying.store(false, Ordering::SeqCst);
        }
    }

    fn has_pending_gap(&self) -> bool {
        self.sinks
            .iter()
            .any(|sink| sink.status().has_pending_gap())
    }
}
