//! The lines of a log, through its closed files and the live one.

use std::{ops::ControlFlow, path::Path, sync::Arc};

use body_logger_core::{record::MaintenanceRecord, Entry};
use body_logger_jsonl::RawFile;

use crate::error::Error;

/// The beginning of the line of a gap or a maintenance note. A record begins with its `id`.
const NO_RECORD: &[u8] = br#"{"v":1,"entry_id":"#;

/// Where a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinePlace {
    /// The file.
    pub file: Arc<Path>,
    /// The number of the line in the file, from 1 on.
    pub line: u64,
    /// Where it begins in the file, in bytes of what that holds uncompressed.
    pub offset: u64,
}

impl std::fmt::Display for LinePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, offset } = self;
        write!(f, "{}:{line} (byte {offset})", file.display())
    }
}

pub(crate) enum Found<'a> {
    Line(&'a [u8], LinePlace),
    /// A file that ends within a line.
    Torn {
        place: LinePlace,
        is_live: bool,
    },
}

/// Visits the lines of these files in order.
pub(crate) fn each_line(
    files: &[RawFile],
    mut visit: impl FnMut(Found<'_>) -> Result<ControlFlow<()>, Error>,
) -> Result<(), Error> {
    for file in files {
        let path: Arc<Path> = file.path().into();
        let mut lines = file.lines().map_err(Error::Files)?;
        let mut number = 0;
        let mut place = |offset| {
            number += 1;
            LinePlace {
                file: Arc::clone(&path),
                line: number,
                offset,
            }
        };
        while let Some(line) = lines.next().map_err(Error::Files)? {
            if visit(Found::Line(line.bytes, place(line.offset)))?.is_break() {
                return Ok(());
            }
        }
        if let Some(torn) = lines.torn_line() {
            let place = place(torn.start);
            let is_live = file.closed_at().is_none();
            if visit(Found::Torn { place, is_live })?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Returns the maintenance entry of a line, or `None` if the line is another entry.
pub(crate) fn maintenance(line: &[u8]) -> Option<MaintenanceRecord> {
    if !line.starts_with(NO_RECORD) {
        return None;
    }
    match serde_json::from_slice(line) {
        Ok(Entry::Maintenance(note)) => Some(note),
        _ => None,
    }
}
