//! Required delivery: the stages of an exchange, and what waits for them.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    mem,
    num::NonZeroU64,
    pin::Pin,
    task::{ready, Context, Poll},
    thread,
    time::Duration,
};

use actix_web::rt::time::timeout;
use body_logger_core::record::{BodyState, Outcome, Reason, Stage};
use bytes::Bytes;

use super::{
    ending::{self, OpenFiles},
    response,
    state::{Phase, State},
    transfer::{BodyPoll, TransferState},
    LiveExchange,
};
use crate::{
    capture::Captured,
    delivery::Receipt,
    policy::{OnLoss, Side},
};

/// The progress of an exchange whose delivery is required.
pub(super) struct Required {
    progress: Cell<Progress>,
    /// Number of bytes of the response's body according to its stage, if the body has ended in that.
    recorded: Cell<Option<u64>>,
    held: RefCell<Option<Held>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Its request stage is not durable yet.
    Asking,
    /// Its request stage was not durable in time.
    Refused,
    /// The handler runs, or the response does.
    Handling,
    /// Its response stage is not durable yet, and the response's end is held.
    Held,
    /// The response's end was passed on, with its stage durable or not.
    Released { durable: bool },
    /// The response was cut off.
    Cut,
}

/// Resolves to whether a record is durable; to false if it is not by the time limit.
pub(crate) type DurableWait = Pin<Box<dyn Future<Output = bool>>>;

/// The end of a response's body: its last chunk, or else the end of its stream.
struct Held {
    chunk: Option<Bytes>,
    wait: DurableWait,
}

/// What is passed on of a response's body once its stage is durable, or lost.
#[derive(Debug)]
pub(crate) enum Released {
    Chunk(Bytes),
    End,
    /// The body fails.
    Cut,
}

impl Default for Required {
    fn default() -> Self {
        Self {
            progress: Cell::new(Progress::Asking),
            recorded: Cell::new(None),
            held: RefCell::new(None),
        }
    }
}

/// The request's side.
impl LiveExchange {
    /// Whether the exchange waits for its records.
    #[inline]
    pub(crate) fn is_required(&self) -> bool {
        self.required.is_some()
    }

    /// Delivers the request stage. The handler may run once it is durable.
    pub(crate) fn deliver_request_stage(&self) -> Option<DurableWait> {
        let stage = {
            let state = self.state.borrow();
            let State {
                captured,
                request_transfer,
                ..
            } = state.as_ref()?;
            let seen = captured.request.body.capture.seen();
            captured.request_stage(request_transfer.state_so_far(seen))
        };
        let (ticket, receipt) = self.worker.parts.delivery.ticket();
        // Nothing is borrowed, as a sink may use the exchange.
        let seq = (self.worker.parts.delivery).deliver(stage, Some(ticket));
        if let Some(state) = &mut *self.state.borrow_mut() {
            state.captured.first_seq = NonZeroU64::new(seq);
        }
        Some(self.wait(receipt))
    }

    /// Lets the handler run if the request stage is durable. Otherwise the request is refused; returns after what time
    /// it may be tried again.
    pub(crate) fn admit(&self, durable: bool) -> Result<(), Duration> {
        if durable {
            self.set_progress(Progress::Handling);
            return Ok(());
        }
        self.set_progress(Progress::Refused);
        self.worker.parts.delivery.counters().refused();
        Err(self.worker.parts.policy.required.retry_after)
    }

    /// Lets the exchange be answered without its handler, because reading the request failed.
    pub(crate) fn admit_failure(&self) {
        // Not waited for: the response stage is, and becomes durable after this one.
        let _ = self.deliver_request_stage();
        self.set_progress(Progress::Handling);
    }
}

