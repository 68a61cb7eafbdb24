//! The store and its queries. What writes to it is in `sink`.

mod sink;

use std::{
    path::Path,
    sync::{
        mpsc::{self, RecvTimeoutError},
        Arc,
    },
    thread,
    time::{Duration, SystemTime},
};

use body_logger_core::{rfc3339::unix_micros, Filter, Record};
use rusqlite::{Connection, Row};
use uuid::Uuid;

use crate::{
    connections::Connections,
    error::StoreError,
    overview::{self, Overview},
    position::Position,
    query::{self, Neighbours, Order, Page, Rank, StoredGap, StoredRecord},
    retention::{self, Retention},
    subscribers::{Subscribers, Subscription},
};

/// Records of exchanges in SQLite, in a file or in memory: a [`Sink`](body_logger_core::Sink) that can be asked.
///
/// Clones share one store. All methods may be called from several threads, and block: in an async task, call them on a thread
/// for blocking work. A store in a file is read while it is written; in memory, one waits for the other.
///
/// ```
/// use body_logger_core::{Entry, Filter, Record, Sink};
/// use body_logger_store::Store;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Store::in_memory(64 * 1024 * 1024)?;
/// store.write(&[Entry::Record(Record::example())])?;
///
/// let filter: Filter = "status:2xx route:/orders/{id}".parse()?;
/// let page = store.page(&filter, None, 50)?;
/// assert_eq!(page.records[0].record, Record::example());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    connections: Connections,
    retention: Retention,
    subscribers: Arc<Subscribers>,
    /// Dropped with the store, which ends the thread that deletes old entries.
    _cleaner: Option<mpsc::Sender<()>>,
}

/// What a store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreCounters {
    /// Number of records, stages included.
    pub records: u64,
    /// Number of gaps.
    pub gaps: u64,
    /// Bytes of all entries as lines of JSON.
    pub line_bytes: u64,
    /// Bytes that the store takes, with its indexes and without its journal.
    pub used_bytes: u64,
    /// The newest entry; none if there was never one.
    pub newest: Option<Position>,
}

