//! Records that prove that they are whole and unchanged.

use std::path::Path;

use body_logger_core::rfc3339;
use body_logger_inspector::{StatusRow, Tone};
use body_logger_tlog::{log_state, Proofs, SigningKey, VerifierKey};

/// What signs the records, and how anybody can verify them.
pub(crate) struct Signed {
    pub(crate) proofs: Proofs,
    pub(crate) verifier_key: VerifierKey,
    pub(crate) how_to_verify: String,
}

/// Reads the signing key. There has to be one: a new key in its place would sign nothing that the old one has.
pub(crate) fn signed(key: &Path, records: &Path) -> Result<Signed, String> {
    let key = SigningKey::from_file(key).map_err(|error| {
        let command = "body-logger key new FILE --origin NAME";
        format!("cannot sign records: {error}; a key is made by `{command}`")
    })?;
    let verifier_key = key.verifier_key().clone();
    let how_to_verify = format!(
        "body-logger verify {} --key {verifier_key}",
        records.display(),
    );
    Ok(Signed {
        // In earnest, checkpoints are published to where this program cannot change them any more.
        proofs: Proofs::new(key),
        verifier_key,
        how_to_verify,
    })
}

/// What the page shows of the proofs: how many records they cover by now.
pub(crate) fn status(
    records: &Path,
    key: VerifierKey,
) -> impl Fn() -> Vec<StatusRow> + Send + Sync + 'static {
    let (records, keys) = (records.to_owned(), [key]);
    move || {
        vec![match log_state(&records, &keys) {
            Ok(state) => {
                let at = |time| rfc3339::text(time).unwrap_or_default();
                let value = format!(
                    "{} lines have a signed checkpoint, of {}, {} do not yet; its signature was verified at {}",
                    state.size,
                    at(state.stored_at),
                    state.uncovered,
                    at(state.verified_at)
                );
                StatusRow::new(state.origin, value).tone(Tone::Good)
            }
            Err(error) => {
                StatusRow::new(records.to_string_lossy(), error.to_string()).tone(Tone::Bad)
            }
        }]
    }
}
