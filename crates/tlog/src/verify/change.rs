//! What was done to the first line that is not as it was.

use std::ops::ControlFlow;

use body_logger_jsonl::RawFile;
use tlog_tiles::{record_hash, Hash};

use super::LineChange;
use crate::{
    lines::{each_line, Found},
    tiles::TileLeaves,
    Error,
};

/// How far a line is searched for that was moved, or that comes behind others that were removed.
const REACH: u64 = 10_000;

/// Compares the line after the first `lines` ones, which has the hash `is`, with the leaf that it should be, `expected`,
/// and with what comes behind each.
pub(super) fn of(
    files: &[RawFile],
    lines: u64,
    is: Hash,
    expected: Hash,
    leaf: u64,
    leaves: &mut TileLeaves<'_>,
) -> Result<LineChange, Error> {
    let mut number = 0;
    let mut follows = false;
    each_line(files, |found| {
        if let Found::Line(line, _) = found {
            follows |= number > lines && record_hash(line) == expected;
            number += 1;
        }
        Ok(match follows || number > lines + REACH {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })
    })?;
    let mut skipped = None;
    for step in 1..=REACH {
        let later = leaves.get(leaf + step);
        match later.map_err(Error::Files)? {
            Some(later) if later == is => {
                skipped = Some(step);
                break;
            }
            Some(_) => {}
            None => break,
        }
    }
    Ok(match (follows, skipped) {
        (true, Some(_)) => LineChange::Reordered,
        (true, None) => LineChange::Inserted,
        (false, Some(lines)) => LineChange::Removed(lines),
        (false, None) => LineChange::Changed,
    })
}
