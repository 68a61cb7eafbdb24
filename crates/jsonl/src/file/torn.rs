//! Torn lines at the end of a file.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    time::{Duration, SystemTime},
};

use body_logger_core::rfc3339;
use serde::{de::IgnoredAny, Deserialize};

use crate::{paths::with_suffix, permissions::owner_only};

/// Bytes read at once when searching for a line's beginning.
const STEP: usize = 64 * 1024;

/// Maximum length of a line that is examined.
pub(super) const MAX_LINE: u64 = 64 * 1024 * 1024;

/// Returns where the torn line that ends at `len` begins; `len` if there is none.
pub(super) fn beginning(mut file: &File, len: u64) -> io::Result<u64> {
    let mut buffer = Vec::new();
    // Fast path: nearly always the last byte ends a line.
    let mut step = 1;
    let mut end = len;
    while end > 0 {
        buffer.resize(step, 0);
        let start = end.saturating_sub(step as u64);
        // At most the buffer's length, so it fits.
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

/// Returns when the last whole line before `len` was written, by the time of its entry; `None` if there is no such line,
/// or if it is no entry.
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

/// Returns when a line was written, by the time of its entry.
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

/// Whether the line lacks nothing but its line feed.
pub(super) fn is_whole(mut file: &File, start: u64, end: u64) -> io::Result<bool> {
    if end - start > MAX_LINE {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(start))?;
    let mut line = Vec::new();
    file.take(end - start).read_to_end(&mut line)?;
    // Only a complete object can be parsed.
    Ok(line.first() == Some(&b'{') && serde_json::from_slice::<IgnoredAny>(&line).is_ok())
}

/// Appends the torn line to the `.torn` file.
pub(super) fn keep_aside(
    mut file: &File,
    start: u64,
    end: u64,
    path: &Path,
    sync: bool,
) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut aside =
        owner_only(options.create(true).append(true)).open(with_suffix(path, ".torn"))?;
    let before = aside.metadata()?.len();
    file.seek(SeekFrom::Start(start))?;
    let kept = io::copy(&mut file.take(end - start), &mut aside)
        .and_then(|_| aside.write_all(b"\n"))
        .and_then(|()| if sync { aside.sync_data() } else { Ok(()) });
    if kept.is_err() {
        // It is retried, and must not be written twice.
        let _ = aside.set_len(before);
    }
    kept
}
