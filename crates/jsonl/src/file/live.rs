//! The live file, which contains whole lines only.
//!
//! It assumes nothing about the file. Before each batch it locks the file, and checks that the path still leads to it and that
//! it still ends where the last write ended. So a crash, a full disk, another process and an operator with `mv` or `truncate`
//! are one case: open the file again, or truncate it after its last whole line.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
    time::SystemTime,
};

use super::{counts::Counts, torn};
use crate::{file_id::FileId, permissions::owner_only};

/// An open file.
#[derive(Debug)]
pub(super) struct LiveFile {
    pub(super) file: Arc<File>,
    /// False for pipes and devices, which are only written to.
    pub(super) is_regular: bool,
    /// When its last whole line was written. Its modification time would not do, as repairs change it.
    pub(super) written: SystemTime,
    /// A length at which it ends after a whole line, if no other process has written to it.
    end: Option<u64>,
    /// It ends with a torn line that could not be truncated.
    has_torn_line: bool,
}

/// A write that stopped early: the first `written` bytes, all whole lines, are in the file.
#[derive(Debug)]
pub(super) struct PartialWrite {
    pub(super) written: usize,
    pub(super) error: io::Error,
}

impl PartialWrite {
    pub(super) fn nothing(error: io::Error) -> Self {
        Self { written: 0, error }
    }
}

/// Locks other processes that write to the same file out until dropped.
#[derive(Debug)]
pub(super) struct Lock(Option<Arc<File>>);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            let _ = file.unlock();
        }
    }
}

impl LiveFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).read(true);
        // On other systems, a file opened to append cannot be truncated.
        #[cfg(unix)]
        options.append(true);
        #[cfg(not(unix))]
        options.write(true).truncate(false);
        let file = owner_only(&mut options).open(path)?;
        let metadata = file.metadata()?;
        let is_regular = metadata.is_file();
        let last_line = is_regular.then(|| torn::last_line_time(&file, metadata.len()));
        let modified = || metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Ok(Self {
            file: Arc::new(file),
            is_regular,
            written: last_line.flatten().unwrap_or_else(modified),
            end: None,
            has_torn_line: false,
        })
    }

    pub(super) fn lock(&self) -> Lock {
        if !self.is_regular {
            return Lock(None);
        }
        while let Err(error) = self.file.lock() {
            if error.kind() != io::ErrorKind::Interrupted {
                // Not every file system has locks; then only one process may write.
                return Lock(None);
            }
        }
        Lock(Some(Arc::clone(&self.file)))
    }

    /// Whether the path still leads to this file. Returns true if that is unknown.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        if !self.is_regular {
            return true;
        }
        match (fs::metadata(path), self.file.metadata()) {
            (Ok(there), Ok(here)) => FileId::of(&there) == FileId::of(&here),
            (Err(error), _) => !matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ),
            (Ok(_), Err(_)) => true,
        }
    }

    /// Truncates or ends a torn line, so that the file ends after a whole line. Returns its length.
    pub(super) fn repair_last_line(
        &mut self,
        path: &Path,
        sync: bool,
        counts: &Counts,
    ) -> io::Result<u64> {
        if !self.is_regular {
            return Ok(0);
        }
        let len = (&*self.file).seek(SeekFrom::End(0))?;
        if self.end == Some(len) || self.has_torn_line {
            return Ok(len);
        }
        self.end = None;
        let start = torn::beginning(&self.file, len)?;
        let end = if start == len {
            len
        } else if torn::is_whole(&self.file, start, len)? {
            (&*self.file).seek(SeekFrom::End(0))?;
            (&*self.file).write_all(b"\n")?;
            if let Some(time) = torn::last_line_time(&self.file, len + 1) {
                self.written = time;
            }
            len + 1
        } else {
            self.remove_torn_line(start, len, path, sync, counts)?
        };
        (&*self.file).seek(SeekFrom::End(0))?;
        self.end = Some(end);
        Ok(end)
    }

    fn remove_torn_line(
        &mut self,
        start: u64,
        len: u64,
        path: &Path,
        sync: bool,
        counts: &Counts,
    ) -> io::Result<u64> {
        use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};

        if let Err(error) = torn::keep_aside(&self.file, start, len, path, sync) {
            if matches!(
                error.kind(),
                StorageFull | QuotaExceeded | ReadOnlyFilesystem
            ) {
                // Nothing can be written for now, so the line stays.
                return Err(error);
            }
            // Further entries matter more than a torn line.
            counts.fault(
                "keep a torn line of",
                path,
                &error,
                "truncating it without a copy",
            );
        }
        counts.torn_line();
        if let Err(error) = self.file.set_len(start) {
            // Some file systems allow no truncation.
            let next = "the line stays, on a line of its own";
            counts.fault("truncate a torn line of", path, &error, next);
            self.has_torn_line = true;
            return Ok(len);
        }
        Ok(start)
    }

    /// Writes whole lines, in one call if the operating system accepts all of them. If it does not, the file ends with the
    /// last line that it accepted as a whole, and the error says how far that is.
    pub(super) fn write(&mut self, lines: &[u8], now: SystemTime) -> Result<(), PartialWrite> {
        self.end_torn_line().map_err(PartialWrite::nothing)?;
        let (taken, written) = write(&self.file, lines);
        let whole = memchr::memrchr(b'\n', &lines[..taken]).map_or(0, |at| at + 1);
        if whole > 0 {
            // The clock may have been set back.
            self.written = self.written.max(now);
        }
        match written {
            Ok(()) => {
                self.end = self.end.map(|end| end + lines.len() as u64);
                Ok(())
            }
            Err(error) => {
                if self.is_regular {
                    // If truncation fails now, the next write begins with it.
                    self.end = self.undo_write((taken - whole) as u64).ok().flatten();
                } else {
                    self.has_torn_line |= taken > whole;
                }
                Err(PartialWrite {
                    written: whole,
                    error,
                })
            }
        }
    }

    /// Ends a torn line that could not be truncated. Returns the number of bytes written.
    pub(super) fn end_torn_line(&mut self) -> io::Result<u64> {
        if !self.has_torn_line {
            return Ok(0);
        }
        (&*self.file).write_all(b"\n")?;
        self.has_torn_line = false;
        Ok(1)
    }

    /// Truncates the last bytes written, if they are still the last in the file.
    fn undo_write(&self, bytes: u64) -> io::Result<Option<u64>> {
        let end = (&*self.file).stream_position()?;
        if bytes == 0 || self.file.metadata()?.len() != end {
            return Ok(None);
        }
        let end = end.saturating_sub(bytes);
        self.file.set_len(end)?;
        Ok(Some(end))
    }
}

