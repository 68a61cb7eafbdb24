//! The logs that a command reads.

mod args;
mod directory;
mod source;
#[cfg(feature = "ship")]
mod stored;
mod unreadable;

use std::{fmt, io, path::Path, time::Duration};

use body_logger_jsonl::{Line, LineBatch, Reader};

use self::directory::Directory;
#[cfg(feature = "ship")]
pub(crate) use self::{args::FilterArgs, stored::Stored};
pub(crate) use self::{
    args::LogArgs,
    source::Source,
    unreadable::{Completeness, Unreadable},
};
use crate::failure::Failure;

/// How each log is read, also one that appears later.
type Change = Box<dyn FnMut(Reader) -> Reader + Send>;

/// Readers of one or more logs. What cannot be read is reported, and reading goes on behind it.
pub(crate) struct Logs {
    readers: Vec<Reader>,
    /// The reader that is read.
    at: usize,
    /// Where logs may appear while they are followed.
    directory: Option<Directory>,
    follows: bool,
    change: Change,
    unreadable: Unreadable,
}

impl Logs {
    /// How often logs are looked at that are followed.
    pub(crate) const POLL: Duration = Duration::from_millis(50);

    /// Opens the log at a path, or all logs in a directory.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let cannot = |error: io::Error| Failure::cannot("read the log", error);
        let mut logs = Self {
            readers: Vec::new(),
            at: 0,
            directory: None,
            follows: false,
            change: Box::new(|reader| reader),
            unreadable: Unreadable::default(),
        };
        if path.is_dir() {
            let mut directory = Directory::new(path);
            let (readers, errors) = directory.new_logs().map_err(cannot)?;
            if let Some(error) = errors.into_iter().next() {
                return Err(cannot(error));
            }
            if readers.is_empty() {
                let cause = format!("no file in {} ends with .jsonl", path.display());
                return Err(Failure::cannot("read the log", cause));
            }
            (logs.readers, logs.directory) = (readers, Some(directory));
        } else {
            logs.readers.push(Reader::open(path).map_err(cannot)?);
        }
        Ok(logs)
    }

    /// How many bytes all of them hold. `None` if that is not known.
    pub(crate) fn total_bytes(&self) -> Option<u64> {
        let bytes = self.readers.iter().map(|reader| reader.total_bytes().ok()?);
        bytes.sum()
    }

    /// Changes how each of them is read.
    pub(crate) fn map(mut self, mut change: impl FnMut(Reader) -> Reader + Send + 'static) -> Self {
        self.readers = self.readers.into_iter().map(&mut change).collect();
        let mut before = self.change;
        self.change = Box::new(move |reader| change(before(reader)));
        self
    }

    /// Goes on with what is appended, and with logs that appear in the directory.
    pub(crate) fn follow(mut self) -> Self {
        self.follows = true;
        self.map(Reader::follow)
    }

    /// Reads at least so many bytes of lines, unless there are fewer, and appends them to the batch, with what could not be read.
    /// Returns false at the end. Called again then, it goes on if the logs are followed.
    pub(crate) fn read_batch(&mut self, batch: &mut LineBatch, bytes: usize) -> bool {
        while let Some(reader) = self.current() {
            if reader.read_batch(batch, bytes) {
                return true;
            }
            self.at += 1;
        }
        false
    }

    /// The log that is read. `None` after the last one; the next time it is the first one again.
    fn current(&mut self) -> Option<&mut Reader> {
        if self.at == self.readers.len() {
            self.add_new_logs();
        }
        if self.at == self.readers.len() {
            self.at = 0;
            return None;
        }
        self.readers.get_mut(self.at)
    }

    fn add_new_logs(&mut self) {
        let Some(directory) = self.directory.as_mut().filter(|_| self.follows) else {
            return;
        };
        let (readers, errors) = match directory.new_logs() {
            Ok(found) => found,
            Err(error) => (Vec::new(), vec![error]),
        };
        self.readers
            .extend(readers.into_iter().map(&mut self.change));
        for error in errors {
            self.unreadable.report(&error);
        }
    }

    /// Where it is reported what could not be read.
    pub(crate) fn unreadable(&mut self) -> &mut Unreadable {
        &mut self.unreadable
    }

    /// Whether all of what was read could be.
    pub(crate) fn completeness(&self) -> Completeness {
        self.unreadable.completeness()
    }
}

/// Gives the lines that can be read. Called again after `None`, it goes on if the logs are followed.
impl Iterator for Logs {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        while let Some(reader) = self.current() {
            match reader.next() {
                Some(Ok(line)) => {
                    self.unreadable.end_row();
                    return Some(line);
                }
                Some(Err(error)) => self.unreadable.report(&error),
                None => {
                    self.unreadable.end_row();
                    self.at += 1;
                }
            }
        }
        None
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs")
            .field("readers", &self.readers)
            .field("directory", &self.directory)
            .field("follows", &self.follows)
            .finish_non_exhaustive()
    }
}
