//! Reading a log back, through rotated and compressed files, and on as it grows.

mod batch;
mod error;
mod files;
mod first_entry;
mod last_line;
mod lines;
mod open_file;
mod order;
mod position;
mod raw;
mod skip;
mod source;
mod unparsed;

use std::{
    fs, io,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use body_logger_core::Entry;
use uuid::Uuid;

pub use self::{
    batch::LineBatch,
    error::{ReadError, ReadErrorKind},
    files::logs_in,
    position::Position,
    raw::{RawFile, RawLine, RawLines},
    unparsed::UnparsedLine,
};
pub(crate) use self::{files::live as live_path, first_entry::first_entry, last_line::last_line};
use self::{
    files::{Files, LogFile, Place},
    open_file::{Change, OpenFile},
    order::{Next, Resumed},
    skip::Skip,
    source::Coding,
};
use crate::named::named;

/// How long a line may be unless [`Reader::max_line_bytes`] says otherwise: 16 MiB.
pub const DEFAULT_MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// How often [`Reader::next_within`] looks for more.
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
/// cannot be read; the iteration goes on behind it. Lines of white space are passed over, and so are lines that were
/// [erased](crate::JsonLinesFile::erase): a maintenance entry reports each of them.
///
/// # Following
///
/// With [`follow`](Self::follow), `next` returns `None` at the end of the live file for now: called again
/// later, it goes on with what has been written since. Nothing is done in between, so poll it as often as
/// you like, or call [`next_within`](Self::next_within). Rotation loses and repeats nothing: a file is read
/// to its end after the next one was made, whatever its name is then. What somebody still writes to it later
/// is not seen: a [`JsonLinesFile`](crate::JsonLinesFile) does so only where logrotate moves a file while a
/// batch is being written, and makes the next one itself (`create`).
///
/// A file that is deleted before it was read is reported as [`ReadErrorKind::Gone`]. So is one that is
/// deleted just after it was read, as others may have been deleted with it.
///
/// Where something else rotates by copying and truncating (`copytruncate` of logrotate), which loses lines by
/// itself, some may be read twice; [`Record::entry_id`](body_logger_core::Record::entry_id) tells.
///
/// # Other systems than Unix
///
/// An open file is told from the one that has taken its name by the first entry in it, as the standard
/// library knows nothing else there. A file without entries is taken for the one that has its name. Files are
/// opened such that others may rename and delete them.
#[derive(Debug)]
pub struct Reader {
    files: Files,
    max_line_bytes: usize,
    skip: Skip,
    follows: bool,
    current: Option<OpenFile>,
    /// Behind the last file in which there was an entry, where the current one has none.
    position: Position,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reads,
    /// An error was returned that would be returned again at once.
    Pauses,
    Ended,
}

/// What is to be done next.
enum Step {
    Read,
    Report(ReadError),
    Wait,
}

/// An entry of a log, as it stands in a file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// The entry.
    pub entry: Entry,
    /// The line as it is in the file, without its line feed.
    pub bytes: Vec<u8>,
    /// The file, by the path that it had when it was found.
    pub file: Arc<Path>,
    /// Where the line begins in the file, in bytes of what that holds uncompressed.
    pub offset: u64,
}

impl Reader {
    /// Begins to read the log whose live file is at `path`, from the oldest file that is there.
    ///
    /// # Errors
    ///
    /// What the operating system says; that nothing is found where neither the live file nor a rotated
    /// one is there.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let files = Files::of(path).and_then(|files| match files.list()?.is_empty() {
            true => {
                let message = "there is no such file, and no rotated one";
                Err(io::Error::new(io::ErrorKind::NotFound, message))
            }
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

    /// Goes on where another reader of this log was. Defaults to the beginning.
    ///
    /// If the file is gone, as others may delete old ones, that is [reported](ReadErrorKind::Gone), and
    /// reading begins with the oldest that is there.
    #[must_use]
    pub fn from(mut self, position: Position) -> Self {
        self.position = position;
        self
    }

    /// Goes on reading as the log grows: see [`Reader`]. Defaults to ending where the log does.
    #[must_use]
    pub fn follow(mut self) -> Self {
        self.follows = true;
        self
    }

    /// Maximum length of a line. A longer one is [reported](ReadErrorKind::TooLong), and not held in
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

