//! What is published with each checkpoint.

use std::io;

use tlog_tiles::Hash;

use crate::{checkpoint::Checkpoint, error::Error, tiles::Tiles};

/// A checkpoint that was just stored, for [`Proofs::publish`](crate::Proofs::publish).
#[derive(Debug)]
pub struct NewCheckpoint<'a> {
    pub(super) checkpoint: &'a Checkpoint,
    pub(super) previous: u64,
    pub(super) tiles: &'a Tiles,
}

/// Publishes a checkpoint, and returns the signature lines of others.
pub(super) type Publish = Box<dyn FnMut(&NewCheckpoint<'_>) -> io::Result<Vec<String>> + Send>;

impl NewCheckpoint<'_> {
    /// Returns the checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        self.checkpoint
    }

    /// Returns how many lines the checkpoint covers that was published before this one: 0 for the first. After a start of the
    /// process it is the size of the checkpoint that was stored then.
    #[must_use]
    pub fn previous_size(&self) -> u64 {
        self.previous
    }

    /// Returns the consistency proof of RFC 6962 that the log of so many lines is a prefix of this one: one hash in
    /// base64 for each item.
    ///
    /// # Errors
    ///
    /// Returns an error if the log is smaller than that, or if its tiles cannot be read.
    pub fn consistency_proof(&self, from: u64) -> Result<Vec<String>, Error> {
        if from > self.checkpoint.size() {
            return Err(Error::Proof(format!(
                "the log has {} lines and not {from}",
                self.checkpoint.size()
            )));
        }
        let (size, root) = (self.checkpoint.size(), self.checkpoint.root);
        let proof = self.tiles.prove_prefix(from, size, root)?;
        Ok(proof.iter().map(Hash::to_string).collect())
    }

    /// Returns the checkpoint with the proof that it continues the previous one, as a C2SP `tlog-witness` takes it:
    /// the line `old SIZE`, the hashes, an empty line, and the checkpoint.
    ///
    /// # Errors
    ///
    /// As for [`consistency_proof`](Self::consistency_proof).
    pub fn add_checkpoint_request(&self) -> io::Result<String> {
        let mut text = format!("old {}\n", self.previous);
        for hash in self.consistency_proof(self.previous)? {
            text.push_str(&hash);
            text.push('\n');
        }
        text.push('\n');
        text.push_str(self.checkpoint.note());
        Ok(text)
    }
}
