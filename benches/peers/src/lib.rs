//! What an exchange costs with and without middleware that looks at it: this crate's and others'.
//!
//! Exchanges pass through actix's own HTTP/1 dispatcher, over a connection that is in memory.

#![forbid(unsafe_code)]

mod app;
#[cfg(feature = "all")]
mod by_hand;
pub mod document;
mod memory;
mod naive;
#[cfg(feature = "all")]
mod others;
pub mod plot;
mod server;
#[cfg(feature = "ship")]
mod shipping;
mod style;
mod subject;
mod traffic;
mod wire;

use std::{cell::Cell, future::poll_fn, rc::Rc, task::Poll, time::Duration};

use actix_web::rt::{System, SystemRunner};
use actix_web_body_logger::BodyLogger;

use self::{memory::Connection, wire::Wire};
pub use self::{
    server::{listen, Listening, Records},
    style::Style,
    subject::Subject,
    traffic::{Traffic, BULK, EVENTS},
};

/// So many exchanges pass before any is measured.
const WARM_UP: usize = 32;

/// So many are measured.
pub const MEASURED: usize = 128;

/// A connection on which one exchange follows another.
pub struct Exchanges {
    runtime: SystemRunner,
    connection: Connection,
    answered: Rc<Cell<usize>>,
    logger: Option<BodyLogger>,
}

impl Exchanges {
    /// What the command line asks for, warmed up.
    pub fn from_args() -> Self {
        let mut args = std::env::args().skip(1);
        let subject = args.next().and_then(|name| Subject::named(&name));
        let traffic = args.next().and_then(|name| Traffic::named(&name));
        let (Some(subject), Some(traffic)) = (subject, traffic) else {
            panic!("arguments: SUBJECT TRAFFIC");
        };
        Self::new(subject, traffic)
    }

    /// Those of a subject, warmed up.
    pub fn new(subject: Subject, traffic: Traffic) -> Self {
        let runtime = System::new();
        let wire = Wire::new(traffic.requests());
        let answered = wire.answered();
        let (connection, logger) = runtime.block_on(async { subject.on(wire) });
        let mut exchanges = Self {
            runtime,
            connection,
            answered,
            logger,
        };
        exchanges.run(WARM_UP);
        exchanges
    }

    /// Lets the next so many exchanges pass.
    pub fn run(&mut self, count: usize) {
        let end = self.answered.get() + count;
        let (connection, answered) = (&mut self.connection, &self.answered);
        self.runtime.block_on(poll_fn(|cx| {
            let closed = connection.as_mut().poll(cx).is_ready();
            assert!(!closed, "the server has closed the connection");
            if answered.get() < end {
                return Poll::Pending;
            }
            Poll::Ready(())
        }));
    }

    /// Waits until everything that was recorded is written.
    pub fn finish(self) {
        subject::all_passed();
        if let Some(logger) = &self.logger {
            let written = logger.sync(Duration::from_secs(60));
            self.runtime.block_on(written).expect("it is in time");
        }
        #[cfg(feature = "all")]
        by_hand::finish();
        subject::remove_lines();
    }
}

impl Drop for Exchanges {
    fn drop(&mut self) {
        let Some(counters) = self.logger.as_ref().map(BodyLogger::counters) else {
            return;
        };
        // Dropping costs less than handing over.
        let lost = counters.dropped_newest + counters.memory_budget;
        assert_eq!(lost, 0, "not all was recorded: {counters:?}");
    }
}
