//! Hashes that only the holder of a key can make or test.

use std::{fmt, fmt::Write as _};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How many bytes of the hash are shown.
const SHOWN: usize = 8;

/// A key for hashes that stand in for values: HMAC-SHA-256 ([RFC 2104]), cut to 64 bits, written as
/// `<key id>:<16 hexadecimal digits>`.
///
/// Equal values give equal hashes under one key, so that records stay joinable. The key's id is
/// shown and tells records of different keys apart; the key itself is never shown.
///
/// [RFC 2104]: https://www.rfc-editor.org/rfc/rfc2104
///
/// ```
/// use actix_web_body_logger::{BodyLogger, ClientAddr, HashKey};
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
    /// Makes a key of any length out of `secret`; 32 random bytes are good.
    #[must_use]
    pub fn new(id: impl Into<String>, secret: &[u8]) -> Self {
        Self {
            id: id.into(),
            // HMAC takes keys of any length, so this cannot fail.
            mac: Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"),
        }
    }

    pub(crate) fn hash(&self, value: &[u8]) -> String {
        let digest = self.mac.clone().chain_update(value).finalize().into_bytes();
        let mut text = format!("{}:", self.id);
        for byte in &digest[..SHOWN] {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
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
    fn is_the_hmac_of_the_standard() {
        // RFC 4231, test case 2.
        let key = HashKey::new("k", b"Jefe");
        assert_eq!(
            key.hash(b"what do ya want for nothing?"),
            "k:5bdcc146bf60754e"
        );
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let shown = format!("{:?}", HashKey::new("k", b"Jefe"));
        assert_eq!(shown, "HashKey { id: \"k\", .. }");
    }
}
