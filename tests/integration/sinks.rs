//! Where records go, and that no sink can do harm.

mod accounting;
pub mod captured_log;
#[cfg(feature = "tracing")]
pub mod captured_tracing;
mod counted;
mod failing;
pub mod file;
mod log_sink;
mod provided;
mod queue;
mod rendering;
#[cfg(feature = "tracing")]
mod tracing;
mod waiting;
mod when_full;

use std::sync::{
    mpsc::{self, Receiver, RecvTimeoutError, Sender},
    Mutex,
};

use actix_web::{web, App, HttpResponse};
use actix_web_body_logger::{sink::Memory, BodyLogger, Entry, Sink, SinkError};

use crate::app::{TestApp, PATIENCE};

/// Answers every GET.
fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/{tail:.*}", web::get().to(HttpResponse::Ok));
}

/// Serves [`routes`] behind a logger of the test's own.
fn serve(logger: &BodyLogger, memory: &Memory) -> TestApp {
    let logger = logger.clone();
    TestApp::serve(
        memory.clone(),
        move || App::new().wrap(logger.clone()).configure(routes),
        |server| server,
    )
}

/// Gets `/0`, `/1` and so on, on one connection.
#[track_caller]
fn get(app: &TestApp, numbers: std::ops::Range<usize>) {
    let mut client = app.connect();
    for i in numbers {
        assert_eq!(client.get(&format!("/{i}")).status, 200);
    }
}

fn paths(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|i| format!("/{i}")).collect()
}

fn paths_of(entries: &[Entry]) -> Vec<String> {
    let path = |entry: &Entry| match entry {
        Entry::Record(record) => record.request.path.to_string(),
        Entry::Gap(gap) => format!("{} lost", gap.gap.dropped),
        entry => panic!("{entry:?}"),
    };
    entries.iter().map(path).collect()
}

/// A sink that tells what it is given and then waits until it is let go.
struct Blocking {
    given: Mutex<Sender<Vec<String>>>,
    gate: Mutex<Receiver<()>>,
}

/// The other ends of a [`Blocking`].
struct Gate {
    given: Receiver<Vec<String>>,
    /// Dropping it lets the sink go for good.
    open: Sender<()>,
}

impl Blocking {
    fn new() -> (Self, Gate) {
        let (given, taken) = mpsc::channel();
        let (open, gate) = mpsc::channel();
        let sink = Self {
            given: Mutex::new(given),
            gate: Mutex::new(gate),
        };
        (sink, Gate { given: taken, open })
    }
}

impl Sink for Blocking {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        // The test may be over already.
        let _ = self.given.lock().expect("a lock").send(paths_of(entries));
        let _ = self.gate.lock().expect("a lock").recv();
        Ok(())
    }
}

impl Gate {
    /// The next batch, which the sink keeps until it is let go.
    #[track_caller]
    fn next(&self) -> Vec<String> {
        self.given.recv_timeout(PATIENCE).expect("a batch")
    }

    /// Lets the sink go for good, and returns all further batches. The server must be stopped and
    /// the logger dropped: the end of the queue's thread is waited for.
    #[track_caller]
    fn open(self) -> Vec<Vec<String>> {
        drop(self.open);
        Self::rest(self.given)
    }

    #[track_caller]
    fn rest(given: Receiver<Vec<String>>) -> Vec<Vec<String>> {
        let mut batches = Vec::new();
        loop {
            match given.recv_timeout(PATIENCE) {
                Ok(batch) => batches.push(batch),
                Err(RecvTimeoutError::Disconnected) => return batches,
                Err(RecvTimeoutError::Timeout) => panic!("the queue's thread does not end"),
            }
        }
    }
}
