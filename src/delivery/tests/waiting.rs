//! Backpressure: no exchange waits while the sinks are idle, and nothing is lost that fits into the excess.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    task::{Context, Wake, Waker},
};

use proptest::{collection::vec, prelude::*};

use super::{
    super::{Limits, WhenFull},
    support::Stepped,
};

/// A waiting exchange, polled only when it was woken.
pub(super) struct Waiter {
    admission: Pin<Box<dyn Future<Output = ()>>>,
    woken: Arc<Woken>,
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Waiter {
    pub(super) fn new(admission: impl Future<Output = ()> + 'static) -> Self {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Self {
            admission: Box::pin(admission),
            woken,
        }
    }

    /// Whether it is let in now.
    pub(super) fn is_admitted(&mut self) -> bool {
        if !self.woken.0.swap(false, Ordering::SeqCst) {
            return false;
        }
        let waker = Waker::from(Arc::clone(&self.woken));
        let polled = self
            .admission
            .as_mut()
            .poll(&mut Context::from_waker(&waker));
        polled.is_ready()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Arrive,
    Poll,
    /// A waiting exchange is cancelled.
    Leave(usize),
    End(usize),
    Write,
    Sink(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Arrive),
        2 => Just(Step::Poll),
        1 => (0..9usize).prop_map(Step::Leave),
        4 => (0..500usize).prop_map(Step::End),
        2 => Just(Step::Write),
        2 => (0..2usize).prop_map(Step::Sink),
    ]
}

struct World {
    all: Stepped,
    waiting: Vec<Waiter>,
    in_flight: usize,
    ended: u64,
}

impl World {
    fn poll(&mut self) -> usize {
        let before = self.waiting.len();
        self.waiting.retain_mut(|waiter| !waiter.is_admitted());
        let admitted = before - self.waiting.len();
        self.in_flight += admitted;
        admitted
    }

    fn end(&mut self, body: usize) {
        if self.in_flight > 0 {
            self.in_flight -= 1;
            self.ended += 1;
            self.all.end(body);
        }
    }
}

proptest! {
    #[test]
    fn nobody_waits_while_the_sinks_are_idle_and_nothing_is_lost(
        steps in vec(any_step(), 0..200),
        sinks in 1..3usize,
        records in 1..6usize,
    ) {
        let limits = Limits { records, bytes: 1 << 30, when_full: WhenFull::Wait };
        let all = Stepped::new(&vec![limits; sinks], 1 << 20);
        let mut world = World { all, waiting: Vec::new(), in_flight: 0, ended: 0 };
        for step in steps {
            match step {
                Step::Arrive => match world.all.delivery.admission() {
                    None => world.in_flight += 1,
                    Some(admission) => {
                        world.waiting.push(Waiter::new(admission));
                        // A task polls its future at once.
                        world.poll();
                    }
                },
                Step::Poll => {
                    world.poll();
                }
                Step::Leave(at) if at < world.waiting.len() => {
                    world.waiting.swap_remove(at);
                }
                Step::Leave(_) => {}
                Step::End(body) => world.end(body),
                Step::Write => world.all.write(),
                Step::Sink(sink) => world.all.sink(sink),
            }
        }
        // Exchanges in flight may go on for ever: none waits for them.
        world.all.finish();
        world.poll();
        prop_assert!(world.waiting.is_empty(), "{} wait", world.waiting.len());
        while world.in_flight > 0 {
            world.end(0);
        }
        world.all.finish();
        for sink in 0..sinks {
            let held: Vec<u64> = world.all.log(sink).held.clone();
            prop_assert_eq!(held, (1..=world.ended).collect::<Vec<_>>());
        }
    }
}
