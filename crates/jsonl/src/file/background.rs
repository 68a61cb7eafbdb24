//! A thread that does a piece of work some time after it was told to.

use std::{
    io,
    sync::mpsc::{self, RecvTimeoutError, SyncSender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use body_logger_core::contain;

/// When it is dropped, the work that it was told of is done at once, and waited for.
#[derive(Debug)]
pub(super) struct Background {
    /// None once it is being dropped.
    told: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Does `work` once for whatever it is told within `delay` of the first time, and `every` so often
    /// when it is told nothing.
    pub(super) fn start(
        name: &str,
        delay: Duration,
        every: Option<Duration>,
        mut work: impl FnMut() + Send + 'static,
    ) -> io::Result<Self> {
        // One message waits at most: more would ask for the same.
        let (told, wait) = mpsc::sync_channel(1);
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
                    // Ends early when nobody is left who might tell.
                    while let Some(left) = delay.checked_sub(start.elapsed()) {
                        match wait.recv_timeout(left) {
                            Ok(()) => {}
                            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                                break
                            }
                        }
                    }
                    // What panics once may work the next time.
                    let _ = contain(&mut work);
                }
            })?;
        Ok(Self {
            told: Some(told),
            thread: Some(thread),
        })
    }

    pub(super) fn tell(&self) {
        if let Some(told) = &self.told {
            // It is full where the thread will start over anyway.
            let _ = told.try_send(());
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.told = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    };

    use super::*;

    #[test]
    fn what_it_was_told_is_done_before_it_is_gone_without_waiting_for_the_delay() {
        let start = Instant::now();
        let done = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&done);
        let work = Background::start("test", Duration::from_secs(600), None, move || {
            count.fetch_add(1, Ordering::Relaxed);
        })
        .expect("a thread");
        work.tell();
        drop(work);
        assert!((1..=2).contains(&done.load(Ordering::Relaxed)));
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn it_survives_a_panic_and_works_again_when_told_again() {
        let (tell, told) = mpsc::channel();
        let mut runs = 0;
        let work = Background::start("test", Duration::ZERO, None, move || {
            runs += 1;
            tell.send(runs).expect("a test");
            assert!(runs > 1, "the first time it panics");
        })
        .expect("a thread");
        for run in 1..=3 {
            work.tell();
            assert_eq!(told.recv(), Ok(run));
        }
        drop(work);
    }

    #[test]
    fn it_works_every_so_often_though_it_is_told_nothing() {
        let (tell, told) = mpsc::channel();
        let every = Some(Duration::from_millis(1));
        // It waits for nobody, so what is to gather some time does not matter.
        let work = Background::start("test", Duration::from_secs(600), every, move || {
            let _ = tell.send(());
        })
        .expect("a thread");
        for _ in 0..3 {
            told.recv().expect("it works again");
        }
        drop(work);
    }
}
