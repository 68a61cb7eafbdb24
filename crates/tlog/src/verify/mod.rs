//! Verifying a log: the lines, the tiles and the checkpoints.

mod change;
mod erased;
mod fault;
mod pass;

use std::{fmt, ops::RangeInclusive, path::Path};

use body_logger_jsonl::RawFile;

pub use self::fault::{Fault, LineChange};
use self::pass::Pass;
use crate::{
    place::{read_log, Beside},
    Checkpoint, Error, VerifierKey,
};

/// Verifies logs with these keys.
///
/// Whoever can write to the disk can replace a log together with all that lies beside it by older ones. So give it the
/// newest [checkpoint](Self::checkpoint) that was handed out and kept elsewhere.
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
    /// What was tampered with; of the lines the first one only, and the first one that was erased without an announcement.
    /// Empty where all holds.
    pub faults: Vec<Fault>,
    /// How many lines the newest checkpoint covers.
    pub size: u64,
    /// How many of these were read, and are as they were.
    pub lines: u64,
    /// The lines that are gone, as an entry of the log says.
    pub deleted: Option<RangeInclusive<u64>>,
    /// The numbers of the lines of which nothing is left but which entry it was, as another entry of the log says.
    pub erased: Vec<u64>,
    /// The numbers of the lines that an entry announces as erased and that are still there, or in part, as a process
    /// ended meanwhile. They are erased when the log is opened again.
    pub unfinished: Vec<u64>,
    /// Lines after the newest checkpoint, of which nothing is known yet.
    pub uncovered: u64,
    /// Whether the live file ends within a line: one that is being written, or that a crash has torn.
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

    /// Adds a checkpoint that was handed out earlier: the log has to be a continuation of it. Defaults to none.
    ///
    /// # Errors
    ///
    /// As for [`Checkpoint::verify`].
    pub fn checkpoint(mut self, note: &str) -> Result<Self, Error> {
        self.checkpoints.push(Checkpoint::verify(note, &self.keys)?);
        Ok(self)
    }

    /// Calls this with the bytes of lines that were read so far, after each line. Defaults to calling nothing.
    pub fn progress(mut self, progress: impl FnMut(u64) + 'a) -> Self {
        self.progress = Box::new(progress);
        self
    }

    /// Reads the log whose live file is at `path`, and all of its tiles, in constant memory. Its writer may go on
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// Returns an error if something cannot be read. What was tampered with is in [`Verification::faults`].
    pub fn verify(&mut self, path: impl AsRef<Path>) -> Result<Verification, Error> {
        read_log(
            path.as_ref(),
            Verification::holds,
            |beside, stored, files| self.verify_once(beside, stored, files),
        )
    }

    fn verify_once(
        &mut self,
        beside: &Beside,
        stored: Option<&str>,
        files: &[RawFile],
    ) -> Result<Verification, Error> {
        let mut faults = Vec::new();
        let mut fault = |text: String| faults.push(Fault::Checkpoint(text));
        let path = beside.checkpoint.display();
        let stored = match stored.map(|note| Checkpoint::verify(note, &self.keys)) {
            Some(Ok(stored)) => Some(stored),
            Some(Err(error)) => {
                fault(format!("{path}: {error}"));
                None
            }
            None => {
                fault(format!("{path} is missing"));
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
        let begun = beside.read_unfinished()?;
        let mut pass = Pass::new(beside, stored, &self.checkpoints, begun, faults);
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
