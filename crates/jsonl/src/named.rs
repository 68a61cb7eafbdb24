//! Errors that say which file they are about.

use std::{io, path::Path};

/// The error, with the path before it.
pub(crate) fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
