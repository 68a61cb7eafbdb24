//! Readers for which retention keeps files.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    paths::{named, with_suffix},
    permissions::owner_only,
    read::{live_path, Position},
};

/// The version of the file's JSON.
const VERSION: u32 = 1;

/// What the directory of registrations has after the name of the live file.
const DIRECTORY: &str = ".readers";

/// A reader of a log, such as a shipper, that retention waits for, although it may be another process.
///
/// [`JsonLinesFile`](crate::JsonLinesFile) deletes no closed file that a registered reader has not read, up to a
/// [limit](crate::JsonLinesFileBuilder::hold_for_readers). How far a reader is, its position file says: a JSON object
/// whose member `position` is a [`Position`], which the reader replaces as it goes on. Where there is no such file, or it
/// cannot be read, all of the log is still to be read.
///
/// A registration is a small file in a directory beside the live file, with `.readers` added to its name. It
/// stays until it is [removed](Self::remove), whether or not the reader runs.
///
/// ```
/// use body_logger_jsonl::{Position, Registration};
///
/// # fn main() -> std::io::Result<()> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-registers-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let (log, position_file) = (directory.join("audit.jsonl"), directory.join("report.position"));
/// let registration = Registration::of(&log, &position_file)?;
/// registration.add()?;
/// let saved = serde_json::json!({ "position": Position::default() });
/// std::fs::write(&position_file, saved.to_string())?;
/// assert!(registration.is_there());
/// // when there is no such reader any more
/// registration.remove()?;
/// # std::fs::remove_dir_all(&directory)
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    file: PathBuf,
    position_file: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Registered {
    v: u32,
    position_file: PathBuf,
}

impl Registration {
    /// Returns the registration of the reader of a log that has this position file. Neither needs to be there yet.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory of the log is not there.
    pub fn of(log: impl AsRef<Path>, position_file: impl AsRef<Path>) -> io::Result<Self> {
        let (log, position_file) = (log.as_ref(), position_file.as_ref());
        let live = live_path(log).map_err(|error| named(log, &error))?;
        let position_file = std::path::absolute(position_file)?;
        let name = position_file.file_name().unwrap_or_default();
        let hash = fnv(position_file.as_os_str().as_encoded_bytes());
        let name = format!("{}-{hash:016x}.json", name.to_string_lossy());
        Ok(Self {
            file: with_suffix(&live, DIRECTORY).join(name),
            position_file,
        })
    }

    /// Registers the reader, durably. Does nothing where it is registered.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be made, or if the path of the position file is not Unicode.
    pub fn add(&self) -> io::Result<()> {
        let registered = Registered {
            v: VERSION,
            position_file: self.position_file.clone(),
        };
        let text = serde_json::to_vec(&registered)?;
        if fs::read(&self.file).is_ok_and(|there| there == text) {
            return Ok(());
        }
        self.write(&text).map_err(|error| named(&self.file, &error))
    }

    fn write(&self, text: &[u8]) -> io::Result<()> {
        let directory = self.file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let unfinished = self
            .file
            .with_extension(format!("tmp{}", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let mut file = owner_only(&mut options).open(&unfinished)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&unfinished, &self.file)?;
        // Elsewhere a directory cannot be opened, and need not be.
        #[cfg(unix)]
        for directory in [Some(directory), directory.parent()].into_iter().flatten() {
            File::open(directory)?.sync_all()?;
        }
        Ok(())
    }

    /// Removes the registration: retention no longer waits for the reader.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be removed. It is none if there was no registration.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(named(&self.file, &error)),
            _ => Ok(()),
        }
    }

    /// Whether the reader is registered.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.file.exists()
    }
}

/// The positions of all registered readers of a log; the beginning where a position is not known.
pub(crate) fn positions(live: &Path) -> io::Result<Vec<Position>> {
    let files = match fs::read_dir(with_suffix(live, DIRECTORY)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    let mut positions = Vec::new();
    for file in files {
        let path = file?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            positions.push(position(&path).unwrap_or_default());
        }
    }
    Ok(positions)
}

fn position(registration: &Path) -> io::Result<Position> {
    #[derive(Deserialize)]
    struct Saved {
        position: Position,
    }

    let registered: Registered = serde_json::from_slice(&fs::read(registration)?)?;
    let saved: Saved = serde_json::from_slice(&fs::read(registered.position_file)?)?;
    Ok(saved.position)
}

/// FNV-1a, so that each path has a name of its own, and the same one each time.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
