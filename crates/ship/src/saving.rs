//! Saves positions while the next batch is sent: syncing a file takes as long as sending hundreds of entries.

use std::{io, path::Path, sync::Arc};

use tokio::task::{self, JoinHandle};

use crate::position::{PositionFile, Progress};

#[derive(Debug)]
pub(crate) struct Saving {
    /// The thread that saves holds it as well, so that nobody else gets the position before that is done.
    file: Arc<PositionFile>,
    running: Option<JoinHandle<io::Result<()>>>,
}

impl Saving {
    pub(crate) fn to(file: PositionFile) -> Self {
        Self {
            file: Arc::new(file),
            running: None,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Whether a position is being saved at this moment.
    pub(crate) fn is_running(&self) -> bool {
        self.running
            .as_ref()
            .is_some_and(|running| !running.is_finished())
    }

    /// Begins to save on another thread. Nothing may be [running](Self::finish) any more.
    pub(crate) fn start(&mut self, progress: &Progress) {
        let (file, progress) = (Arc::clone(&self.file), progress.clone());
        self.running = Some(task::spawn_blocking(move || file.save(&progress)));
    }

    /// Waits until nothing is being saved, and returns how that ended. May be dropped and called again.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        let Some(running) = &mut self.running else {
            return Ok(());
        };
        let saved = running.await;
        self.running = None;
        saved.map_err(io::Error::other)?
    }
}
