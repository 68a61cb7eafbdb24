//! Whether a request's body is recorded as it passes, or read before the handler is called.

use std::time::Duration;

/// The longest body that [`BodyMode::Buffer`] reads before the handler is called, by default: 2 MiB.
pub const DEFAULT_BUFFER_BYTES: usize = 2 * 1024 * 1024;

/// How long [`BodyMode::Buffer`] waits for a body by default: 30 seconds.
pub const DEFAULT_BUFFER_TIMEOUT: Duration = Duration::from_secs(30);

/// Whether a request's body is recorded as it passes, or read before the handler is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyMode {
    /// The handler reads the body, and what it reads is recorded on the way. Nothing is read ahead.
    #[default]
    Tee,
    /// The body is read first, up to [a limit](BufferOptions::max_bytes), and put back for
    /// the handler, so that it is recorded even if the handler does not ask for it.
    ///
    /// This changes what clients can see. An answer that needs no body, such as an early 401 or
    /// 413, waits for the upload. A client that wants answers while it is still sending cannot be
    /// served and may hang until [the timeout](BufferOptions::timeout). The body takes
    /// up memory for each request in flight: up to the limit, beside what the record keeps.
    ///
    /// Bytes are read as they come over the wire: nothing is decompressed and no header is changed.
    /// Extractors' own limits still apply.
    Buffer,
}

/// What becomes of a body that is longer than the [limit](BufferOptions::max_bytes) of
/// [`BodyMode::Buffer`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OverLimit {
    /// The handler gets what was read and then the rest, as it comes.
    #[default]
    PassOn,
    /// The request is answered 413 (Content Too Large); the handler is not called.
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
    /// Maximum number of bytes that are read before the handler is called.
    ///
    /// Defaults to [`DEFAULT_BUFFER_BYTES`], 2 MiB.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How long a body may take. Past it the request is answered 408 (Request Timeout) and the handler is
    /// not called: actix itself has no limit on how long a body takes.
    ///
    /// Defaults to [`DEFAULT_BUFFER_TIMEOUT`], 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What becomes of a body that is longer than [the limit](Self::max_bytes).
    ///
    /// Defaults to [`OverLimit::PassOn`].
    pub fn over_limit(mut self, choice: OverLimit) -> Self {
        self.over_limit = choice;
        self
    }
}
