//! `body-logger show`.

mod line_filter;
mod printer;

use std::{
    io::{self, IsTerminal},
    thread,
    time::Duration,
};

use body_logger_core::{filter::Filter, Entry};

use self::{
    line_filter::LineFilter,
    printer::{Format, Printer},
};
use crate::{
    failure::{Done, Failure},
    logs::{LogArgs, Logs},
    progress::Progress,
};

/// How often a log is looked at that is followed.
const POLL: Duration = Duration::from_millis(50);

/// Print the exchanges of a log, and follow it.
///
/// From the oldest rotated file to the end of the live one. Without a filter, entries about the log itself are printed as
/// well: gaps, where entries were lost, and what was deleted.
///
/// Lines that cannot be read are reported on standard error, with their file and offset, and reading goes on. With a
/// filter, that is not noticed of all lines: what cannot match is not parsed if it begins and ends as a record does.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    log: LogArgs,

    /// Go on with what is appended, across rotation, until interrupted. With a filter such as from:2026-11-21T09:00:00Z, the
    /// beginning of the log is not printed.
    #[arg(long, short)]
    follow: bool,

    /// How an exchange is printed.
    #[arg(long, value_enum, default_value_t = Format::Line)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<Done, Failure> {
    let filter = args.log.filter()?;
    if args.follow && args.format == Format::Har {
        let message = "an HTTP archive has an end: --format har cannot be printed with --follow";
        return Err(Failure::Usage(message.into()));
    }
    let mut logs = open(args, filter.as_ref())?;
    let mut printer = Printer::new(args.format);
    loop {
        for line in &mut logs {
            let is_wanted = match (&filter, &line.entry) {
                (None, _) => true,
                (Some(filter), Entry::Record(record)) => filter.matches(record),
                (Some(_), _) => false,
            };
            if is_wanted {
                printer.print(line)?;
            }
        }
        if !args.follow {
            break;
        }
        printer.flush()?;
        thread::sleep(POLL);
    }
    printer.finish()?;
    Ok(logs.done())
}

/// Opens the logs so that they skip lines which the filter cannot match.
fn open(args: &Args, filter: Option<&Filter>) -> Result<Logs, Failure> {
    let logs = Logs::open(args.log.log())?;
    // On a terminal, what is printed shows how far it is.
    let has_bar = !args.follow && !io::stdout().is_terminal();
    let progress = has_bar.then(|| Progress::on_terminal(logs.total_bytes()));
    let progress = std::sync::Arc::new(progress.flatten());
    let lines = std::sync::Arc::new(filter.map(LineFilter::of).unwrap_or_default());
    Ok(logs.map(|reader| {
        let (progress, lines) = (progress.clone(), lines.clone());
        let reader = reader.skip_lines(move |line| {
            if let Some(progress) = &*progress {
                progress.advance(line.len() + 1);
            }
            !lines.may_match(line)
        });
        match args.follow {
            true => reader.follow(),
            false => reader,
        }
    }))
}
