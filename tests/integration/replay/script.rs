//! Bodies that do as they are told and tell what was done to them.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    future::{poll_fn, Future},
    marker::PhantomPinned,
    pin::{pin, Pin},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use actix_web::{
    body::{BodySize, MessageBody},
    dev::Payload,
    error::PayloadError,
    web::Bytes,
};
use futures_util::Stream;

#[derive(Debug, Clone)]
pub enum Step {
    Chunk(Bytes),
    Pending,
    Error,
}

/// What a reader gets, with adjacent chunks joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Bytes(Vec<u8>),
    Error,
}

/// Plays its steps, and panics if it is polled after its end.
pub struct Script {
    steps: VecDeque<Step>,
    ended: bool,
    probe: Probe,
}

#[derive(Clone, Default)]
pub struct Probe(Rc<Seen>);

#[derive(Default)]
struct Seen {
    polls: Cell<usize>,
    handed_out: Cell<usize>,
    dropped: Cell<bool>,
}

impl Probe {
    /// How often something other than `Pending` came.
    pub fn polls(&self) -> usize {
        self.0.polls.get()
    }

    pub fn handed_out(&self) -> usize {
        self.0.handed_out.get()
    }

    pub fn is_dropped(&self) -> bool {
        self.0.dropped.get()
    }
}

impl Script {
    pub fn new(steps: Vec<Step>) -> (Self, Probe) {
        let probe = Probe::default();
        let script = Self {
            steps: steps.into(),
            ended: false,
            probe: probe.clone(),
        };
        (script, probe)
    }

    pub fn into_payload(self) -> Payload {
        Payload::Stream {
            payload: Box::pin(self),
        }
    }

    pub fn into_body(self, size: BodySize) -> ScriptBody {
        ScriptBody {
            script: RefCell::new(self),
            size,
            _pin: PhantomPinned,
        }
    }

    fn play(&mut self, cx: &Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        assert!(!self.ended, "polled after its end");
        let seen = &self.probe.0;
        if let Some(Step::Pending) = self.steps.front() {
            self.steps.pop_front();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        seen.polls.set(seen.polls.get() + 1);
        Poll::Ready(match self.steps.pop_front() {
            Some(Step::Chunk(chunk)) => {
                seen.handed_out.set(seen.handed_out.get() + chunk.len());
                Some(Ok(chunk))
            }
            Some(_) => Some(Err(Failure)),
            None => {
                self.ended = true;
                None
            }
        })
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.probe.0.dropped.set(true);
    }
}

impl Stream for Script {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = self.get_mut().play(cx);
        item.map_err(|Failure| PayloadError::Incomplete(None))
    }
}

#[derive(Debug)]
pub struct Failure;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed as told")
    }
}

impl std::error::Error for Failure {}

/// A script as a response body that is not `Unpin`.
pub struct ScriptBody {
    script: RefCell<Script>,
    size: BodySize,
    _pin: PhantomPinned,
}

impl MessageBody for ScriptBody {
    type Error = Failure;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.as_ref().get_ref().script.borrow_mut().play(cx)
    }
}

/// Runs a future that wakes itself up, on no runtime.
pub fn drive<F: Future>(future: F) -> F::Output {
    drive_for(10_000, future).expect("should be ready by now")
}

/// Polls a future so many times, then drops it.
pub fn drive_for<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Some(output);
        }
    }
    None
}

pub fn merged(events: impl IntoIterator<Item = Event>) -> Vec<Event> {
    let mut merged = Vec::new();
    for event in events {
        match (merged.last_mut(), event) {
            (_, Event::Bytes(bytes)) if bytes.is_empty() => {}
            (Some(Event::Bytes(last)), Event::Bytes(bytes)) => last.extend(bytes),
            (_, event) => merged.push(event),
        }
    }
    merged
}

/// What a reader gets who reads a script with nobody in between, on past its errors.
pub fn events(steps: &[Step]) -> Vec<Event> {
    merged(steps.iter().filter_map(|step| match step {
        Step::Chunk(chunk) => Some(Event::Bytes(chunk.to_vec())),
        Step::Pending => None,
        Step::Error => Some(Event::Error),
    }))
}

pub fn events_of_payload(mut payload: Payload) -> Vec<Event> {
    all(|cx| Pin::new(&mut payload).poll_next(cx))
}

pub fn events_of_body<B: MessageBody>(body: B) -> Vec<Event> {
    let mut body = pin!(body);
    all(|cx| body.as_mut().poll_next(cx))
}

fn all<E>(mut next: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes, E>>>) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(item) = drive(poll_fn(&mut next)) {
        events.push(item.map_or(Event::Error, |chunk| Event::Bytes(chunk.to_vec())));
    }
    merged(events)
}
