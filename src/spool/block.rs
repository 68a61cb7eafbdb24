//! Blocks: the bytes of a body that wait for the disk.

use std::sync::Arc;

use bytes::Bytes;

use super::shared_body::SpooledBody;
use crate::capture::Reservation;

/// Size of the blocks in which small chunks are collected, and the smallest chunk that is handed over by reference.
pub(super) const BLOCK: usize = 64 * 1024;

/// Bytes of a body that wait for the disk. Dropping it, written or not, lets the stream go on.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) bytes: BlockBytes,
    pub(super) body: Arc<SpooledBody>,
    /// The memory of the bytes.
    pub(super) _reservation: Reservation,
}

#[derive(Debug)]
pub(super) enum BlockBytes {
    /// Copies of small chunks, which are slices of read buffers.
    Copied(Vec<u8>),
    /// One large chunk.
    Chunk(Bytes),
}

impl BlockBytes {
    fn get(&self) -> &[u8] {
        match self {
            Self::Copied(bytes) => bytes,
            Self::Chunk(bytes) => bytes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.get().len()
    }
}

impl Block {
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.body.leave(self.bytes().len());
    }
}
