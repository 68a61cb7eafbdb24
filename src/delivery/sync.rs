//! Synchronization types and threads: those of the standard library, or of Shuttle, whose scheduler runs the threads of
//! `tests/interleavings.rs` in many orders.

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
