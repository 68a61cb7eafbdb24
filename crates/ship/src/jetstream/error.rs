//! What is wrong with the description of a destination.

use std::{error::Error, fmt};

use super::TemplateError;

/// Why a [`JetStream`](super::JetStream) cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JetStreamError {
    /// A URL cannot be parsed.
    Url,
    /// There are credentials in a URL, where other users of the machine can see them.
    CredentialsInUrl,
    /// The subject is no template.
    Subject(TemplateError),
}

impl fmt::Display for JetStreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => f.write_str("not a URL of NATS"),
            Self::CredentialsInUrl => {
                f.write_str("credentials in the URL can be seen by others; put them into a file")
            }
            Self::Subject(error) => error.fmt(f),
        }
    }
}

impl Error for JetStreamError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Subject(error) => Some(error),
            _ => None,
        }
    }
}
