//! Prints entries.

use std::time::SystemTime;

use body_logger_core::{
    format::{self, Color},
    rfc3339, Entry, Record,
};
use body_logger_jsonl::Line;
use clap::ValueEnum;

use crate::{failure::Failure, output::Output};

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

#[derive(Debug)]
pub(super) struct Printer {
    format: Format,
    color: Color,
    output: Output,
    /// For the archive, which has the oldest first.
    records: Vec<Record>,
    is_first: bool,
}

impl Printer {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            color: Color::of(&std::io::stdout()),
            output: Output::new(),
            records: Vec::new(),
            is_first: true,
        }
    }

    pub(super) fn print(&mut self, line: Line) -> Result<(), Failure> {
        match (self.format, line.entry) {
            (Format::Json, _) => {
                let line = String::from_utf8(line.bytes);
                let line = line.expect("an entry was parsed from it, so that it is text");
                self.output.write_line(format::escaped_json(line))
            }
            (Format::Line, Entry::Record(record)) => self.line(record.time, &format::line(&record)),
            (Format::Text, Entry::Record(record)) => {
                self.separate()?;
                self.output.write(format::text(&record, self.color))
            }
            // Of an exchange in stages, the request is in all of them.
            (Format::Curl, Entry::Record(record)) if record.is_whole() => {
                self.separate()?;
                self.output.write_line(format::curl(&record))
            }
            (Format::Har, Entry::Record(record)) if record.is_whole() => {
                self.records.push(record);
                Ok(())
            }
            (Format::Line | Format::Text, Entry::Gap(gap)) => {
                self.line(gap.gap.from, &format::gap_line(&gap))
            }
            (Format::Line | Format::Text, Entry::Maintenance(done)) => {
                self.line(done.maintenance.time, &format::maintenance_line(&done))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.output.flush()
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        if self.format == Format::Har {
            let archive = serde_json::to_string(&format::har(&self.records));
            let archive = archive.map_err(|error| Failure::cannot("make an archive", error))?;
            self.output.write_line(format::escaped_json(archive))?;
        }
        self.flush()
    }

    fn line(&mut self, time: SystemTime, line: &str) -> Result<(), Failure> {
        if self.format == Format::Text {
            self.separate()?;
        }
        // Times in a log are all such that they can be written.
        let time = rfc3339::text(time).unwrap_or_default();
        self.output.write_line(format!("{time} {line}"))
    }

    /// Leaves an empty line between what has several.
    fn separate(&mut self) -> Result<(), Failure> {
        match std::mem::take(&mut self.is_first) {
            true => Ok(()),
            false => self.output.write("\n"),
        }
    }
}
