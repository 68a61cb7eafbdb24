//! How old closed files are.

use std::{
    collections::HashMap,
    fs::File,
    time::{Duration, SystemTime},
};

use super::torn;
use crate::{closed::Closed, read::last_line};

/// When the last lines of closed files were written, by the times in their names: a compressed file has to
/// be decompressed for that.
#[derive(Debug, Default)]
pub(super) struct Ages(HashMap<String, Option<SystemTime>>);

impl Ages {
    /// Which of the closed files, of which the oldest comes first, have no line that is younger than this.
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
            // Its lines are older than its name, and younger than that of the file before it. Only a clock
            // that was ahead makes names that say nothing.
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
        // A file without content may be a name that is only just claimed.
        if file.bytes > 0 {
            self.0.insert(file.stamp.clone(), time);
        }
        time
    }
}
