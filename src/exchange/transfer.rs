//! The progress of a body's transfer, on either side.
//!
//! A response is complete when its stream ends: if its length were enough, a download would count as complete although its
//! last chunk is still buffered while the client has gone. A request is complete at its length, as a handler need not poll
//! once more.

use std::task::Poll;

use body_logger_core::record::BodyState;
use bytes::Bytes;

use crate::{capture::CapturedBody, spool::BodySpool};

/// The result of one poll of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BodyPoll<'a> {
    /// Nothing was available yet.
    Waiting,
    Chunk(&'a Bytes),
    End,
    Failed,
}

impl<'a> BodyPoll<'a> {
    /// Converts the result of `poll_next`.
    pub(crate) fn of<E>(polled: &'a Poll<Option<Result<Bytes, E>>>) -> Self {
        match polled {
            Poll::Pending => Self::Waiting,
            Poll::Ready(Some(Ok(chunk))) => Self::Chunk(chunk),
            Poll::Ready(Some(Err(_))) => Self::Failed,
            Poll::Ready(None) => Self::End,
        }
    }
}

/// The progress of a body's transfer.
#[derive(Default)]
pub(super) struct Transfer {
    pub(super) length: Option<u64>,
    /// Whether the body is complete once `length` bytes have passed. True for requests only: a response's body is
    /// complete when its stream ends, as bytes may still be buffered in it when the client goes.
    pub(super) whole_at_length: bool,
    /// Whether an empty chunk ends the body for its client, as actix makes the last chunk of a chunked body of it.
    pub(super) ends_at_empty_chunk: bool,
    /// How the client asked for the raw connection, if that is the payload.
    pub(super) raw: Option<RawPayload>,
    /// The request declares no body, and its method usually has none. Only polling would show whether there is one.
    pub(super) presumed_empty: bool,
    pub(super) asked_for: bool,
    /// Whether the last poll returned `Pending`.
    pub(super) awaited: bool,
    pub(super) end: TransferState,
    /// Keeps the body whole in a file. Dropped if nothing of it is to be kept, which removes the file.
    pub(super) spool: Option<Box<BodySpool>>,
}

/// How a client asks for the raw connection as its request's payload. Any request may do so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RawPayload {
    Upgrade,
    Connect,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum TransferState {
    #[default]
    Open,
    Reached,
    Failed,
}

impl Transfer {
    /// Returns the transfer of a body that has no bytes, or whose bytes actix never polls.
    pub(super) fn nothing() -> Self {
        Self {
            end: TransferState::Reached,
            ..Self::default()
        }
    }

    pub(super) fn advance(&mut self, polled: BodyPoll<'_>, body: &mut CapturedBody) {
        self.asked_for = true;
        self.awaited = matches!(polled, BodyPoll::Waiting);
        match polled {
            BodyPoll::Waiting => {}
            BodyPoll::Chunk(chunk) => {
                body.push(chunk);
                if let Some(spool) = &mut self.spool {
                    spool.push(chunk);
                }
                if self.ends_at_empty_chunk && chunk.is_empty() {
                    self.length.get_or_insert(body.capture.seen());
                }
                if self.whole_at_length && self.length == Some(body.capture.seen()) {
                    self.reach();
                }
            }
            BodyPoll::End => self.reach(),
            BodyPoll::Failed => self.end = TransferState::Failed,
        }
    }

    /// Ends the transfer. One that has failed stays failed, even if it is polled again.
    fn reach(&mut self) {
        if self.end == TransferState::Open {
            self.end = TransferState::Reached;
        }
    }

    pub(super) fn has_wrong_length(&self, bytes: u64) -> bool {
        let ended = self.end == TransferState::Reached;
        self.length
            .is_some_and(|length| bytes > length || (ended && bytes < length))
    }

    /// Returns the body's state while the exchange is in progress.
    pub(super) fn state_so_far(&self, bytes: u64) -> BodyState {
        match self.end {
            TransferState::Open => BodyState::Pending,
            TransferState::Reached | TransferState::Failed => self.state(bytes, false),
        }
    }

    /// Returns the body's final state. `interrupted` is whether its reader was dropped before it had finished.
    pub(super) fn state(&self, bytes: u64, interrupted: bool) -> BodyState {
        match self.end {
            TransferState::Failed => BodyState::Aborted,
            _ if self.has_wrong_length(bytes) => BodyState::Partial,
            TransferState::Reached if bytes == 0 => BodyState::Empty,
            TransferState::Reached => BodyState::Complete,
            TransferState::Open if !self.asked_for && self.presumed_empty => BodyState::Empty,
            TransferState::Open if !self.asked_for => BodyState::Unread,
            TransferState::Open if interrupted => BodyState::Aborted,
            TransferState::Open => BodyState::Partial,
        }
    }
}
