//! The state of an exchange, and the outcome that follows from it.
//!
//! With `Upgrade: websocket` or `CONNECT` the payload is the raw connection, and any client can ask for that with any request.
//! So it is captured like a body until the response agrees to a tunnel; then the captured bytes are discarded, and further
//! ones only counted.

use actix_web::http::StatusCode;
use body_logger_core::record::{BodyState, ErrorKind, ErrorRecord, Outcome, Reason};

use super::transfer::{Transfer, TransferState};
use crate::{
    capture::{Captured, CapturedBody, CapturedResponse, Head},
    policy::{Side, Summary},
};

/// The state of an exchange in progress.
pub(super) struct State {
    pub(super) phase: Phase,
    /// Boxed once; sent to the writer thread in that box.
    pub(super) captured: Box<Captured>,
    pub(super) request_transfer: Transfer,
    pub(super) response_transfer: Transfer,
    pub(super) attributes_size: usize,
    pub(super) omit_response_body: bool,
    /// Whether a start stage was delivered: then the exchange must get a record.
    pub(super) announced: bool,
}

/// How far an exchange has progressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Handling,
    /// The inner service returned an error, and no response has been made from it yet.
    Failed,
    Responding,
    Tunnelling,
}

impl State {
    /// Returns the outcome, provided that the exchange ends now.
    pub(super) fn outcome(&self, panicking: bool) -> Outcome {
        let transfer = &self.response_transfer;
        match self.phase {
            Phase::Handling if panicking => Outcome::Panicked,
            Phase::Handling => Outcome::Cancelled,
            Phase::Failed => Outcome::ServiceError,
            Phase::Tunnelling => Outcome::Upgraded,
            Phase::Responding if transfer.end == TransferState::Failed => Outcome::BodyError,
            Phase::Responding if transfer.has_wrong_length(self.response_bytes()) => {
                Outcome::BodyError
            }
            Phase::Responding if transfer.end == TransferState::Reached => Outcome::Completed,
            Phase::Responding if panicking => Outcome::Panicked,
            Phase::Responding => Outcome::ResponseAborted,
        }
    }

    pub(super) fn response_bytes(&self) -> u64 {
        let response = self.captured.response.as_ref();
        response.map_or(0, |response| response.body.capture.seen())
    }

    /// Sets the final states of both bodies, and the response that an error implies if none was seen.
    pub(super) fn settle(&mut self, outcome: Outcome) {
        self.captured.outcome = Some(outcome);
        // A request's body is aborted if its handler was interrupted, or was still waiting for more of it.
        let interrupted = match outcome {
            Outcome::Cancelled | Outcome::Panicked => true,
            Outcome::ResponseAborted => self.request_transfer.awaited,
            _ => false,
        };
        let captured = &mut *self.captured;
        let request = &mut captured.request.body;
        request.state = if request.is_tunnel && outcome == Outcome::Upgraded {
            BodyState::Complete
        } else {
            let seen = request.capture.seen();
            self.request_transfer.state(seen, interrupted)
        };

        if let Some(response) = &mut captured.response {
            let bytes = response.body.capture.seen();
            response.body.state = self.response_transfer.state(bytes, true);
            if outcome == Outcome::BodyError && self.response_transfer.end != TransferState::Failed
            {
                let status = Some(response.status.as_u16());
                captured.error = Some(Box::new(ErrorRecord::new(ErrorKind::ResponseSize, status)));
            }
        } else if let (Phase::Failed, Some(status)) = (self.phase, predicted(&captured.error)) {
            captured.response = Some(CapturedResponse {
                status,
                head: Head::default(),
                body: CapturedBody::default(),
            });
        }
    }

    /// Enters the phase of a response. The connection becomes a tunnel or not, and the last response decides, as an
    /// error may produce several.
    pub(super) fn respond(&mut self, tunnel: bool) {
        let request = &mut self.captured.request.body;
        if tunnel {
            request.become_tunnel();
            self.request_transfer.spool = None;
            self.phase = Phase::Tunnelling;
        } else {
            request.is_tunnel = false;
            self.phase = Phase::Responding;
        }
    }

    pub(super) fn summary(&self) -> Summary<'_> {
        let captured = &*self.captured;
        Summary {
            method: &captured.request.method,
            route: captured.request.route.as_deref(),
            status: captured.status(),
            outcome: captured.outcome.unwrap_or(Outcome::Cancelled),
            duration: captured.ended - captured.began,
            ttfb: captured.ttfb(),
            request_bytes: captured.request.body.capture.seen(),
            response_bytes: self.response_bytes(),
        }
    }

    /// Withholds a body's content from the record: what was captured, and what is still to come.
    pub(super) fn withhold(&mut self, side: Side, reason: Reason) {
        let captured = &mut *self.captured;
        let (body, transfer) = match side {
            Side::Request => (Some(&mut captured.request.body), &mut self.request_transfer),
            Side::Response => (
                captured.response.as_mut().map(|res| &mut res.body),
                &mut self.response_transfer,
            ),
        };
        transfer.spool = None;
        if let Some(body) = body {
            body.withhold(reason);
        }
    }
}

/// Returns the status of the response that an error implies.
fn predicted(error: &Option<Box<ErrorRecord>>) -> Option<StatusCode> {
    StatusCode::from_u16(error.as_ref()?.status?).ok()
}
