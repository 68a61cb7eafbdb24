//! What could not be read of a log.

use std::{
    fmt::Display,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
};

use crate::{failure::Done, notice::notice};

/// How many lines in a row are reported one by one: a file may be something else than a log.
const REPORTED_IN_A_ROW: u64 = 20;

/// Reports what could not be read.
#[derive(Debug, Default)]
pub(crate) struct Unreadable {
    /// What was reported last.
    last: Option<String>,
    /// How many in a row.
    in_a_row: u64,
    completeness: Completeness,
}

/// Whether all of what was read could be; known to all who hold a clone of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Completeness(Arc<AtomicBool>);

impl Completeness {
    pub(crate) fn done(&self) -> Done {
        match self.0.load(Ordering::Relaxed) {
            false => Done::Whole,
            true => Done::InPart,
        }
    }
}

impl Unreadable {
    /// Something is left out of what is read.
    pub(crate) fn report(&mut self, error: &impl Display) {
        self.completeness.0.store(true, Ordering::Relaxed);
        self.report_outage(error);
    }

    /// Something cannot be read now, and will be.
    pub(crate) fn report_outage(&mut self, error: &impl Display) {
        let error = error.to_string();
        // A reader that follows finds some errors again each time that it looks.
        if self.last.as_ref() == Some(&error) {
            return;
        }
        self.in_a_row += 1;
        if self.in_a_row <= REPORTED_IN_A_ROW {
            notice(&error);
        }
        self.last = Some(error);
    }

    /// Something was read, or the end.
    pub(crate) fn end_row(&mut self) {
        let unreported = self.in_a_row.saturating_sub(REPORTED_IN_A_ROW);
        if let (1.., Some(last)) = (unreported, &self.last) {
            notice(&format!(
                "{unreported} more in a row, the last of them: {last}"
            ));
        }
        self.in_a_row = 0;
    }

    pub(super) fn completeness(&self) -> Completeness {
        self.completeness.clone()
    }
}
