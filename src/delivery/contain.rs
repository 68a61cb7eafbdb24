//! Code of others that may panic.

use std::{
    mem,
    panic::{self, AssertUnwindSafe},
};

/// A panic was contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Runs code of others, of which no panic gets out.
///
/// A panic's payload is any value, and may itself panic when it is dropped.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        if let Err(again) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            // Dropping this one could go on for ever.
            mem::forget(again);
        }
        Panicked
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Panics when it is dropped, with another one of itself.
    pub(in super::super) struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic::panic_any(Bomb);
        }
    }

    #[test]
    fn contains_a_payload_that_panics_when_dropped() {
        assert_eq!(contain(|| panic::panic_any(Bomb)), Err(Panicked));
        assert_eq!(contain(|| 1), Ok(1));
    }
}
