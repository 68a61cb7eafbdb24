//! Standard output.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use body_logger_core::format;

use crate::failure::Failure;

/// Number of bytes that are written at once.
const BUFFER: usize = 64 * 1024;

/// Standard output, buffered until it is [flushed](Self::flush).
#[derive(Debug)]
pub(crate) struct Output(BufWriter<StdoutLock<'static>>);

impl Output {
    pub(crate) fn new() -> Self {
        Self(BufWriter::with_capacity(BUFFER, io::stdout().lock()))
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
        self.0.write_all(bytes.as_ref()).map_err(Failure::of_output)
    }

    pub(crate) fn write_line(&mut self, line: impl AsRef<[u8]>) -> Result<(), Failure> {
        self.write(line)?;
        self.write("\n")
    }

    /// Writes a text of several lines as it is; to a terminal so that none of them can control it.
    pub(crate) fn write_lines(&mut self, text: &str, escape: Escape) -> Result<(), Failure> {
        if !io::stdout().is_terminal() {
            return self.write(text);
        }
        for line in text.lines() {
            self.write_line(match escape {
                Escape::Text => format::escaped(line),
                Escape::Json => format::escaped_json(line.to_owned()),
            })?;
        }
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.0.flush().map_err(Failure::of_output)
    }
}

/// How characters that could control a terminal are written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Escape {
    Text,
    /// So that the document stays the same.
    Json,
}
