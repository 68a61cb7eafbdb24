//! Entries that were shipped, read back from their destination.

mod entry;
mod error;

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    io,
    pin::Pin,
    thread,
    time::{Duration, Instant, SystemTime},
};

use body_logger_core::{Entry, Filter};
use bytes::Bytes;
use tokio::{
    runtime::{Builder, Runtime},
    time,
};

pub use self::{entry::StoredEntry, error::StoredError};
use crate::destination::SendError;

/// How often [`StoredEntries::next_within`] asks for more.
const POLL: Duration = Duration::from_millis(200);

/// How long a destination may take to answer.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// Where stored entries are read from.
pub(crate) trait Source: Send {
    /// Returns the next entries behind a place, and whether the end was reached that is known by now.
    fn page<'a>(&'a mut self, wanted: &'a Wanted) -> PageFuture<'a>;
}

pub(crate) type PageFuture<'a> = Pin<Box<dyn Future<Output = Result<Page, SendError>> + Send + 'a>>;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// The position behind which to go on.
    pub(crate) behind: u64,
    pub(crate) from: Option<SystemTime>,
    pub(crate) to: Option<SystemTime>,
}

impl Wanted {
    fn has(&self, time: SystemTime) -> bool {
        self.from.is_none_or(|from| time >= from) && self.to.is_none_or(|to| time < to)
    }
}

/// Some entries, in their order.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) rows: Vec<(u64, Bytes)>,
    /// Nothing was behind them when they were read.
    pub(crate) is_last: bool,
}

/// Iterates over the entries at a destination, in the order in which they arrived there: those of each instance in the order
/// of its log.
///
/// It is made by `Postgres::read`, `JetStream::read` or [`DestinationUrl::read`](crate::DestinationUrl::read), and connects
/// when it is first asked for an entry. It blocks its thread, which must not be one that runs futures.
///
/// ```no_run
/// use body_logger_core::Entry;
/// use body_logger_ship::DestinationUrl;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let url: DestinationUrl = "postgres://reader@db.example/audit".parse()?;
/// for entry in url.read()?.filter("status:5xx from:2026-11-21".parse()?) {
///     if let Entry::Record(record) = entry?.entry {
///         println!("{:?} {}", record.resource, record.request.path);
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Following
///
/// It ends with what was stored when it came there. With [`follow`](Self::follow) it returns `None` for now, and goes on
/// when it is called again. After an error it returns `None` once, and then connects anew and goes on where it was.
pub struct StoredEntries {
    runtime: Runtime,
    source: Box<dyn Source>,
    wanted: Wanted,
    filter: Filter,
    follows: bool,
    page: VecDeque<(u64, Bytes)>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reads,
    /// The page is the last one.
    EndsAfterPage,
    Pauses,
    Ended,
}

impl StoredEntries {
    pub(crate) fn new(source: impl Source + 'static) -> io::Result<Self> {
        Ok(Self {
            runtime: Builder::new_current_thread().enable_all().build()?,
            source: Box::new(source),
            wanted: Wanted::default(),
            filter: Filter::default(),
            follows: false,
            page: VecDeque::new(),
            state: State::Reads,
        })
    }

    /// Goes on behind a [position](Self::position) of another reader of this destination. Defaults to the beginning.
    #[must_use]
    pub fn from(mut self, position: u64) -> Self {
        self.wanted.behind = position;
        self
    }

    /// Which records are returned. The range of times is asked of the destination, and applies to gaps and maintenance notes
    /// as well. Defaults to all.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        (self.wanted.from, self.wanted.to) = (filter.from, filter.to);
        self.filter = filter;
        self
    }

    /// Goes on as entries arrive. Defaults to ending behind the last one.
    #[must_use]
    pub fn follow(mut self) -> Self {
        self.follows = true;
        self
    }

    /// Returns the place behind what was returned last, to go on [from](Self::from) there at another time. Where entries
    /// were filtered out, it is behind those.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.wanted.behind
    }

    /// Returns what `next` does, and where that is `None` waits for more, at most this long: it asks five times a second.
    pub fn next_within(&mut self, timeout: Duration) -> Option<Result<StoredEntry, StoredError>> {
        let start = Instant::now();
        loop {
            let next = self.next();
            let left = timeout.saturating_sub(start.elapsed());
            if next.is_some() || left.is_zero() || self.state == State::Ended {
                return next;
            }
            thread::sleep(left.min(POLL));
        }
    }

    /// The entry if it is wanted.
    fn take(&mut self, position: u64, json: Bytes) -> Option<Result<StoredEntry, StoredError>> {
        self.wanted.behind = position;
        let entry = match StoredEntry::parse(position, json) {
            Ok(entry) => entry,
            Err(error) => return Some(Err(error)),
        };
        let is_wanted = match &entry.entry {
            Entry::Record(record) => self.filter.matches(record),
            _ => entry.time().is_none_or(|time| self.wanted.has(time)),
        };
        is_wanted.then_some(Ok(entry))
    }

    fn ask(&mut self) -> Result<(), SendError> {
        let (source, wanted) = (&mut self.source, &self.wanted);
        let answer = self.runtime.block_on(async {
            let answer = time::timeout(CALL_TIMEOUT, source.page(wanted)).await;
            answer.map_err(|_| SendError::unavailable("no answer within a minute"))?
        });
        let page = answer?;
        self.page = page.rows.into();
        if page.is_last {
            self.state = State::EndsAfterPage;
        }
        Ok(())
    }
}

impl Iterator for StoredEntries {
    type Item = Result<StoredEntry, StoredError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while let Some((position, json)) = self.page.pop_front() {
                if let Some(entry) = self.take(position, json) {
                    return Some(entry);
                }
            }
            match (self.state, self.follows) {
                (State::Reads, _) => {}
                (State::Ended, _) => return None,
                (State::EndsAfterPage, false) => {
                    self.state = State::Ended;
                    return None;
                }
                (State::EndsAfterPage | State::Pauses, _) => {
                    self.state = State::Reads;
                    return None;
                }
            }
            if let Err(cause) = self.ask() {
                self.state = match self.follows {
                    true => State::Pauses,
                    false => State::Ended,
                };
                return Some(Err(StoredError::Unavailable(cause)));
            }
        }
    }
}

impl fmt::Debug for StoredEntries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredEntries")
            .field("wanted", &self.wanted)
            .field("filter", &self.filter)
            .field("follows", &self.follows)
            .finish_non_exhaustive()
    }
}
