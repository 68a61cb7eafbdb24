//! The `Memory` sink, for tests.

mod texts;

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use body_logger_core::record::{Entry, Record};

use super::{Placement, Sink, SinkError};

/// Keeps the newest entries in memory, for tests. Clones share the entries.
///
/// It runs on the worker if no sink is behind a queue, or if it is added as an
/// [`inline_sink`](crate::BodyLoggerBuilder::inline_sink): then the worker renders the record, which is available as
/// soon as the exchange has ended. Over a real socket that may be a moment after the client has received the response,
/// and behind a queue it takes a little longer: [`Memory::wait_for`] blocks until then.
///
/// ```
/// use actix_web::{test, web, App, HttpResponse};
/// use actix_web_body_logger::{sink::Memory, BodyLogger};
///
/// # actix_web::rt::System::new().block_on(async {
/// let memory = Memory::new(100);
/// let logger = BodyLogger::builder().sink(memory.clone()).build();
/// let app = test::init_service(
///     App::new()
///         .wrap(logger)
///         .route("/", web::get().to(|| async { HttpResponse::Ok().body("hello") })),
/// )
/// .await;
/// let body = test::call_and_read_body(&app, test::TestRequest::get().to_request()).await;
/// assert_eq!(body, "hello");
/// let records = memory.records();
/// assert_eq!(records[0].status(), Some(200));
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Memory(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    capacity: usize,
    kept: Mutex<Kept>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Entry>,
    dropped: u64,
}

impl Memory {
    /// Creates a sink that keeps at most `capacity` entries, and drops the oldest for newer ones.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self(Arc::new(Shared {
            capacity,
            kept: Mutex::default(),
            arrived: Condvar::new(),
        }))
    }

    /// Returns the [whole](Record::is_whole) records kept, oldest first.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.lock().records()
    }

    /// Returns all entries kept, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.iter().cloned().collect()
    }

    /// Asserts that no entry contains any of these texts: for tests that secrets are not recorded. Names and values are
    /// searched before their encoding as JSON, and also percent-decoded and base64-decoded.
    ///
    /// A test that did not read the response, or whose bodies were not captured, would pass without testing anything.
    /// So put something harmless beside each secret, and [assert that it is recorded](Self::assert_present):
    ///
    /// ```
    /// use actix_web::{test, web, App, HttpResponse};
    /// use actix_web_body_logger::{sink::Memory, BodyLogger};
    ///
    /// # actix_web::rt::System::new().block_on(async {
    /// let memory = Memory::new(100);
    /// let logger = BodyLogger::builder().redact_fields(["nickname"]).sink(memory.clone()).build();
    /// let app = test::init_service(App::new().wrap(logger).route(
    ///     "/",
    ///     web::post().to(|body: web::Bytes| async { HttpResponse::Ok().body(body) }),
    /// ))
    /// .await;
    /// let request = test::TestRequest::post()
    ///     .insert_header(("content-type", "application/json"))
    ///     .set_payload(r#"{"nickname":"Ada the Great","city":"Springfield"}"#);
    /// // the response is read to its end
    /// test::call_and_read_body(&app, request.to_request()).await;
    ///
    /// memory.assert_present(["Springfield"]);
    /// memory.assert_absent(["Ada the Great"]);
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if an entry contains one of them, if one is empty, or if there is no record at all.
    #[track_caller]
    pub fn assert_absent<T: AsRef<str>>(&self, texts: impl IntoIterator<Item = T>) {
        let recorded = self.recorded_texts();
        for text in texts {
            let text = text.as_ref();
            assert!(!text.is_empty(), "an empty text is in every record");
            if let Some(found) = recorded.iter().find(|recorded| recorded.contains(text)) {
                panic!("{text:?} is recorded, in {found:?}");
            }
        }
    }

    /// Asserts that each of these texts is in some entry: that the test recorded what it should. See
    /// [`assert_absent`](Self::assert_absent).
    ///
    /// # Panics
    ///
    /// Panics if one of them is in no entry, or if there is no record at all.
    #[track_caller]
    pub fn assert_present<T: AsRef<str>>(&self, texts: impl IntoIterator<Item = T>) {
        let recorded = self.recorded_texts();
        for text in texts {
            let text = text.as_ref();
            let is_recorded = recorded.iter().any(|recorded| recorded.contains(text));
            assert!(is_recorded, "{text:?} is not recorded");
        }
    }

    #[track_caller]
    fn recorded_texts(&self) -> Vec<String> {
        let kept = self.lock();
        assert!(kept.count() > 0, "there is no record");
        kept.entries.iter().flat_map(texts::of_entry).collect()
    }

    /// Returns how many entries were dropped for newer ones.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Removes all entries.
    pub fn clear(&self) {
        self.lock().entries.clear();
    }

    /// Blocks the thread until at least `count` records are kept, or `timeout` has passed, and returns the records
    /// kept.
    #[must_use]
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Vec<Record> {
        let (kept, _) = self
            .0
            .arrived
            .wait_timeout_while(self.lock(), timeout, |kept| kept.count() < count)
            .unwrap_or_else(PoisonError::into_inner);
        kept.records()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while it changes the entries.
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn exchanges(&self) -> impl Iterator<Item = &Record> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Record(record) if record.is_whole() => Some(record),
            _ => None,
        })
    }

    fn count(&self) -> usize {
        self.exchanges().count()
    }

    fn records(&self) -> Vec<Record> {
        self.exchanges().cloned().collect()
    }
}

impl Sink for Memory {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let mut kept = self.lock();
        for entry in entries {
            if kept.entries.len() >= self.0.capacity {
                kept.entries.pop_front();
                kept.dropped += 1;
            }
            if self.0.capacity > 0 {
                kept.entries.push_back(entry.clone());
            }
        }
        drop(kept);
        self.0.arrived.notify_all();
        Ok(())
    }

    fn placement(&self) -> Placement {
        Placement::Worker
    }
}
