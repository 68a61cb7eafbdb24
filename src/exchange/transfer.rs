//! How the transfer of a body goes, on either side.

use std::task::Poll;

use bytes::Bytes;

use crate::capture::{CapturedBody, Reservation};
use body_logger_core::record::BodyState;

/// What a tap saw.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Progress<'a> {
    /// It was asked for, and nothing was there yet.
    Waiting,
    Chunk(&'a Bytes),
    End,
    Failed,
}

impl<'a> Progress<'a> {
    /// What a poll of a body says of it.
    pub(crate) fn of<E>(polled: &'a Poll<Option<Result<Bytes, E>>>) -> Self {
        match polled {
            Poll::Pending => Self::Waiting,
            Poll::Ready(Some(Ok(chunk))) => Self::Chunk(chunk),
            Poll::Ready(Some(Err(_))) => Self::Failed,
            Poll::Ready(None) => Self::End,
        }
    }
}

/// How the transfer of a body goes.
#[derive(Default)]
pub(super) struct Transfer {
    pub(super) length: Option<u64>,
    /// Its length alone tells that it is whole. True of what a client sends; a server's body is
    /// whole only when it has said so, as bytes may wait in it when the client goes.
    pub(super) whole_at_length: bool,
    /// Where it is the raw connection, by what a client asked for that.
    pub(super) raw: Option<RawPayload>,
    /// Nothing was said of it, and its method has none as a rule. Only who asks for it finds out.
    pub(super) presumed_empty: bool,
    pub(super) asked_for: bool,
    /// It was asked for, and has not answered yet.
    pub(super) awaited: bool,
    pub(super) end: End,
}

/// By what a client gets the raw connection as its request's payload. It may do so with any request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RawPayload {
    Upgrade,
    Connect,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum End {
    #[default]
    Open,
    Reached,
    Failed,
}

impl Transfer {
    /// Of a body that has no bytes, or whose bytes nobody will ask for.
    pub(super) fn nothing() -> Self {
        Self {
            end: End::Reached,
            ..Self::default()
        }
    }

    pub(super) fn advance(
        &mut self,
        progress: Progress<'_>,
        body: &mut CapturedBody,
        reservation: &mut Reservation,
    ) {
        self.asked_for = true;
        self.awaited = matches!(progress, Progress::Waiting);
        match progress {
            Progress::Waiting => {}
            Progress::Chunk(chunk) => {
                body.push(chunk, reservation);
                if self.whole_at_length && self.length == Some(body.capture.seen()) {
                    self.reach();
                }
            }
            Progress::End => self.reach(),
            Progress::Failed => self.end = End::Failed,
        }
    }

    /// What has failed stays failed, also for those who go on asking.
    fn reach(&mut self) {
        if self.end == End::Open {
            self.end = End::Reached;
        }
    }

    pub(super) fn has_wrong_length(&self, bytes: u64) -> bool {
        let ended = self.end == End::Reached;
        self.length
            .is_some_and(|length| bytes > length || (ended && bytes < length))
    }

    /// Its state while the exchange goes on.
    pub(super) fn state_so_far(&self, bytes: u64) -> BodyState {
        match self.end {
            End::Open => BodyState::Pending,
            End::Reached | End::Failed => self.state(bytes, false),
        }
    }

    /// `cut` tells whether what asked for the body was itself cut short.
    pub(super) fn state(&self, bytes: u64, cut: bool) -> BodyState {
        match self.end {
            End::Failed => BodyState::Aborted,
            _ if self.has_wrong_length(bytes) => BodyState::Partial,
            End::Reached if bytes == 0 => BodyState::Empty,
            End::Reached => BodyState::Complete,
            End::Open if !self.asked_for && self.presumed_empty => BodyState::Empty,
            End::Open if !self.asked_for => BodyState::Unread,
            End::Open if cut => BodyState::Aborted,
            End::Open => BodyState::Partial,
        }
    }
}
