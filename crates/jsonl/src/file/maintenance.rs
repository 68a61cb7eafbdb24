//! Maintenance of closed files: compresses them, and deletes those that are too many or too old.
//!
//! It starts from a listing of the directory, so it can be interrupted at any point.

use std::{fs, io, sync::Arc, time::SystemTime};

#[cfg(feature = "compress")]
use super::codec;
use super::{age::Ages, counts::Counts, hold::Holds, options::JsonLinesFileBuilder};
use crate::closed::{Closed, LogFiles};

/// What happens after a failure.
const RETRYING: &str = "retrying after the next rotation";

/// Compresses and deletes closed files.
pub(super) struct Maintenance {
    settings: Arc<JsonLinesFileBuilder>,
    counts: Arc<Counts>,
    ages: Ages,
    holds: Holds,
    announce: Option<Announce>,
}

/// Announces in the log which closed files are about to be deleted, by the times in their names.
type Announce = Box<dyn Fn(&[&str]) -> io::Result<()> + Send>;

impl Maintenance {
    pub(super) fn new(settings: Arc<JsonLinesFileBuilder>, counts: Arc<Counts>) -> Self {
        Self {
            settings,
            counts,
            ages: Ages::default(),
            holds: Holds::default(),
            announce: None,
        }
    }

    /// Sets the function to call before files, always the oldest ones, are deleted. If it fails, they stay.
    pub(super) fn announcing(
        mut self,
        announce: impl Fn(&[&str]) -> io::Result<()> + Send + 'static,
    ) -> Self {
        self.announce = Some(Box::new(announce));
        self
    }

    /// Compresses and deletes what is due. It may be interrupted at any point; the next run completes it.
    pub(super) fn run(&mut self, now: SystemTime) {
        let path = &self.settings.path;
        let log_files = match LogFiles::of(path) {
            Ok(log_files) => log_files,
            // Nothing is due while there is no live file.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                return self
                    .counts
                    .fault("find the closed files of", path, &error, RETRYING);
            }
        };
        if let Err(error) = self.run_in(&log_files, now) {
            let action = "maintain the closed files of";
            self.counts.fault(action, &log_files.live, &error, RETRYING);
        }
    }

    fn run_in(&mut self, log_files: &LogFiles, now: SystemTime) -> io::Result<()> {
        let settings = Arc::clone(&self.settings);
        if let Some(age) = settings.keep_for {
            let closed = log_files.closed()?;
            let old = self.ages.older(&closed, age, now);
            self.remove(log_files, &closed, &old)?;
        }
        self.remove_excess(log_files, None)?;
        #[cfg(feature = "compress")]
        compress(log_files, settings.compression, &self.counts)?;
        self.remove_excess(log_files, settings.keep_total)
    }

    fn remove_excess(&mut self, log_files: &LogFiles, total: Option<u64>) -> io::Result<()> {
        let closed = log_files.closed()?;
        self.remove(
            log_files,
            &closed,
            &excess(&closed, self.settings.keep, total),
        )
    }

    /// Deletes these of the closed files, unless readers need them.
    fn remove(
        &mut self,
        log_files: &LogFiles,
        closed: &[Closed],
        files: &[&Closed],
    ) -> io::Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let read = self.holds.read_by_all(log_files, closed)?;
        let (unread, limit) = (&closed[read..], self.settings.hold_for_readers);
        let held = held(unread, files, limit);
        let mut files = files.to_vec();
        files.retain(|file| !held.contains(file));
        if let Some(announce) = &self.announce {
            // No file is deleted before an older one. That differs only if the clock was ahead.
            files = closed.iter().take_while(|it| files.contains(it)).collect();
            let names: Vec<_> = files.iter().map(|file| file.stamp.as_str()).collect();
            if !names.is_empty() {
                announce(&names)?;
            }
        }
        for file in files {
            if unread.contains(file) {
                self.counts.removed_unread(&file.path, limit);
            }
            remove_one(file, &self.counts);
        }
        Ok(())
    }
}

/// Returns the unread files that would be deleted and are held: the newest ones, up to the limit.
fn held<'a>(unread: &'a [Closed], files: &[&Closed], limit: u64) -> Vec<&'a Closed> {
    let mut total = 0_u64;
    let newest_first = unread.iter().rev().filter(|file| files.contains(file));
    let held = newest_first.take_while(|file| {
        total = total.saturating_add(file.bytes);
        total <= limit
    });
    held.collect()
}

/// Returns the files that exceed the limits of number and size, given all, the oldest first.
fn excess(closed: &[Closed], files: Option<usize>, bytes: Option<u64>) -> Vec<&Closed> {
    let mut total = 0_u64;
    let is_kept = |(kept, file): &(usize, &Closed)| {
        total = total.saturating_add(file.bytes);
        files.is_none_or(|most| *kept < most) && bytes.is_none_or(|most| total <= most)
    };
    // Files older than a deleted one are deleted, too, so that what is kept has no hole.
    let newest_first = closed.iter().rev().enumerate();
    let kept = newest_first.take_while(is_kept).count();
    closed[..closed.len() - kept].iter().collect()
}

fn remove_one(file: &Closed, counts: &Counts) {
    match fs::remove_file(&file.path) {
        Ok(()) => counts.removed(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => counts.fault("delete", &file.path, &error, RETRYING),
    }
}

#[cfg(feature = "compress")]
fn compress(
    log_files: &LogFiles,
    compression: super::Compression,
    counts: &Counts,
) -> io::Result<()> {
    for path in log_files.unfinished()? {
        if let Err(error) = codec::remove_unfinished(&path) {
            counts.fault("delete the incomplete", &path, &error, RETRYING);
        }
    }
    let Some(codec) = codec::Codec::of(compression) else {
        return Ok(());
    };
    for file in log_files.closed()? {
        // An empty file may be a name that was just claimed.
        if file.is_compressed || file.bytes == 0 {
            continue;
        }
        if let Err(error) = codec.compress(&file.path) {
            counts.fault("compress", &file.path, &error, RETRYING);
        }
    }
    log_files.sync()
}

#[cfg(test)]
mod tests;
