//! Formats the lines of a log that a filter matches.

use std::{ops::Range, time::SystemTime};

use body_logger_core::{
    filter::Filter,
    format::{self, Color},
    record::Resource,
    rfc3339, Entry, Record,
};
use body_logger_jsonl::{LineBatch, ReadError, UnparsedLine};
use clap::ValueEnum;

/// How exchanges are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// One line: time, client, method, target, status, outcome, duration, and the beginning of the bodies.
    Line,
    /// Several lines, with headers and bodies, in colours on a terminal.
    Text,
    /// The line of the log as it is, but for characters that could control a terminal, which are escaped.
    Json,
    /// A curl command that repeats the request.
    Curl,
    /// One HTTP archive of them all, HAR 1.2, for the developer tools of browsers. Held in memory until the end.
    Har,
}

impl Format {
    /// Whether an empty line stands between two exchanges, as each has several.
    pub(super) fn has_empty_lines(self) -> bool {
        matches!(self, Self::Text | Self::Curl)
    }
}

/// Formats batches of lines, each on its own.
#[derive(Debug)]
pub(super) struct Formatter {
    pub(super) format: Format,
    pub(super) color: Color,
    pub(super) filter: Option<Filter>,
    /// Whether a line says which service the record is from.
    pub(super) shows_origin: bool,
}

/// What is to be printed of a batch.
#[derive(Debug, Default)]
pub(super) struct Formatted {
    /// Where the format has empty lines, there is one before each exchange.
    pub(super) text: String,
    /// What there is of the text, and what is to be reported, in the order of the log.
    pub(super) pieces: Vec<Piece>,
    /// For an archive.
    pub(super) records: Vec<Record>,
}

#[derive(Debug)]
pub(super) enum Piece {
    /// Lines were read, for which this part of the text is printed. Empty if none of them matches.
    Read(Range<usize>),
    /// Something could not be read.
    Unreadable(String),
}

impl Formatter {
    pub(super) fn format(&self, batch: &LineBatch) -> Formatted {
        let mut formatted = Formatted::default();
        for line in batch.iter() {
            match line {
                Ok(line) => match self.line(line, &mut formatted) {
                    Ok(()) => formatted.end_piece(),
                    Err(error) => formatted.report(&error),
                },
                Err(error) => formatted.report(error),
            }
        }
        formatted
    }

    fn line(&self, line: UnparsedLine<'_>, to: &mut Formatted) -> Result<(), ReadError> {
        let entry = line.parse()?;
        self.entry_if_wanted(line.bytes, entry, to);
        Ok(())
    }

    /// Formats an entry with this JSON if the filter matches it.
    pub(super) fn entry_if_wanted(&self, json: &[u8], entry: Entry, to: &mut Formatted) {
        let is_wanted = match (&self.filter, &entry) {
            (None, _) => true,
            (Some(filter), Entry::Record(record)) => filter.matches(record),
            (Some(_), _) => false,
        };
        if is_wanted {
            self.entry(json, entry, to);
        }
    }

    fn entry(&self, line: &[u8], entry: Entry, to: &mut Formatted) {
        match (self.format, entry) {
            (Format::Json, _) => {
                let line = String::from_utf8(line.to_vec());
                let line = line.expect("an entry was parsed from it, so that it is text");
                to.line(&format::escaped_json(line));
            }
            (Format::Line, Entry::Record(record)) => {
                let origin = record.resource.as_ref().filter(|_| self.shows_origin);
                let origin = origin.map(words_of).unwrap_or_default();
                to.timed_line(record.time, &(origin + &format::line(&record)));
            }
            (Format::Text, Entry::Record(record)) => {
                to.empty_line();
                to.text.push_str(&format::text(&record, self.color));
            }
            // Of an exchange in stages, the request is in all of them.
            (Format::Curl, Entry::Record(record)) if record.is_whole() => {
                to.empty_line();
                to.line(&format::curl(&record));
            }
            (Format::Har, Entry::Record(record)) if record.is_whole() => to.records.push(record),
            (Format::Line | Format::Text, Entry::Gap(gap)) => {
                self.note(gap.gap.from, &format::gap_line(&gap), to);
            }
            (Format::Line | Format::Text, Entry::Maintenance(done)) => {
                self.note(done.maintenance.time, &format::maintenance_line(&done), to);
            }
            _ => {}
        }
    }

    /// An entry that is about the log itself.
    fn note(&self, time: SystemTime, line: &str, to: &mut Formatted) {
        if self.format.has_empty_lines() {
            to.empty_line();
        }
        to.timed_line(time, line);
    }
}

impl Formatted {
    fn empty_line(&mut self) {
        self.text.push('\n');
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn timed_line(&mut self, time: SystemTime, line: &str) {
        // Times in a log are all such that they can be written.
        self.text.push_str(&rfc3339::text(time).unwrap_or_default());
        self.text.push(' ');
        self.line(line);
    }

    /// A line was read, and formatted if it matches.
    pub(super) fn end_piece(&mut self) {
        let end = self.text.len();
        match self.pieces.last_mut() {
            Some(Piece::Read(range)) => range.end = end,
            _ => {
                let start = self.pieces.iter().rev().find_map(|piece| match piece {
                    Piece::Read(range) => Some(range.end),
                    Piece::Unreadable(_) => None,
                });
                self.pieces.push(Piece::Read(start.unwrap_or(0)..end));
            }
        }
    }

    fn report(&mut self, error: &ReadError) {
        self.pieces.push(Piece::Unreadable(error.to_string()));
    }
}

/// Which service a record is from, as words of its line.
fn words_of(resource: &Resource) -> String {
    let words = [
        ("service", Some(&resource.service)),
        ("instance", resource.instance.as_ref()),
        ("host", resource.host.as_ref()),
    ];
    let words = words
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    words
        .map(|(name, value)| format!("{name}={} ", format::escaped(value)))
        .collect()
}
