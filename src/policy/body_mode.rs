//! Body modes: whether a body is recorded while it passes, read before the handler is called, or kept whole in a file.

use std::{path::PathBuf, time::Duration};

use crate::spool::{Spool, SpoolBuilder};

/// Default maximum number of bytes that [`BodyMode::Buffer`] reads before the handler is called: 2 MiB.
pub const DEFAULT_BUFFER_BYTES: usize = 2 * 1024 * 1024;

/// Default maximum time that [`BodyMode::Buffer`] waits for a body: 30 seconds.
pub const DEFAULT_BUFFER_TIMEOUT: Duration = Duration::from_secs(30);

/// Whether a body is recorded while it passes, read before the handler is called, or kept whole in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyMode {
    /// Records the bytes while they pass. Nothing is read ahead.
    #[default]
    Tee,
    /// Reads the body first, up to [a limit](BufferOptions::max_bytes), and puts it back for the handler, so that it is
    /// recorded even if the handler does not read it.
    ///
    /// Clients can notice this. A response that needs no body, such as an early 401 or 413, waits for the upload. A
    /// client that expects the response while it is still sending may hang until
    /// [the timeout](BufferOptions::timeout). Each request in flight uses memory for its body, up to the limit, in
    /// addition to what the record keeps.
    ///
    /// The bytes are those of the connection: nothing is decompressed and no header is changed. Extractors' own limits
    /// still apply.
    ///
    /// For requests only: a response's body is never buffered.
    Buffer,
    /// As [`Tee`](Self::Tee), and keeps all bytes that pass, **raw and unredacted**, in a file, see
    /// [`spool_raw`](Self::spool_raw).
    Spool(Spool),
}

impl From<Spool> for BodyMode {
    fn from(spool: Spool) -> Self {
        Self::Spool(spool)
    }
}

impl BodyMode {
    /// Keeps bodies of any size whole in files of this directory, **raw and unredacted: passwords, tokens and personal
    /// data as they were sent**. Whoever can read the directory can read them. A body longer than `max_bytes` has no
    /// file.
    ///
    /// This is for evidence that must not lack a byte. The record itself stays redacted, and names the
    /// [file](crate::record::BodyFile), its size, and its digest if
    /// [digests](crate::BodyLoggerBuilder::digest_bodies) are configured. It is delivered once the file is finished, by
    /// the spool's thread, on which inline sinks then run.
    ///
    /// - **Which bodies:** all that have bytes and that the [level](crate::CaptureLevel) of their exchange includes,
    ///   whatever their media type. The bytes are those of the connection, without its framing: nothing is decompressed.
    /// - **How:** a worker copies bytes in blocks of 64 KiB, and a thread of the spool writes them. If the disk is slower
    ///   than the network, [`WhenSlow`](super::WhenSlow) decides. What waits is limited, and reserved of the
    ///   [memory budget](super::MemoryBudget).
    /// - **Files** have the mode 0600 in a directory of mode 0700. Each is written under a name that ends in `.tmp`, and
    ///   renamed when it is finished to `<UUID>.request` or `<UUID>.response`.
    /// - **A body that was aborted,** or read only in part, has a file of the bytes that passed, whose name goes on with
    ///   [`.partial`](super::PARTIAL).
    /// - **No file remains** of a body that a handler [omits](crate::Exchange::omit_request_body), that
    ///   [tail sampling](crate::TailSampling) discards, of an [unrecorded](super::Unrecorded) exchange, or of a tunnel.
    /// - **Failures** never change an exchange: the record says why there is [no file](crate::record::NoFile), and
    ///   [counters](crate::BodyLogger::counters) count it.
    ///
    /// ```no_run
    /// use actix_web_body_logger::{policy::BodyMode, sink::JsonLines, BodyLogger};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let spool = BodyMode::spool_raw("bodies", 1024 * 1024 * 1024).open()?;
    /// let logger = BodyLogger::builder()
    ///     .request_mode(spool.clone())
    ///     .response_mode(spool)
    ///     .sink(JsonLines::open("audit.jsonl")?)
    ///     .build();
    /// # drop(logger);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spool_raw(directory: impl Into<PathBuf>, max_bytes: u64) -> SpoolBuilder {
        SpoolBuilder::new(directory.into(), max_bytes)
    }
}

/// What to do with a body longer than the [limit](BufferOptions::max_bytes) of [`BodyMode::Buffer`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OverLimit {
    /// Pass it on: the handler gets what was read, then the rest as it arrives.
    #[default]
    PassOn,
    /// Respond 413 (Content Too Large), without calling the handler.
    Reject,
}

/// The limits of [`BodyMode::Buffer`].
///
/// ```
/// use std::time::Duration;
///
/// use actix_web_body_logger::{policy::{BodyMode, BufferOptions, OverLimit}, BodyLogger};
///
/// let limits = BufferOptions::default()
///     .max_bytes(64 * 1024)
///     .timeout(Duration::from_secs(5))
///     .over_limit(OverLimit::Reject);
/// let logger = BodyLogger::builder().request_mode(BodyMode::Buffer).buffer(limits).build();
/// # drop(logger);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "it does nothing until it is given to a builder"]
pub struct BufferOptions {
    pub(crate) max_bytes: usize,
    pub(crate) timeout: Duration,
    pub(crate) over_limit: OverLimit,
}

impl Default for BufferOptions {
    fn default() -> Self {
        Self {
            max_bytes: DEFAULT_BUFFER_BYTES,
            timeout: DEFAULT_BUFFER_TIMEOUT,
            over_limit: OverLimit::default(),
        }
    }
}

impl BufferOptions {
    /// Maximum number of bytes read before the handler is called.
    ///
    /// Defaults to [`DEFAULT_BUFFER_BYTES`], 2 MiB.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Maximum time that a body may take. After it the response is 408 (Request Timeout), and the handler is not
    /// called; actix itself does not limit that time.
    ///
    /// Defaults to [`DEFAULT_BUFFER_TIMEOUT`], 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What to do with a body longer than [the limit](Self::max_bytes).
    ///
    /// Defaults to [`OverLimit::PassOn`].
    pub fn over_limit(mut self, choice: OverLimit) -> Self {
        self.over_limit = choice;
        self
    }
}
