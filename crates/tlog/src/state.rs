//! What the stored checkpoint says, at a glance.

use std::{fs, ops::ControlFlow, path::Path, time::SystemTime};

use body_logger_jsonl::RawFile;

use crate::{
    lines::{each_line, Found},
    place::{read_log, Beside},
    Checkpoint, Error, VerifierKey,
};

/// How far the checkpoints of a log have got; see [`log_state`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogState {
    /// The name of the log, which is that of its key.
    pub origin: String,
    /// How many lines the stored checkpoint covers.
    pub size: u64,
    /// When that checkpoint was stored, as the file system says.
    pub stored_at: SystemTime,
    /// When the signature of that checkpoint was verified, and the lines were counted.
    pub verified_at: SystemTime,
    /// How many lines come after it, which no checkpoint covers yet.
    pub uncovered: u64,
}

/// Returns how far the checkpoints of the log have got whose live file is at `path`: for an overview, such as a page that
/// is drawn again and again.
///
/// Only the signature of the stored checkpoint is verified, and only the newest file is read. Whether the log holds is
/// up to [`Verifier`](crate::Verifier).
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
        |beside, stored, files| {
            let stored = stored.ok_or_else(|| {
                Error::Checkpoint(format!("{} is missing", beside.checkpoint.display()))
            })?;
            let checkpoint = Checkpoint::verify(stored, keys)
                .map_err(|error| error.in_file(&beside.checkpoint))?;
            let verified_at = SystemTime::now();
            let stored_at = fs::metadata(&beside.checkpoint)
                .and_then(|metadata| metadata.modified())
                .map_err(Error::at(&beside.checkpoint))?;
            let lines = count_lines(beside, files, checkpoint.size())?;
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

/// How many lines the log has, those that were deleted included.
fn count_lines(beside: &Beside, files: &[RawFile], size: u64) -> Result<u64, Error> {
    let live = files.iter().rposition(|file| file.closed_at().is_none());
    let known = beside.read_index().map(|index| index.live);
    let (mut lines, unread) = match (known, live) {
        (Some(first), Some(live)) => (first, &files[live..]),
        _ => (beside.first_leaf(files, size)?, files),
    };
    each_line(unread, |found| {
        lines += u64::from(matches!(found, Found::Line(..)));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(lines)
}
