//! Proofs that one line is in a log. They can be checked without the log.

use std::fmt::Write;

use base64::{prelude::BASE64_STANDARD, Engine};
use tlog_tiles::{check_record, record_hash, Hash};

use crate::{checkpoint::Checkpoint, error::Error, key::VerifierKey};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A line of a log, and the proof that it is in the log, in the form of C2SP `tlog-proof`: the line in base64 as `extra`,
/// its index, the inclusion proof, and the checkpoint. Files of it end with `.tlog-proof`.
///
/// [`prove`](crate::prove) makes one, and its `Display` is that form.
#[derive(Debug, Clone, PartialEq)]
pub struct LineProof {
    line: Vec<u8>,
    index: u64,
    proof: Vec<Hash>,
    checkpoint: Checkpoint,
}

impl LineProof {
    pub(crate) fn new(line: Vec<u8>, index: u64, proof: Vec<Hash>, checkpoint: Checkpoint) -> Self {
        Self {
            line,
            index,
            proof,
            checkpoint,
        }
    }

    /// Parses a proof and checks it: that one of these keys has signed its checkpoint, and that the line is in the
    /// log of that checkpoint.
    ///
    /// # Errors
    ///
    /// Returns an error that names what does not hold.
    pub fn check(text: &str, keys: &[VerifierKey]) -> Result<Self, Error> {
        let malformed = |what: &str| Error::Proof(format!("the proof is malformed: {what}"));
        let (head, note) = text
            .split_once("\n\n")
            .ok_or_else(|| malformed("it has no checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(malformed("it does not begin with c2sp.org/tlog-proof@v1"));
        }
        let line = lines
            .next()
            .and_then(|line| BASE64_STANDARD.decode(line.strip_prefix("extra ")?).ok())
            .ok_or_else(|| malformed("it has no line of the log as `extra`"))?;
        let index = lines
            .next()
            .and_then(|line| number(line.strip_prefix("index ")?))
            .ok_or_else(|| malformed("it has no index"))?;
        let proof = lines
            .map(Hash::parse_hash)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| malformed("a hash of it is none"))?;
        let checkpoint = Checkpoint::verify(note, keys)?;
        let leaf = record_hash(&line);
        check_record(&proof, checkpoint.size(), checkpoint.root, index, leaf).map_err(|_| {
            Error::Proof("the line is not in the log of this checkpoint".to_owned())
        })?;
        Ok(Self::new(line, index, proof, checkpoint))
    }

    /// Returns the line, without its line feed.
    #[must_use]
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// Returns the number of the line in the log, from 0 on.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Returns the checkpoint that covers the line.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl std::fmt::Display for LineProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{HEADER}")?;
        writeln!(f, "extra {}", BASE64_STANDARD.encode(&self.line))?;
        writeln!(f, "index {}", self.index)?;
        for hash in &self.proof {
            writeln!(f, "{hash}")?;
        }
        f.write_char('\n')?;
        f.write_str(self.checkpoint.note())
    }
}

/// Parses a decimal number without leading zeros.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
