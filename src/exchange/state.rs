//! What is known of an exchange, and what that says of how it went.

use actix_web::http::StatusCode;

use super::transfer::{End, Transfer};
use crate::{
    capture::{Captured, CapturedBody, CapturedResponse, Head},
    policy::{Side, Summary},
};
use body_logger_core::record::{BodyState, ErrorKind, ErrorRecord, Outcome, Reason};

/// What is known of an exchange so far.
pub(super) struct State {
    pub(super) phase: Phase,
    /// Boxed once, in which form it goes to another thread.
    pub(super) captured: Box<Captured>,
    pub(super) request_transfer: Transfer,
    pub(super) response_transfer: Transfer,
    pub(super) attributes_size: usize,
    pub(super) omit_response_body: bool,
    /// There is a start stage, and so there must be a record of the whole.
    pub(super) announced: bool,
}

/// How far an exchange has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Handling,
    /// The inner service returned an error of which no response has been made yet.
    Failed,
    Responding,
    Tunnelling,
}

impl State {
    /// How the exchange ended, if it has ended now.
    pub(super) fn outcome(&self, panicking: bool) -> Outcome {
        let transfer = &self.response_transfer;
        match self.phase {
            Phase::Handling if panicking => Outcome::Panicked,
            Phase::Handling => Outcome::Cancelled,
            Phase::Failed => Outcome::ServiceError,
            Phase::Tunnelling => Outcome::Upgraded,
            Phase::Responding if transfer.end == End::Failed => Outcome::BodyError,
            Phase::Responding if transfer.has_wrong_length(self.response_bytes()) => {
                Outcome::BodyError
            }
            Phase::Responding if transfer.end == End::Reached => Outcome::Completed,
            Phase::Responding if panicking => Outcome::Panicked,
            Phase::Responding => Outcome::ResponseAborted,
        }
    }

    pub(super) fn response_bytes(&self) -> u64 {
        let response = self.captured.response.as_ref();
        response.map_or(0, |response| response.body.capture.seen())
    }

    /// Says of both bodies how they went, and of the response what can be told of one that was not
    /// seen.
    pub(super) fn settle(&mut self, outcome: Outcome) {
        self.captured.outcome = Some(outcome);
        // A handler that left a body was not cut short; one that still waited for more of it was.
        let cut = match outcome {
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
            self.request_transfer.state(seen, cut)
        };

        if let Some(response) = &mut captured.response {
            let bytes = response.body.capture.seen();
            response.body.state = self.response_transfer.state(bytes, true);
            if outcome == Outcome::BodyError && self.response_transfer.end != End::Failed {
                captured.error = Some(ErrorRecord::new(
                    ErrorKind::ResponseSize,
                    Some(response.status.as_u16()),
                ));
            }
        } else if let (Phase::Failed, Some(status)) = (self.phase, predicted(&captured.error)) {
            captured.response = Some(CapturedResponse {
                status,
                head: Head::default(),
                body: CapturedBody::default(),
            });
        }
    }

    /// Takes note that the connection becomes a tunnel with the response at hand, or that it does
    /// not: of an error several responses can be made.
    pub(super) fn respond(&mut self, tunnel: bool) {
        let captured = &mut *self.captured;
        let request = &mut captured.request.body;
        if tunnel {
            request.become_tunnel(&mut captured.reservation);
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

    /// Leaves a body's content out of the record, what was captured of it and what is to come.
    pub(super) fn leave_out(&mut self, side: Side, reason: Reason) {
        let captured = &mut *self.captured;
        let body = match side {
            Side::Request => Some(&mut captured.request.body),
            Side::Response => captured.response.as_mut().map(|res| &mut res.body),
        };
        if let Some(body) = body {
            body.withhold(reason, &mut captured.reservation);
        }
    }
}

/// The status of the response that an error asks for.
fn predicted(error: &Option<ErrorRecord>) -> Option<StatusCode> {
    StatusCode::from_u16(error.as_ref()?.status?).ok()
}
