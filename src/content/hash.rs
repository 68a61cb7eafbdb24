//! Keyed hashes of masked values, and digests of bodies.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Number of bytes of the hash that are shown.
const SHOWN: usize = 8;

/// A key for hashes that replace masked values: HMAC-SHA-256 ([RFC 2104]), truncated to 64 bits, written as
/// `<key id>:<16 hexadecimal digits>`.
///
/// Equal values have equal hashes under one key, so that records can be joined. The key's id is shown, so that hashes
/// under different keys can be distinguished; the key itself is never shown.
///
/// [RFC 2104]: https://www.rfc-editor.org/rfc/rfc2104
///
/// ```
/// use actix_web_body_logger::{redact::{ClientAddr, HashKey}, BodyLogger};
///
/// let key = HashKey::new("2026a", b"at least 32 bytes from a secret store");
/// let logger = BodyLogger::builder().client_addr(ClientAddr::Keyed(key)).build();
/// # drop(logger);
/// ```
#[derive(Clone)]
pub struct HashKey {
    id: String,
    mac: Hmac<Sha256>,
}

impl HashKey {
    /// Creates a key from `secret`, which may have any length; 32 random bytes are recommended.
    #[must_use]
    pub fn new(id: impl Into<String>, secret: &[u8]) -> Self {
        Self {
            id: id.into(),
            // HMAC takes keys of any length, so this cannot fail.
            mac: Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"),
        }
    }

    pub(crate) fn hash(&self, value: &[u8]) -> String {
        let digest = Mac::chain_update(self.mac.clone(), value).finalize();
        with_hex(format!("{}:", self.id), &digest.into_bytes()[..SHOWN])
    }
}

fn with_hex(mut text: String, bytes: &[u8]) -> String {
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// How bodies are digested, see [`digest_bodies`](crate::BodyLoggerBuilder::digest_bodies).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BodyDigest {
    /// HMAC-SHA-256, written as `hmac-sha-256:<key id>:<64 hexadecimal digits>`.
    Keyed(HashKey),
    /// SHA-256 without a key, written as `sha-256:<64 hexadecimal digits>`.
    ///
    /// **The content of a short body can be guessed**: for a request with a PIN that takes ten thousand attempts. Use
    /// it only for bodies that are not secret.
    PlainSha256,
}

impl BodyDigest {
    /// Returns the digest of complete content.
    pub(crate) fn of(&self, bytes: &[u8]) -> String {
        let mut digesting = self.start();
        digesting.update(bytes);
        digesting.show()
    }

    pub(crate) fn start(&self) -> Digesting {
        match self {
            Self::Keyed(key) => Digesting::Keyed(Box::new(key.clone())),
            Self::PlainSha256 => Digesting::Plain(Box::default()),
        }
    }
}

/// The running digest of a body. Boxed, as most bodies have none.
#[derive(Debug, Clone)]
pub(crate) enum Digesting {
    Keyed(Box<HashKey>),
    Plain(Box<Sha256>),
}

impl Digesting {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Keyed(key) => Mac::update(&mut key.mac, bytes),
            Self::Plain(sha) => Digest::update(&mut **sha, bytes),
        }
    }

    /// Returns the digest of all bytes so far.
    pub(crate) fn show(&self) -> String {
        match self {
            Self::Keyed(key) => {
                let digest = key.mac.clone().finalize().into_bytes();
                with_hex(format!("hmac-sha-256:{}:", key.id), &digest)
            }
            Self::Plain(sha) => {
                let digest = sha.as_ref().clone().finalize();
                with_hex("sha-256:".to_owned(), &digest)
            }
        }
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_test_vector_of_hmac() {
        // RFC 4231, test case 2.
        let key = HashKey::new("k", b"Jefe");
        assert_eq!(
            key.hash(b"what do ya want for nothing?"),
            "k:5bdcc146bf60754e"
        );
    }

    #[test]
    fn digests_match_test_vectors_in_any_chunking() {
        let digest_of = |digest: BodyDigest, chunks: &[&[u8]]| {
            let mut digesting = digest.start();
            chunks.iter().for_each(|chunk| digesting.update(chunk));
            digesting.show()
        };
        // FIPS 180-2, appendix B.1.
        let abc = "sha-256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest_of(BodyDigest::PlainSha256, &[b"abc"]), abc);
        assert_eq!(digest_of(BodyDigest::PlainSha256, &[b"a", b"", b"bc"]), abc);
        // RFC 4231, test case 2.
        let keyed = BodyDigest::Keyed(HashKey::new("k", b"Jefe"));
        assert_eq!(
            digest_of(keyed, &[b"what do ya want ", b"for nothing?"]),
            "hmac-sha-256:k:\
             5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let shown = format!("{:?}", HashKey::new("k", b"Jefe"));
        assert_eq!(shown, "HashKey { id: \"k\", .. }");
    }
}
