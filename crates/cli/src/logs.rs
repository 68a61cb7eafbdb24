//! The logs that a command reads.

use std::path::{Path, PathBuf};

use body_logger_core::filter::Filter;
use body_logger_jsonl::{logs_in, Line, ReadError, Reader};

use crate::{
    failure::{Done, Failure},
    notice::notice,
};

/// Which log is read, and what of it.
#[derive(Debug, clap::Args)]
pub(crate) struct LogArgs {
    /// The log: a file, with the rotated and compressed files beside it; one of those alone; or a directory, for all logs
    /// whose names end with .jsonl in it, one after the other.
    #[arg(value_name = "FILE|DIR")]
    log: PathBuf,

    /// Which exchanges: conditions that must all hold, such as status:5xx, method:post, path:/orders, slower:200ms,
    /// outcome:panicked, @user:42, from:2026-11-21, or words. Put quotes around the words that must follow each other, and
    /// quotes for the shell around it all: '"refused card" status:402'.
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
}

impl LogArgs {
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Parses the filter. `None` if there is none.
    pub(crate) fn filter(&self) -> Result<Option<Filter>, Failure> {
        let text = self.filter.join(" ");
        if text.trim().is_empty() {
            return Ok(None);
        }
        let filter = text.parse::<Filter>().map_err(|error| {
            let range = error.range();
            let before = text[..range.start].chars().count();
            let wrong = text[range].chars().count().max(1);
            let (space, marks) = (" ".repeat(before), "^".repeat(wrong));
            Failure::Usage(format!("{error}\n  {text}\n  {space}{marks}"))
        })?;
        Ok(Some(filter))
    }
}

/// Readers of one or more logs. What cannot be read is told, and reading goes on behind it.
#[derive(Debug)]
pub(crate) struct Logs {
    readers: Vec<Reader>,
    /// The reader that is read.
    at: usize,
    unreadable: Unreadable,
}

/// What could not be read.
#[derive(Debug, Default)]
struct Unreadable {
    /// What was told last.
    last: Option<String>,
    /// How many in a row.
    in_a_row: u64,
}

/// How many lines in a row are reported one by one: a file may be something else than a log.
const REPORTED_IN_A_ROW: u64 = 20;

impl Unreadable {
    fn tell(&mut self, error: &ReadError) {
        let error = error.to_string();
        // A reader that follows finds some errors again each time that it looks.
        if self.last.as_ref() == Some(&error) {
            return;
        }
        self.in_a_row += 1;
        if self.in_a_row <= REPORTED_IN_A_ROW {
            notice(&error);
        }
        self.last = Some(error);
    }

    /// Something was read, or the end.
    fn end_row(&mut self) {
        let unreported = self.in_a_row.saturating_sub(REPORTED_IN_A_ROW);
        if let (1.., Some(last)) = (unreported, &self.last) {
            notice(&format!(
                "{unreported} more in a row, the last of them: {last}"
            ));
        }
        self.in_a_row = 0;
    }
}

impl Logs {
    /// Opens the log at a path, or all logs in a directory.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let cannot = |error| Failure::cannot("read the log", error);
        let logs = match path.is_dir() {
            true => logs_in(path).map_err(cannot)?,
            false => vec![path.to_owned()],
        };
        if logs.is_empty() {
            let cause = format!("no file in {} ends with .jsonl", path.display());
            return Err(Failure::cannot("read the log", cause));
        }
        let readers = logs.iter().map(Reader::open);
        Ok(Self {
            readers: readers.collect::<Result<_, _>>().map_err(cannot)?,
            at: 0,
            unreadable: Unreadable::default(),
        })
    }

    /// How many bytes all of them hold. `None` if that is not known.
    pub(crate) fn total_bytes(&self) -> Option<u64> {
        let bytes = self.readers.iter().map(|reader| reader.total_bytes().ok()?);
        bytes.sum()
    }

    /// Changes how each of them is read.
    pub(crate) fn map(mut self, change: impl FnMut(Reader) -> Reader) -> Self {
        self.readers = self.readers.into_iter().map(change).collect();
        self
    }

    /// Whether all of what was read could be.
    pub(crate) fn done(&self) -> Done {
        match self.unreadable.last {
            None => Done::Whole,
            Some(_) => Done::InPart,
        }
    }
}

/// Gives the lines that can be read. Called again after `None`, it goes on if the readers follow their logs.
impl Iterator for Logs {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        while let Some(reader) = self.readers.get_mut(self.at) {
            match reader.next() {
                Some(Ok(line)) => {
                    self.unreadable.end_row();
                    return Some(line);
                }
                Some(Err(error)) => self.unreadable.tell(&error),
                None => {
                    self.unreadable.end_row();
                    self.at += 1;
                }
            }
        }
        self.at = 0;
        None
    }
}
