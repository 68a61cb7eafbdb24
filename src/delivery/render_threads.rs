//! Threads that render parts of the writer thread's batches.

use std::{iter, sync::Arc};

use body_logger_core::{
    contain,
    record::{Entry, Record},
};

use super::{
    raw_entry::{Raw, RawEntry, Rendered},
    sync::{
        mpsc::{channel, Receiver, Sender},
        spawn,
    },
};
use crate::render::Renderer;

/// A rendered entry, or the number of one whose rendering panicked.
pub(super) type Prepared = Result<RawEntry, u64>;

/// The threads that render beside the writer thread. None by default.
#[derive(Default)]
pub(super) struct RenderThreads(Vec<RenderThread>);

struct RenderThread {
    parts: Sender<Vec<RawEntry>>,
    prepared: Receiver<Vec<Prepared>>,
}

impl RenderThreads {
    /// Starts this many threads, or as many of them as the operating system allows.
    pub(super) fn start(count: usize, renderer: &Arc<Renderer>) -> Self {
        let started = iter::repeat_with(|| RenderThread::start(Arc::clone(renderer)));
        Self(started.take(count).map_while(|thread| thread).collect())
    }

    /// Hands out all items except a first part, which stays for the caller to render meanwhile; it is the smallest, as the caller
    /// also writes. Returns the others in their order, each once it is rendered. The caller has to take them all.
    pub(super) fn hand_out<'a>(
        &'a self,
        items: &mut Vec<RawEntry>,
    ) -> impl Iterator<Item = Prepared> + 'a {
        let part = items.len().div_ceil(self.0.len() + 1);
        let mut busy = 0;
        for thread in &self.0 {
            let kept = items.len().saturating_sub(part).max(1);
            if kept >= items.len() {
                break;
            }
            thread.hand_out(items.split_off(kept));
            busy += 1;
        }
        // The first thread has the last part.
        self.0[..busy].iter().rev().flat_map(RenderThread::receive)
    }
}

impl RenderThread {
    fn start(renderer: Arc<Renderer>) -> Option<Self> {
        let (parts, queue) = channel::<Vec<RawEntry>>();
        let (answers, prepared) = channel();
        let started = spawn("body-logger-render", move || {
            // Ends with the writer.
            for part in queue {
                let part = part.into_iter().map(|item| prepare(item, &renderer));
                if answers.send(part.collect()).is_err() {
                    return;
                }
            }
        });
        started.then_some(Self { parts, prepared })
    }

    fn hand_out(&self, part: Vec<RawEntry>) {
        let handed_out = self.parts.send(part);
        handed_out.expect("panics are contained, so the thread runs as long as this exists");
    }

    fn receive(&self) -> Vec<Prepared> {
        let prepared = self.prepared.recv();
        prepared.expect("panics are contained, so the thread answers each part")
    }
}

fn prepare(item: RawEntry, renderer: &Renderer) -> Prepared {
    let RawEntry { seq, raw, ticket } = item;
    let render = || match raw {
        Raw::Exchange(captured) => {
            let mut record = Record::empty();
            renderer.fill(&mut record, &captured);
            Raw::Rendered(Box::new(Rendered {
                entry: Arc::new(Entry::Record(record)),
                reservation: captured.into_reservation(),
            }))
        }
        rendered @ Raw::Rendered(_) => rendered,
    };
    let raw = contain(render).map_err(|_| seq)?;
    Ok(RawEntry { seq, raw, ticket })
}
