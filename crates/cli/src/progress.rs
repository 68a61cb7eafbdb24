//! A bar on standard error that shows how far long work is.

use std::{
    io::{self, IsTerminal},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes no longer has no bar.
const LONG: Duration = Duration::from_secs(1);

/// How many bytes are read before the bar is moved.
const STEP: u64 = 4 * 1024 * 1024;

/// How far the reading of logs is. Shown only on a terminal, and only if it takes long.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    start: Instant,
    pending: AtomicU64,
}

impl Progress {
    /// Work on so many bytes, if that is known. `None` if standard error is no terminal.
    pub(crate) fn on_terminal(bytes: Option<u64>) -> Option<Self> {
        io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(bytes, ProgressDrawTarget::hidden());
            let template = match bytes {
                Some(_) => "{wide_bar} {binary_bytes} of {binary_total_bytes}, {eta}",
                None => "{spinner} {binary_bytes}, {binary_bytes_per_sec}",
            };
            // Without a valid template there is the default one.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            Self {
                bar,
                start: Instant::now(),
                pending: AtomicU64::new(0),
            }
        })
    }

    /// So many more bytes were read.
    pub(crate) fn advance(&self, bytes: usize) {
        let bytes = bytes as u64;
        let pending = self.pending.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if pending < STEP {
            return;
        }
        self.pending.fetch_sub(pending, Ordering::Relaxed);
        if self.bar.is_hidden() && self.start.elapsed() >= LONG {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(pending);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
