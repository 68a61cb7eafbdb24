//! Options of a spool, and the limits of each body.

/// Default maximum number of bytes of one body that wait for the disk: 4 MiB.
pub const DEFAULT_SPOOL_WAITING: usize = 4 * 1024 * 1024;

/// What happens to a body while the disk is slower than the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenSlow {
    /// Gives up the file: it is removed, and the record says `"no_file": "too_slow"`. No client notices.
    #[default]
    GiveUp,
    /// **Slows down the stream**: the next chunk of this body is not read before there is capacity again, for as long as
    /// that takes. No thread blocks and no other stream is slowed down, but the client of this one waits if the disk
    /// stalls, and waits for ever if it stalls for ever.
    ///
    /// The end of an exchange never waits: while more than 1,024 bodies have ended and wait for the disk, the files of
    /// further ones are given up.
    SlowDown,
}

/// When a spool's files are made durable (`fsync`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpoolSync {
    /// When the operating system does so. After a loss of power a file may be empty or short although a record names
    /// it, which its size and its digest in the record show.
    #[default]
    Never,
    /// Before the record that names the file is delivered. For routes whose
    /// [delivery is required](crate::policy::Guarantee::Required), as otherwise only the record is durable. Costs one `fsync` of the file and one of the directory for
    /// each body.
    EachFile,
}

/// The limits of each body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) max_bytes: u64,
    pub(super) waiting: usize,
    pub(super) when_slow: WhenSlow,
}
