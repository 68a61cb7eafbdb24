//! The lines of one file. A line that is too long is not held in memory.

use std::{io, ops::Range};

use super::source::Source;

/// Bytes read at once.
const STEP: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Lines {
    source: Source,
    /// Bytes read; those from `start` on were not returned yet.
    buffer: Vec<u8>,
    start: usize,
    /// There is no line feed between `start` and here.
    scanned: usize,
    /// Bytes of the line at `start` that were discarded, as it is too long.
    discarded: u64,
    /// Where the line at `start` begins in the file.
    offset: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Its range in the buffer, and its offset in the file.
    Line(Range<usize>, u64),
    /// Its length, and its offset in the file.
    TooLong(u64, u64),
    /// No further line; [`Lines::rest`] has the length of what follows the last one.
    End,
}

impl Lines {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            discarded: 0,
            offset: 0,
        }
    }

    /// Returns the offset of the next line.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the bytes of the line found last.
    pub(super) fn bytes(&self, line: Range<usize>) -> &[u8] {
        &self.buffer[line]
    }

    /// Returns how many bytes were read after the last line feed.
    pub(super) fn rest(&self) -> u64 {
        self.discarded + (self.buffer.len() - self.start) as u64
    }

    pub(super) fn next(&mut self, max: usize) -> io::Result<Found> {
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[self.scanned..]) {
                let line = self.start..self.scanned + at;
                self.start = line.end + 1;
                self.scanned = self.start;
                return Ok(self.found(line, 1, max));
            }
            if self.rest() > max as u64 {
                self.discarded = self.rest();
                self.buffer.clear();
            } else {
                self.buffer.drain(..self.start);
            }
            self.start = 0;
            self.scanned = self.buffer.len();
            self.buffer.resize(self.scanned + STEP, 0);
            let read = self.source.read(&mut self.buffer[self.scanned..]);
            let end = self.scanned + *read.as_ref().unwrap_or(&0);
            self.buffer.truncate(end);
            if read? == 0 {
                return Ok(Found::End);
            }
        }
    }

    /// Returns the bytes after the last line feed as if they were a line.
    pub(super) fn take_rest(&mut self, max: usize) -> Found {
        let line = self.start..self.buffer.len();
        self.start = line.end;
        self.scanned = line.end;
        self.found(line, 0, max)
    }

    fn found(&mut self, line: Range<usize>, line_feed: u64, max: usize) -> Found {
        let (bytes, offset) = (self.discarded + line.len() as u64, self.offset);
        self.discarded = 0;
        self.offset += bytes + line_feed;
        if bytes > max as u64 {
            Found::TooLong(bytes, offset)
        } else {
            Found::Line(line, offset)
        }
    }

    /// Discards the bytes after the last line feed, to read them again, as they may have changed. Returns false if no line
    /// begins there any more.
    pub(super) fn read_again(&mut self) -> io::Result<bool> {
        self.seek(self.offset)
    }

    pub(super) fn restart(&mut self) -> io::Result<bool> {
        self.seek(0)
    }

    fn seek(&mut self, offset: u64) -> io::Result<bool> {
        self.buffer.clear();
        (self.start, self.scanned, self.discarded) = (0, 0, 0);
        self.offset = offset;
        self.source.seek_line(offset)
    }

    /// Skips to an offset. Returns false if no line begins there.
    pub(super) fn skip_to(&mut self, offset: u64, max: usize) -> io::Result<bool> {
        if matches!(self.source, Source::Plain(_)) {
            return self.seek(offset);
        }
        while self.offset < offset {
            if self.next(max)? == Found::End {
                // Behind a torn line at the end.
                self.take_rest(max);
                break;
            }
        }
        Ok(self.offset == offset)
    }

    /// Reads no further.
    pub(super) fn give_up(&mut self) {
        *self = Self {
            offset: self.offset,
            ..Self::new(Source::Nothing)
        };
    }

    /// Returns the length of the file, if it is known and may change.
    pub(super) fn len(&self) -> Option<u64> {
        match &self.source {
            Source::Plain(file) => Some(file.metadata().ok()?.len()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write};

    use super::*;

    /// What is in a file that holds this text, with no line of more than eight bytes.
    fn all(text: &[u8]) -> Vec<(String, u64)> {
        let name = format!("body-logger-jsonl-{}-lines", std::process::id());
        let path = std::env::temp_dir().join(format!("{name}-{}", text.len()));
        fs::write(&path, text).expect("a file");
        let file = fs::File::open(&path).expect("a file");
        fs::remove_file(&path).expect("a file");
        let mut lines = Lines::new(Source::Plain(file));
        let mut all = Vec::new();
        loop {
            let mut found = lines.next(8).expect("a file");
            assert!(lines.buffer.capacity() <= 4 * STEP);
            let ended = found == Found::End;
            if ended && lines.rest() > 0 {
                found = lines.take_rest(8);
            }
            match found {
                Found::Line(line, offset) => {
                    let line = String::from_utf8_lossy(lines.bytes(line));
                    all.push((line.into_owned(), offset));
                }
                Found::TooLong(bytes, offset) => all.push((format!("{bytes} bytes"), offset)),
                Found::End => {}
            }
            if ended {
                return all;
            }
        }
    }

    #[test]
    fn lines_come_with_their_offsets_and_long_ones_as_their_lengths() {
        let line = |text: &str, offset| (text.to_owned(), offset);
        assert_eq!(all(b""), []);
        assert_eq!(all(b"\n\n"), [line("", 0), line("", 1)]);
        assert_eq!(all(b"ab\ncd"), [line("ab", 0), line("cd", 3)]);
        assert_eq!(
            all(b"12345678\n123456789\n1\n"),
            [line("12345678", 0), line("9 bytes", 9), line("1", 19)]
        );
        let mut long = vec![b'x'; 10 * STEP];
        long.write_all(b"\nab\n").expect("memory");
        let bytes = 10 * STEP;
        assert_eq!(
            all(&long),
            [
                line(&format!("{bytes} bytes"), 0),
                line("ab", bytes as u64 + 1)
            ]
        );
        long.truncate(bytes);
        assert_eq!(all(&long), [line(&format!("{bytes} bytes"), 0)]);
    }
}
