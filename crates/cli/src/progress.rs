//! A bar on standard error that shows how far long work is.

use std::{
    io::{self, IsTerminal},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
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
    shown_from: Instant,
    is_shown: AtomicBool,
    pending: AtomicU64,
}

impl Progress {
    /// Work on so many bytes, if that is known. `None` if standard error is no terminal.
    pub(crate) fn on_terminal(bytes: Option<u64>) -> Option<Self> {
        io::stderr().is_terminal().then(|| Self::new(bytes))
    }

    fn new(bytes: Option<u64>) -> Self {
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
            shown_from: Instant::now() + LONG,
            is_shown: AtomicBool::new(false),
            pending: AtomicU64::new(0),
        }
    }

    /// So many more bytes were read.
    pub(crate) fn advance(&self, bytes: usize) {
        let bytes = bytes as u64;
        let pending = self.pending.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if pending < STEP {
            return;
        }
        self.pending.fetch_sub(pending, Ordering::Relaxed);
        let is_long = Instant::now() >= self.shown_from;
        if is_long && !self.is_shown.swap(true, Ordering::Relaxed) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_shown_once_it_takes_long_and_not_before() {
        let mut progress = Progress::new(Some(10 * STEP));
        progress.shown_from = Instant::now() + Duration::from_secs(3600);
        progress.advance(2 * STEP as usize);
        assert!(!progress.is_shown.load(Ordering::Relaxed));
        assert_eq!(progress.bar.position(), 2 * STEP);

        progress.shown_from = Instant::now();
        progress.advance(1);
        assert!(!progress.is_shown.load(Ordering::Relaxed), "no step yet");
        progress.advance(STEP as usize);
        assert!(progress.is_shown.load(Ordering::Relaxed));
        assert_eq!(progress.bar.position(), 3 * STEP + 1);
    }
}
