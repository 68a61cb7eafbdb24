//! Which files a log consists of, and in which order.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::source::Coding;
use crate::{
    closed::{self, LogFiles},
    file_id::FileId,
    paths::named,
};

/// A live file, and the rotated ones beside it.
#[derive(Debug)]
pub(super) struct Files(LogFiles);

/// A file as it was when the directory was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogFile {
    pub(super) path: Arc<Path>,
    pub(super) place: Place,
    pub(super) coding: Coding,
    pub(super) id: Option<FileId>,
}

/// Where a file stands in a log: the oldest come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// By the digits of the time in its name, which no other file ever gets.
    Time(String),
    /// By its number, which is another one after each rotation.
    Number(Reverse<u64>),
    Live,
}

impl Files {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self(LogFiles::beside(live(path)?)))
    }

    pub(super) fn live(&self) -> &Path {
        &self.0.live
    }

    /// Returns all files, the oldest first.
    pub(super) fn list(&self) -> io::Result<Vec<LogFile>> {
        self.list_with(None)
    }

    /// Returns all files, the open one also if it is empty.
    pub(super) fn list_with(&self, open: Option<FileId>) -> io::Result<Vec<LogFile>> {
        let mut files = Vec::new();
        for file in fs::read_dir(self.0.directory())? {
            let file = file?;
            let Some((place, coding)) = self.parse(&file.file_name()) else {
                continue;
            };
            // It may have been deleted meanwhile.
            let Ok(metadata) = file.metadata() else {
                continue;
            };
            // An empty closed file may be a name that was just claimed.
            let id = FileId::of(&metadata);
            let is_open = id.is_some() && id == open;
            let is_claim = metadata.len() == 0 && place != Place::Live && !is_open;
            if metadata.is_file() && !is_claim {
                files.push(LogFile {
                    path: file.path().into(),
                    place,
                    coding,
                    id,
                });
            }
        }
        files.sort_by(|one, other| (&one.place, one.coding).cmp(&(&other.place, other.coding)));
        // While a file is being compressed, only the plain one is complete.
        files.dedup_by(|next, first| next.place == first.place);
        Ok(files)
    }

    fn parse(&self, name: &OsStr) -> Option<(Place, Coding)> {
        let live = self.0.live.file_name().unwrap_or_default();
        let Some(text) = name.to_str() else {
            return (name == live).then_some((Place::Live, Coding::Plain));
        };
        let (plain, coding) = Coding::split(text);
        if name == live {
            // A path to a rotated file means that file only.
            return Some((Place::Live, coding));
        }
        if let Some((stamp, _)) = self.0.parse(name) {
            return Some((Place::Time(digits(&stamp)), coding));
        }
        let place = logrotate(plain.strip_prefix(live.to_str()?)?)?;
        Some((place, coding))
    }
}

/// Returns the logs in a directory, by the paths of their live files, sorted: files whose names end with `.jsonl`, and those
/// whose [rotated files](crate::Reader) are there. Directories within it are passed over.
///
/// # Errors
///
/// What the operating system says.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-logs-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// for name in ["audit.jsonl", "audit.jsonl.1.gz", "billing.2026-11-21T09-15-01.123456Z.jsonl", "notes.txt"] {
///     std::fs::write(directory.join(name), "")?;
/// }
/// let logs = body_logger_jsonl::logs_in(&directory)?;
/// assert_eq!(logs, [directory.join("audit.jsonl"), directory.join("billing.jsonl")]);
/// # std::fs::remove_dir_all(&directory)
/// # }
/// ```
pub fn logs_in(directory: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    let directory = directory.as_ref();
    let mut logs = BTreeSet::new();
    for file in fs::read_dir(directory).map_err(|error| named(directory, &error))? {
        let file = file?;
        let name = file.file_name();
        let live = name.to_str().and_then(live_name);
        // A link to a file counts as well; a file deleted meanwhile does not.
        let is_file = || fs::metadata(file.path()).is_ok_and(|metadata| metadata.is_file());
        if let Some(live) = live.filter(|_| is_file()) {
            logs.insert(directory.join(live));
        }
    }
    Ok(logs.into_iter().collect())
}

/// Returns the name of the live file of the log that a file belongs to, if it ends with `.jsonl`.
fn live_name(name: &str) -> Option<String> {
    const EXTENSION: &str = ".jsonl";
    let (plain, _) = Coding::split(name);
    if let Some(stem) = plain.strip_suffix(EXTENSION) {
        // A file not compressed by rotation is a log of its own.
        let live = closed::stem_without_time(stem);
        return Some(live.map_or(name.to_owned(), |live| format!("{live}{EXTENSION}")));
    }
    let end = plain.rfind(EXTENSION)? + EXTENSION.len();
    logrotate(&plain[end..]).map(|_| plain[..end].to_owned())
}

/// Parses the suffix added by logrotate: `.1`, or `-20261128` with or without more digits.
fn logrotate(suffix: &str) -> Option<Place> {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    if let Some(number) = suffix.strip_prefix('.') {
        let number = Some(number).filter(|it| it.bytes().all(is_digit))?;
        return Some(Place::Number(Reverse(number.parse().ok()?)));
    }
    let date = suffix.strip_prefix('-')?;
    let is_date = date.len() >= "20261128".len()
        && date.bytes().take(8).all(is_digit)
        && date.bytes().all(|byte| is_digit(byte) || byte == b'-');
    is_date.then(|| Place::Time(digits(date)))
}

fn digits(time: &str) -> String {
    time.chars().filter(char::is_ascii_digit).collect()
}

/// Returns the path of the live file with all links resolved; the file need not exist yet.
pub(crate) fn live(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
            let directory = directory.unwrap_or(Path::new("."));
            // The link may lead to a file that is being rotated.
            match fs::read_link(path) {
                Ok(target) => live(&directory.join(target)),
                Err(_) => {
                    let name = path.file_name().ok_or(error)?;
                    Ok(fs::canonicalize(directory)?.join(name))
                }
            }
        }
        live => live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_and_ordered_by_their_names() {
        let files = Files(LogFiles::beside(PathBuf::from("/log/audit.jsonl")));
        let ordered = [
            "audit.jsonl-20261120.gz",
            "audit.2026-11-21T09-15-01.123456Z.jsonl.zst",
            "audit.2026-11-21T09-15-01.123457Z.jsonl",
            "audit.jsonl-20261122",
            "audit.2026-11-22T00-00-00.000000Z.jsonl",
            "audit.jsonl-20261128-1795824000",
            "audit.jsonl.10.gz",
            "audit.jsonl.2.gz",
            "audit.jsonl.1",
            "audit.jsonl",
        ];
        let place = |name: &str| files.parse(OsStr::new(name)).expect(name);
        for pair in ordered.windows(2) {
            assert!(place(pair[0]).0 < place(pair[1]).0, "{pair:?}");
        }
        assert_eq!(place("audit.jsonl.2.gz").1, Coding::Gzip);
        assert_eq!(place("audit.jsonl-20261120.zst").1, Coding::Zstd);
        assert_eq!(place("audit.jsonl.1").1, Coding::Plain);
        for other in [
            "audit.jsonl.torn",
            "audit.jsonl.gz",
            "audit.jsonl.",
            "audit.jsonl.1.bak",
            "audit.jsonl.+1",
            "audit.jsonl-2026",
            "audit.jsonl-20261128.tmp",
            "audit.jsonl1",
            "audit.2026-11-21T09-15-01.123456Z.jsonl.gz.tmp",
            "other.jsonl",
        ] {
            assert_eq!(files.parse(OsStr::new(other)), None, "{other}");
        }
    }
}
