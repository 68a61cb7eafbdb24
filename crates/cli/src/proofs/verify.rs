//! `verify`: whether a log is whole and unchanged.

use std::path::PathBuf;

use body_logger_core::format;
use body_logger_tlog::{Verification, Verifier};

use super::{read, Keys};
use crate::{
    failure::{Done, Failure},
    output::Output,
    progress::Progress,
};

/// Verify that a log with proofs is whole and unchanged
///
/// Names the first line that was changed, removed, inserted, reordered or truncated. Whoever can write to the disk can put an
/// older state of a log back: only a checkpoint that was kept elsewhere shows that. The exit code is 0 only if all holds.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The log: its live file, with the closed files and LOG.tlog beside it.
    log: PathBuf,

    #[command(flatten)]
    keys: Keys,

    /// A checkpoint that was published earlier, which the log has to continue. May be repeated.
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Done, Failure> {
    let mut verifier = Verifier::new(args.keys.parse()?);
    for path in &args.checkpoints {
        verifier = verifier
            .checkpoint(&read(path)?)
            .map_err(|error| Failure::cannot(format_args!("use {}", path.display()), error))?;
    }
    let progress = Progress::on_terminal(None);
    let mut before = 0;
    let mut verifier = verifier.progress(|bytes| {
        if let Some(progress) = &progress {
            progress.advance(usize::try_from(bytes.saturating_sub(before)).unwrap_or(0));
        }
        before = bytes;
    });
    let verified = verifier.verify(&args.log);
    drop(verifier);
    drop(progress);
    let verification = verified
        .map_err(|error| Failure::cannot(format_args!("verify {}", args.log.display()), error))?;
    let mut output = Output::new();
    for line in lines(&verification) {
        output.write_line(format::escaped(&line))?;
    }
    output.flush()?;
    Ok(match verification.holds() {
        true => Done::Whole,
        false => Done::InPart,
    })
}

fn lines(verification: &Verification) -> Vec<String> {
    let Verification {
        faults,
        size,
        lines,
        deleted,
        erased,
        unfinished,
        uncovered,
        torn,
        ..
    } = verification;
    let mut text: Vec<_> = faults
        .iter()
        .map(|fault| format!("FAULT: {fault}"))
        .collect();
    text.push(format!(
        "checkpoint of {size} lines; {lines} are as they were"
    ));
    if let Some(deleted) = deleted {
        let (first, last) = (deleted.start(), deleted.end());
        text.push(format!("lines {first} to {last} were deleted"));
    }
    if !erased.is_empty() {
        text.push(format!("erased: {}", ranges(erased)));
    }
    if !unfinished.is_empty() {
        text.push(format!(
            "announced as erased, and still there until the log is opened again: {}",
            ranges(unfinished)
        ));
    }
    if *uncovered > 0 {
        text.push(format!(
            "{uncovered} lines after the checkpoint are not covered yet"
        ));
    }
    if *torn {
        text.push("the live file ends within a line".to_owned());
    }
    text.push(match faults.is_empty() {
        true => "the log holds".to_owned(),
        false => "the log does NOT hold".to_owned(),
    });
    text
}

/// The numbers of lines, those in a row as their first and last.
fn ranges(numbers: &[u64]) -> String {
    let in_a_row = numbers.chunk_by(|one, next| one + 1 == *next);
    let ranges: Vec<_> = in_a_row
        .map(|row| match row {
            [first, .., last] => format!("{first} to {last}"),
            _ => row.iter().map(u64::to_string).collect(),
        })
        .collect();
    match numbers.len() {
        1 => format!("line {}", ranges.join(", ")),
        _ => format!("lines {}", ranges.join(", ")),
    }
}
