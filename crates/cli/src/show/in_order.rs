//! Work on several threads, whose results come in the order of the jobs.

use std::{
    io,
    sync::{
        mpsc::{sync_channel, Receiver, SyncSender},
        Arc,
    },
    thread,
};

/// How many jobs a thread has at most: while it works on one, the next is there.
const JOBS: usize = 2;

/// Threads that get jobs in turn. As their results are taken in the same turn, none has to be put in order.
#[derive(Debug)]
pub(super) struct InOrder<J, R> {
    threads: Vec<Worker<J, R>>,
    /// Jobs that were handed over, and results that were taken.
    pushed: usize,
    taken: usize,
}

/// The channels of a thread. It ends when that of its jobs is closed.
#[derive(Debug)]
struct Worker<J, R> {
    jobs: SyncSender<J>,
    results: Receiver<R>,
}

impl<J: Send + 'static, R: Send + 'static> InOrder<J, R> {
    /// Starts so many threads that do this work, at least one.
    pub(super) fn start(
        threads: usize,
        work: impl Fn(J) -> R + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let work = Arc::new(work);
        let start = |_| {
            let work = Arc::clone(&work);
            // Neither blocks a sender: the capacity holds all jobs that a thread may have.
            let (jobs, job_receiver) = sync_channel(JOBS);
            let (result_sender, results) = sync_channel(JOBS);
            let work = move || {
                for job in job_receiver {
                    // The receiver is gone if the program is about to end.
                    let _ = result_sender.send(work(job));
                }
            };
            thread::Builder::new().spawn(work)?;
            Ok(Worker { jobs, results })
        };
        Ok(Self {
            threads: (0..threads.max(1)).map(start).collect::<io::Result<_>>()?,
            pushed: 0,
            taken: 0,
        })
    }

    /// Whether the next job would have to wait for a result to be taken.
    pub(super) fn is_full(&self) -> bool {
        self.pending() == self.threads.len() * JOBS
    }

    /// Hands over a job.
    ///
    /// # Panics
    ///
    /// Panics if the threads are [full](Self::is_full), or one has panicked.
    pub(super) fn push(&mut self, job: J) {
        assert!(!self.is_full(), "no thread is free");
        let thread = &self.threads[self.pushed % self.threads.len()];
        thread
            .jobs
            .send(job)
            .expect("a thread does not end before its channel");
        self.pushed += 1;
    }

    /// Takes the oldest result, once it is there. `None` if no job is left.
    ///
    /// # Panics
    ///
    /// Panics if a thread has.
    pub(super) fn next(&mut self) -> Option<R> {
        let result = (self.pending() > 0).then(|| self.oldest().recv())?;
        self.taken += 1;
        Some(result.expect("a thread does not end before its channel"))
    }

    /// Takes the oldest result if it is there.
    pub(super) fn next_ready(&mut self) -> Option<R> {
        let result = (self.pending() > 0).then(|| self.oldest().try_recv().ok())??;
        self.taken += 1;
        Some(result)
    }

    fn pending(&self) -> usize {
        self.pushed - self.taken
    }

    fn oldest(&self) -> &Receiver<R> {
        &self.threads[self.taken % self.threads.len()].results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands over all jobs, and returns all results.
    fn results(threads: usize, jobs: u64) -> Vec<u64> {
        let work = |job: u64| {
            // Some take longer than others.
            let turns: u64 = if job.is_multiple_of(3) { 20_000 } else { 10 };
            std::hint::black_box((0..turns).fold(0, |sum, turn| sum ^ turn));
            job * 2
        };
        let mut threads = InOrder::start(threads, work).expect("threads");
        let mut results = Vec::new();
        for job in 0..jobs {
            if threads.is_full() {
                results.extend(threads.next());
            }
            threads.push(job);
            results.extend(threads.next_ready());
        }
        results.extend(std::iter::from_fn(|| threads.next()));
        assert!(threads.next_ready().is_none());
        results
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs_whatever_each_takes() {
        let expected: Vec<u64> = (0..1_000).map(|job| job * 2).collect();
        for threads in [0, 1, 2, 3, 8] {
            assert_eq!(results(threads, 1_000), expected, "{threads}");
        }
        assert!(results(2, 0).is_empty());
    }
}
