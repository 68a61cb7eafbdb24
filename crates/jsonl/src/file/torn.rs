//! What stands after the last whole line of a file.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use body_logger_core::rfc3339;
use serde::{de::IgnoredAny, Deserialize};

use crate::permissions;

/// How much is read at once in search of a line's beginning.
const STEP: usize = 64 * 1024;

/// More than that is no line of ours, and not looked into.
pub(super) const MAX_LINE: u64 = 64 * 1024 * 1024;

/// Where the line begins that is not ended at `len`; `len` itself where there is none.
pub(super) fn beginning(mut file: &File, len: u64) -> io::Result<u64> {
    let mut buffer = Vec::new();
    // Nearly always the last byte ends a line.
    let mut step = 1;
    let mut end = len;
    while end > 0 {
        buffer.resize(step, 0);
        let start = end.saturating_sub(step as u64);
        // No more than the buffer's length, so it fits.
        let part = &mut buffer[..(end - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(at) = memchr::memrchr(b'\n', part) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
        step = STEP;
    }
    Ok(0)
}

/// When the last whole line was written that ends before `len`, as the entry in it says; `None` where
/// there is no such line, or where it is no entry.
pub(super) fn last_line_time(mut file: &File, len: u64) -> Option<SystemTime> {
    let end = beginning(file, len).ok()?.checked_sub(1)?;
    let start = beginning(file, end).ok()?;
    if end - start > MAX_LINE {
        return None;
    }
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut line = Vec::new();
    file.take(end - start).read_to_end(&mut line).ok()?;
    line_time(&line)
}

/// When a line was written, as the entry in it says.
pub(super) fn line_time(line: &[u8]) -> Option<SystemTime> {
    #[derive(Deserialize)]
    struct Line {
        time: Option<Rfc3339>,
        duration_us: Option<u64>,
        gap: Option<Gap>,
        maintenance: Option<Maintenance>,
    }

    #[derive(Deserialize)]
    struct Gap {
        to: Rfc3339,
    }

    #[derive(Deserialize)]
    struct Maintenance {
        time: Rfc3339,
    }

    #[derive(Deserialize)]
    struct Rfc3339(#[serde(deserialize_with = "rfc3339::deserialize")] SystemTime);

    let line: Line = serde_json::from_slice(line).ok()?;
    let ended = |began: Rfc3339| {
        let duration = Duration::from_micros(line.duration_us.unwrap_or(0));
        began.0.checked_add(duration)
    };
    line.time
        .and_then(ended)
        .or(line.gap.map(|gap| gap.to.0))
        .or(line.maintenance.map(|done| done.time.0))
}

/// Whether only the end of the line is missing from it.
pub(super) fn is_whole(mut file: &File, start: u64, end: u64) -> io::Result<bool> {
    if end - start > MAX_LINE {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(start))?;
    let mut line = Vec::new();
    file.take(end - start).read_to_end(&mut line)?;
    // Nothing but the whole of an object reads as one.
    Ok(line.first() == Some(&b'{') && serde_json::from_slice::<IgnoredAny>(&line).is_ok())
}

/// Appends what stands there to the file of torn lines.
pub(super) fn keep_aside(
    mut file: &File,
    start: u64,
    end: u64,
    path: &Path,
    sync: bool,
) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    permissions::owner_only(&mut options);
    let mut aside = options.open(aside(path))?;
    let before = aside.metadata()?.len();
    file.seek(SeekFrom::Start(start))?;
    let kept = io::copy(&mut file.take(end - start), &mut aside)
        .and_then(|_| aside.write_all(b"\n"))
        .and_then(|()| if sync { aside.sync_data() } else { Ok(()) });
    if kept.is_err() {
        // It will be tried again, and should not be there twice.
        let _ = aside.set_len(before);
    }
    kept
}

/// Where the torn lines of the file at `path` are kept.
fn aside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".torn");
    PathBuf::from(name)
}
