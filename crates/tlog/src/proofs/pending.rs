//! Lines that no checkpoint covers yet: their bytes until they are hashed, then their hashes.

use std::{
    collections::VecDeque,
    io, mem,
    sync::{
        mpsc::{self, SyncSender},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    thread::{self, JoinHandle},
};

use body_logger_jsonl::AppendedLines;
use rand_core::{OsRng, RngCore};
use tlog_tiles::{record_hash, Hash};

/// Number of waiting bytes at which the thread is woken to hash them: a wake-up costs the appending thread as much as dozens
/// of lines. Fewer wait for the next sync.
const WORTH_HASHING: usize = 256 * 1024;

/// Maximum number of waiting bytes. Beyond it, the appending thread hashes them itself.
const MAX_WAITING: usize = 8 * 1024 * 1024;

/// Number of salts that the thread keeps ready.
const SALTS: usize = 4096;

pub(super) type Salt = [u8; 16];

/// Generates salts and hashes lines on a thread of its own, so that the appending thread does not wait for either.
#[derive(Debug)]
pub(super) struct Pending {
    shared: Arc<Shared>,
    /// `None` once this is being dropped, or if there is no thread.
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    lines: Mutex<Lines>,
    /// Held while lines are hashed, so that leaves stay in order. Locked before `lines`.
    hashing: Mutex<()>,
    /// For lines to come.
    salts: Mutex<Vec<Salt>>,
}

#[derive(Debug, Default)]
struct Lines {
    /// Number of lines that a checkpoint covers.
    covered: u64,
    /// The leaves after the covered ones, in order.
    leaves: VecDeque<Hash>,
    /// The lines after those, not hashed yet.
    unhashed: Vec<AppendedLines>,
    /// Number of bytes that the unhashed lines occupy.
    waiting: usize,
    /// Number of all lines.
    known: u64,
}

impl Pending {
    pub(super) fn new() -> Self {
        let shared = Arc::<Shared>::default();
        let (wake, woken) = mpsc::sync_channel(1);
        let hasher = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("body-logger-proofs".to_owned())
            .spawn(move || {
                while woken.recv().is_ok() {
                    hasher.hash();
                    // If it fails, the thread that needs salts tries again.
                    let _ = hasher.make_salts();
                }
            })
            // Without a thread, lines are hashed at every sync, and by the appending thread when too many wait.
            .ok();
        Self {
            shared,
            wake: thread.is_some().then_some(wake),
            thread,
        }
    }

    /// Starts over with `covered` lines that a checkpoint covers, and these leaves after them.
    pub(super) fn reset(&self, covered: u64, leaves: VecDeque<Hash>) {
        let _hashing = self.shared.hashing();
        let mut lines = self.shared.lines();
        lines.take_unhashed();
        lines.covered = covered;
        lines.known = covered + leaves.len() as u64;
        lines.leaves = leaves;
    }

    /// Returns random salts, each of which is used once.
    pub(super) fn salts(&self, lines: usize) -> io::Result<Vec<Salt>> {
        let mut ready = self.shared.salts();
        match ready.len().checked_sub(lines) {
            Some(left) => Ok(ready.split_off(left)),
            _ => random_salts(lines),
        }
    }

    pub(super) fn append(&self, appended: &AppendedLines) {
        let waiting = {
            let mut lines = self.shared.lines();
            lines.known += appended.count() as u64;
            lines.unhashed.push(appended.clone());
            lines.waiting += appended.held_bytes();
            lines.waiting
        };
        match &self.wake {
            _ if waiting >= MAX_WAITING => self.shared.hash(),
            Some(wake) if waiting >= WORTH_HASHING => {
                // If it is full, the thread is about to hash them anyway.
                let _ = wake.try_send(());
            }
            _ => {}
        }
    }

    /// Returns the number of all lines, covered or not.
    pub(super) fn known(&self) -> u64 {
        self.shared.lines().known
    }

    /// Returns the uncovered leaves of the lines before this one.
    pub(super) fn leaves_before(&self, line: u64) -> Vec<Hash> {
        self.shared.hash();
        let lines = self.shared.lines();
        let count = line.saturating_sub(lines.covered);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        lines.leaves.iter().take(count).copied().collect()
    }

    /// Returns the leaf of a line that no checkpoint covers.
    pub(super) fn leaf(&self, line: u64) -> Option<Hash> {
        self.shared.hash();
        let lines = self.shared.lines();
        let at = line.checked_sub(lines.covered)?;
        lines.leaves.get(usize::try_from(at).ok()?).copied()
    }

    /// Removes this many leaves, which a checkpoint covers now.
    pub(super) fn cover(&self, leaves: usize) {
        let mut lines = self.shared.lines();
        lines.leaves.drain(..leaves);
        lines.covered += leaves as u64;
    }
}

impl Lines {
    fn take_unhashed(&mut self) -> Vec<AppendedLines> {
        self.waiting = 0;
        mem::take(&mut self.unhashed)
    }
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hashing(&self) -> MutexGuard<'_, ()> {
        self.hashing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn salts(&self) -> MutexGuard<'_, Vec<Salt>> {
        self.salts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Generates the missing salts.
    fn make_salts(&self) -> io::Result<()> {
        let missing = SALTS.saturating_sub(self.salts().len());
        let more = random_salts(missing)?;
        self.salts().extend(more);
        Ok(())
    }

    /// Hashes all lines appended so far.
    fn hash(&self) {
        let _hashing = self.hashing();
        let unhashed = self.lines().take_unhashed();
        let mut leaves = Vec::with_capacity(unhashed.iter().map(|it| it.count()).sum());
        for lines in unhashed {
            let mut rest = &lines[..];
            while let Some(end) = memchr::memchr(b'\n', rest) {
                leaves.push(record_hash(&rest[..end]));
                rest = &rest[end + 1..];
            }
        }
        self.lines().leaves.extend(leaves);
    }
}

fn random_salts(count: usize) -> io::Result<Vec<Salt>> {
    let mut salts = vec![[0; 16]; count];
    let filled = OsRng.try_fill_bytes(salts.as_flattened_mut());
    filled.map_err(|error| io::Error::other(error.to_string()))?;
    Ok(salts)
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_in_order_whoever_hashes_them() {
        let pending = Pending::new();
        let first = record_hash(b"first");
        pending.reset(10, VecDeque::from([first]));
        let line = |number: usize| vec![b'a' + (number % 26) as u8; number % 3000];
        let mut expected = vec![first];
        let mut seen = Vec::new();
        for number in 0..5_000 {
            let mut bytes = line(number);
            expected.push(record_hash(&bytes));
            bytes.push(b'\n');
            pending.append(&bytes.into());
            assert_eq!(pending.known(), 12 + number as u64);
            if number % 700 == 3 {
                let leaves = pending.leaves_before(pending.known());
                pending.cover(leaves.len());
                seen.extend(leaves);
            }
        }
        assert_eq!(pending.leaf(pending.known() - 1), expected.last().copied());
        assert_eq!(pending.leaf(pending.known()), None);
        seen.extend(pending.leaves_before(u64::MAX));
        assert_eq!(seen, expected);
    }

    #[test]
    fn no_salt_is_given_twice() {
        let pending = Pending::new();
        let mut given = std::collections::BTreeSet::new();
        for round in 0..40 {
            if round % 10 == 5 {
                pending.shared.make_salts().expect("random numbers");
            }
            for lines in [0, 1, 3000, 500] {
                let salts = pending.salts(lines).expect("random numbers");
                assert_eq!(salts.len(), lines);
                assert!(salts.into_iter().all(|salt| given.insert(salt)));
            }
        }
        assert!(pending.shared.salts().len() < SALTS, "none was prepared");
    }

    #[test]
    fn no_more_waits_than_may() {
        let pending = Pending::new();
        let line = [vec![b'x'; 1024 * 1024], vec![b'\n']].concat();
        for _ in 0..30 {
            pending.append(&line.clone().into());
            assert!(pending.shared.lines().waiting <= MAX_WAITING);
        }
        assert_eq!(pending.leaves_before(30).len(), 30);
    }
}
