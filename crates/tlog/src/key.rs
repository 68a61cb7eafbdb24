//! Signing keys and verifier keys, in the text form of C2SP `signed-note`.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    str::FromStr,
};

use base64::{prelude::BASE64_STANDARD, Engine};
use rand_core::OsRng;
use signed_note::{
    generate_key, is_key_name_valid, new_ed25519_verifier_key, StandardSigner, StandardVerifier,
};

use crate::{error::Error, files::owner_only};

/// The private key that signs the checkpoints of one log. Its name is the log's origin.
///
/// ```
/// use body_logger_tlog::SigningKey;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-key-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("audit.key");
/// let key = SigningKey::create_file(&path, "example.com/audit")?;
/// println!("{}", key.verifier_key());   // example.com/audit+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx
///
/// let key = SigningKey::from_file(&path)?;
/// assert_eq!(key.origin(), "example.com/audit");
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
pub struct SigningKey {
    pub(crate) signer: StandardSigner,
    verifier: VerifierKey,
}

impl SigningKey {
    /// Generates a key with the operating system's random numbers, writes it to a new file that only its owner can
    /// read (mode 0600 on Unix), and makes that durable.
    ///
    /// # Errors
    ///
    /// Returns an error if the origin is empty or has white space or a plus sign, if there is a file at `path`, or
    /// if it cannot be written.
    pub fn create_file(path: impl AsRef<Path>, origin: &str) -> Result<Self, Error> {
        let path = path.as_ref();
        if !is_origin(origin) {
            return Err(Error::Key(format!(
                "{origin:?} cannot be an origin: it has to be a name without spaces and plus signs, such as \
                 example.com/audit"
            )));
        }
        let (text, _) = generate_key(&mut OsRng, origin);
        let key = Self::parse(&text)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        owner_only(&mut options);
        let written = options.open(path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()
        });
        written.map_err(Error::at(path))?;
        Ok(key)
    }

    /// Reads a key from the file that [`create_file`](Self::create_file) wrote, or any other file that holds a
    /// private key in the form of `signed-note`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, if others than its owner may read it (Unix), or if it holds no
    /// such key. The error does not contain what is in the file.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let mode = fs::metadata(path).map_err(Error::at(path))?.mode();
            if mode & 0o077 != 0 {
                return Err(Error::Key(format!(
                    "{}: others may read this signing key: its mode is {:o}, not 600",
                    path.display(),
                    mode & 0o777
                )));
            }
        }
        let text = fs::read_to_string(path).map_err(Error::at(path))?;
        Self::parse(text.trim_end()).map_err(|error| error.in_file(path))
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let malformed = || Error::Key("this is no Ed25519 signing key of signed-note".to_owned());
        let signer = StandardSigner::new(text).map_err(|_| malformed())?;
        // PRIVATE+KEY+NAME+ID+KEY, and base64 may have a plus sign, too.
        let mut parts = text.splitn(5, '+').skip(2);
        let (name, key) = (parts.next(), parts.nth(1));
        let (name, key) = name.zip(key).ok_or_else(malformed)?;
        let key = BASE64_STANDARD.decode(key).map_err(|_| malformed())?;
        // The first byte says that it is Ed25519.
        let seed = key.get(1..).and_then(|seed| seed.try_into().ok());
        let key = ed25519_dalek::SigningKey::from_bytes(seed.ok_or_else(malformed)?);
        let verifier = new_ed25519_verifier_key(name, &key.verifying_key()).parse()?;
        Ok(Self { signer, verifier })
    }

    /// Returns the key's name, which is the origin of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.verifier.name()
    }

    /// Returns the public key, which verifies what this one has signed.
    #[must_use]
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }
}

/// Formats the public key only.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("verifier_key", &self.verifier)
            .finish_non_exhaustive()
    }
}

/// The public key of a log: `NAME+ID+KEY`, as `signed-note` writes it.
#[derive(Clone)]
pub struct VerifierKey {
    pub(crate) verifier: StandardVerifier,
    text: String,
}

impl VerifierKey {
    /// Reads a key from a file that holds its text.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or holds no such key.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(Error::at(path))?;
        text.trim_end()
            .parse()
            .map_err(|error: Error| error.in_file(path))
    }

    /// Returns the key's name, which is the origin of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.split('+').next().unwrap_or_default()
    }
}

impl FromStr for VerifierKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let verifier = StandardVerifier::new(text)
            .map_err(|error| Error::Key(format!("{text:?} is no verifier key: {error}")))?;
        Ok(Self {
            verifier,
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({})", self.text)
    }
}

impl PartialEq for VerifierKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for VerifierKey {}

/// A name must not contain control characters either, as a note consists of lines.
fn is_origin(name: &str) -> bool {
    is_key_name_valid(name) && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use signed_note::{Note, Signer};

    use super::*;

    /// The keys and the note of the tests and docs of Go's `sumdb/note`, where the format comes from.
    const SIGNER: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
";

    #[test]
    fn keys_and_signatures_are_those_of_go() {
        let key = SigningKey::parse(SIGNER).expect("a key");
        assert_eq!(key.verifier_key().to_string(), VERIFIER);
        let text = NOTE.split_once("\n\n").expect("a note").0.to_owned() + "\n";
        let mut note = Note::new(text.as_bytes(), &[]).expect("a text");
        let signers: [&dyn Signer; 1] = [&key.signer];
        note.add_sigs(&signers).expect("a signature");
        assert_eq!(String::from_utf8(note.to_bytes()).expect("text"), NOTE);
    }

    #[test]
    fn no_part_and_no_change_of_a_verifier_key_is_one() {
        for start in 0..VERIFIER.len() {
            for end in start + 1..=VERIFIER.len() {
                let is_whole = (start, end) == (0, VERIFIER.len());
                let parsed = VERIFIER[start..end].parse::<VerifierKey>();
                assert_eq!(parsed.is_ok(), is_whole, "{}", &VERIFIER[start..end]);
            }
        }
        for at in 0..VERIFIER.len() {
            let mut changed = VERIFIER.to_owned().into_bytes();
            changed[at] += 1;
            let changed = String::from_utf8(changed).expect("text");
            assert!(changed.parse::<VerifierKey>().is_err(), "{changed}");
        }
    }

    #[test]
    fn a_signing_key_shows_itself_nowhere() {
        let key = SigningKey::parse(SIGNER).expect("a key");
        assert!(!format!("{key:?}").contains("AYEKFALV"));
        let error = SigningKey::parse(&SIGNER[..60]).expect_err("a part of a key");
        assert!(!format!("{error} {error:?}").contains("AYEKFALV"));
    }
}
