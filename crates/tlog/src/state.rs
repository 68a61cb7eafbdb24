//! How much of a log its stored checkpoint covers, without verifying the log.

use std::{fs, ops::ControlFlow, path::Path, time::SystemTime};

use body_logger_jsonl::RawFile;

use crate::{
    checkpoint::Checkpoint,
    directory::{read_log, ProofDirectory},
    error::Error,
    key::VerifierKey,
    lines::{each_line, Found},
};

/// How much of a log its stored checkpoint covers; see [`log_state`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogState {
    /// The name of the log, which is that of its key.
    pub origin: String,
    /// How many lines the stored checkpoint covers.
    pub size: u64,
    /// When that checkpoint was stored: the modification time of its file.
    pub stored_at: SystemTime,
    /// When the signature of that checkpoint was verified, and the lines were counted.
    pub verified_at: SystemTime,
    /// Number of lines after it, which no checkpoint covers yet.
    pub uncovered: u64,
}

/// Returns how much of the log whose live file is at `path` is covered by its stored checkpoint: for an overview, such as a
/// page that is reloaded often.
///
/// Verifies only the signature of the stored checkpoint, and reads only the newest file. Use a
/// [`Verifier`](crate::Verifier) to verify the log.
///
/// ```no_run
/// use body_logger_tlog::{log_state, VerifierKey};
///
/// let state = log_state("audit.jsonl", &[VerifierKey::from_file("audit.key.pub")?])?;
/// println!("{}: {} lines, and {} after them", state.origin, state.size, state.uncovered);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns an error if there is no checkpoint that one of these keys has signed, or if the log cannot be read.
pub fn log_state(path: impl AsRef<Path>, keys: &[VerifierKey]) -> Result<LogState, Error> {
    read_log(
        path.as_ref(),
        |_| true,
        |directory, stored, files| {
            let stored = stored.ok_or_else(|| {
                Error::Checkpoint(format!("{} is missing", directory.checkpoint.display()))
            })?;
            let checkpoint = Checkpoint::verify(stored, keys)
                .map_err(|error| error.in_file(&directory.checkpoint))?;
            let verified_at = SystemTime::now();
            let stored_at = fs::metadata(&directory.checkpoint)
                .and_then(|metadata| metadata.modified())
                .map_err(Error::at(&directory.checkpoint))?;
            let lines = count_lines(directory, files, checkpoint.size())?;
            Ok(LogState {
                origin: checkpoint.origin().to_owned(),
                size: checkpoint.size(),
                stored_at,
                verified_at,
                uncovered: lines.saturating_sub(checkpoint.size()),
            })
        },
    )
}

/// Returns the number of lines of the log, including deleted ones.
fn count_lines(directory: &ProofDirectory, files: &[RawFile], size: u64) -> Result<u64, Error> {
    let live = files.iter().rposition(|file| file.closed_at().is_none());
    let known = directory.read_index().map(|index| index.live);
    let (mut lines, unread) = match (known, live) {
        (Some(first), Some(live)) => (first, &files[live..]),
        _ => (directory.first_leaf(files, size)?, files),
    };
    each_line(unread, |found| {
        lines += u64::from(matches!(found, Found::Line(..)));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(lines)
}
