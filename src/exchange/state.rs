//! What is known of an exchange, and what that says of how it went.

use std::{collections::BTreeMap, time::Duration};

use actix_web::http::StatusCode;

use super::transfer::{End, Transfer};
use crate::{
    capture::Reservation,
    captured::{CapturedBody, CapturedRequest, CapturedResponse, Head},
    policy::{Side, Summary},
    record::{BodyState, ErrorKind, ErrorRecord, Outcome, Reason},
};

/// What is known of an exchange so far.
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) request: CapturedRequest,
    pub(super) request_transfer: Transfer,
    pub(super) response: Option<CapturedResponse>,
    pub(super) response_transfer: Transfer,
    pub(super) ttfb: Option<Duration>,
    pub(super) error: Option<ErrorRecord>,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) attributes_size: usize,
    pub(super) omit_response_body: bool,
    /// There is a start record, and so there must be one of the end.
    pub(super) announced: bool,
    pub(super) reservation: Reservation,
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
        let response = self.response.as_ref();
        response.map_or(0, |response| response.body.capture.seen())
    }

    /// Says of both bodies how they went, and of the response what can be told of one that was not
    /// seen.
    pub(super) fn settle(&mut self, outcome: Outcome) {
        // A handler that left a body was not cut short; one that still waited for more of it was.
        let cut = match outcome {
            Outcome::Cancelled | Outcome::Panicked => true,
            Outcome::ResponseAborted => self.request_transfer.awaited,
            _ => false,
        };
        let request = &mut self.request.body;
        request.state = if request.unseen && outcome == Outcome::Upgraded {
            BodyState::Complete
        } else {
            let seen = request.capture.seen();
            self.request_transfer.state(seen, cut)
        };

        let bytes = self.response_bytes();
        if let Some(response) = &mut self.response {
            response.body.state = self.response_transfer.state(bytes, true);
            if outcome == Outcome::BodyError && self.response_transfer.end != End::Failed {
                self.error = Some(ErrorRecord::new(ErrorKind::ResponseSize, response.status));
            }
        } else if let (Phase::Failed, Some(status)) = (self.phase, self.predicted_status()) {
            self.response = Some(CapturedResponse {
                status,
                head: Head::default(),
                body: CapturedBody::default(),
            });
        }
    }

    /// The status of the response that the error at hand asks for.
    fn predicted_status(&self) -> Option<StatusCode> {
        StatusCode::from_u16(self.error.as_ref()?.status?).ok()
    }

    pub(super) fn summary(&self, outcome: Outcome, duration: Duration) -> Summary<'_> {
        Summary {
            method: &self.request.method,
            route: self.request.route.as_deref(),
            status: self.response.as_ref().map(|res| res.status.as_u16()),
            outcome,
            duration,
            ttfb: self.ttfb,
            request_bytes: self.request.body.capture.seen(),
            response_bytes: self.response_bytes(),
        }
    }

    /// Leaves a body's content out of the record, what was captured of it and what is to come.
    pub(super) fn leave_out(&mut self, side: Side, reason: Reason) {
        let body = match side {
            Side::Request => Some(&mut self.request.body),
            Side::Response => self.response.as_mut().map(|response| &mut response.body),
        };
        if let Some(body) = body {
            body.withhold(reason, &mut self.reservation);
        }
    }
}
