//! `Reader`, an iterator over the entries of a log.

mod steps;

use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{
    files::{Files, LogFile},
    open_file::OpenFile,
    skip::Skip,
    source::Coding,
    Line, LineBatch, Position, ReadError,
};
use crate::paths::named;

/// Default maximum length of a line: 16 MiB. See [`Reader::max_line_bytes`].
pub const DEFAULT_MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// How often [`Reader::next_within`] checks for more.
const POLL: Duration = Duration::from_millis(50);

/// Iterates over the entries of a log in the order in which they were written: through the files that
/// rotation has closed, the oldest first, and then the live one.
///
/// ```
/// use body_logger_core::Entry;
/// use body_logger_jsonl::Reader;
/// # use body_logger_core::{Record, Sink};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-read-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("audit.jsonl");
/// # body_logger_jsonl::JsonLines::open(&path)?.write(&[Entry::Record(Record::example())])?;
/// for line in Reader::open(&path)? {
///     match line {
///         Ok(line) => {
///             if let Entry::Record(record) = line.entry {
///                 println!("{} {}", record.request.method, record.request.path);
///             }
///         }
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
///
/// # Files
///
/// Rotated files are found beside the live one by their names, each with or without `.gz` or `.zst` at the
/// end, for which the feature `compress` is needed:
///
/// | name | of | order |
/// |---|---|---|
/// | `audit.2026-11-21T09-15-01.123456Z.jsonl` | [`JsonLinesFile`](crate::JsonLinesFile) | by time |
/// | `audit.jsonl-20261121`, with or without more digits | logrotate's `dateext` | by time |
/// | `audit.jsonl.1`, `audit.jsonl.2` | logrotate | after those with a time, higher numbers first |
///
/// A path to a rotated file is read as a log of that one file, also if it is compressed.
///
/// # What cannot be read
///
/// A line that is torn, no entry or too long is an error, with its file and its offset, and so is a file that
/// cannot be read; the iteration continues after it. Lines of white space are passed over, and so are lines that were
/// [erased](crate::JsonLinesFile::erase): a maintenance entry reports each of them.
///
/// # Following
///
/// With [`follow`](Self::follow), `next` returns `None` at the end of the live file for now: called again later, it
/// continues with what has been written since. Nothing runs in between, so poll it, or call
/// [`next_within`](Self::next_within). Rotation loses and repeats nothing: a file is read to its end after the next one was
/// created, whatever its name is then. What another process still writes to it later is not read: a
/// [`JsonLinesFile`](crate::JsonLinesFile) does so only where logrotate moves a file while a batch is being written, and
/// creates the next one itself (`create`).
///
/// A file that is deleted before it was read is reported as [`ReadErrorKind::Gone`](super::ReadErrorKind::Gone). So is one that is
/// deleted just after it was read, as others may have been deleted with it.
///
/// Where something else rotates by copying and truncating (`copytruncate` of logrotate), which loses lines by
/// itself, some may be read twice: deduplicate them by [`Record::entry_id`](body_logger_core::Record::entry_id).
///
/// # Other systems than Unix
///
/// The standard library has no identity of open files there. So an open file is distinguished from another one of the same
/// name by its first entry; if it has no entries, it is assumed to be the one of that name. Files are opened in a way that
/// allows others to rename and delete them.
#[derive(Debug)]
pub struct Reader {
    files: Files,
    max_line_bytes: usize,
    skip: Skip,
    follows: bool,
    current: Option<OpenFile>,
    /// The end of the last file that had an entry, for as long as the current one has none.
    position: Position,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reads,
    /// An error was returned that the next attempt would return again.
    Pauses,
    Ended,
}

