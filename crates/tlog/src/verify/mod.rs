//! Verifies a log: its lines, tiles and checkpoints.

mod change;
mod erased;
mod fault;
mod pass;

use std::{fmt, ops::RangeInclusive, path::Path};

use body_logger_jsonl::RawFile;

pub use self::fault::{Fault, LineChange};
use self::pass::Pass;
use crate::{
    checkpoint::Checkpoint,
    directory::{read_log, ProofDirectory},
    error::Error,
    key::VerifierKey,
};

/// Verifies logs with these keys.
///
/// Those who can write to the disk can replace a log and its proofs by older ones. So give it the newest
/// [checkpoint](Self::checkpoint) that was published and kept elsewhere.
///
/// ```no_run
/// use body_logger_tlog::{VerifierKey, Verifier};
///
/// let key = VerifierKey::from_file("audit.key.pub")?;
/// let kept = std::fs::read_to_string("/mnt/elsewhere/checkpoint")?;
/// let verification = Verifier::new([key]).checkpoint(&kept)?.verify("audit.jsonl")?;
/// for fault in &verification.faults {
///     eprintln!("{fault}");
/// }
/// assert!(verification.holds());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is verified before `verify` is called"]
pub struct Verifier<'a> {
    keys: Vec<VerifierKey>,
    checkpoints: Vec<Checkpoint>,
    progress: Box<dyn FnMut(u64) + 'a>,
}

/// What [`Verifier::verify`] has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// What was tampered with. Of lines only the first one that was changed, and the first one that was erased without an
    /// announcement. Empty if the log holds.
    pub faults: Vec<Fault>,
    /// How many lines the newest checkpoint covers.
    pub size: u64,
    /// How many of these were read, and are unchanged.
    pub lines: u64,
    /// The lines that were deleted, as an entry of the log announces.
    pub deleted: Option<RangeInclusive<u64>>,
    /// The numbers of erased lines, as entries of the log announce: only the ids of their entries are left.
    pub erased: Vec<u64>,
    /// The numbers of lines that are announced as erased and still there, in whole or in part, because the process ended
    /// meanwhile. They are erased when the log is opened again.
    pub unfinished: Vec<u64>,
    /// Number of lines after the newest checkpoint, which cannot be verified yet.
    pub uncovered: u64,
    /// Whether the live file ends with a torn line: one being written, or one that a crash left.
    pub torn: bool,
}

impl Verification {
    /// Returns whether the log is whole and unchanged, as far as the checkpoints cover it.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

impl<'a> Verifier<'a> {
    /// Creates a verifier that trusts these keys, of which at least one has to have the log's origin as its name.
    pub fn new(keys: impl IntoIterator<Item = VerifierKey>) -> Self {
        Self {
            keys: keys.into_iter().collect(),
            checkpoints: Vec::new(),
            progress: Box::new(|_| {}),
        }
    }

    /// Adds a checkpoint that was published earlier: the log must continue it. Defaults to none.
    ///
    /// # Errors
    ///
    /// As for [`Checkpoint::verify`].
    pub fn checkpoint(mut self, note: &str) -> Result<Self, Error> {
        self.checkpoints.push(Checkpoint::verify(note, &self.keys)?);
        Ok(self)
    }

    /// Calls this after each line, with the number of bytes read so far. Defaults to doing nothing.
    pub fn progress(mut self, progress: impl FnMut(u64) + 'a) -> Self {
        self.progress = Box::new(progress);
        self
    }

    /// Verifies the log whose live file is at `path`, with all of its tiles, in constant memory. Its writer may continue
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// Returns an error if something cannot be read. What was tampered with is in [`Verification::faults`].
    pub fn verify(&mut self, path: impl AsRef<Path>) -> Result<Verification, Error> {
        read_log(
            path.as_ref(),
            Verification::holds,
            |directory, stored, files| self.verify_once(directory, stored, files),
        )
    }

    fn verify_once(
        &mut self,
        directory: &ProofDirectory,
        stored: Option<&str>,
        files: &[RawFile],
    ) -> Result<Verification, Error> {
        let mut faults = Vec::new();
        let mut fault = |text: String| faults.push(Fault::Checkpoint(text));
        let path = directory.checkpoint.display();
        let stored = match stored.map(|note| Checkpoint::verify(note, &self.keys)) {
            Some(Ok(stored)) => Some(stored),
            Some(Err(error)) => {
                fault(format!("{path}: {error}"));
                None
            }
            None => {
                fault(match files.is_empty() {
                    true => format!("{path} is missing, and so are all files of the log"),
                    false => format!("{path} is missing"),
                });
                None
            }
        };
        let newest = self.checkpoints.iter().map(Checkpoint::size).max();
        let size = stored.as_ref().map_or(0, Checkpoint::size);
        if let Some(newest) = newest.filter(|newest| stored.is_some() && *newest > size) {
            fault(format!(
                "{path}: it covers {size} lines, and one that was given covers {newest}"
            ));
        }
        let begun = directory.read_unfinished()?;
        let mut pass = Pass::new(directory, stored, &self.checkpoints, begun, faults);
        pass.run(files, &mut self.progress)?;
        Ok(pass.finish())
    }
}

impl fmt::Debug for Verifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("keys", &self.keys)
            .field("checkpoints", &self.checkpoints)
            .finish_non_exhaustive()
    }
}
