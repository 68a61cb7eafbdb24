//! `prove`: a proof that a line is in a log.

use std::path::PathBuf;

use body_logger_tlog::{find_lines, prove};

use super::Keys;
use crate::{
    failure::{Done, Failure},
    output::Output,
};

/// Print a proof that a line is in a log, which anyone can check without the log
///
/// Its form is C2SP tlog-proof, with the line in base64 as `extra`; such files end with .tlog-proof.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The log: its live file, with the closed files and LOG.tlog beside it.
    log: PathBuf,

    /// The id of an exchange or of an entry.
    id: String,

    #[command(flatten)]
    keys: Keys,

    /// Which line, if several have this id: its number in the log, from 0 on.
    #[arg(long)]
    index: Option<u64>,
}

pub(crate) fn run(args: &Args) -> Result<Done, Failure> {
    let what = format!("prove {} of {}", args.id, args.log.display());
    let cannot = |error| Failure::cannot(&what, error);
    let keys = args.keys.parse()?;
    let mut found = find_lines(&args.log, &args.id).map_err(cannot)?;
    if let Some(index) = args.index {
        found.retain(|it| *it == index);
    }
    let index = match found[..] {
        [index] => index,
        [] => return Err(Failure::cannot(&what, "no line has this id")),
        _ => {
            let numbers: Vec<_> = found.iter().map(u64::to_string).collect();
            return Err(Failure::Usage(format!(
                "several lines have the id {}; choose one with --index: {}",
                args.id,
                numbers.join(", ")
            )));
        }
    };
    let proof = prove(&args.log, index, &keys).map_err(cannot)?;
    let mut output = Output::new();
    output.write(proof.to_string())?;
    output.flush()?;
    Ok(Done::Whole)
}
