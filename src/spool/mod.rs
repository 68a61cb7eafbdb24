//! Bodies kept whole, in files: the raw, unredacted bytes that pass.
//!
//! A worker collects the bytes of a body in blocks and hands them over to the spool's thread, which alone touches the
//! disk. [`BodySpool`] is the worker's end, `thread` the other; what they share of one body is [`SpooledBody`].

mod block;
mod body_spool;
mod builder;
mod content;
mod disk;
mod names;
mod options;
mod recipient;
mod retention;
mod shared_body;
mod thread;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

#[cfg(feature = "encrypt")]
pub use self::recipient::{AgeRecipient, ParseAgeRecipientError};
pub(crate) use self::{body_spool::BodySpool, names::Side, thread::Spooled};
pub use self::{
    builder::SpoolBuilder,
    names::PARTIAL,
    options::{SpoolSync, WhenSlow, DEFAULT_SPOOL_WAITING},
};
use self::{options::Limits, thread::Commands};
use crate::capture::MemoryBudget;
#[cfg(feature = "hash")]
use crate::content::BodyDigest;

/// Keeps bodies whole, **raw and unredacted**, in the files of one directory.
///
/// [`BodyMode::spool_raw`](crate::policy::BodyMode::spool_raw) opens one, and it converts into a `BodyMode`. Clones share its thread and its limits; the
/// thread ends once the last of them is dropped and everything handed over is on the disk.
#[derive(Clone)]
pub struct Spool(Arc<Shared>);

struct Shared {
    limits: Limits,
    commands: Commands,
}

/// What a logger has to say of the bodies that it spools.
#[derive(Debug, Clone)]
pub(crate) struct LoggerOptions {
    pub(crate) budget: MemoryBudget,
    #[cfg(feature = "hash")]
    pub(crate) digest: Option<BodyDigest>,
}

impl Spool {
    /// Whether streams wait for the disk.
    pub(crate) fn slows_down(&self) -> bool {
        self.0.limits.when_slow == WhenSlow::SlowDown
    }

    /// Begins a body. `length` is its declared length.
    pub(crate) fn begin(
        &self,
        side: Side,
        length: Option<u64>,
        logger: LoggerOptions,
    ) -> BodySpool {
        let Shared { limits, commands } = &*self.0;
        BodySpool::begin(*limits, commands.clone(), side, length, logger)
    }
}

impl PartialEq for Spool {
    /// Whether both are the same one.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Spool {}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}