impl Store {
    /// Opens a file that keeps all entries, and creates it if there is none. See [`StoreBuilder::open`].
    ///
    /// # Errors
    ///
    /// Those of [`StoreBuilder::open`].
    ///
    /// [`StoreBuilder::open`]: crate::StoreBuilder::open
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), Retention::default())
    }

    /// Creates a store in memory that deletes its oldest entries when it takes more than this. What SQLite needs to keep
    /// track of it comes on top, about a fifth.
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails to allocate it.
    pub fn in_memory(max_bytes: u64) -> Result<Self, StoreError> {
        let retention = Retention {
            keep_bytes: Some(max_bytes),
            ..Retention::default()
        };
        Ok(Self::new(Connections::in_memory()?, retention, None))
    }

    pub(crate) fn open_with(path: &Path, retention: Retention) -> Result<Self, StoreError> {
        let connections = Connections::open(path)?;
        let Some(age) = retention.keep_for else {
            return Ok(Self::new(connections, retention, None));
        };
        let (sender, dropped) = mpsc::channel();
        let store = Self::new(connections, retention, Some(sender));
        let weak = Arc::downgrade(&store.inner);
        let clean = move || {
            // Often enough that entries are at most a tenth older than they may be.
            let pause = (age / 10).clamp(Duration::from_secs(1), Duration::from_secs(60 * 60));
            while dropped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                let Some(inner) = weak.upgrade() else { return };
                // An error is met again, and reported, by whoever writes or reads.
                while let Ok(true) = inner.delete_older(age) {}
            }
        };
        let thread = thread::Builder::new().name("body-logger-store".to_owned());
        thread
            .spawn(clean)
            .map_err(|error| StoreError::failed(path, error))?;
        Ok(store)
    }

    fn new(
        connections: Connections,
        retention: Retention,
        cleaner: Option<mpsc::Sender<()>>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                connections,
                retention,
                subscribers: Arc::default(),
                _cleaner: cleaner,
            }),
        }
    }

    /// Returns records that the filter matches, newest first, which is the reverse of the order in which they arrived.
    ///
    /// `before` is where the page before [ends](Page::next), or any position; none begins at the newest. Pages neither
    /// repeat nor miss records, whatever arrives meanwhile. `limit` is at least one.
    ///
    /// A page is ready within some 100 ms however large the store is: what was found until then is returned, and the next
    /// page goes on from there. See [`Page::complete`].
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails, as it does with a damaged file.
    pub fn page(
        &self,
        filter: &Filter,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let order = (Order::NewestFirst, limit);
        self.read(|connection| query::page(connection, filter, before, order))
    }

    /// Returns records that the filter matches and that arrived after a position, in the order of their arrival; none begins
    /// at the oldest.
    ///
    /// [`Page::next`] is where to continue, also when nothing further has arrived yet; see [`subscribe`](Self::subscribe).
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails.
    pub fn arrivals(
        &self,
        filter: &Filter,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let order = (Order::OldestFirst, limit);
        self.read(|connection| {
            let mut page = query::page(connection, filter, after, order)?;
            if page.next.is_none() {
                page.next = query::newest(connection)?.max(after);
            }
            Ok(page)
        })
    }

    /// Returns the record with this [`entry_id`](Record::entry_id), the newest if there are several.
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails.
    pub fn record(&self, entry_id: Uuid) -> Result<Option<StoredRecord>, StoreError> {
        self.read(|connection| query::entry(connection, entry_id))
    }

    /// Returns all records of the exchange that this one is of: more than one if the exchange was recorded in stages, the
    /// first stage first.
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails.
    pub fn exchange(&self, record: &Record) -> Result<Vec<StoredRecord>, StoreError> {
        self.read(|connection| query::exchange(connection, record))
    }

    /// Returns the records next to a position that the filter matches: such as those of the same route, client, attribute
    /// or trace.
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails.
    pub fn neighbours(&self, of: Position, filter: &Filter) -> Result<Neighbours, StoreError> {
        self.read(|connection| query::neighbours(connection, of, filter))
    }

    /// Returns how many records match a filter on either side of a position, or `None` if counting them takes more than some
    /// 100 ms. With one condition that has an index, a million take less; up to 32,768 entries are counted however long it
    /// takes.
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails.
    pub fn rank(&self, of: Position, filter: &Filter) -> Result<Option<Rank>, StoreError> {
        self.read(|connection| query::rank(connection, of, filter))
    }

    /// Returns the gaps between two times, newest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails.
    pub fn gaps(
        &self,
        from: SystemTime,
        to: SystemTime,
        limit: usize,
    ) -> Result<Vec<StoredGap>, StoreError> {
        let times = (unix_micros(from), unix_micros(to));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|connection| query::gaps_in(connection, times, (0, i64::MAX), limit))
    }

    /// Sums up all exchanges that the filter matches, with this many parts of time, at least one. Reads the columns of all
    /// of them, which can take seconds for a million.
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails.
    pub fn overview(&self, filter: &Filter, buckets: usize) -> Result<Overview, StoreError> {
        self.read(|connection| overview::overview(connection, filter, buckets))
    }

    /// Returns what the store holds.
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails.
    pub fn counters(&self) -> Result<StoreCounters, StoreError> {
        self.read(|connection| {
            let sql = "SELECT coalesce(sum(records), 0), coalesce(sum(gaps), 0), coalesce(sum(bytes), 0) FROM blocks";
            let number = |row: &Row<'_>, at| row.get::<_, i64>(at).map(i64::unsigned_abs);
            connection.query_row(sql, [], |row| {
                Ok(StoreCounters {
                    records: number(row, 0)?,
                    gaps: number(row, 1)?,
                    line_bytes: number(row, 2)?,
                    used_bytes: retention::used_bytes(connection)?,
                    newest: query::newest(connection)?,
                })
            })
        })
    }

    /// Calls `callback` with the newest position after each batch that this store, or a clone of it, has written, until the
    /// subscription is dropped. What another process writes is not noticed.
    ///
    /// It runs on the thread that writes, and must not wait: it may wake a thread or a task, which then asks for
    /// [`arrivals`](Self::arrivals).
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// use body_logger_core::{Entry, Filter, Record, Sink};
    /// use body_logger_store::Store;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Store::in_memory(16 * 1024 * 1024)?;
    /// let (sender, news) = mpsc::channel();
    /// let subscription = store.subscribe(move |newest| {
    ///     let _ = sender.send(newest);
    /// });
    ///
    /// store.write(&[Entry::Record(Record::example())])?;
    /// news.recv()?;
    /// let page = store.arrivals(&Filter::default(), None, 100)?;
    /// assert_eq!(page.records.len(), 1);
    /// assert!(store.arrivals(&Filter::default(), page.next, 100)?.records.is_empty());
    /// # drop(subscription);
    /// # Ok(())
    /// # }
    /// ```
    pub fn subscribe(&self, callback: impl Fn(Position) + Send + Sync + 'static) -> Subscription {
        self.inner.subscribers.add(Arc::new(callback))
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.inner.connections.read(work)
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner")
            .field("connections", &self.connections)
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}
