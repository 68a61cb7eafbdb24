//! Recipients of encrypted files.

#![cfg(feature = "encrypt")]

use std::{fmt, str::FromStr};

use age::x25519;

/// A recipient of encrypted files: a public key of the age format, `age1…`.
///
/// `age-keygen` makes the identity that belongs to it, which decrypts: keep that elsewhere.
///
/// ```
/// use actix_web_body_logger::policy::AgeRecipient;
///
/// let text = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
/// let recipient: AgeRecipient = text.parse()?;
/// assert_eq!(recipient.to_string(), text);
/// assert!("age1".parse::<AgeRecipient>().is_err());
/// # Ok::<(), actix_web_body_logger::policy::ParseAgeRecipientError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AgeRecipient(pub(super) x25519::Recipient);

impl FromStr for AgeRecipient {
    type Err = ParseAgeRecipientError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let recipient = text.parse().map_err(|_| ParseAgeRecipientError(()))?;
        Ok(Self(recipient))
    }
}

impl fmt::Display for AgeRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for AgeRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgeRecipient({self})")
    }
}

/// Error: the text is not a recipient of the age format.
// The text is not in it: it may be an identity, which is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseAgeRecipientError(());

impl fmt::Display for ParseAgeRecipientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a recipient of the age format begins with `age1` and has 62 characters")
    }
}

impl std::error::Error for ParseAgeRecipientError {}
