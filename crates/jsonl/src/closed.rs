//! The names of closed files.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use body_logger_core::rfc3339;

use crate::permissions::owner_only;

/// Extensions of compressed files.
pub(crate) const SUFFIXES: [&str; 2] = [".gz", ".zst"];

/// Extension of a compressed file that is not complete yet.
#[cfg(feature = "compress")]
pub(crate) const UNFINISHED: &str = ".tmp";

/// Length of the time in a name.
const STAMP: usize = "2026-11-21T09-15-01.123456Z".len();

/// A live file, and the closed ones beside it: `audit.jsonl` and
/// `audit.2026-11-21T09-15-01.123456Z.jsonl`.
#[derive(Debug)]
pub(crate) struct LogFiles {
    pub(crate) live: PathBuf,
    directory: PathBuf,
    /// The parts of a closed name before and after its time.
    before: OsString,
    after: OsString,
}

/// A closed file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Closed {
    /// When it was closed, as written in its name. Files are sorted by it.
    pub(crate) stamp: String,
    pub(crate) path: PathBuf,
    pub(crate) is_compressed: bool,
    pub(crate) bytes: u64,
}

impl Closed {
    /// When it was closed; later if the clock was ahead then or before.
    pub(crate) fn time(&self) -> Option<SystemTime> {
        time(&self.stamp)
    }
}

/// Returns the stem of the live file's name, given that of a closed file. `None` if it does not end with a time.
pub(crate) fn stem_without_time(stem: &str) -> Option<&str> {
    let (live, stamp) = stem.split_at_checked(stem.len().checked_sub(STAMP)?)?;
    time(stamp)?;
    live.strip_suffix('.').filter(|live| !live.is_empty())
}

impl LogFiles {
    /// Closed files are in the directory of the live file itself, not in that of a link to it.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::beside(fs::canonicalize(path)?))
    }

    /// Returns the files of a log by its live file, which need not exist.
    pub(crate) fn beside(live: PathBuf) -> Self {
        let mut before = live.file_stem().unwrap_or_default().to_owned();
        before.push(".");
        let mut after = OsString::new();
        if let Some(extension) = live.extension() {
            after.push(".");
            after.push(extension);
        }
        Self {
            directory: live.parent().unwrap_or(Path::new("/")).to_owned(),
            live,
            before,
            after,
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns all closed files, the oldest first.
    pub(crate) fn closed(&self) -> io::Result<Vec<Closed>> {
        let mut closed = Vec::new();
        for file in fs::read_dir(&self.directory)? {
            let file = file?;
            let Some((stamp, is_compressed)) = self.parse(&file.file_name()) else {
                continue;
            };
            // It may have been deleted meanwhile.
            let Ok(metadata) = file.metadata() else {
                continue;
            };
            if metadata.is_file() {
                closed.push(Closed {
                    stamp,
                    path: file.path(),
                    is_compressed,
                    bytes: metadata.len(),
                });
            }
        }
        closed.sort();
        Ok(closed)
    }

    /// Returns incomplete compressed files. A process may be writing to them.
    #[cfg(feature = "compress")]
    pub(crate) fn unfinished(&self) -> io::Result<Vec<PathBuf>> {
        let mut unfinished = Vec::new();
        for file in fs::read_dir(&self.directory)? {
            let file = file?;
            let name = file.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(UNFINISHED));
            let closed = name.and_then(|name| self.parse(OsStr::new(name)));
            if closed.is_some_and(|(_, is_compressed)| is_compressed) {
                unfinished.push(file.path());
            }
        }
        Ok(unfinished)
    }

    /// Returns when the file of this name was closed, and whether it is compressed; `None` for other names.
    pub(crate) fn parse(&self, name: &OsStr) -> Option<(String, bool)> {
        let name = name.as_encoded_bytes();
        let rest = name.strip_prefix(self.before.as_encoded_bytes())?;
        let (stamp, rest) = rest.split_at_checked(STAMP)?;
        let suffix = rest.strip_prefix(self.after.as_encoded_bytes())?;
        let stamp = std::str::from_utf8(stamp).ok()?;
        let is_compressed = SUFFIXES.iter().any(|known| known.as_bytes() == suffix);
        let is_ours = (is_compressed || suffix.is_empty()) && time(stamp).is_some();
        is_ours.then(|| (stamp.to_owned(), is_compressed))
    }

    /// Claims a name for a closed file, sorted after all others, by creating an empty file. The live file can then be moved
    /// there: moving would replace an existing file of that name.
    pub(crate) fn claim(&self, now: SystemTime) -> io::Result<PathBuf> {
        const STEP: Duration = Duration::from_micros(1);

        // A listing may miss a file that is being compressed, as that changes its name; a second listing contains it.
        let newest = self.closed()?.pop().max(self.closed()?.pop());
        let newest = newest.and_then(|newest| newest.time());
        // The clock may have been set back.
        let mut at = newest.map_or(now, |newest| now.max(newest + STEP));
        loop {
            let stamp = stamp(at).ok_or_else(|| io::Error::other("the clock is wrong"))?;
            let mut name = self.before.clone();
            name.push(stamp);
            name.push(&self.after);
            let path = self.directory.join(name);
            let mut options = OpenOptions::new();
            match owner_only(options.write(true).create_new(true)).open(&path) {
                Ok(_) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => at += STEP,
                Err(error) => return Err(error),
            }
        }
    }

    /// Syncs the directory: makes what was created, renamed or deleted in it durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        // On other systems a directory cannot be opened, and need not be synced.
        #[cfg(unix)]
        fs::File::open(&self.directory)?.sync_all()?;
        Ok(())
    }
}

