//! Places in the queue that are reserved before an exchange begins.

use std::{fmt, future::Future, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Limits;

/// Bytes are reserved in pieces of this size.
const PIECE: usize = 1024;

/// The places that are free.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    records: Arc<Semaphore>,
    pieces: Arc<Semaphore>,
    /// All pieces there are.
    most: u32,
}

impl Places {
    pub(super) fn new(limits: Limits) -> Self {
        let records = limits.records.clamp(1, Semaphore::MAX_PERMITS);
        let most = pieces(limits.bytes).max(1);
        Self {
            records: Arc::new(Semaphore::new(records)),
            pieces: Arc::new(Semaphore::new(most as usize)),
            most,
        }
    }

    /// A place for one record of at most so many bytes; more than there are count as all of them.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<Place> {
        let record = Arc::clone(&self.records).try_acquire_owned().ok()?;
        let pieces = pieces(bytes).min(self.most);
        let pieces = Arc::clone(&self.pieces)
            .try_acquire_many_owned(pieces)
            .ok()?;
        Some(Place::new(record, pieces))
    }

    /// Waits for a place, behind all who wait already.
    pub(crate) fn take(&self, bytes: usize) -> impl Future<Output = Place> + 'static {
        let places = self.clone();
        async move {
            const OPEN: &str = "the semaphores are never closed";
            let record = places.records.acquire_owned().await.expect(OPEN);
            let pieces = pieces(bytes).min(places.most);
            let pieces = places.pieces.acquire_many_owned(pieces).await.expect(OPEN);
            Place::new(record, pieces)
        }
    }
}

fn pieces(bytes: usize) -> u32 {
    let most = Semaphore::MAX_PERMITS.min(u32::MAX as usize);
    // No more than a u32 holds.
    bytes.div_ceil(PIECE).min(most) as u32
}

/// A place in the queue; it is free again when this is dropped.
///
/// Boxed where it is reserved, so that handing over allocates nothing.
pub(crate) struct Place(Box<Permits>);

struct Permits {
    _record: OwnedSemaphorePermit,
    pieces: OwnedSemaphorePermit,
}

impl Place {
    fn new(record: OwnedSemaphorePermit, pieces: OwnedSemaphorePermit) -> Self {
        Self(Box::new(Permits {
            _record: record,
            pieces,
        }))
    }

    /// Gives back what is not needed for so many bytes.
    pub(super) fn shrink_to(&mut self, bytes: usize) {
        let reserved = &mut self.0.pieces;
        let spare = reserved
            .num_permits()
            .saturating_sub(pieces(bytes) as usize);
        drop(reserved.split(spare));
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}
