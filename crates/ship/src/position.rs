//! The position file: how far a log was shipped.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use body_logger_jsonl::Position;
use serde::{Deserialize, Serialize};

use crate::{batch::Identity, error::StartError, permissions::owner_only};

/// The version of the file's JSON.
const VERSION: u32 = 1;

/// What a position file holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) v: u32,
    pub(crate) position: Position,
    /// The entry before the position.
    pub(crate) last: Option<Identity>,
    /// What the destination finds this place by.
    pub(crate) checkpoint: Option<u64>,
}

/// A position file that nobody else uses meanwhile.
#[derive(Debug)]
pub(crate) struct PositionFile {
    path: PathBuf,
    unfinished: PathBuf,
    /// Not the position file itself, as that is replaced with each position.
    _lock: Lock,
}

/// A locked file.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing it is not enough: a process that another thread is just starting has the open file, too, for a moment.
        let _ = self.0.unlock();
    }
}

impl PositionFile {
    pub(crate) fn lock(path: &Path) -> Result<Self, StartError> {
        let unusable = |source| StartError::Position {
            path: path.to_owned(),
            source,
        };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = owner_only(&mut options)
            .open(beside(path, ".lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StartError::InUse {
                    path: path.to_owned(),
                })
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        Ok(Self {
            path: path.to_owned(),
            unfinished: beside(path, ".tmp"),
            _lock: Lock(lock),
        })
    }

    /// Returns the saved progress; none where there is no file.
    pub(crate) fn load(&self) -> io::Result<Option<Progress>> {
        let text = match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }

        let invalid = |message| io::Error::new(io::ErrorKind::InvalidData, message);
        let damaged = |error| invalid(format!("the file is damaged: {error}"));
        // Later versions may have other members.
        let Version { v } = serde_json::from_slice(&text).map_err(damaged)?;
        if v != VERSION {
            let message = format!("it is of version {v}, and this shipper reads {VERSION}");
            return Err(invalid(message));
        }
        serde_json::from_slice(&text).map(Some).map_err(damaged)
    }

    /// Replaces the progress, so that the old or the new one survives a crash and a loss of power.
    pub(crate) fn save(&self, progress: &Progress) -> io::Result<()> {
        let progress = Progress {
            v: VERSION,
            ..progress.clone()
        };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let mut file = owner_only(&mut options).open(&self.unfinished)?;
        file.write_all(&serde_json::to_vec(&progress)?)?;
        file.sync_all()?;
        fs::rename(&self.unfinished, &self.path)?;
        // Elsewhere a directory cannot be opened, and need not be.
        #[cfg(unix)]
        File::open(directory(&self.path))?.sync_all()?;
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// The path with something added to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn directory(path: &Path) -> &Path {
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_released_although_its_file_is_open_elsewhere() {
        let name = format!("body-logger-position-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let first = PositionFile::lock(&path).expect("a position");
        assert!(matches!(
            PositionFile::lock(&path),
            Err(StartError::InUse { .. })
        ));
        // As a process has it that is being started.
        let inherited = first._lock.0.try_clone().expect("a file");
        drop(first);
        drop(PositionFile::lock(&path).expect("nobody has it"));
        drop(inherited);
        fs::remove_file(beside(&path, ".lock")).expect("a file");
    }
}
