//! Finds the entries that are missing from a log.

use std::{borrow::Borrow, ops::RangeInclusive};

use uuid::Uuid;

use super::{Entry, ErasedEntry, MaintenanceKind, SeqRanges};

/// The entries of one run of a logger that a log contains, and those that are missing; see [`missing_entries`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunReport {
    /// The run, as in [`Record::run`](super::Record::run).
    pub run: Uuid,
    /// Number of different entries in the log.
    pub held: u64,
    /// Number of entries whose number another entry already had.
    pub repeated: u64,
    /// The highest number that an entry has or a gap names. The log does not show whether there were entries after it.
    pub last: u64,
    /// Missing numbers before the first one in an entry or a gap, without an explanation: the log may begin later than
    /// the run, or have lost its beginning.
    pub before_first: Vec<RangeInclusive<u64>>,
    /// Missing numbers that gap records name.
    pub lost: Vec<RangeInclusive<u64>>,
    /// Missing numbers that maintenance entries explain: erased entries, and numbers before the first one if files were
    /// deleted.
    pub deleted: Vec<RangeInclusive<u64>>,
    /// All other missing numbers. With a sink behind a queue there are none, unless lines were removed from the log.
    pub unexplained: Vec<RangeInclusive<u64>>,
}

impl RunReport {
    /// Whether every number from 1 to the last is in the log or explained.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.before_first.is_empty() && self.unexplained.is_empty()
    }
}

/// Reports for each run in a log which of its numbers are missing, and why. Runs are in the order of their first
/// entries; entries may be in any order, as those of sinks on several workers are.
///
/// A missing end cannot be detected: a truncated log is like one that ended earlier.
///
/// ```
/// use body_logger_core::record::{missing_entries, missing_entries_of_lines};
///
/// let log = include_str!("../../docs/record.example.json");
/// let (reports, unreadable) = missing_entries_of_lines(log.lines());
/// for run in &reports {
///     println!("run {}: {} entries, unexplained: {:?}", run.run, run.held, run.unexplained);
/// }
/// # let _ = missing_entries::<body_logger_core::Entry>([]);
/// ```
#[must_use]
pub fn missing_entries<E: Borrow<Entry>>(entries: impl IntoIterator<Item = E>) -> Vec<RunReport> {
    let mut log = Log::default();
    for entry in entries {
        log.add(entry.borrow());
    }
    log.reports()
}

/// Like [`missing_entries`], for the lines of a log. Also returns how many lines could not be parsed as entries; their
/// numbers count as missing. Empty lines are skipped. [Erased](ErasedEntry) lines count as deleted.
#[must_use]
pub fn missing_entries_of_lines<L: AsRef<str>>(
    lines: impl IntoIterator<Item = L>,
) -> (Vec<RunReport>, u64) {
    let (mut log, mut unreadable) = (Log::default(), 0);
    for line in lines {
        let line = line.as_ref().trim();
        if line.is_empty() {
            continue;
        }
        match serde_json::from_str(line) {
            Ok(entry) => log.add(&entry),
            Err(_) => match ErasedEntry::from_line(line.as_bytes()) {
                Some(erased) => log.add_erased(erased),
                None => unreadable += 1,
            },
        }
    }
    (log.reports(), unreadable)
}

#[derive(Default)]
struct Log {
    runs: Vec<Run>,
    /// Whether a maintenance entry reports deleted files, which are always the oldest.
    deleted: bool,
}

/// The numbers found of a run.
#[derive(Default)]
struct Run {
    id: Uuid,
    held: SeqRanges,
    repeated: u64,
    lost: SeqRanges,
    erased: SeqRanges,
}

impl Log {
    fn add(&mut self, entry: &Entry) {
        match entry {
            Entry::Record(record) => self.run(record.run).hold(record.seq),
            Entry::Gap(gap) => {
                let run = self.run(gap.run);
                for range in &gap.gap.seq {
                    run.lost.insert_range(range.clone());
                }
            }
            Entry::Maintenance(done) => {
                self.run(done.run).hold(done.seq);
                let done = &done.maintenance;
                self.deleted |= done.kind == MaintenanceKind::Deleted;
                if let (MaintenanceKind::Erased, Some(run), Some(seq)) =
                    (done.kind, done.run, done.seq)
                {
                    self.run(run).erased.insert(seq);
                }
            }
        }
    }

    fn add_erased(&mut self, entry: ErasedEntry) {
        self.run(entry.run).erased.insert(entry.seq);
    }

    fn run(&mut self, id: Uuid) -> &mut Run {
        // Searched from the newest, which is nearly always the one wanted.
        let known = self.runs.iter().rposition(|run| run.id == id);
        let at = known.unwrap_or_else(|| {
            self.runs.push(Run {
                id,
                ..Run::default()
            });
            self.runs.len() - 1
        });
        &mut self.runs[at]
    }

    fn reports(self) -> Vec<RunReport> {
        let deleted = self.deleted;
        self.runs
            .into_iter()
            .map(|run| run.report(deleted))
            .collect()
    }
}

