//! Code of others that may panic.

use std::{
    mem,
    panic::{self, AssertUnwindSafe},
};

/// A panic was contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

/// Runs code of others, of which no panic gets out.
///
/// A panic's payload is any value, and may itself panic when it is dropped.
///
/// # Errors
///
/// [`Panicked`] where it did.
///
/// ```
/// use body_logger_core::{contain, Panicked};
///
/// assert_eq!(contain(|| 1), Ok(1));
/// assert_eq!(contain(|| panic!("of others")), Err::<(), _>(Panicked));
/// ```
pub fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        if let Err(again) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            // Dropping this one could go on for ever.
            mem::forget(again);
        }
        Panicked
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics when it is dropped, with another one of itself, so many times. Where one gets out, a
    /// test fails, rather than dropping them for ever.
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
