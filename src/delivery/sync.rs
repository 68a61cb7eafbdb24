//! Synchronization types and threads: those of the standard library, or of Shuttle, whose scheduler runs the threads of
//! `tests/interleavings.rs` in many orders.

use super::counters::LOG_TARGET;

#[cfg(not(shuttle))]
pub(super) use std::{
    sync::{atomic, mpsc, Condvar, Mutex, MutexGuard},
    thread,
};

#[cfg(shuttle)]
pub(super) use shuttle::{
    sync::{atomic, mpsc, Condvar, Mutex, MutexGuard},
    thread,
};

/// Starts a thread of a delivery. Returns false if that fails.
pub(super) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> bool {
    let started = thread::Builder::new().name(name.to_owned()).spawn(run);
    if let Err(error) = &started {
        log::error!(
            target: LOG_TARGET,
            "body logger: cannot start the thread {name}: {error}; all records queued for it are lost"
        );
    }
    started.is_ok()
}
