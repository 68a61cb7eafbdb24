//! The first entry of a file, by which positions name it.

use std::{ffi::OsStr, fs, path::Path};

use uuid::Uuid;

use super::{
    files::{LogFile, Place},
    open_file::OpenFile,
    source::Coding,
    DEFAULT_MAX_LINE_BYTES,
};
use crate::file_id::FileId;

/// Returns the `entry_id` of the first line that is an entry. `None` if there is none, or if the file cannot be read.
pub(crate) fn first_entry(path: &Path) -> Option<Uuid> {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let file = LogFile {
        path: path.into(),
        place: Place::Live,
        coding: Coding::split(name).1,
        id: FileId::of(&fs::metadata(path).ok()?),
    };
    OpenFile::open(&file)?.find_first(DEFAULT_MAX_LINE_BYTES)
}