/// The response's side.
impl LiveExchange {
    /// Delivers the response stage of an answer that has to wait as a whole: either its client takes it for complete once it
    /// has the head, or it is an error, from which an outer layer makes the response. Returns `None` for other answers.
    pub(crate) fn hold_answer(&self) -> Option<DurableWait> {
        let stage = {
            let mut state = self.state.borrow_mut();
            let state = state.as_mut()?;
            let response = state.captured.response.as_ref();
            let transfer = &state.response_transfer;
            let has_no_body = transfer.length == Some(0)
                || response.is_some_and(|it| response::has_no_body(it.status));
            let ends_with_head = state.phase == Phase::Failed
                || transfer.end == TransferState::Reached
                || (state.phase == Phase::Responding && has_no_body);
            if !ends_with_head {
                return None;
            }
            self.response_stage(state)
        };
        self.set_progress(Progress::Held);
        Some(self.deliver_response_stage(stage))
    }

    /// Passes on an answer that was [held](Self::hold_answer), durable or not: it has no body to cut off, and no other status
    /// would be truer.
    pub(crate) fn release_answer(&self, durable: bool) {
        if !durable {
            self.worker.parts.delivery.counters().released();
        }
        self.set_progress(Progress::Released { durable });
    }

    /// Whether the end of the response's body is still to be held.
    pub(crate) fn holds_end(&self) -> bool {
        self.progress() == Some(Progress::Handling)
    }

    /// Whether the end of the response's body may be passed on only by [`poll_held`](Self::poll_held).
    pub(crate) fn is_held(&self) -> bool {
        matches!(
            self.progress(),
            Some(Progress::Handling | Progress::Held | Progress::Cut)
        )
    }

    /// Whether a chunk that was recorded completes the response's body for its client, so that it is to be held.
    pub(crate) fn holds_chunk(&self) -> bool {
        self.holds_end() && self.has_reached_length().unwrap_or(false)
    }

    /// Whether the end of the stream is to be held. It is no end for the client of a body that is shorter than declared.
    pub(crate) fn holds_stream_end(&self) -> bool {
        self.holds_end() && self.has_reached_length().unwrap_or(true)
    }

    /// Whether as many bytes were recorded of the response's body as it has for its client, if that is known.
    fn has_reached_length(&self) -> Option<bool> {
        let state = self.state.borrow();
        let state = state.as_ref()?;
        let length = state.response_transfer.length?;
        Some(state.response_bytes() >= length)
    }

    /// Holds the end of the response's body, and delivers the response stage.
    pub(crate) fn hold_body(&self, chunk: Option<Bytes>) {
        let stage = {
            let mut state = self.state.borrow_mut();
            let Some(state) = state.as_mut() else {
                return;
            };
            // The stage records that the body has ended. The exchange does not yet: the body may be dropped while it is held.
            let end = mem::replace(&mut state.response_transfer.end, TransferState::Reached);
            let stage = self.response_stage(state);
            state.response_transfer.end = end;
            // The held chunk is in the stage. What comes after it counts the chunk once it is passed on.
            if let (Some(response), Some(chunk)) = (&mut state.captured.response, &chunk) {
                response.body.capture.uncount(chunk.len());
            }
            stage
        };
        self.set_progress(Progress::Held);
        let wait = self.deliver_response_stage(stage);
        if let Some(required) = &self.required {
            *required.held.borrow_mut() = Some(Held { chunk, wait });
        }
    }

    /// Waits for what is held, if anything is, and returns what to pass on.
    pub(crate) fn poll_held(&self, cx: &mut Context<'_>) -> Poll<Option<Released>> {
        let Some(required) = &self.required else {
            return Poll::Ready(None);
        };
        if required.progress.get() == Progress::Cut {
            return Poll::Ready(Some(Released::End));
        }
        let mut held = required.held.borrow_mut();
        let Some(Held { wait, .. }) = &mut *held else {
            return Poll::Ready(None);
        };
        let durable = ready!(wait.as_mut().poll(cx));
        let chunk = held.take().and_then(|held| held.chunk);
        drop(held);
        let counters = self.worker.parts.delivery.counters();
        if !durable {
            if self.worker.parts.policy.required.on_loss == OnLoss::Cut {
                counters.cut();
                self.set_progress(Progress::Cut);
                return Poll::Ready(Some(Released::Cut));
            }
            counters.released();
        }
        self.set_progress(Progress::Released { durable });
        Poll::Ready(Some(match chunk {
            Some(chunk) => {
                self.response_progress(BodyPoll::Chunk(&chunk));
                Released::Chunk(chunk)
            }
            None => {
                self.response_progress(BodyPoll::End);
                Released::End
            }
        }))
    }

