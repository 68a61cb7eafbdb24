//! The worker's end of a spool, for one body.

use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use body_logger_core::record::{new_id, NoFile};
use bytes::Bytes;

use super::{
    block::{Block, BlockBytes, BLOCK},
    names::{FileId, Side},
    options::{Limits, WhenSlow},
    shared_body::SpooledBody,
    thread::{Command, Commands, Missing, Report},
    LoggerOptions,
};
use crate::capture::{MemoryBudget, Reservation};

/// Collects the bytes of one body and hands them over to the spool's thread. Never waits. Dropping it without
/// [`finish`](Self::finish) removes the file.
#[derive(Debug)]
pub(crate) struct BodySpool {
    limits: Limits,
    commands: Commands,
    /// `None` once it is finished or given up.
    body: Option<Arc<SpooledBody>>,
    /// Why it was given up.
    given_up: Option<NoFile>,
    /// Collects chunks smaller than a block.
    block: Vec<u8>,
    /// The memory of `block`.
    reservation: Reservation,
    /// Declared length of the body.
    length: Option<u64>,
    passed: u64,
    /// Whether anything was handed over.
    has_begun: bool,
}

impl BodySpool {
    pub(super) fn begin(
        limits: Limits,
        commands: Commands,
        side: Side,
        length: Option<u64>,
        logger: LoggerOptions,
    ) -> Self {
        let file = FileId { id: new_id(), side };
        let body = SpooledBody::new(
            file,
            #[cfg(feature = "hash")]
            logger.digest,
        );
        Self {
            limits,
            commands,
            body: Some(Arc::new(body)),
            given_up: None,
            block: Vec::new(),
            reservation: Reservation::empty(logger.budget),
            length,
            passed: 0,
            has_begun: false,
        }
    }

    /// Whether no bytes have passed: then there is no file.
    pub(crate) fn is_empty(&self) -> bool {
        self.passed == 0
    }

    fn budget(&self) -> MemoryBudget {
        self.reservation.budget()
    }

    /// Waits until there is capacity for the next chunk, if the stream is to be slowed down; else it is always ready.
    pub(crate) fn poll_capacity(&self, cx: &mut Context<'_>) -> Poll<()> {
        match (&self.body, self.limits.when_slow) {
            (Some(body), WhenSlow::SlowDown) => body.poll_capacity(self.limits, &self.budget(), cx),
            _ => Poll::Ready(()),
        }
    }

    /// Takes the next chunk. Its bytes are copied, unless it is at least a block.
    pub(crate) fn push(&mut self, chunk: &Bytes) {
        if self.body.is_none() || chunk.is_empty() {
            return;
        }
        self.passed += chunk.len() as u64;
        if self.length.unwrap_or(self.passed).max(self.passed) > self.limits.max_bytes {
            return self.give_up(NoFile::TooLong);
        }
        if chunk.len() >= BLOCK {
            self.hand_over_block();
            if self.body.is_some() && self.reservation.reserve_chunk(chunk.len()) {
                return self.hand_over(BlockBytes::Chunk(chunk.clone()));
            }
        }
        for part in chunk.chunks(BLOCK) {
            self.copy(part);
        }
    }

    /// Copies at most a block's bytes.
    fn copy(&mut self, bytes: &[u8]) {
        let free = BLOCK - self.block.len();
        let (fitting, over) = bytes.split_at(bytes.len().min(free));
        for part in [fitting, over] {
            if self.body.is_none() || part.is_empty() {
                return;
            }
            if !self.allocate(part.len()) {
                return self.give_up(NoFile::MemoryBudget);
            }
            self.block.extend_from_slice(part);
            if self.block.len() == BLOCK {
                self.hand_over_block();
            }
        }
    }

    /// Reserves the memory for more bytes of the block, and allocates it. Returns false if the budget is exhausted.
    fn allocate(&mut self, more: usize) -> bool {
        let held = self.block.capacity();
        let needed = self.block.len() + more;
        if needed <= held {
            return true;
        }
        // At least doubled, so that copies do not cost more than what is copied.
        let capacity = needed.max(held * 2).min(BLOCK);
        match self.limits.when_slow {
            WhenSlow::GiveUp if !self.reservation.grow(capacity - held) => return false,
            WhenSlow::GiveUp => {}
            // Slowed down instead, see `poll_capacity`.
            WhenSlow::SlowDown => self.reservation.charge(capacity - held),
        }
        self.block.reserve_exact(capacity - self.block.len());
        true
    }

    fn hand_over_block(&mut self) {
        if !self.block.is_empty() {
            let block = mem::take(&mut self.block);
            self.hand_over(BlockBytes::Copied(block));
        }
    }

    /// Hands bytes over, whose memory is reserved.
    fn hand_over(&mut self, bytes: BlockBytes) {
        let Some(body) = &self.body else { return };
        if body.is_over() {
            return self.give_up(NoFile::Failed);
        }
        if !body.enter(bytes.len(), self.limits) {
            return self.give_up(NoFile::TooSlow);
        }
        let body = Arc::clone(body);
        let block = self.block_of(bytes, body);
        self.has_begun = true;
        self.commands.send(Command::Write(block));
    }

    /// Makes a block of bytes whose memory is reserved.
    fn block_of(&mut self, bytes: BlockBytes, body: Arc<SpooledBody>) -> Block {
        let next = Reservation::empty(self.budget());
        Block {
            bytes,
            body,
            _reservation: mem::replace(&mut self.reservation, next),
        }
    }

    fn give_up(&mut self, reason: NoFile) {
        self.given_up = Some(reason);
        self.discard();
    }

    /// Frees everything, and has the file removed.
    fn discard(&mut self) {
        self.block = Vec::new();
        self.reservation = Reservation::empty(self.budget());
        if let Some(body) = self.body.take() {
            body.end();
            if self.has_begun {
                self.commands.send(Command::Discard(body));
            }
        }
    }

    /// Ends the body: `report` gets its file once that is finished, or the reason why there is none. If it is dropped
    /// uncalled, the thread is gone. Nothing is reported of a body without bytes.
    pub(crate) fn finish(mut self, whole: bool, report: Report) {
        if let Some(reason) = self.given_up {
            return report(Err(Missing::new(reason)));
        }
        if self.is_empty() {
            return;
        }
        let Some(body) = self.body.take() else { return };
        let bytes = BlockBytes::Copied(mem::take(&mut self.block));
        let last = (bytes.len() > 0).then(|| {
            body.enter_last(bytes.len());
            self.block_of(bytes, Arc::clone(&body))
        });
        self.commands.finish(body, last, whole, report);
    }
}

impl Drop for BodySpool {
    fn drop(&mut self) {
        self.discard();
    }
}
