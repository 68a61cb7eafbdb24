//! Contains panics of code that is not the crate's own.

use std::{
    mem,
    panic::{self, AssertUnwindSafe},
};

/// Error: the code panicked, and the panic was contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

/// Runs code that may panic, such as a user's closure. No panic leaves this function.
///
/// The payload of a panic can be any value, and may itself panic when it is dropped; that is contained, too.
///
/// # Errors
///
/// Returns [`Panicked`] if the code panicked.
///
/// ```
/// use body_logger_core::{contain, Panicked};
///
/// assert_eq!(contain(|| 1), Ok(1));
/// assert_eq!(contain(|| panic!("not here")), Err::<(), _>(Panicked));
/// ```
pub fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        if let Err(again) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            // Leaked, as dropping it could panic again, without end.
            mem::forget(again);
        }
        Panicked
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics when dropped, with another one of itself as the payload, this many times. The test leaks one that gets
    /// out, rather than dropping it.
    struct Bomb(u32);

    impl Drop for Bomb {
        fn drop(&mut self) {
            if self.0 > 0 {
                panic::panic_any(Bomb(self.0 - 1));
            }
        }
    }

    #[test]
    fn contains_a_payload_that_panics_when_dropped() {
        let contained = panic::catch_unwind(|| contain(|| panic::panic_any(Bomb(3))));
        match contained {
            Ok(result) => assert_eq!(result, Err(Panicked)),
            Err(payload) => {
                mem::forget(payload);
                panic!("a payload got out");
            }
        }
        assert_eq!(contain(|| 1), Ok(1));
    }
}
