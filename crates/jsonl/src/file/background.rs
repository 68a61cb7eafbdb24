//! A thread that does a piece of work some time after it is requested.

use std::{
    io,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError, SyncSender},
        Arc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use body_logger_core::contain;

/// The thread. Dropping this waits for requested work, which is then done at once.
#[derive(Debug)]
pub(super) struct Background {
    /// None once it is being dropped.
    requests: Option<SyncSender<()>>,
    /// Whether work is requested that has not begun: another request for it would wake the thread for nothing.
    is_requested: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts the thread. It does `work` once for all requests within `delay` of the first one, and after `every` without
    /// a request.
    pub(super) fn start(
        name: &str,
        delay: Duration,
        every: Option<Duration>,
        mut work: impl FnMut() + Send + 'static,
    ) -> io::Result<Self> {
        // At most one waits: a second one would request the same.
        let (requests, wait) = mpsc::sync_channel(1);
        let is_requested = Arc::new(AtomicBool::new(false));
        let begun = Arc::clone(&is_requested);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                loop {
                    let next = match every {
                        Some(every) => wait.recv_timeout(every),
                        None => wait.recv().map_err(RecvTimeoutError::from),
                    };
                    let start = Instant::now();
                    let delay = match next {
                        Ok(()) => delay,
                        Err(RecvTimeoutError::Timeout) => Duration::ZERO,
                        Err(RecvTimeoutError::Disconnected) => break,
                    };
                    // Ends early when this is dropped.
                    while let Some(left) = delay.checked_sub(start.elapsed()) {
                        match wait.recv_timeout(left) {
                            Ok(()) => {}
                            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                                break
                            }
                        }
                    }
                    // What is requested from now on may be too late for this time.
                    begun.store(false, Ordering::SeqCst);
                    // What panics once may work the next time.
                    let _ = contain(&mut work);
                }
            })?;
        Ok(Self {
            requests: Some(requests),
            is_requested,
            thread: Some(thread),
        })
    }

    /// Requests the work.
    pub(super) fn request(&self) {
        if self.is_requested.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Some(requests) = &self.requests {
            // If it is full, the thread is about to start anyway.
            let _ = requests.try_send(());
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn drop_runs_pending_work_without_waiting_for_the_delay() {
        let start = Instant::now();
        let done = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&done);
        let work = Background::start("test", Duration::from_secs(600), None, move || {
            count.fetch_add(1, Ordering::Relaxed);
        })
        .expect("a thread");
        work.request();
        drop(work);
        assert!((1..=2).contains(&done.load(Ordering::Relaxed)));
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn runs_again_after_a_panic() {
        let (sender, done) = mpsc::channel();
        let mut runs = 0;
        let work = Background::start("test", Duration::ZERO, None, move || {
            runs += 1;
            sender.send(runs).expect("a test");
            assert!(runs > 1, "the first time it panics");
        })
        .expect("a thread");
        for run in 1..=3 {
            work.request();
            assert_eq!(done.recv(), Ok(run));
        }
        drop(work);
    }

    #[test]
    fn repeats_the_work_without_requests() {
        let (sender, done) = mpsc::channel();
        let every = Some(Duration::from_millis(1));
        // The delay applies to requests only, and there is none.
        let work = Background::start("test", Duration::from_secs(600), every, move || {
            let _ = sender.send(());
        })
        .expect("a thread");
        for _ in 0..3 {
            done.recv().expect("it works again");
        }
        drop(work);
    }
}
