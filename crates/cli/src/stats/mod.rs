//! `body-logger stats`.

mod group;
mod summary;
mod table;

use std::sync::Arc;

use body_logger_core::record::missing_entries;

use self::summary::Summary;
use crate::{
    failure::{Done, Failure},
    logs::{LogArgs, Logs},
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
    let logs = Logs::open(args.log.log())?;
    let progress = Arc::new(Progress::on_terminal(logs.total_bytes()));
    let line_progress = progress.clone();
    let mut logs = logs.map(move |reader| {
        let progress = line_progress.clone();
        reader.skip_lines(move |line| {
            if let Some(progress) = &*progress {
                progress.advance(line.len() + 1);
            }
            false
        })
    });

    let mut summary = Summary::default();
    let entries = logs.by_ref().map(|line| line.entry);
    let runs = missing_entries(entries.inspect(|entry| summary.add(entry, filter.as_ref())));
    summary.runs = runs;
    let done = logs.completeness().done();
    // Clears the bar.
    drop((logs, progress));

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
