//! Closed files: compressed, and removed when they are too many or too old.

use std::{fs, io, sync::Arc, time::SystemTime};

#[cfg(feature = "compress")]
use super::codec;
use super::{age::Ages, counts::Counts, options::JsonLinesFileBuilder};
use crate::closed::{Closed, Family};

/// What is done with closed files.
#[derive(Debug)]
pub(super) struct Tidy {
    settings: Arc<JsonLinesFileBuilder>,
    counts: Arc<Counts>,
    ages: Ages,
}

impl Tidy {
    pub(super) fn new(settings: Arc<JsonLinesFileBuilder>, counts: Arc<Counts>) -> Self {
        Self {
            settings,
            counts,
            ages: Ages::default(),
        }
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
                .fault("closed files cannot be listed", &family.live, &error);
        }
    }

    fn run_in(&mut self, family: &Family, now: SystemTime) -> io::Result<()> {
        let (settings, counts) = (&self.settings, &self.counts);
        if let Some(age) = settings.keep_for {
            for file in self.ages.older(&family.closed()?, age, now) {
                remove_one(file, counts);
            }
        }
        remove(family, settings.keep, None, counts)?;
        #[cfg(feature = "compress")]
        compress(family, settings.compression, counts)?;
        remove(family, settings.keep, settings.keep_total, counts)
    }
}

/// Removes the oldest until neither the files nor their bytes are too many.
fn remove(
    family: &Family,
    files: Option<usize>,
    bytes: Option<u64>,
    counts: &Counts,
) -> io::Result<()> {
    let mut closed = family.closed()?;
    closed.reverse();
    let (mut kept, mut total) = (0_usize, 0_u64);
    let mut is_full = false;
    for file in &closed {
        total = total.saturating_add(file.bytes);
        // Older ones go with it, so that no gap is left in what is kept.
        is_full |= files.is_some_and(|most| kept >= most) || bytes.is_some_and(|most| total > most);
        kept += 1;
        if is_full {
            remove_one(file, counts);
        }
    }
    Ok(())
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
