//! The directory of a spool, and a trait for what takes its place in tests.

use std::{
    fs::{self, DirEntry, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::names::{self, Kind};

/// Where a spool's files are.
pub(super) trait Disk: Send + 'static {
    /// Creates a file that nobody else may read, and locks it.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes names durable.
    fn sync(&self) -> io::Result<()>;
}

/// A file that is being written.
pub(super) trait DiskFile: Write + Send {
    fn sync(&self) -> io::Result<()>;
}

impl DiskFile for File {
    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }
}

#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Opens the directory, or creates it, and removes the files that a crash has left incomplete.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        create_private(path)?;
        for (kind, entry) in entries(path)? {
            if kind == Kind::Temporary {
                remove_orphan(&entry.path());
            }
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }
}

impl Disk for Directory {
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        loop {
            let file = options.open(&path)?;
            if lock_new(&file, &path)? {
                return Ok(Box::new(file));
            }
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    fn sync(&self) -> io::Result<()> {
        // Elsewhere a directory cannot be opened as a file.
        #[cfg(unix)]
        File::open(&self.path)?.sync_all()?;
        Ok(())
    }
}

/// Returns the files in a directory that a spool has made.
pub(super) fn entries(path: &Path) -> io::Result<impl Iterator<Item = (Kind, DirEntry)>> {
    let made = |entry: io::Result<DirEntry>| {
        let entry = entry.ok()?;
        let kind = names::parse(entry.file_name().to_str()?)?;
        entry.file_type().ok()?.is_file().then_some((kind, entry))
    };
    Ok(fs::read_dir(path)?.filter_map(made))
}

/// Locks a file that was just created. Returns false if it is gone: whoever opens the same directory may have found it before
/// it was locked, and removed it as an orphan.
pub(super) fn lock_new(file: &File, path: &Path) -> io::Result<bool> {
    // Who removes it holds the lock meanwhile.
    if let Err(error) = file.lock() {
        // Without its lock another process would take the file for an orphan.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    path.try_exists()
}

/// Removes an incomplete file, unless it is locked: then a process that lives is writing it.
fn remove_orphan(path: &Path) {
    if let Ok(file) = OpenOptions::new().write(true).open(path) {
        remove_unlocked(&file, path);
    }
}

/// Removes a file that was found at a path, unless it is locked.
pub(super) fn remove_unlocked(file: &File, path: &Path) {
    // Once another one has removed it, a new file may be there.
    if file.try_lock().is_ok() && is_at(file, path) {
        // If that fails, the next process to open the directory tries again.
        let _ = fs::remove_file(path);
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let id = |metadata: io::Result<fs::Metadata>| metadata.ok().map(|it| (it.dev(), it.ino()));
    id(file.metadata()) == id(fs::metadata(path))
}

/// What tells files apart is not stable elsewhere.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path)?;
    let mut permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(());
    }
    // Of a directory with other contents, such as `/tmp`, others may depend on its permissions.
    let all = fs::read_dir(path)?.count();
    if entries(path)?.count() < all {
        return Err(io::Error::other(format!(
            "cannot keep bodies in {}: others have access to it, and it has other files in it",
            path.display()
        )));
    }
    permissions.set_mode(0o700);
    fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}
