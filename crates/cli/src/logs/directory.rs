//! A directory of logs.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

use body_logger_jsonl::{logs_in, Reader};

/// A directory, and the logs in it that are read.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    known: BTreeSet<PathBuf>,
}

impl Directory {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            known: BTreeSet::new(),
        }
    }

    /// Opens the logs that were not there the last time. One that cannot be opened is tried again the next time.
    pub(super) fn new_logs(&mut self) -> io::Result<(Vec<Reader>, Vec<io::Error>)> {
        let (mut readers, mut errors) = (Vec::new(), Vec::new());
        for log in logs_in(&self.path)? {
            if self.known.contains(&log) {
                continue;
            }
            match Reader::open(&log) {
                Ok(reader) => {
                    self.known.insert(log);
                    readers.push(reader);
                }
                Err(error) => errors.push(error),
            }
        }
        Ok((readers, errors))
    }
}
