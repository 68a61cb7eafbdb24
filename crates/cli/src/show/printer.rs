//! Prints what was formatted.

use body_logger_core::{format, Record};

use super::format::{Format, Formatted, Piece};
use crate::{failure::Failure, logs::Unreadable, output::Output};

/// Prints batches in their order, and reports what could not be read between them.
#[derive(Debug)]
pub(super) struct Printer {
    format: Format,
    output: Output,
    /// For the archive, which has the oldest first.
    records: Vec<Record>,
    is_first: bool,
}

impl Printer {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            output: Output::new(),
            records: Vec::new(),
            is_first: true,
        }
    }

    pub(super) fn print(
        &mut self,
        batch: Formatted,
        unreadable: &mut Unreadable,
    ) -> Result<(), Failure> {
        for piece in batch.pieces {
            match piece {
                Piece::Read(range) => {
                    unreadable.end_row();
                    self.text(&batch.text[range])?;
                }
                Piece::Unreadable(error) => unreadable.report(&error),
            }
        }
        self.records.extend(batch.records);
        // Flushed at once: a match is seen as soon as it is found.
        self.output.flush()
    }

    fn text(&mut self, mut text: &str) -> Result<(), Failure> {
        if !text.is_empty() && std::mem::take(&mut self.is_first) && self.format.has_empty_lines() {
            // Nothing is before the first exchange.
            text = text.strip_prefix('\n').unwrap_or(text);
        }
        self.output.write(text)
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        if self.format == Format::Har {
            let archive = serde_json::to_string(&format::har(&self.records));
            let archive = archive.map_err(|error| Failure::cannot("make an archive", error))?;
            self.output.write_line(format::escaped_json(archive))?;
        }
        self.output.flush()
    }
}
