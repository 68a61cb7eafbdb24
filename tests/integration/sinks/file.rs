//! Files of JSON lines in a logger's hands: failures and crashes.

mod failures;
mod killed;
mod unspeakable;

use std::{
    collections::hash_map::RandomState,
    fs,
    hash::{BuildHasher, Hasher},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A directory that is gone when the test is over.
pub struct Directory {
    pub path: PathBuf,
}

impl Directory {
    pub fn new(name: &str) -> Self {
        let name = format!("body-logger-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        Self { path }
    }

    /// Where the live file of a test stands.
    pub fn file(&self) -> PathBuf {
        self.path.join("audit.jsonl")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Names the file that a test is to work on in a process of its own.
const CHILD: &str = "BODY_LOGGER_TEST_FILE";

/// Runs one test alone, in a process of its own that finds the path by [`child`].
pub fn in_child<'a>(command: &'a mut Command, test: &str, path: &Path) -> &'a mut Command {
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdin(Stdio::null())
}

/// The path that a parent process has given to this one.
pub fn child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

pub fn random(below: usize) -> usize {
    let random = RandomState::new().build_hasher().finish();
    usize::try_from(random % below as u64).expect("a small number")
}
