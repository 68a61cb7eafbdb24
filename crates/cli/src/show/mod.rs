//! `body-logger show`.

mod format;
mod in_order;
mod line_filter;
mod printer;
#[cfg(feature = "ship")]
mod stored;

use std::{
    io::{self, IsTerminal},
    num::NonZero,
    sync::Arc,
    thread,
};

use body_logger_core::{filter::Filter, format::Color};
use body_logger_jsonl::LineBatch;

use self::{
    format::{Format, Formatted, Formatter},
    in_order::InOrder,
    line_filter::LineFilter,
    printer::Printer,
};
use crate::{
    failure::{Done, Failure},
    logs::{LogArgs, Logs, Source},
    progress::Progress,
};

/// How many bytes of the log are read before what may match of them is handed to a thread.
const BATCH_BYTES: usize = 256 * 1024;

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
    let color = Color::of(&io::stdout());
    let formatter = Formatter {
        format: args.format,
        color,
        filter,
        shows_origin: false,
    };
    match args.log.open()? {
        Source::Files(logs) => show_files(args, logs, formatter),
        #[cfg(feature = "ship")]
        Source::Stored(stored) => stored::show(args, *stored, formatter),
    }
}

fn show_files(args: &Args, logs: Logs, formatter: Formatter) -> Result<Done, Failure> {
    let mut logs = prepare(args, logs, formatter.filter.as_ref());
    let mut threads = formatting_threads(formatter)?;
    let mut printer = Printer::new(args.format);
    let mut batch = LineBatch::default();
    loop {
        let is_end = !logs.read_batch(&mut batch, BATCH_BYTES);
        if !batch.is_empty() {
            if threads.is_full() {
                let oldest = threads.next();
                oldest.map_or(Ok(()), |oldest| printer.print(oldest, logs.unreadable()))?;
            }
            threads.push(std::mem::take(&mut batch));
        }
        while let Some(formatted) = threads.next_ready() {
            printer.print(formatted, logs.unreadable())?;
        }
        if !is_end {
            continue;
        }
        while let Some(formatted) = threads.next() {
            printer.print(formatted, logs.unreadable())?;
        }
        logs.unreadable().end_row();
        if !args.follow {
            break;
        }
        thread::sleep(Logs::POLL);
    }
    printer.finish()?;
    Ok(logs.completeness().done())
}

/// As many threads as there are processors: parsing and formatting take most of the time.
fn formatting_threads(formatter: Formatter) -> Result<InOrder<LineBatch, Formatted>, Failure> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let work = move |batch: LineBatch| formatter.format(&batch);
    InOrder::start(threads, work).map_err(|error| Failure::cannot("start a thread", error))
}

/// Has the logs skip lines which the filter cannot match.
fn prepare(args: &Args, logs: Logs, filter: Option<&Filter>) -> Logs {
    // On a terminal, what is printed shows how far it is.
    let has_bar = !args.follow && !io::stdout().is_terminal();
    let progress = has_bar.then(|| Progress::on_terminal(logs.total_bytes()));
    let progress = Arc::new(progress.flatten());
    let lines = Arc::new(filter.map(LineFilter::of).unwrap_or_default());
    let logs = logs.map(move |reader| {
        let (progress, lines) = (progress.clone(), lines.clone());
        reader.skip_lines(move |line| {
            if let Some(progress) = &*progress {
                progress.advance(line.len() + 1);
            }
            !lines.may_match(line)
        })
    });
    match args.follow {
        true => logs.follow(),
        false => logs,
    }
}
