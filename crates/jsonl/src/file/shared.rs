//! What the sink and its threads share of a file.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use body_logger_core::{record::MaintenanceRecord, Entry};

use super::{counts::Counts, writer::Writer, FileObserver};
use crate::{batch::Batch, paths::named};

/// An open file, for the sink and its threads.
pub(super) struct Core {
    pub(super) path: PathBuf,
    pub(super) writer: Mutex<Writer>,
    pub(super) counts: Arc<Counts>,
    pub(super) observer: Option<Arc<dyn FileObserver>>,
    /// Held while the thread syncs, and by whoever needs to know how that went.
    pub(super) syncing: Mutex<()>,
    /// Held while closed files are compressed, deleted or overwritten. It is taken before all other locks.
    pub(super) maintaining: Mutex<()>,
}

impl Core {
    pub(super) fn writer(&self) -> MutexGuard<'_, Writer> {
        // What was half done is put right before the next write.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn syncing(&self) -> MutexGuard<'_, ()> {
        self.syncing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn maintaining(&self) -> MutexGuard<'_, ()> {
        self.maintaining
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the salts of this many lines; none if lines have no salt.
    pub(super) fn salts(&self, lines: usize) -> io::Result<Vec<[u8; 16]>> {
        let observer = self.observer.as_ref();
        observer.map_or_else(|| Ok(Vec::new()), |it| it.salts(lines))
    }

    pub(super) fn named(&self, error: &io::Error) -> io::Error {
        named(&self.path, error)
    }

    /// Says in the log what is about to be deleted or erased, and makes that durable.
    pub(super) fn announce(
        &self,
        what: impl FnOnce(&dyn FileObserver) -> io::Result<Vec<MaintenanceRecord>>,
    ) -> io::Result<Vec<MaintenanceRecord>> {
        let Some(observer) = &self.observer else {
            return Ok(Vec::new());
        };
        let _syncing = self.syncing();
        let mut writer = self.writer();
        let announced = what(&**observer)?;
        let entries: Vec<_> = announced.iter().cloned().map(Entry::Maintenance).collect();
        let batch = Batch::of(&entries, observer.salts(entries.len())?);
        writer
            .append(batch.lines(), SystemTime::now())
            .map_err(|lost| lost.error)?;
        let pending = writer.take_pending();
        drop(writer);
        if let Err(error) = pending.sync() {
            self.writer().sync_again();
            return Err(error);
        }
        observer.may_delete()?;
        Ok(announced)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        let _syncing = self.syncing();
        self.writer().sync()
    }

    /// Syncs while others may write.
    pub(super) fn sync_apart(&self) {
        let _syncing = self.syncing();
        let pending = self.writer().take_pending();
        if let Err(error) = pending.sync() {
            self.writer().sync_failed(error);
        }
    }
}
