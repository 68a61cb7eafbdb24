//! `body-logger stats`.

mod group;
mod summary;
mod table;

use body_logger_core::record::missing_entries;

use self::summary::Summary;
use crate::{
    failure::{Done, Failure},
    logs::LogArgs,
    output::{Escape, Output},
    progress::Progress,
};

/// Sum up a log: routes, errors, durations, bytes, and what is missing.
///
/// Each exchange counts once. An error is a status of 500 or more, or an outcome other than completed, released and
/// upgraded, as on the inspector's page; statuses of 4xx are counted apart. Percentiles are at most one percent too high.
///
/// The filter chooses exchanges. Gaps, where the application lost entries, and numbers that are missing in a run of the
/// application are those of the whole log.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    log: LogArgs,

    /// Print JSON: durations in microseconds, shares from 0 to 1, ranges of numbers with both ends.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<Done, Failure> {
    let filter = args.log.filter()?;
    let mut source = args.log.open()?;
    let progress = Progress::on_terminal(source.total_bytes());
    let entries = source.by_ref().map(|read| {
        if let Some(progress) = &progress {
            progress.advance(read.bytes);
        }
        read.entry
    });

    let mut summary = Summary::default();
    let runs = missing_entries(entries.inspect(|entry| summary.add(entry, filter.as_ref())));
    summary.runs = runs;
    // Clears the bar.
    drop(progress);
    let done = source.done()?;

    let text = match args.json {
        true => {
            let json = serde_json::to_string_pretty(&summary.report());
            json.map_err(|error| Failure::cannot("write the summary as JSON", error))? + "\n"
        }
        false => table::text(&summary),
    };
    let mut output = Output::new();
    output.write_lines(
        &text,
        if args.json {
            Escape::Json
        } else {
            Escape::Text
        },
    )?;
    output.flush()?;
    Ok(done)
}
