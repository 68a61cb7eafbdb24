//! A directory that stalls, is full or panics when a test says so.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use super::{
    super::disk::{Directory, Disk, DiskFile},
    PATIENCE,
};

/// What a disk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Works,
    /// Writing waits.
    Stalls,
    /// Writing fails.
    IsFull,
    /// Writing panics.
    Panics,
    /// Creating a file fails.
    CreatesNothing,
    /// Renaming a file fails.
    RenamesNothing,
}

pub(super) struct TestDisk {
    directory: Directory,
    valve: Valve,
}

/// Tells a disk what to do.
#[derive(Clone)]
pub(super) struct Valve(Arc<(Mutex<State>, Condvar)>);

struct State {
    mood: Mood,
    /// How many writes wait.
    stalled: usize,
    writes: usize,
    /// How often files and the directory were synced.
    synced: (usize, usize),
}

struct TestFile {
    file: Box<dyn DiskFile>,
    valve: Valve,
}

impl TestDisk {
    pub(super) fn at(path: &Path) -> (Self, Valve) {
        fs::create_dir_all(path).expect("a directory");
        let state = State {
            mood: Mood::Works,
            stalled: 0,
            writes: 0,
            synced: (0, 0),
        };
        let valve = Valve(Arc::new((Mutex::new(state), Condvar::new())));
        let disk = Self {
            directory: Directory::open(path).expect("a directory"),
            valve: valve.clone(),
        };
        (disk, valve)
    }
}

impl Valve {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0 .0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, mood: Mood) {
        self.lock().mood = mood;
        self.0 .1.notify_all();
    }

    pub(super) fn open(&self) {
        self.set(Mood::Works);
    }

    /// Returns how often a file was written to.
    pub(super) fn writes(&self) -> usize {
        self.lock().writes
    }

    pub(super) fn synced(&self) -> (usize, usize) {
        self.lock().synced
    }

    /// Waits until a write waits.
    pub(super) fn wait_for_stall(&self) {
        let waits = |state: &mut State| state.stalled == 0;
        let waited = self.0 .1.wait_timeout_while(self.lock(), PATIENCE, waits);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(state.stalled > 0, "no write waits");
    }

    /// Returns the mood, once it is not that writes wait.
    fn pass(&self) -> Mood {
        let mut state = self.lock();
        state.stalled += 1;
        self.0 .1.notify_all();
        let stalls = |state: &mut State| state.mood == Mood::Stalls;
        let waited = self.0 .1.wait_while(state, stalls);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.stalled -= 1;
        state.writes += 1;
        state.mood
    }
}

impl Disk for TestDisk {
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        if self.valve.lock().mood == Mood::CreatesNothing {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let file = self.directory.create(name)?;
        let valve = self.valve.clone();
        Ok(Box::new(TestFile { file, valve }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        match self.valve.lock().mood {
            Mood::RenamesNothing => Err(io::Error::other("read-only")),
            _ => self.directory.rename(from, to),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.directory.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.valve.lock().synced.1 += 1;
        self.directory.sync()
    }
}

impl Write for TestFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.valve.pass() {
            Mood::IsFull => Err(io::ErrorKind::StorageFull.into()),
            Mood::Panics => panic!("a disk that panics"),
            _ => self.file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl DiskFile for TestFile {
    fn sync(&self) -> io::Result<()> {
        self.valve.lock().synced.0 += 1;
        self.file.sync()
    }
}
