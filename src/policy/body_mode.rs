//! Body modes: whether a request's body is recorded while the handler reads it, or read before the handler is called.

use std::time::Duration;

/// Default maximum number of bytes that [`BodyMode::Buffer`] reads before the handler is called: 2 MiB.
pub const DEFAULT_BUFFER_BYTES: usize = 2 * 1024 * 1024;

/// Default maximum time that [`BodyMode::Buffer`] waits for a body: 30 seconds.
pub const DEFAULT_BUFFER_TIMEOUT: Duration = Duration::from_secs(30);

/// Whether a request's body is recorded while the handler reads it, or read before the handler is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyMode {
    /// Records what the handler reads, while it reads. Nothing is read ahead.
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
    Buffer,
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