fn write(mut file: &File, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut taken = 0;
    while taken < bytes.len() {
        match file.write(&bytes[taken..]) {
            Ok(0) => return (taken, Err(io::ErrorKind::WriteZero.into())),
            Ok(more) => taken += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (taken, Err(error)),
        }
    }
    (taken, Ok(()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_that_cannot_be_cut_off_stays_on_a_line_of_its_own() {
        let name = format!("body-logger-{}-not-cut", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, "{}\n{\"half").expect("a file");
        let mut live = LiveFile::open(&path).expect("a file");
        // A file that is open for reading only cannot be truncated.
        let appending =
            std::mem::replace(&mut live.file, Arc::new(File::open(&path).expect("a file")));
        let counts = Counts::default();
        live.repair_last_line(&path, false, &counts)
            .expect("a file");
        let counters = counts.snapshot();
        assert_eq!((counters.torn_lines, counters.faults), (1, 1));

        live.file = appending;
        live.write(b"[1]\n", SystemTime::now()).expect("a file");
        live.repair_last_line(&path, false, &counts)
            .expect("a file");
        live.write(b"[2]\n", SystemTime::now()).expect("a file");
        let text = fs::read_to_string(&path).expect("a file");
        assert_eq!(text, "{}\n{\"half\n[1]\n[2]\n");
        assert_eq!(counts.snapshot().torn_lines, 1);
        let aside = path.with_extension("torn");
        assert_eq!(fs::read_to_string(&aside).expect("a file"), "{\"half\n");
        for file in [path, aside] {
            fs::remove_file(file).expect("a file");
        }
    }
}
