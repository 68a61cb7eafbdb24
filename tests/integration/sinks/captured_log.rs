//! What this binary says through the `log` crate, kept for tests to look at.

use std::{
    cell::Cell,
    sync::{Condvar, Mutex, MutexGuard, Once, PoisonError},
};

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::app::PATIENCE;

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    pub level: Level,
    pub target: String,
    pub text: String,
    pub thread: Option<String>,
    /// Key-values, each in the form that `Display` gives it.
    #[cfg(feature = "kv")]
    pub pairs: Vec<(String, String)>,
}

struct Capture {
    events: Mutex<Vec<Event>>,
    arrived: Condvar,
}

static CAPTURE: Capture = Capture {
    events: Mutex::new(Vec::new()),
    arrived: Condvar::new(),
};

thread_local! {
    static PANICS: Cell<bool> = const { Cell::new(false) };
}

/// The next event of this thread makes the application's logger panic.
pub fn panic_next() {
    PANICS.set(true);
}

impl Capture {
    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if record.target() != "actix_web_body_logger" {
            return;
        }
        let event = Event {
            level: record.level(),
            target: record.target().to_owned(),
            text: record.args().to_string(),
            thread: std::thread::current().name().map(str::to_owned),
            #[cfg(feature = "kv")]
            pairs: pairs(record),
        };
        self.lock().push(event);
        self.arrived.notify_all();
        assert!(!PANICS.take(), "the application's logger, on purpose");
    }

    fn flush(&self) {}
}

#[cfg(feature = "kv")]
fn pairs(record: &Record<'_>) -> Vec<(String, String)> {
    use log::kv::{Error, Key, Value, VisitSource};

    struct Pairs(Vec<(String, String)>);

    impl<'kvs> VisitSource<'kvs> for Pairs {
        fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
            self.0.push((key.to_string(), value.to_string()));
            Ok(())
        }
    }

    let mut pairs = Pairs(Vec::new());
    record
        .key_values()
        .visit(&mut pairs)
        .expect("no visit fails");
    pairs.0
}

/// Begins to capture, for all tests of this binary.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&CAPTURE).expect("no other logger in this binary");
        log::set_max_level(LevelFilter::Info);
    });
}

/// The events that hold `mark`, once there are `count` of them.
#[track_caller]
pub fn events(mark: &str, count: usize) -> Vec<Event> {
    let found = |events: &[Event]| -> Vec<Event> {
        let marked = events.iter().filter(|event| event.text.contains(mark));
        marked.cloned().collect()
    };
    let (events, _) = CAPTURE
        .arrived
        .wait_timeout_while(CAPTURE.lock(), PATIENCE, |events| {
            found(events).len() < count
        })
        .unwrap_or_else(PoisonError::into_inner);
    let events = found(&events);
    assert_eq!(events.len(), count, "{events:#?}");
    events
}

/// All events so far.
pub fn all() -> Vec<Event> {
    CAPTURE.lock().clone()
}
