//! Which file lines go to, and what has been made durable of them.

use std::{
    fs::{self, File},
    io, mem,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    batch,
    closed::Family,
    counts::Counts,
    live::{Live, Lock},
    options::{Fsync, JsonLinesFileBuilder},
};

/// How often in a row another process may replace the file just when it is to be written to.
const REPLACED: usize = 8;

/// Appends lines, and begins new files when it is time to.
#[derive(Debug)]
pub(super) struct Writer {
    settings: Arc<JsonLinesFileBuilder>,
    counts: Arc<Counts>,
    live: Option<Live>,
    pending: Pending,
    /// A sync that failed and that nobody was told of.
    failed: Option<io::Error>,
}

/// What a sync is to make durable.
#[derive(Debug, Default)]
pub(super) struct Pending {
    file: Option<Arc<File>>,
    directory: Option<Family>,
}

impl Pending {
    pub(super) fn sync(self) -> io::Result<()> {
        if let Some(file) = self.file {
            file.sync_data()?;
        }
        self.directory.map_or(Ok(()), |directory| directory.sync())
    }
}

impl Writer {
    pub(super) fn new(settings: Arc<JsonLinesFileBuilder>, counts: Arc<Counts>) -> Self {
        Self {
            settings,
            counts,
            live: None,
            pending: Pending::default(),
            failed: None,
        }
    }

    /// Opens the file, and mends it if that can be done now.
    pub(super) fn open(&mut self) -> io::Result<()> {
        let _lock = self.current()?;
        if let Err(error) = self.mend() {
            self.counts
                .fault("a torn line stays for now", &self.settings.path, &error);
        }
        Ok(())
    }

