//! Errors with the path of their file.

use std::{io, path::Path};

/// Returns the error with the path before it.
pub(crate) fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
