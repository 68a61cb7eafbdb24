//! The file of entries that a destination refuses.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use body_logger_core::rfc3339;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{batch::Outgoing, permissions::owner_only};

#[derive(Debug)]
pub(crate) struct DeadLetters {
    path: PathBuf,
    file: Option<File>,
}

#[derive(Serialize)]
struct DeadLetter<'a> {
    #[serde(with = "rfc3339")]
    time: SystemTime,
    reason: &'a str,
    entry: &'a RawValue,
}

impl DeadLetters {
    /// The file is made with the first letter.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends an entry, durably.
    pub(crate) fn append(&mut self, entry: &Outgoing, reason: &str) -> io::Result<()> {
        let letter = DeadLetter {
            time: SystemTime::now(),
            reason,
            entry: serde_json::from_slice(entry.json())?,
        };
        let mut line = serde_json::to_vec(&letter)?;
        line.push(b'\n');
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open()?,
        };
        file.write_all(&line)?;
        file.sync_data()?;
        self.file = Some(file);
        Ok(())
    }

    fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let mut file = owner_only(options.append(true).create(true)).open(&self.path)?;
        if file.metadata()?.len() > 0 {
            // The last line may be torn, by a crash or a full disk.
            file.write_all(b"\n")?;
        }
        Ok(file)
    }
}
