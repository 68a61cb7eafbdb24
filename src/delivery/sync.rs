//! What threads share, and how they are started: by the standard library, or by Shuttle, which has
//! the tests of `tests/interleavings.rs` take the steps of all threads in an order of its choice.

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
