//! Deletes finished files by age and by total size, on a thread of its own: deleting a large file takes long.

use std::{
    collections::VecDeque,
    fs::{self, DirEntry},
    io, mem,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant, SystemTime},
};

use body_logger_core::record::BodyFile;

use super::{disk::entries, names::Kind};

/// How often the directory is listed again, for files that others have finished or deleted.
const RESCAN: Duration = Duration::from_secs(5 * 60);

/// Which finished files are deleted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RetentionLimits {
    pub(super) age: Option<Duration>,
    pub(super) total: Option<u64>,
}

/// The way to the thread that deletes, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Retention(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    news: Mutex<News>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct News {
    finished: Vec<Finished>,
    is_over: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finished {
    at: SystemTime,
    name: Box<str>,
    bytes: u64,
}

impl Retention {
    /// Starts the thread, if anything is ever to be deleted.
    pub(super) fn start(limits: RetentionLimits, path: &Path) -> io::Result<Option<Self>> {
        if limits.age.is_none() && limits.total.is_none() {
            return Ok(None);
        }
        let shared = Arc::<Shared>::default();
        let mut keeper = Keeper {
            limits,
            path: path.to_owned(),
            files: VecDeque::new(),
            total: 0,
            scanned: None,
        };
        let theirs = Arc::clone(&shared);
        let builder = thread::Builder::new().name("body-logger-spool-retention".to_owned());
        builder.spawn(move || keeper.run(&theirs))?;
        Ok(Some(Self(shared)))
    }

    /// Notes a finished file.
    pub(super) fn add(&self, file: &BodyFile) {
        let finished = Finished {
            at: SystemTime::now(),
            name: file.name.as_str().into(),
            bytes: file.bytes,
        };
        let mut news = self.0.news.lock().unwrap_or_else(PoisonError::into_inner);
        news.finished.push(finished);
        self.0.changed.notify_one();
    }
}

impl Drop for Retention {
    fn drop(&mut self) {
        let news = self.0.news.lock();
        news.unwrap_or_else(PoisonError::into_inner).is_over = true;
        self.0.changed.notify_one();
    }
}

struct Keeper {
    limits: RetentionLimits,
    path: PathBuf,
    /// All finished files, oldest first.
    files: VecDeque<Finished>,
    /// The sum of their sizes.
    total: u64,
    /// When the directory was listed.
    scanned: Option<(Instant, SystemTime)>,
}

impl Keeper {
    fn run(&mut self, shared: &Shared) {
        loop {
            if self.scanned.is_none_or(|(at, _)| at.elapsed() >= RESCAN) {
                self.scan();
            }
            self.delete(SystemTime::now());
            let news = shared.news.lock().unwrap_or_else(PoisonError::into_inner);
            let has_none = |news: &mut News| news.finished.is_empty() && !news.is_over;
            let waited = shared
                .changed
                .wait_timeout_while(news, self.pause(), has_none);
            let mut news = waited.unwrap_or_else(PoisonError::into_inner).0;
            let (finished, is_over) = (mem::take(&mut news.finished), news.is_over);
            drop(news);
            finished.into_iter().for_each(|file| self.add(file));
            if is_over {
                return self.delete(SystemTime::now());
            }
        }
    }

    fn scan(&mut self) {
        let file = |(kind, entry): (Kind, DirEntry)| {
            let metadata = entry.metadata().ok()?;
            let finished = Finished {
                at: metadata.modified().ok()?,
                name: entry.file_name().to_str()?.into(),
                bytes: metadata.len(),
            };
            (kind == Kind::Finished).then_some(finished)
        };
        // Without a directory there is nothing to delete; it may be back the next time.
        let entries = entries(&self.path).into_iter().flatten();
        let mut files: Vec<_> = entries.filter_map(file).collect();
        files.sort_unstable();
        self.total = files.iter().map(|file| file.bytes).sum();
        self.files = files.into();
        self.scanned = Some((Instant::now(), SystemTime::now()));
    }

    fn add(&mut self, file: Finished) {
        // Finished while the directory was listed, which may or may not have found it.
        let is_listed = self.scanned.is_some_and(|(_, at)| file.at <= at)
            && self.files.iter().any(|listed| listed.name == file.name);
        if !is_listed {
            self.total += file.bytes;
            self.files.push_back(file);
        }
    }

    /// Deletes what is too old or too much.
    fn delete(&mut self, now: SystemTime) {
        while let Some(oldest) = self.files.front() {
            let age = now.duration_since(oldest.at).unwrap_or_default();
            let is_old = self.limits.age.is_some_and(|most| age > most);
            if !is_old && self.limits.total.is_none_or(|most| self.total <= most) {
                return;
            }
            // If that fails, the next listing finds the file again.
            let _ = fs::remove_file(self.path.join(&*oldest.name));
            self.total -= oldest.bytes;
            self.files.pop_front();
        }
    }

    /// Returns how long nothing gets too old.
    fn pause(&self) -> Duration {
        let oldest = self.limits.age.zip(self.files.front());
        let left = oldest.map(|(most, oldest)| {
            let age = SystemTime::now().duration_since(oldest.at);
            // One more, as a file is deleted when it is older.
            most.saturating_sub(age.unwrap_or_default()) + Duration::from_millis(1)
        });
        left.unwrap_or(RESCAN).min(RESCAN)
    }
}