impl Run {
    fn hold(&mut self, seq: u64) {
        self.repeated += u64::from(!self.held.insert(seq));
    }

    fn report(self, files_deleted: bool) -> RunReport {
        let mut known = self.held.clone();
        for range in self.lost.iter().chain(self.erased.iter()) {
            known.insert_range(range);
        }
        let (first, last) = known.bounds().unwrap_or((1, 0));
        let whole: SeqRanges = [1..=last].into_iter().collect();
        let beginning: SeqRanges = (first > 1).then(|| 1..=first - 1).into_iter().collect();
        let lost = self.lost.without(&self.held);
        let mut deleted = self.erased.without(&self.held).without(&lost);
        let mut before_first = beginning.clone();
        if files_deleted {
            for range in std::mem::take(&mut before_first).iter() {
                deleted.insert_range(range);
            }
        }
        let unexplained = whole.without(&known).without(&beginning);
        RunReport {
            run: self.id,
            held: self.held.count(),
            repeated: self.repeated,
            last,
            before_first: before_first.to_vec(),
            lost: lost.to_vec(),
            deleted: deleted.to_vec(),
            unexplained: unexplained.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::SystemTime};

    use super::*;
    use crate::record::{new_id, Gap, GapRecord, Maintenance, MaintenanceRecord, RECORD_VERSION};

    fn run(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn erased(in_run: u128, seq: u64, kind: MaintenanceKind, of: u64) -> Entry {
        Entry::Maintenance(MaintenanceRecord {
            v: RECORD_VERSION,
            entry_id: new_id(),
            run: run(in_run),
            seq,
            maintenance: Maintenance {
                kind,
                time: SystemTime::UNIX_EPOCH,
                cause: None,
                leaves: None,
                files: Vec::new(),
                entry_id: None,
                run: Some(run(in_run)),
                seq: Some(of),
                bytes: None,
            },
        })
    }

    fn held(in_run: u128, seq: u64) -> Entry {
        // Any entry with a number.
        erased(in_run, seq, MaintenanceKind::Erased, seq)
    }

    fn gap(in_run: u128, ranges: &[RangeInclusive<u64>]) -> Entry {
        Entry::Gap(GapRecord {
            v: RECORD_VERSION,
            entry_id: new_id(),
            run: run(in_run),
            gap: Gap {
                from: SystemTime::UNIX_EPOCH,
                to: SystemTime::UNIX_EPOCH,
                dropped: 0,
                reasons: BTreeMap::new(),
                seq: ranges.to_vec(),
            },
        })
    }

    #[test]
    fn classifies_missing_numbers() {
        let entries = [
            held(1, 4),
            gap(1, &[5..=6, 9..=9]),
            held(2, 1),
            held(1, 7),
            held(1, 9),
            erased(1, 10, MaintenanceKind::Erased, 8),
            held(1, 13),
            held(1, 7),
        ];
        let reports = missing_entries(&entries);
        assert_eq!(reports.len(), 2);
        let RunReport {
            held,
            repeated,
            last,
            before_first,
            lost,
            deleted,
            unexplained,
            ..
        } = &reports[0];
        assert_eq!((*held, *repeated, *last), (5, 1, 13));
        assert_eq!(*before_first, [1..=3]);
        // 9 is both in the log and named by a gap.
        assert_eq!(*lost, [5..=6]);
        assert_eq!(*deleted, [8..=8]);
        assert_eq!(*unexplained, [11..=12]);
        assert!(!reports[0].is_complete() && reports[1].is_complete());
    }

    #[test]
    fn deleted_files_explain_a_missing_beginning() {
        let entries = [held(1, 4), erased(1, 5, MaintenanceKind::Deleted, 1)];
        let report = &missing_entries(&entries)[0];
        assert_eq!(
            (&*report.before_first, &*report.deleted),
            (&[][..], &[1..=3][..])
        );
        assert!(report.is_complete());
    }

    #[test]
    fn counts_unreadable_lines_and_reports_their_numbers() {
        let line = |entry: &Entry| serde_json::to_string(entry).expect("JSON");
        let lines = [
            line(&held(1, 1)),
            "{\"v\":1,".into(),
            String::new(),
            line(&held(1, 3)),
        ];
        let (reports, unreadable) = missing_entries_of_lines(&lines);
        assert_eq!(unreadable, 1);
        assert_eq!(reports[0].unexplained, [2..=2]);
    }

    #[test]
    fn a_line_that_was_erased_is_no_unreadable_one() {
        let line = |entry: &Entry| serde_json::to_string(entry).expect("JSON");
        let stub = ErasedEntry::new(new_id(), run(1), 2).line(300);
        let stub = String::from_utf8(stub.expect("long enough")).expect("text");
        let lines = [line(&held(1, 1)), stub, line(&held(1, 3))];
        let (reports, unreadable) = missing_entries_of_lines(&lines);
        assert_eq!((unreadable, reports[0].held), (0, 2));
        assert_eq!(reports[0].deleted, [2..=2]);
        assert!(reports[0].is_complete());
    }
}
