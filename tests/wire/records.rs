//! What is recorded of a conversation, and whether it is true.

use std::{
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web_body_logger::{
    record::{BodyState, Stage},
    Entry, Outcome, Record, Sink, SinkError,
};

use crate::client::Played;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A durable sink in memory. While it is closed, it does not return from a write.
#[derive(Clone, Default)]
pub struct Records(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    records: Vec<Record>,
    closed: bool,
}

impl Records {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0 .0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn take(&self) -> Vec<Record> {
        mem::take(&mut self.lock().records)
    }

    pub fn close(&self) {
        self.lock().closed = true;
    }

    pub fn open(&self) {
        self.lock().closed = false;
        self.0 .1.notify_all();
    }
}

impl Sink for Records {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let opened = (self.0 .1).wait_while(self.lock(), |state| state.closed);
        let mut state = opened.unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            if let Entry::Record(record) = entry {
                state.records.push(record.clone());
            }
        }
        Ok(())
    }

    fn is_durable(&self) -> bool {
        true
    }
}

/// Returns the first thing that is wrong with the records of a conversation.
pub fn first_lie(played: &Played, records: &[Record]) -> Option<String> {
    for (request, begun) in played.begun.iter().enumerate() {
        let path = format!("/{request}");
        let of_request = || records.iter().filter(|it| it.request.path == path);
        let whole = of_request().filter(|it| matches!(it.stage, None | Some(Stage::Response)));
        let whole = whole.count();
        if whole != *begun {
            return Some(format!("request {request} has {whole} records"));
        }
        let last = of_request().max_by_key(|it| it.seq);
        let (Some(passed), Some(last)) = (&played.passed[request], last) else {
            continue;
        };
        let Some(response) = &last.response else {
            return Some(format!("no response to request {request}"));
        };
        let answers_head = last.request.method == "HEAD";
        let bytes = if answers_head { 0 } else { passed.bytes };
        let body = &response.body;
        if body.state != BodyState::Pending && body.bytes != Some(bytes) {
            return Some(format!("not {bytes} bytes passed of response {request}"));
        }
        let ended = passed.polled_to_end || body.state == BodyState::Empty;
        if last.outcome == Some(Outcome::Completed) && !ended {
            return Some(format!("response {request} has not ended"));
        }
    }
    None
}

/// What a record says of its response.
pub fn described(record: &Record) -> String {
    let body = record
        .response
        .as_ref()
        .map(|it| (it.status, it.body.state, it.body.bytes));
    let (path, stage, outcome) = (&record.request.path, record.stage, record.outcome);
    format!("{path}: {stage:?} {outcome:?} {body:?}")
}
