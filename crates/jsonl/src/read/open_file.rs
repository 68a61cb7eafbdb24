//! A file of a log that is being read.

use std::{fs::File, io, ops::Range, sync::Arc};

use body_logger_core::{record::ErasedEntry, Entry};
use uuid::Uuid;

use super::{
    files::LogFile,
    lines::{Found, Lines},
    skip::Skip,
    source::Source,
    unparsed::UnparsedLine,
    Line, ReadError, ReadErrorKind,
};
use crate::file_id::FileId;

#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) file: LogFile,
    pub(super) lines: Lines,
    /// The `entry_id` of the first line that is an entry, once that was read.
    pub(super) first: Option<Uuid>,
    /// An error to return before anything else of the file.
    error: Option<ReadErrorKind>,
    /// The length of the file when all of it was read. Nothing more is read before the next
    /// [check](Self::check_again).
    read_to: Option<u64>,
}

/// A line found in the buffer.
#[derive(Debug)]
pub(super) struct FoundLine {
    pub(super) range: Range<usize>,
    /// Where it begins in the file.
    offset: u64,
    /// False if it is to be skipped, consists of white space, or was erased.
    pub(super) is_wanted: bool,
}

/// How a file has changed since all of it was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// There may be more lines.
    Grown,
    Truncated,
}

impl OpenFile {
    /// Opens a file to read it from its beginning. `None` if it does not exist any more, or if its path leads to another
    /// one.
    pub(super) fn open(file: &LogFile) -> Option<Self> {
        let source = if file.coding.can_be_read() {
            Self::source(file).map_err(ReadErrorKind::Io)
        } else {
            Err(ReadErrorKind::Compressed)
        };
        let (source, error) = match source {
            Ok(source) => (source?, None),
            Err(ReadErrorKind::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return None
            }
            Err(error) => (Source::Nothing, Some(error)),
        };
        Some(Self {
            file: file.clone(),
            lines: Lines::new(source),
            first: None,
            error,
            read_to: None,
        })
    }

    fn source(file: &LogFile) -> io::Result<Option<Source>> {
        let open = File::open(&file.path)?;
        if FileId::of(&open.metadata()?) != file.id {
            return Ok(None);
        }
        Source::new(open, file.coding).map(Some)
    }

    /// Reads past the first line that is an entry, or was one before it was erased, and returns its id.
    pub(super) fn find_first(&mut self, max: usize) -> Option<Uuid> {
        while self.first.is_none() {
            match self.next_line(max, &Skip::default())? {
                Ok(_) => {}
                Err(error) if matches!(error.kind, ReadErrorKind::Io(_)) => return None,
                Err(_) => {}
            }
        }
        self.first
    }

    /// Returns the entry of the next wanted line, or the error in its place; `None` at the end for now.
    pub(super) fn next(&mut self, max: usize, skip: &Skip) -> Option<Result<Line, ReadError>> {
        loop {
            match self.next_line(max, skip)? {
                Ok(found) if found.is_wanted => return Some(self.parsed(found)),
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn parsed(&self, found: FoundLine) -> Result<Line, ReadError> {
        let line = self.unparsed(&found);
        Ok(Line {
            entry: line.parse()?,
            bytes: line.bytes.to_vec(),
            file: Arc::clone(&self.file.path),
            offset: line.offset,
        })
    }

    /// Returns the line found last.
    pub(super) fn unparsed(&self, found: &FoundLine) -> UnparsedLine<'_> {
        let bytes = self.lines.bytes(found.range.clone());
        UnparsedLine::new(bytes, &self.file.path, found.offset)
    }

    /// Returns the next line, or the error in its place; `None` at the end for now.
    pub(super) fn next_line(
        &mut self,
        max: usize,
        skip: &Skip,
    ) -> Option<Result<FoundLine, ReadError>> {
        if let Some(kind) = self.error.take() {
            return Some(Err(self.error_at(self.lines.offset(), kind)));
        }
        if self.read_to.is_some() {
            return None;
        }
        match self.lines.next(max) {
            Ok(Found::Line(range, offset)) => {
                let line = self.lines.bytes(range.clone());
                // Positions need the first entry.
                let is_skipped = self.first.is_some() && skip.skips(line);
                let erased = ErasedEntry::from_line(line);
                let is_blank = line.trim_ascii().is_empty();
                let is_wanted = !is_skipped && !is_blank && erased.is_none();
                let found = FoundLine {
                    range,
                    offset,
                    is_wanted,
                };
                if self.first.is_none() && is_wanted {
                    let entry = self.unparsed(&found).parse().ok();
                    self.first = entry.as_ref().and_then(entry_id);
                }
                // Positions from before it was erased name it, too.
                self.first = self.first.or(erased.map(|entry| entry.entry_id));
                Some(Ok(found))
            }
            Ok(Found::TooLong(bytes, offset)) => {
                Some(Err(self.error_at(offset, ReadErrorKind::TooLong { bytes })))
            }
            Ok(Found::End) => {
                self.read_to = Some(self.lines.offset() + self.lines.rest());
                None
            }
            Err(error) => {
                let error = self.error_at(self.lines.offset(), ReadErrorKind::Io(error));
                self.lines.give_up();
                Some(Err(error))
            }
        }
    }

    /// Skips to an offset. Returns false if no line begins there.
    pub(super) fn skip_to(&mut self, offset: u64, max: usize) -> bool {
        self.lines.skip_to(offset, max).unwrap_or_else(|error| {
            self.error = Some(ReadErrorKind::Io(error));
            self.lines.give_up();
            true
        })
    }

    /// Takes the torn line at the end, if there is one, of a file to which nothing is appended any more.
    pub(super) fn take_torn(&mut self, max: usize) -> Option<ReadError> {
        if self.lines.rest() == 0 {
            return None;
        }
        match self.lines.take_rest(max) {
            Found::TooLong(bytes, offset) => {
                Some(self.error_at(offset, ReadErrorKind::TooLong { bytes }))
            }
            Found::Line(line, offset) => {
                let line = self.lines.bytes(line).to_vec();
                let mut error = self.error_at(offset, ReadErrorKind::Torn);
                error.line = line;
                Some(error).filter(|error| !error.line.trim_ascii().is_empty())
            }
            Found::End => None,
        }
    }

    /// Checks whether the file has changed since all of it was read, and prepares to read what is new.
    pub(super) fn check_again(&mut self) -> io::Result<Change> {
        let Some(len) = self.lines.len().filter(|len| Some(*len) != self.read_to) else {
            return Ok(Change::None);
        };
        if len < self.lines.offset() || !self.lines.read_again()? {
            return Ok(Change::Truncated);
        }
        self.read_to = None;
        Ok(Change::Grown)
    }

    /// Reads the file from its beginning again, as its contents were replaced.
    pub(super) fn restart(&mut self) -> io::Result<()> {
        self.first = None;
        self.read_to = None;
        self.lines.restart().map(|_| ())
    }

    pub(super) fn error_at(&self, offset: u64, kind: ReadErrorKind) -> ReadError {
        ReadError {
            file: Arc::clone(&self.file.path),
            offset,
            kind,
            line: Vec::new(),
        }
    }
}

fn entry_id(entry: &Entry) -> Option<Uuid> {
    match entry {
        Entry::Record(record) => Some(record.entry_id),
        Entry::Gap(gap) => Some(gap.entry_id),
        Entry::Maintenance(done) => Some(done.entry_id),
        _ => None,
    }
}
