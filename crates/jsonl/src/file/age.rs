//! The age of closed files: that of their last line.
//!
//! A file may be closed long after its last line was written, so the time in its name does not count. To find the last line
//! of a compressed file, all of it has to be decompressed. But its lines are younger than the name of the file before it, so
//! nearly always only the oldest file is opened, once.

use std::{
    collections::HashMap,
    fs::File,
    time::{Duration, SystemTime},
};

use super::torn;
use crate::{closed::Closed, read::last_line};

/// The times at which the last lines of closed files were written, by the times in their names. They are kept, as they are
/// costly to find.
#[derive(Debug, Default)]
pub(super) struct Ages(HashMap<String, Option<SystemTime>>);

impl Ages {
    /// Returns the closed files that have no line younger than this, given all, the oldest first.
    pub(super) fn older<'a>(
        &mut self,
        closed: &'a [Closed],
        than: Duration,
        now: SystemTime,
    ) -> Vec<&'a Closed> {
        self.0
            .retain(|stamp, _| closed.iter().any(|file| file.stamp == *stamp));
        let Some(limit) = now.checked_sub(than) else {
            return Vec::new();
        };
        let mut before = None;
        let mut is_old = |file: &&Closed| {
            let closed_at = file.time();
            let closed_before = std::mem::replace(&mut before, closed_at);
            // Its lines are older than its name, and younger than the name of the file before it, unless the clock was
            // ahead.
            let is_young = closed_before.is_some_and(|at| at >= limit && at <= now);
            closed_at.is_some_and(|at| at < limit)
                || !is_young && self.last_line(file).is_some_and(|at| at < limit)
        };
        closed.iter().filter(|file| is_old(file)).collect()
    }

    fn last_line(&mut self, file: &Closed) -> Option<SystemTime> {
        if let Some(known) = self.0.get(&file.stamp) {
            return *known;
        }
        let time = if file.is_compressed {
            let line = last_line(&file.path, torn::MAX_LINE as usize)
                .ok()
                .flatten();
            line.and_then(|line| torn::line_time(&line))
        } else {
            let open = File::open(&file.path).ok()?;
            torn::last_line_time(&open, file.bytes)
        };
        // An empty file may be a name that was just claimed.
        if file.bytes > 0 {
            self.0.insert(file.stamp.clone(), time);
        }
        time
    }
}
