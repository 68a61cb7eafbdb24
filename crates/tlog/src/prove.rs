//! Proves single lines.

use std::{ops::ControlFlow, path::Path};

use body_logger_core::record::ErasedEntry;
use serde::Deserialize;

use crate::{
    checkpoint::Checkpoint, directory::read_log, error::Error, key::VerifierKey, proof::LineProof,
};

/// Returns the numbers of the lines with this id in the log whose live file is at `path`: their `entry_id`, or the `id`
/// of their exchange, which may have several.
///
/// # Errors
///
/// Returns an error if the log cannot be read.
pub fn find_lines(path: impl AsRef<Path>, id: &str) -> Result<Vec<u64>, Error> {
    #[derive(Deserialize)]
    struct Ids {
        id: Option<String>,
        entry_id: Option<String>,
    }

    let finder = memchr::memmem::Finder::new(id);
    read_log(
        path.as_ref(),
        |_| true,
        |directory, stored, files| {
            let mut found = Vec::new();
            directory.each_leaf(size_of(stored), files, |leaf, line| {
                // Searching is faster than parsing. An id is a token, so it is never escaped.
                let ids = finder
                    .find(line)
                    .and_then(|_| serde_json::from_slice::<Ids>(line).ok());
                if ids.is_some_and(|ids| [ids.id, ids.entry_id].iter().flatten().any(|it| it == id))
                {
                    found.push(leaf);
                }
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(found)
        },
    )
}

/// Proves that the line with this number is in the log whose live file is at `path`, with the stored checkpoint, which
/// one of these keys has signed.
///
/// # Errors
///
/// Returns an error if the log cannot be read, if the line is not there, was erased or no checkpoint covers it yet, or if the log
/// was tampered with such that there is no proof.
pub fn prove(path: impl AsRef<Path>, index: u64, keys: &[VerifierKey]) -> Result<LineProof, Error> {
    read_log(
        path.as_ref(),
        |_| true,
        |directory, stored, files| {
            let checkpoint = Checkpoint::verify(stored.unwrap_or_default(), keys)
                .map_err(|error| error.in_file(&directory.checkpoint))?;
            let (size, root) = (checkpoint.size(), checkpoint.root);
            if index >= size {
                return Err(Error::Proof(format!(
                    "line {index} is not covered yet: the checkpoint is of {size} lines"
                )));
            }
            let mut line = None;
            directory.each_leaf(size, files, |leaf, bytes| {
                if leaf < index {
                    return Ok(ControlFlow::Continue(()));
                }
                line = (leaf == index).then(|| bytes.to_vec());
                Ok(ControlFlow::Break(()))
            })?;
            let line =
                line.ok_or_else(|| Error::Proof(format!("line {index} is not there any more")))?;
            if ErasedEntry::from_line(&line).is_some() {
                return Err(Error::Proof(format!("line {index} was erased")));
            }
            let hashes = directory.tiles.prove_leaf(index, size, root)?;
            let proof = LineProof::new(line, index, hashes, checkpoint);
            // A changed line has no proof.
            LineProof::check(&proof.to_string(), keys)
        },
    )
}

/// Returns how many lines the stored checkpoint covers. Its signature does not matter here: a line found at a wrong number
/// has no proof.
fn size_of(stored: Option<&str>) -> u64 {
    let size = stored.and_then(|note| note.lines().nth(1)?.parse().ok());
    size.unwrap_or(0)
}
