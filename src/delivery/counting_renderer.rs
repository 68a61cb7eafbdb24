//! Rendering, wherever it happens: on the writer thread, on render threads, or on a worker.

use std::sync::Arc;

use body_logger_core::record::Record;

use super::AtomicCounters;
use crate::{capture::Captured, render::Renderer};

/// A renderer, and the counters of what it withholds.
#[derive(Debug, Clone)]
pub(super) struct CountingRenderer {
    pub(super) renderer: Arc<Renderer>,
    /// Those of the logger itself.
    pub(super) counters: Arc<AtomicCounters>,
}

impl CountingRenderer {
    /// Renders an exchange, which happens once.
    pub(super) fn record(&self, captured: &Captured) -> Record {
        let record = self.renderer.record(captured);
        self.counters.note_withheld(&record);
        record
    }
}
