//! `check`: whether a proof of a line holds.

use std::path::PathBuf;

use body_logger_tlog::LineProof;

use super::{read, Keys};
use crate::{
    failure::{Done, Failure},
    output::{Escape, Output},
};

/// Check a proof that a line is in a log, and print the line
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What `prove` has printed.
    proof: PathBuf,

    #[command(flatten)]
    keys: Keys,
}

pub(crate) fn run(args: &Args) -> Result<Done, Failure> {
    let keys = args.keys.parse()?;
    let proof = LineProof::check(&read(&args.proof)?, &keys)
        .map_err(|error| Failure::Failed(format!("{}: {error}", args.proof.display())))?;
    let mut output = Output::new();
    let line = String::from_utf8_lossy(proof.line());
    output.write_lines(&format!("{line}\n"), Escape::Json)?;
    output.flush()?;
    crate::notice::notice(&format!(
        "the proof holds: line {} of {}, in a checkpoint of {} lines",
        proof.index(),
        proof.checkpoint().origin(),
        proof.checkpoint().size()
    ));
    Ok(Done::Whole)
}
