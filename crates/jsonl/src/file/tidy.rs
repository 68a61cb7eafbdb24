//! Closed files: compressed, and removed when they are too many or too old.

use std::{fs, io, sync::Arc, time::SystemTime};

#[cfg(feature = "compress")]
use super::codec;
use super::{age::Ages, counts::Counts, hold::Holds, options::JsonLinesFileBuilder};
use crate::closed::{Closed, Family};

/// What is done with closed files.
pub(super) struct Tidy {
    settings: Arc<JsonLinesFileBuilder>,
    counts: Arc<Counts>,
    ages: Ages,
    holds: Holds,
    announce: Option<Announce>,
}

/// Says in the log which closed files are about to be deleted, by the times in their names.
type Announce = Box<dyn Fn(&[&str]) -> io::Result<()> + Send>;

impl Tidy {
    pub(super) fn new(settings: Arc<JsonLinesFileBuilder>, counts: Arc<Counts>) -> Self {
        Self {
            settings,
            counts,
            ages: Ages::default(),
            holds: Holds::default(),
            announce: None,
        }
    }

    /// Calls this before files are deleted, which then are the oldest of all. If it fails they stay.
    pub(super) fn announcing(
        mut self,
        announce: impl Fn(&[&str]) -> io::Result<()> + Send + 'static,
    ) -> Self {
        self.announce = Some(Box::new(announce));
        self
    }

    /// Does all that is to be done with the files that are closed by now. It may be broken off at any
    /// point, and is taken up again the next time.
    pub(super) fn run(&mut self, now: SystemTime) {
        let path = &self.settings.path;
        let family = match Family::of(path) {
            Ok(family) => family,
            // There is nothing to be done while the live file is not there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                return self
                    .counts
                    .fault("closed files are not found", path, &error);
            }
        };
        if let Err(error) = self.run_in(&family, now) {
            self.counts
                .fault("closed files are not maintained", &family.live, &error);
        }
    }

    fn run_in(&mut self, family: &Family, now: SystemTime) -> io::Result<()> {
        let settings = Arc::clone(&self.settings);
        if let Some(age) = settings.keep_for {
            let closed = family.closed()?;
            let old = self.ages.older(&closed, age, now);
            self.remove(family, &closed, &old)?;
        }
        self.remove_excess(family, None)?;
        #[cfg(feature = "compress")]
        compress(family, settings.compression, &self.counts)?;
        self.remove_excess(family, settings.keep_total)
    }

    fn remove_excess(&mut self, family: &Family, total: Option<u64>) -> io::Result<()> {
        let closed = family.closed()?;
        self.remove(family, &closed, &excess(&closed, self.settings.keep, total))
    }

    /// Removes some of the closed files, the oldest first, unless readers need them.
    fn remove(&mut self, family: &Family, closed: &[Closed], files: &[&Closed]) -> io::Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let read = self.holds.read_by_all(family, closed)?;
        let (unread, limit) = (&closed[read..], self.settings.hold_for_readers);
        let held = held(unread, files, limit);
        let mut files = files.to_vec();
        files.retain(|file| !held.contains(file));
        if let Some(announce) = &self.announce {
            // None goes before an older one. Only a clock that was ahead makes a difference.
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

/// The newest of the unread files that would be removed, as many as the limit holds.
fn held<'a>(unread: &'a [Closed], files: &[&Closed], limit: u64) -> Vec<&'a Closed> {
    let mut total = 0_u64;
    let newest_first = unread.iter().rev().filter(|file| files.contains(file));
    let held = newest_first.take_while(|file| {
        total = total.saturating_add(file.bytes);
        total <= limit
    });
    held.collect()
}

/// The oldest files without which neither the files nor their bytes are too many; the oldest come first.
fn excess(closed: &[Closed], files: Option<usize>, bytes: Option<u64>) -> Vec<&Closed> {
    let mut total = 0_u64;
    let is_kept = |(kept, file): &(usize, &Closed)| {
        total = total.saturating_add(file.bytes);
        files.is_none_or(|most| *kept < most) && bytes.is_none_or(|most| total <= most)
    };
    // Older ones go with one that goes, so that no gap is left in what is kept.
    let newest_first = closed.iter().rev().enumerate();
    let kept = newest_first.take_while(is_kept).count();
    closed[..closed.len() - kept].iter().collect()
}

fn remove_one(file: &Closed, counts: &Counts) {
    match fs::remove_file(&file.path) {
        Ok(()) => counts.removed(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => counts.fault("a closed file is not removed", &file.path, &error),
    }
}

#[cfg(feature = "compress")]
fn compress(family: &Family, compression: super::Compression, counts: &Counts) -> io::Result<()> {
    for path in family.unfinished()? {
        if let Err(error) = codec::remove_unfinished(&path) {
            counts.fault("an incomplete file is not removed", &path, &error);
        }
    }
    let Some(codec) = codec::Codec::of(compression) else {
        return Ok(());
    };
    for file in family.closed()? {
        // A file without content may be a name that is only just claimed.
        if file.is_compressed || file.bytes == 0 {
            continue;
        }
        if let Err(error) = codec.compress(&file.path) {
            counts.fault("a closed file is not compressed", &file.path, &error);
        }
    }
    family.sync()
}

#[cfg(test)]
mod tests;
