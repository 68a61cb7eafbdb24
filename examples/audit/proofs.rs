//! Records that prove that they are whole and unchanged.

use std::path::Path;

use body_logger_tlog::{Proofs, SigningKey};

/// What signs the records, and how anybody can verify them.
pub(crate) struct Signed {
    pub(crate) proofs: Proofs,
    pub(crate) how_to_verify: String,
}

/// Reads the signing key. There has to be one: a new key in its place would sign nothing that the old one has.
pub(crate) fn signed(key: &Path, records: &Path) -> Result<Signed, String> {
    let key = SigningKey::from_file(key).map_err(|error| {
        let command = "body-logger key new FILE --origin NAME";
        format!("cannot sign records: {error}; a key is made by `{command}`")
    })?;
    let how_to_verify = format!(
        "body-logger verify {} --key {}",
        records.display(),
        key.verifier_key()
    );
    Ok(Signed {
        // In earnest, checkpoints are published to where this program cannot change them any more.
        proofs: Proofs::new(key),
        how_to_verify,
    })
}
