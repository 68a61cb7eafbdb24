//! Bodies that are kept whole, where the command line asks for it.

use std::{io, path::Path, time::Duration};

use actix_web_body_logger::{policy::BodyMode, BodyLoggerBuilder};

/// The longest body that is kept.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// How long, and how many bytes together.
const KEEP_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const KEEP_TOTAL: u64 = 1024 * 1024 * 1024;

/// Keeps the bodies of requests and responses in files: raw, with all secrets that are in them.
pub(crate) fn keep_whole(
    logger: BodyLoggerBuilder,
    directory: &Path,
) -> io::Result<BodyLoggerBuilder> {
    let spool = BodyMode::spool_raw(directory, MAX_BYTES)
        .keep_for(KEEP_FOR)
        .keep_total(KEEP_TOTAL)
        .open()?;
    Ok(logger.request_mode(spool.clone()).response_mode(spool))
}
