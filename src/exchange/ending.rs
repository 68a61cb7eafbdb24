//! The end of an exchange whose bodies are kept whole: its record waits for their files.
//!
//! It gets its number when they are finished, so the queue knows nothing of files, no other record waits for them, and numbers
//! stay in the order of the queue.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use body_logger_core::record::{BodyState, NoFile};

use super::{state::State, Parts};
use crate::{
    capture::{Captured, CapturedBody},
    delivery::{Ticket, Waiting},
    policy::Side,
    spool::{BodySpool, Spooled},
};

/// The files that are still open when an exchange ends.
pub(super) type OpenFiles = [(Side, Option<Box<BodySpool>>); 2];

/// Takes the files of both bodies.
pub(super) fn open_files(state: &mut State) -> OpenFiles {
    let State {
        request_transfer,
        response_transfer,
        ..
    } = state;
    [
        (Side::Request, request_transfer.spool.take()),
        (Side::Response, response_transfer.spool.take()),
    ]
}

/// Delivers the record of an exchange that has ended, once its files are finished. Never waits: the last of the threads
/// that finish them delivers it, with its ticket if an exchange waits for it.
pub(super) fn deliver(
    parts: &Arc<Parts>,
    captured: Box<Captured>,
    files: OpenFiles,
    ticket: Option<Ticket>,
) {
    let mut files = files.map(|(side, spool)| (side, spool.filter(|it| !it.is_empty())));
    if files.iter().all(|(_, spool)| spool.is_none()) {
        parts.delivery.deliver(captured, ticket);
        return;
    }
    let ending = Arc::new(Ending {
        captured: Mutex::new(Some(captured)),
        ticket,
        parts: Arc::clone(parts),
        _waiting: parts.delivery.waiting(),
    });
    for (side, spool) in &mut files {
        if let Some(spool) = spool.take() {
            let whole = ending.begin(*side);
            let (ending, side) = (Arc::clone(&ending), *side);
            spool.finish(whole, Box::new(move |spooled| ending.report(side, spooled)));
        }
    }
}

/// An exchange whose record waits. Dropping the last reference, for whatever reason, delivers it.
struct Ending {
    captured: Mutex<Option<Box<Captured>>>,
    ticket: Option<Ticket>,
    parts: Arc<Parts>,
    _waiting: Waiting,
}

impl Ending {
    /// Marks a body as one without a file until that is reported. Returns whether the body is whole.
    fn begin(&self, side: Side) -> bool {
        let mut captured = self.lock();
        let body = captured.as_deref_mut().and_then(|it| body_of(it, side));
        body.is_some_and(|body| {
            body.file = Some(Box::new(Err(NoFile::Failed)));
            body.state == BodyState::Complete
        })
    }

    fn report(&self, side: Side, spooled: Spooled) {
        if let Some(error) = spooled.as_ref().err().and_then(|it| it.error.as_ref()) {
            self.parts.delivery.counters().file_failed(error);
        }
        let mut captured = self.lock();
        let Some(captured) = captured.as_deref_mut() else {
            return;
        };
        let Some(body) = body_of(captured, side) else {
            return;
        };
        let file = spooled.map_err(|missing| missing.reason);
        // A plain file has the bytes that passed, whose digest is known.
        #[cfg(feature = "hash")]
        let file = file.map(|mut file| {
            let of_body = || body.digest.as_ref().map(|digest| digest.show());
            file.digest = file.digest.or_else(of_body);
            file
        });
        let cost = file.as_ref().map_or(0, |file| {
            let texts = file.name.len() + file.digest.as_ref().map_or(0, String::len);
            mem::size_of_val(file) + texts
        });
        body.file = Some(Box::new(file));
        captured.reservation.charge(cost);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<Captured>>> {
        self.captured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn body_of(captured: &mut Captured, side: Side) -> Option<&mut CapturedBody> {
    match side {
        Side::Request => Some(&mut captured.request.body),
        Side::Response => captured.response.as_mut().map(|it| &mut it.body),
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let Some(captured) = self.lock().take() else {
            return;
        };
        let delivery = &self.parts.delivery;
        for body in captured.bodies() {
            if let Some(Err(reason)) = body.file.as_deref() {
                delivery.counters().without_file(*reason);
            }
        }
        delivery.deliver(captured, self.ticket.take());
    }
}