    /// Ends an exchange whose delivery is required. Returns `None` if its response stage says everything.
    pub(super) fn finish_required(&self, mut state: State) -> Option<(Box<Captured>, OpenFiles)> {
        let panicking = self.panicked.get() || thread::panicking();
        let so_far = state.outcome(panicking);
        let (stage, outcome) = match self.progress()? {
            Progress::Refused => (None, Outcome::Refused),
            Progress::Asking | Progress::Handling => (Some(Stage::Response), so_far),
            // The tunnel is closed, by either side.
            Progress::Held if so_far == Outcome::Upgraded => return None,
            Progress::Held | Progress::Cut if panicking => (Some(Stage::End), Outcome::Panicked),
            Progress::Held | Progress::Cut => (Some(Stage::End), Outcome::ResponseAborted),
            Progress::Released { durable } => {
                let as_recorded = matches!(so_far, Outcome::Completed | Outcome::Upgraded)
                    || state.captured.outcome == Some(so_far);
                // A stream may go on past the end that its client sees.
                let recorded = self.required.as_ref().and_then(|it| it.recorded.get());
                let is_counted = recorded.is_none_or(|bytes| bytes == state.response_bytes());
                if durable && as_recorded && is_counted {
                    return None;
                }
                (Some(Stage::End), so_far)
            }
        };
        self.conclude(&mut state, outcome);
        let files = ending::open_files(&mut state);
        let mut captured = state.captured;
        // Without a request stage, this record is that of the whole exchange.
        captured.stage = stage.filter(|_| captured.first_seq.is_some());
        Some((captured, files))
    }

    /// Takes the response stage out of the state, which keeps what a later stage needs.
    fn response_stage(&self, state: &mut State) -> (Box<Captured>, OpenFiles) {
        let bytes = state.response_bytes();
        let outcome = match state.phase {
            Phase::Tunnelling => Outcome::Upgraded,
            _ if state.response_transfer.has_wrong_length(bytes) => Outcome::BodyError,
            _ => Outcome::Released,
        };
        self.conclude(state, outcome);
        let ended = state.response_transfer.end == TransferState::Reached;
        if matches!(state.phase, Phase::Failed | Phase::Responding) && !ended {
            // An outer layer makes the response later and it may have a body, or its status does not let clients wait for
            // the body that it has.
            let response = state.captured.response.as_mut();
            response
                .into_iter()
                .for_each(|it| it.body.state = BodyState::Pending);
        }
        if let Some(required) = &self.required {
            required.recorded.set(ended.then_some(bytes));
        }
        let rest = state
            .captured
            .outline(BodyState::Pending, BodyState::Pending);
        let mut stage = mem::replace(&mut state.captured, rest);
        stage.stage = Some(Stage::Response);
        (stage, ending::open_files(state))
    }

    /// Delivers the response stage once its files are finished.
    fn deliver_response_stage(&self, (stage, files): (Box<Captured>, OpenFiles)) -> DurableWait {
        let (ticket, receipt) = self.worker.parts.delivery.ticket();
        // Nothing is borrowed, as a sink may use the exchange.
        ending::deliver(&self.worker.parts, stage, files, Some(ticket));
        self.wait(receipt)
    }

    fn wait(&self, receipt: Receipt) -> DurableWait {
        let wait = timeout(self.worker.parts.policy.required.timeout, receipt);
        Box::pin(async { wait.await.unwrap_or(false) })
    }

    fn progress(&self) -> Option<Progress> {
        self.required.as_ref().map(|it| it.progress.get())
    }

    fn set_progress(&self, progress: Progress) {
        if let Some(required) = &self.required {
            required.progress.set(progress);
        }
    }

    /// Sets the final states of an exchange or of its response stage, and discards what is not kept of its bodies.
    fn conclude(&self, state: &mut State, outcome: Outcome) {
        self.end(state, outcome);
        if self
            .worker
            .parts
            .policy
            .discards_request_body(state.captured.status())
        {
            state.withhold(Side::Request, Reason::SampledOut);
        }
        self.trim_bodies(&mut state.captured);
    }
}