    /// Opens what the path leads to now. Where that fails, all stays as it is.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        let live = Live::open(&self.settings.path)?;
        self.retire();
        self.live = Some(live);
        Ok(())
    }

    /// Writes lines. On error, so many of the last ones are not in a file, or not durable although
    /// they have to be.
    pub(super) fn append(
        &mut self,
        lines: &[u8],
        now: SystemTime,
    ) -> Result<(), (usize, io::Error)> {
        let mut rest = lines;
        let mut may_rotate = true;
        let mut written = Ok(());
        while !rest.is_empty() && written.is_ok() {
            let done = match self.append_some(rest, now, &mut may_rotate) {
                Ok(done) => done,
                Err((done, error)) => {
                    written = Err((batch::count(&rest[done..]), error));
                    done
                }
            };
            rest = &rest[done..];
        }
        if self.settings.fsync == Fsync::EveryBatch {
            // Also where some of it failed: the others count as written.
            self.sync().map_err(|error| (batch::count(lines), error))?;
        }
        written
    }

    /// Writes as many lines as go into one file; none if it has just begun a new one.
    fn append_some(
        &mut self,
        lines: &[u8],
        now: SystemTime,
        may_rotate: &mut bool,
    ) -> Result<usize, (usize, io::Error)> {
        let first = memchr::memchr(b'\n', lines).map_or(lines.len(), |at| at + 1);
        let nothing = |error| (0, error);
        let _lock = self.current().map_err(nothing)?;
        let len = self.mend().map_err(nothing)?;
        if *may_rotate && self.is_due(len, first, now) {
            match self.rotate(now) {
                Ok(()) => return Ok(0),
                Err(error) => {
                    // Rather a file that is too long than records lost.
                    let path = &self.settings.path;
                    self.counts.fault("a file is not rotated", path, &error);
                    *may_rotate = false;
                }
            }
        }
        let Some(live) = &mut self.live else {
            return Err((0, io::ErrorKind::NotFound.into()));
        };
        let room = match self.settings.rotate_at {
            Some(most) if *may_rotate && live.is_regular => most.saturating_sub(len),
            _ => u64::MAX,
        };
        let part = &lines[..fitting(lines, first, room)];
        if live.is_regular {
            self.pending.file = Some(Arc::clone(&live.file));
            if len == 0 && self.pending.directory.is_none() {
                self.pending.directory = Family::of(&self.settings.path).ok();
            }
        }
        live.write(part, now).map(|()| part.len())
    }

    /// Sees to it that the open file is the one that the path leads to, and keeps others out.
    fn current(&mut self) -> io::Result<Lock> {
        for _ in 0..REPLACED {
            let live = match &self.live {
                Some(live) => live,
                None => self.live.insert(Live::open(&self.settings.path)?),
            };
            let lock = live.lock();
            if live.is_at(&self.settings.path) {
                return Ok(lock);
            }
            drop(lock);
            self.retire();
        }
        Err(io::Error::other("the file is replaced again and again"))
    }

    fn mend(&mut self) -> io::Result<u64> {
        let sync = self.settings.fsync != Fsync::Never;
        match &mut self.live {
            Some(live) => live.mend(&self.settings.path, sync, &self.counts),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn is_due(&self, len: u64, line: usize, now: SystemTime) -> bool {
        let Some(live) = self.live.as_ref().filter(|live| live.is_regular && len > 0) else {
            return false;
        };
        let is_full = |most| len.saturating_add(line as u64) > most;
        self.settings.rotate_at.is_some_and(is_full)
            // Not where the clock was set back.
            || (self.settings.rotate_daily && day(now) > day(live.written))
    }

    /// Gives the file its closed name; the next to be opened is a new one.
    fn rotate(&mut self, now: SystemTime) -> io::Result<()> {
        self.sync_before_closing()?;
        let family = Family::of(&self.settings.path)?;
        let closed = family.claim(now)?;
        if let Err(error) = fs::rename(&family.live, &closed) {
            let _ = fs::remove_file(&closed);
            return Err(error);
        }
        self.live = None;
        self.pending.directory = Some(family);
        self.counts.closed();
        Ok(())
    }

    /// Lets go of the file that is open.
    fn retire(&mut self) {
        if let Err(error) = mem::take(&mut self.pending).sync() {
            self.failed = Some(error);
        }
        self.live = None;
    }

    /// Makes all durable that was written.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        let synced = mem::take(&mut self.pending).sync();
        self.told()?;
        synced
    }

    /// Syncs the file whether or not that was asked for: a later [`sync`](Self::sync) would not
    /// reach it any more.
    fn sync_before_closing(&mut self) -> io::Result<()> {
        if let Some(live) = self.live.as_ref().filter(|live| live.is_regular) {
            // Also for what was written before it was opened here.
            self.pending.file = Some(Arc::clone(&live.file));
        }
        mem::take(&mut self.pending).sync().inspect_err(|error| {
            let same = io::Error::new(error.kind(), error.to_string());
            self.failed = Some(same);
        })
    }

    /// The sync that failed before, if that was not told yet.
    pub(super) fn told(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// What somebody else is going to sync.
    pub(super) fn take_pending(&mut self) -> Pending {
        mem::take(&mut self.pending)
    }

    pub(super) fn sync_failed(&mut self, error: io::Error) {
        self.failed = Some(error);
    }
}

/// How many bytes of whole lines fit into so much room: at least those of the first line.
fn fitting(lines: &[u8], first: usize, room: u64) -> usize {
    match usize::try_from(room) {
        Ok(room) if room < lines.len() => {
            memchr::memrchr(b'\n', &lines[..room]).map_or(first, |at| at + 1)
        }
        _ => lines.len(),
    }
}

/// Days since 1970, in UTC.
fn day(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_secs() / (24 * 60 * 60))
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, time::Duration};

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    /// A file that is gone when the test is over.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let name = format!("body-logger-{}-{name}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(&path).expect("a directory for temporary files");
            Self(path)
        }

        fn daily(&self) -> Writer {
            let settings = JsonLinesFileBuilder::new(&self.0.join("audit")).rotate_daily();
            Writer::new(Arc::new(settings), Arc::default())
        }

        /// What is in all files, by name.
        fn texts(&self) -> Vec<(String, String)> {
            let files = fs::read_dir(&self.0).expect("a directory");
            let text = |file: io::Result<fs::DirEntry>| {
                let file = file.expect("a file");
                let text = fs::read_to_string(file.path()).expect("text");
                (file.file_name().to_string_lossy().into_owned(), text)
            };
            let mut texts: Vec<_> = files.map(text).collect();
            texts.sort();
            texts
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// The end of a day, long after the test, as files are as old as they really are.
    fn before_midnight() -> SystemTime {
        UNIX_EPOCH + 100_000 * DAY - Duration::from_micros(1)
    }

    #[test]
    fn a_new_day_begins_at_midnight_utc_with_a_new_file() {
        let directory = Directory::new("midnight");
        let mut writer = directory.daily();
        let before = before_midnight();
        let midnight = before + Duration::from_micros(1);
        // A day without a batch has no file, and a clock that is set back begins none.
        for (line, now) in [
            ("1\n", before),
            ("2\n", before),
            ("3\n", midnight),
            ("4\n", midnight + DAY - Duration::from_micros(1)),
            ("5\n", midnight - DAY),
            ("6\n", midnight),
            ("7\n", midnight + 7 * DAY),
        ] {
            writer
                .append(line.as_bytes(), now)
                .expect("a disk with room");
        }
        let expected = [
            ("audit", "7\n"),
            ("audit.2243-10-17T00-00-00.000000Z", "1\n2\n"),
            ("audit.2243-10-24T00-00-00.000000Z", "3\n4\n5\n6\n"),
        ];
        let texts = directory.texts();
        let texts: Vec<_> = texts
            .iter()
            .map(|(name, text)| (&**name, &**text))
            .collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn lines_are_fitted_whole_and_at_least_one() {
        let lines = b"a\nbb\nccc\n";
        for (room, fits) in [
            (0, 2),
            (1, 2),
            (2, 2),
            (4, 2),
            (5, 5),
            (8, 5),
            (9, 9),
            (u64::MAX, 9),
        ] {
            assert_eq!(fitting(lines, 2, room), fits, "{room}");
        }
    }

    #[test]
    fn a_sync_that_failed_apart_is_told_once_by_the_next() {
        let directory = Directory::new("told");
        let mut writer = directory.daily();
        writer
            .append(b"1\n", before_midnight())
            .expect("a disk with room");
        writer.sync_failed(io::ErrorKind::StorageFull.into());
        let error = writer.sync().expect_err("it failed");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        writer.sync().expect("it was told");
        writer.told().expect("it was told");
    }
}
