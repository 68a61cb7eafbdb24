//! What is wrong with a URL.

use std::{error::Error, fmt, io};

/// Why a [`DestinationUrl`](super::DestinationUrl) cannot be used. No text of it shows the URL, or a value in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum UrlError {
    /// It begins with none of the schemes that are known.
    Scheme,
    /// The program was built without this feature, which the scheme needs.
    Feature(&'static str),
    /// A parameter is not known.
    Parameter(String),
    /// The value of a parameter cannot be parsed.
    Value(String),
    /// A parameter is missing.
    Missing(&'static str),
    /// What receives OTLP gives nothing back.
    WriteOnly,
    /// The rest of it is wrong; see the destination's own error.
    Destination(Box<dyn Error + Send + Sync>),
    /// The operating system gives no resources for a reader.
    Reader(io::Error),
}

impl UrlError {
    pub(super) fn destination(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Destination(Box::new(error))
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str(
                "the URL of a destination begins with nats://, tls://, postgres://, http:// or https://",
            ),
            Self::Feature(feature) => {
                write!(f, "this program was built without the feature {feature}")
            }
            Self::Parameter(name) => write!(f, "the parameter {name} of the URL is not known"),
            Self::Value(name) => write!(f, "the parameter {name} of the URL has no valid value"),
            Self::Missing(name) => write!(f, "the URL needs the parameter {name}"),
            Self::WriteOnly => f.write_str("what was shipped by OTLP cannot be read back"),
            Self::Destination(error) => error.fmt(f),
            Self::Reader(error) => write!(f, "cannot start reading: {error}"),
        }
    }
}

impl Error for UrlError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Destination(error) => Some(&**error),
            Self::Reader(error) => Some(error),
            _ => None,
        }
    }
}