impl Reader {
    /// Opens the log whose live file is at `path`, at the beginning of its oldest file.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error; of the kind `NotFound` if there is neither a live file nor a rotated one, of the
    /// kind `InvalidInput` if there is something else, such as a pipe.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let files = Files::of(path).and_then(|files| match files.list()?.is_empty() {
            true => Err(match path.exists() {
                true => io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"),
                false => {
                    let message = "there is no such file, and no rotated one";
                    io::Error::new(io::ErrorKind::NotFound, message)
                }
            }),
            false => Ok(files),
        });
        Ok(Self {
            files: files.map_err(|error| named(path, &error))?,
            max_line_bytes: DEFAULT_MAX_LINE_BYTES,
            skip: Skip::default(),
            follows: false,
            current: None,
            position: Position::default(),
            state: State::Reads,
        })
    }

    /// Continues at the position of another reader of this log. Defaults to the beginning.
    ///
    /// If the file was deleted, that is [reported](super::ReadErrorKind::Gone), and reading begins with the oldest file.
    #[must_use]
    pub fn from(mut self, position: Position) -> Self {
        self.position = position;
        self
    }

    /// Keeps reading as the log grows, see [`Reader`]. Defaults to stopping at its end.
    #[must_use]
    pub fn follow(mut self) -> Self {
        self.follows = true;
        self
    }

    /// Maximum length of a line. A longer one is [reported](super::ReadErrorKind::TooLong), and not held in
    /// memory. Defaults to [`DEFAULT_MAX_LINE_BYTES`].
    #[must_use]
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        self.max_line_bytes = bytes;
        self
    }

    /// Passes over lines for which `is_unwanted` returns true, without parsing them, which takes most of the time of
    /// reading. A line that is no entry is then not reported. The first entry of each file is returned
    /// whatever it is. Defaults to no lines.
    ///
    /// ```
    /// # use body_logger_core::{Entry, Record, Sink};
    /// # use body_logger_jsonl::{JsonLines, Reader};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let directory = std::env::temp_dir().join(format!("body-logger-skips-{}", std::process::id()));
    /// # std::fs::create_dir_all(&directory)?;
    /// # let path = directory.join("audit.jsonl");
    /// # JsonLines::open(&path)?.write(&[Entry::Record(Record::example()), Entry::Record(Record::example())])?;
    /// let mut reader = Reader::open(&path)?.skip_lines(|line| !line.starts_with(b"{\"v\":2"));
    /// assert!(reader.next().is_some() && reader.next().is_none());
    /// # std::fs::remove_dir_all(&directory)?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn skip_lines(
        mut self,
        is_unwanted: impl Fn(&[u8]) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.skip = Skip::new(is_unwanted);
        self
    }

    /// Returns the total size of all files of the log at this moment, or `None` if one of them is compressed: its
    /// uncompressed size is unknown until it was read.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn total_bytes(&self) -> io::Result<Option<u64>> {
        let files = self.files.list()?;
        if files.iter().any(|file| file.coding != Coding::Plain) {
            return Ok(None);
        }
        // A file deleted meanwhile counts as empty.
        let bytes = |file: &LogFile| fs::metadata(&file.path).map_or(0, |it| it.len());
        Ok(Some(files.iter().map(bytes).sum()))
    }

    /// Returns the position after what was returned last, to continue [from](Self::from) there later. Errors before the
    /// first entry of a file will be reported again.
    #[must_use]
    pub fn current_position(&self) -> Position {
        let current = self.current.as_ref().and_then(|current| {
            Some(Position {
                file: Some(current.first?),
                offset: current.lines.offset(),
            })
        });
        current.unwrap_or_else(|| self.position.clone())
    }

    /// Returns how many bytes of the log follow what was returned last. Compressed files count with their compressed size,
    /// and with nothing while they are being read.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory cannot be listed.
    pub fn unread_bytes(&self) -> io::Result<u64> {
        let max = self.max_line_bytes;
        self.files.bytes_after(self.current.as_ref(), max)
    }

    /// Returns the result of `next`. If that is `None`, waits for more, checking 20 times a second, until the time is over.
    pub fn next_within(&mut self, timeout: Duration) -> Option<Result<Line, ReadError>> {
        let start = Instant::now();
        loop {
            let next = self.next();
            let left = timeout.saturating_sub(start.elapsed());
            if next.is_some() || left.is_zero() || self.state == State::Ended {
                return next;
            }
            thread::sleep(left.min(POLL));
        }
    }

    /// Reads at least this many bytes of the log, unless it ends before, and appends the lines that are not
    /// [skipped](Self::skip_lines) to the batch, unparsed. Errors are in the batch as well, in their places. Returns false
    /// where `next` would return `None`.
    ///
    /// ```
    /// # use body_logger_core::{Entry, Record, Sink};
    /// # use body_logger_jsonl::JsonLines;
    /// use body_logger_jsonl::{LineBatch, Reader};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let directory = std::env::temp_dir().join(format!("body-logger-batch-{}", std::process::id()));
    /// # std::fs::create_dir_all(&directory)?;
    /// # let path = directory.join("audit.jsonl");
    /// # JsonLines::open(&path)?.write(&[Entry::Record(Record::example()), Entry::Record(Record::example())])?;
    /// let mut reader = Reader::open(&path)?;
    /// let mut batch = LineBatch::default();
    /// assert!(!reader.read_batch(&mut batch, 1024 * 1024));
    /// let mut entries = batch.iter().flatten().map(|line| line.parse());
    /// assert!(matches!(entries.next(), Some(Ok(Entry::Record(_)))));
    /// # assert_eq!(entries.count(), 1);
    /// # std::fs::remove_dir_all(&directory)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn read_batch(&mut self, batch: &mut LineBatch, bytes: usize) -> bool {
        let mut read = 0;
        while read < bytes {
            let next = self.next_by(|file, max, skip| {
                let found = file.next_line(max, skip)?;
                Some(found.map(|found| {
                    if found.is_wanted {
                        batch.push(file.unparsed(&found));
                    }
                    found.range.len() + 1
                }))
            });
            match next {
                Some(Ok(bytes)) => read += bytes,
                Some(Err(error)) => batch.push_error(error),
                None => return false,
            }
        }
        true
    }
}

impl Iterator for Reader {
    type Item = Result<Line, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_by(OpenFile::next)
    }
}