    /// Returns how many bytes all files of the log hold together, at this moment. `None` if one of them is compressed, as
    /// then nobody knows before it was read.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn total_bytes(&self) -> io::Result<Option<u64>> {
        let files = self.files.list()?;
        if files.iter().any(|file| file.coding != Coding::Plain) {
            return Ok(None);
        }
        // What is gone by now holds nothing.
        let bytes = |file: &LogFile| fs::metadata(&file.path).map_or(0, |it| it.len());
        Ok(Some(files.iter().map(bytes).sum()))
    }

    /// Returns the place behind what was returned last, to go on [from](Self::from) there at another
    /// time. What is reported of a file before its first entry will be reported again.
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

    /// Returns how many bytes of the log are behind what was returned last. Of compressed files their size counts; of the
    /// one that is being read, nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory cannot be listed.
    pub fn unread_bytes(&self) -> io::Result<u64> {
        let max = self.max_line_bytes;
        self.files.bytes_after(self.current.as_ref(), max)
    }

    /// Returns what `next` does, and where that is `None` waits for more, at most this long: it looks 20
    /// times a second.
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

    /// Reads at least so many bytes of the log, unless it ends before, and appends the lines that are not
    /// [skipped](Self::skip_lines) to the batch, unparsed. What could not be read is in the batch as well, in its place. Returns
    /// false where `next` returns `None`.
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

    /// Returns what `read` finds in the current file, or in those that follow it.
    fn next_by<T>(
        &mut self,
        mut read: impl FnMut(&mut OpenFile, usize, &Skip) -> Option<Result<T, ReadError>>,
    ) -> Option<Result<T, ReadError>> {
        match self.state {
            State::Reads => {}
            State::Pauses => {
                self.state = State::Reads;
                return None;
            }
            State::Ended => return None,
        }
        loop {
            let step = match &mut self.current {
                None => self.begin(),
                Some(current) => match read(current, self.max_line_bytes, &self.skip) {
                    Some(next) => return Some(next),
                    None => self.go_on(),
                },
            };
            match step {
                Ok(Step::Read) => {}
                Ok(Step::Report(error)) => return Some(Err(error)),
                Ok(Step::Wait) => return None,
                Err(error) => {
                    self.state = match self.follows {
                        true => State::Pauses,
                        false => State::Ended,
                    };
                    let offset = self.current_position().offset;
                    return Some(Err(self.error_at(offset, ReadErrorKind::Io(error))));
                }
            }
        }
    }

    /// Opens the file to begin with.
    fn begin(&mut self) -> io::Result<Step> {
        let Position { file, offset } = self.position;
        if let Some(first) = file {
            let any = |_: &Place| true;
            let found = (self.files).resume(first, offset, self.max_line_bytes, any)?;
            return Ok(match found {
                Some(resumed) => self.resume(resumed, offset),
                None => {
                    self.position = Position::default();
                    Step::Report(self.gone(file, offset))
                }
            });
        }
        self.current = self.files.oldest()?;
        Ok(match self.current {
            Some(_) => Step::Read,
            None => self.wait(),
        })
    }

    fn resume(&mut self, resumed: Resumed, offset: u64) -> Step {
        let file = self.current.insert(resumed.file);
        if resumed.is_truncated {
            return Step::Report(file.error_at(offset, ReadErrorKind::Truncated));
        }
        Step::Read
    }

    /// Finds what comes now that all of the current file was read.
    fn go_on(&mut self) -> io::Result<Step> {
        let max = self.max_line_bytes;
        let Some(current) = &mut self.current else {
            return Ok(Step::Read);
        };
        if self.files.is_live(current, max) {
            return self.at_the_end();
        }
        let (next, is_gone) = match self.files.next(current, self.position.file, max)? {
            Next::Nothing => return self.at_the_end(),
            Next::Copy(copy) => {
                let offset = current.lines.offset();
                return Ok(self.resume(copy, offset));
            }
            Next::After(now, next) => {
                current.file = now;
                (next, false)
            }
            Next::AfterGap(next) => (next, true),
        };
        // Only now it is known that nothing more will be written to it.
        if current.look_again()? == Change::Grown {
            return Ok(Step::Read);
        }
        if let Some(torn) = current.take_torn(max) {
            return Ok(Step::Report(torn));
        }
        let (first, offset) = (current.first, current.lines.offset());
        self.position = self.current_position();
        self.current = Some(next);
        Ok(match is_gone {
            true => Step::Report(self.gone(first, offset)),
            false => Step::Read,
        })
    }

    /// All was read of the newest file.
    fn at_the_end(&mut self) -> io::Result<Step> {
        let Some(current) = &mut self.current else {
            return Ok(Step::Read);
        };
        match current.look_again()? {
            Change::Grown => return Ok(Step::Read),
            Change::Truncated => return self.truncated(),
            Change::None => {}
        }
        let mut torn = None;
        if !self.follows {
            let offset = current.lines.offset();
            torn = current.take_torn(self.max_line_bytes);
            if current.file.place == Place::Live {
                // Its end may be yet to come.
                current.skip_to(offset, self.max_line_bytes);
            }
        }
        let wait = self.wait();
        Ok(torn.map_or(wait, Step::Report))
    }

    fn wait(&mut self) -> Step {
        if !self.follows {
            self.state = State::Ended;
        }
        Step::Wait
    }

    /// The current file is shorter than what was read of it.
    fn truncated(&mut self) -> io::Result<Step> {
        self.position = self.current_position();
        let Position { file, offset } = self.position;
        let is_rotated = |place: &Place| *place != Place::Live;
        let copy = match file {
            Some(first) => (self.files).resume(first, offset, self.max_line_bytes, is_rotated)?,
            None => None,
        };
        let Some(current) = &mut self.current else {
            return Ok(Step::Read);
        };
        let error = current.error_at(current.lines.offset(), ReadErrorKind::Truncated);
        match copy.filter(|copy| !copy.is_truncated) {
            Some(copy) => *current = copy.file,
            None => current.restart()?,
        }
        Ok(Step::Report(error))
    }

    fn gone(&self, entry_id: Option<Uuid>, offset: u64) -> ReadError {
        self.error_at(offset, ReadErrorKind::Gone { entry_id })
    }

    /// An error that is about the log, rather than about one of its files.
    fn error_at(&self, offset: u64, kind: ReadErrorKind) -> ReadError {
        ReadError {
            file: self.files.live().into(),
            offset,
            kind,
            line: Vec::new(),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Line, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_by(OpenFile::next)
    }
}
