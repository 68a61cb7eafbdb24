//! Checkpoints: the signed size and root of a log.

use signed_note::{Note, Signature, Signer, Verifier, VerifierList};
use tlog_tiles::Hash;

use crate::{
    error::Error,
    key::{SigningKey, VerifierKey},
};

/// A checkpoint in the form of C2SP `tlog-checkpoint`, whose signature was verified.
///
/// ```no_run
/// use body_logger_tlog::{Checkpoint, VerifierKey};
///
/// let key = VerifierKey::from_file("audit.key.pub")?;
/// let note = std::fs::read_to_string("audit.jsonl.tlog/checkpoint")?;
/// println!("{} lines", Checkpoint::verify(&note, &[key])?.size());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    note: String,
    origin: String,
    size: u64,
    pub(crate) root: Hash,
}

impl Checkpoint {
    /// Parses a checkpoint, and verifies its signature by one of these keys whose name is its origin.
    ///
    /// The checkpoint may follow the parts that precede it in a request to a C2SP `tlog-witness`: a line `old SIZE`, a
    /// consistency proof, and an empty line. Signatures by other keys are ignored, as `signed-note` requires.
    ///
    /// # Errors
    ///
    /// Returns an error if it is malformed, if none of the keys has signed it, or if a signature that claims to be by one of
    /// them is not.
    pub fn verify(text: &str, keys: &[VerifierKey]) -> Result<Self, Error> {
        let note = match text.split_once("\n\n") {
            Some((request, note)) if request.starts_with("old ") => note,
            _ => text,
        };
        let failed = |error: &dyn std::fmt::Display| Error::Checkpoint(error.to_string());
        let parsed = Note::from_bytes(note.as_bytes()).map_err(|error| failed(&error))?;
        let body = tlog_tiles::Checkpoint::from_bytes(parsed.text()).map_err(|it| failed(&it))?;
        let mut known: Vec<&VerifierKey> = Vec::new();
        for key in keys.iter().filter(|key| key.name() == body.origin()) {
            // A key given twice is ambiguous to the library.
            if !known.contains(&key) {
                known.push(key);
            }
        }
        if known.is_empty() {
            return Err(Error::Checkpoint(format!(
                "the checkpoint is of {}, and no key of that name is given",
                body.origin()
            )));
        }
        let boxed = |key: &VerifierKey| Box::new(key.verifier.clone()) as Box<dyn Verifier>;
        let known = VerifierList::new(known.into_iter().map(boxed).collect());
        parsed.verify(&known).map_err(|error| failed(&error))?;
        Ok(Self {
            note: note.to_owned(),
            origin: body.origin().to_owned(),
            size: body.size(),
            root: *body.hash(),
        })
    }

    /// Signs the size and the root of a log with all of these keys, which have the same name.
    pub(crate) fn sign(size: u64, root: Hash, keys: &[&SigningKey]) -> Result<Self, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::Checkpoint(error.to_string());
        let origin = keys.first().map_or("", |key| key.origin());
        let body = tlog_tiles::Checkpoint::new(origin, size, root, "").map_err(|it| failed(&it))?;
        let mut note = Note::new(&body.to_bytes(), &[]).map_err(|error| failed(&error))?;
        let signers: Vec<&dyn Signer> = keys.iter().map(|key| &key.signer as _).collect();
        note.add_sigs(&signers).map_err(|error| failed(&error))?;
        Ok(Self {
            note: String::from_utf8(note.to_bytes()).map_err(|error| failed(&error))?,
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    /// Adds signature lines of others. They are not verified, but must be well-formed.
    pub(crate) fn add_signatures(&mut self, lines: &[String]) -> Result<(), Error> {
        for line in lines.iter().flat_map(|lines| lines.lines()) {
            let signature = Signature::from_bytes(line.as_bytes()).map_err(|_| {
                Error::Checkpoint(format!("{line:?} is no signature line of a note"))
            })?;
            let line = String::from_utf8(signature.to_bytes());
            self.note.push_str(&line.unwrap_or_default());
        }
        Ok(())
    }

    /// Returns the whole note: the text, an empty line, and the signatures.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Returns the name of the log, which is that of its key.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns how many lines the log had.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the root of the Merkle tree over these lines.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.root.0
    }
}

#[cfg(test)]
mod tests {
    use tlog_tiles::EMPTY_HASH;

    use super::*;

    #[test]
    fn a_key_vouches_for_the_log_of_its_name_only() {
        let directory =
            std::env::temp_dir().join(format!("body-logger-names-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory for temporary files");
        let key = |name| SigningKey::create_file(directory.join(name), name).expect("a key");
        let (one, other) = (key("one"), key("other"));
        std::fs::remove_dir_all(&directory).expect("a directory");
        let signed = Checkpoint::sign(0, EMPTY_HASH, &[&one, &other]).expect("a checkpoint");
        let verify =
            |key: &SigningKey| Checkpoint::verify(signed.note(), &[key.verifier_key().clone()]);
        assert_eq!(verify(&one).expect("its own"), signed);
        let error = verify(&other).expect_err("a log of another name");
        assert!(error.to_string().contains("no key of that name"), "{error}");
    }
}
