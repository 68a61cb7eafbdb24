//! Files with the numbers of their lines.

use std::{
    fs::{File, OpenOptions},
    io,
    ops::Range,
};

use crate::read::{RawFile, RawLine, RawLines};

#[derive(Debug)]
pub(super) struct NumberedFile {
    pub(super) file: RawFile,
    pub(super) numbers: Range<u64>,
    /// The open live file: its path may soon lead to another one.
    open: Option<(RawLines, File)>,
}

impl NumberedFile {
    pub(super) fn new(file: RawFile, numbers: Range<u64>) -> io::Result<Self> {
        let open = match file.closed_at() {
            None => Some((file.lines()?, open_to_overwrite(&file)?)),
            Some(_) => None,
        };
        Ok(Self {
            file,
            numbers,
            open,
        })
    }

    /// Visits the lines with numbers below `end`, and returns the file to overwrite them; `None` if it is compressed.
    pub(super) fn each_line(
        self,
        end: u64,
        mut visit: impl FnMut(u64, RawLine<'_>) -> io::Result<()>,
    ) -> io::Result<Option<File>> {
        let (mut lines, to_overwrite) = match self.open {
            Some((lines, file)) => (lines, Some(file)),
            None if self.file.is_compressed() => (self.file.lines()?, None),
            None => (self.file.lines()?, Some(open_to_overwrite(&self.file)?)),
        };
        // The live file may have more lines by now.
        for number in self.numbers.start..end.min(self.numbers.end) {
            let Some(line) = lines.next()? else {
                break;
            };
            visit(number, line)?;
        }
        Ok(to_overwrite)
    }
}

/// Not opened to append, which would write after the last line wherever the position is.
fn open_to_overwrite(file: &RawFile) -> io::Result<File> {
    OpenOptions::new().write(true).open(file.path())
}
