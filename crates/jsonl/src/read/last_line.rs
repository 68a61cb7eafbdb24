//! The last line of a compressed file.

use std::{ffi::OsStr, fs::File, io, path::Path};

use super::{
    lines::{Found, Lines},
    source::{Coding, Source},
};

/// Decompresses the file and returns its last line. `None` if there is no line, if the last one is longer than `max`, or
/// if the feature `compress` is off.
pub(crate) fn last_line(path: &Path, max: usize) -> io::Result<Option<Vec<u8>>> {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let (_, coding) = Coding::split(name);
    let mut lines = Lines::new(Source::new(File::open(path)?, coding)?);
    let mut last = None;
    loop {
        last = match lines.next(max)? {
            Found::Line(line, _) => {
                let mut bytes = last.unwrap_or_else(Vec::new);
                bytes.clear();
                bytes.extend_from_slice(lines.bytes(line));
                Some(bytes)
            }
            Found::TooLong(..) => None,
            Found::End => return Ok(last),
        };
    }
}