/// Formats a time for a name: without colons, which some file systems do not allow.
fn stamp(at: SystemTime) -> Option<String> {
    let stamp = rfc3339::text(at)?.replace(':', "-");
    (stamp.len() == STAMP).then_some(stamp)
}

fn time(stamp: &str) -> Option<SystemTime> {
    let (date, time) = stamp.split_at_checked("2026-11-21".len())?;
    let time = time.replace('-', ":");
    let at = rfc3339::parse(&format!("{date}{time}"))?;
    // Accepts only what this crate writes.
    (self::stamp(at).as_deref() == Some(stamp)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_files(name: &str) -> LogFiles {
        let (stem, extension) = name
            .split_once('.')
            .map_or((name, None), |(stem, extension)| (stem, Some(extension)));
        LogFiles {
            live: PathBuf::from(name),
            directory: PathBuf::new(),
            before: format!("{stem}.").into(),
            after: extension.map_or_else(OsString::new, |it| format!(".{it}").into()),
        }
    }

    #[test]
    fn a_time_in_a_name_reads_back_and_sorts_as_it_passes() {
        let mut last = String::new();
        for micros in [0, 1, 999_999, 1_000_000, 1_795_252_501_123_456] {
            let at = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
            let stamp = stamp(at).expect("a time of this age");
            assert_eq!(time(&stamp), Some(at), "{stamp}");
            assert!(last < stamp, "{last} {stamp}");
            last = stamp;
        }
        assert_eq!(last, "2026-11-21T09-15-01.123456Z");
    }

    #[test]
    fn only_names_that_we_give_are_ours() {
        let of = |live: &str, name: &str| log_files(live).parse(OsStr::new(name)).map(|it| it.1);
        let stamp = "2026-11-21T09-15-01.123456Z";
        assert_eq!(of("a.jsonl", &format!("a.{stamp}.jsonl")), Some(false));
        assert_eq!(of("a.jsonl", &format!("a.{stamp}.jsonl.gz")), Some(true));
        assert_eq!(of("a.jsonl", &format!("a.{stamp}.jsonl.zst")), Some(true));
        assert_eq!(of("a", &format!("a.{stamp}")), Some(false));
        for other in [
            "a.jsonl",
            "a.jsonl.torn",
            "a.2026-11-21.jsonl",
            "a.2026-11-21T09-15-01.123456Z.jsonl.gz.tmp",
            "a.2026-11-21T09-15-01.123456Z.jsonl.bak",
            "a.2026-11-21T09:15:01.123456Z.jsonl",
            "a.2026-13-21T09-15-01.123456Z.jsonl",
            "a.2026-11-21T09-15-01.1234567.jsonl",
            "b.2026-11-21T09-15-01.123456Z.jsonl",
            "a.2026-11-21T09-15-01.123456Z",
            "a.é026-11-21T09-15-01.12345Z.jsonl",
        ] {
            assert_eq!(of("a.jsonl", other), None, "{other}");
        }
    }
}
