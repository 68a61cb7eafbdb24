//! `body-logger ship`.

mod metrics;
mod position;
mod signals;
mod target;

use std::{fs, path::PathBuf, time::Duration};

use body_logger_jsonl::Reader;
use body_logger_ship::{DestinationUrl, Shipper};
use tokio::{runtime::Builder, time};

use self::{signals::Signals, target::Target};
use crate::{
    failure::{Done, Failure},
    logs::FilterArgs,
    notice,
    output::Output,
};

/// How often it is checked whether shipping goes on.
const POLL: Duration = Duration::from_millis(50);

/// Ship a log to NATS JetStream, PostgreSQL or a receiver of OTLP: in order, each entry once.
///
/// The log is the queue: what a destination has not acknowledged is still in the files, and is sent when the destination can be
/// reached. How far each destination has got is in a file, so that shipping goes on there after a restart. It goes on until it
/// gets SIGTERM or SIGINT (Ctrl-C), and then finishes the batch that is being sent.
///
/// To OTLP, entries may arrive more than once. What a destination refuses is in a file of dead letters beside its position, with
/// the reason.
///
/// Credentials are read from files that the URL names, or from the environment (PGPASSWORD, NATS_CREDS, NATS_TOKEN, NATS_USER
/// with NATS_PASSWORD, OTEL_EXPORTER_OTLP_HEADERS). A URL with a password is refused, as others can see arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The log: its live file. The rotated and compressed files beside it are shipped first. It need not exist yet.
    #[arg(value_name = "FILE")]
    log: PathBuf,

    #[command(flatten)]
    filter: FilterArgs,

    /// Where to; given more than once, each destination goes at its own speed.
    /// `nats://one:4222,two:4222?stream=AUDIT&service=orders&instance=orders-1`, `postgres://logger@db.example/audit?table=entries` or
    /// `http://collector.example:4318/v1/logs`; tls:// and https:// encrypt.
    #[arg(long, value_name = "URL", required = true)]
    to: Vec<String>,

    /// The directory for positions and dead letters. Without it, FILE.ship beside the log.
    #[arg(long, value_name = "DIR")]
    positions: Option<PathBuf>,

    /// End when all that is in the log is shipped.
    #[arg(long)]
    once: bool,

    /// Print what was shipped, and how far behind each destination is, as a line of JSON for each, as often as this and at the
    /// end. 0 prints them at the end only.
    #[arg(long, value_name = "SECONDS")]
    metrics: Option<u64>,

    /// How long the batches that are being sent may take at the end. What is not acknowledged by then is sent again by the next
    /// start.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    stop_within: u64,

    /// Print the statements that make the tables, for a reviewer, and ship nothing. With schema=expect in its URL, a destination
    /// is given no statement.
    #[arg(long)]
    print_migrations: bool,
}

pub(crate) fn run(args: &Args) -> Result<Done, Failure> {
    let filter = args.filter.parse()?.unwrap_or_default();
    let urls = urls(&args.to)?;
    if args.print_migrations {
        return print_migrations(&urls);
    }
    let destinations = urls.iter().map(target::destination);
    let destinations: Vec<_> = destinations.collect::<Result<_, _>>()?;
    if args.once {
        // Otherwise it is waited for.
        Reader::open(&args.log).map_err(|error| Failure::cannot("read the log", error))?;
    }
    let positions = position::directory(&args.log, args.positions.as_deref());
    let files = position::files(&positions, &urls)?;
    fs::create_dir_all(&positions)
        .map_err(|error| Failure::cannot(format_args!("create {}", positions.display()), error))?;
    notice::log();

    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::cannot("wait for signals", error))?;
    // Before anything is shipped: a signal must never end the process in between.
    let signals = runtime.block_on(async { Signals::listen() });
    let mut signals = signals.map_err(|error| Failure::cannot("wait for signals", error))?;
    let targets = urls.into_iter().zip(destinations).zip(files);
    let targets = targets.map(|((url, destination), position)| {
        let shipper = Shipper::new(&args.log, position, destination).filter(filter.clone());
        Target::start(
            url,
            if args.once {
                shipper.until_end()
            } else {
                shipper
            },
        )
    });
    let targets: Vec<Target> = targets.collect::<Result<_, _>>()?;
    let waited = runtime.block_on(wait(args, &targets, &mut signals));
    let stopped = target::stop(targets, Duration::from_secs(args.stop_within));
    let is_interrupted = waited?;
    finish(args, stopped, is_interrupted)
}

fn urls(urls: &[String]) -> Result<Vec<DestinationUrl>, Failure> {
    let parse = |url: &String| {
        url.parse().map_err(|error| {
            // The URL may have a password in it.
            Failure::Usage(format!("cannot ship to a URL of --to: {error}"))
        })
    };
    urls.iter().map(parse).collect()
}

fn print_migrations(urls: &[DestinationUrl]) -> Result<Done, Failure> {
    let mut output = Output::new();
    for migrations in urls.iter().filter_map(DestinationUrl::migrations) {
        output.write_line(migrations.trim_end())?;
    }
    output.flush()?;
    Ok(Done::Whole)
}

/// Waits until a signal arrives, which it returns, or until a destination has ended.
async fn wait(args: &Args, targets: &[Target], signals: &mut Signals) -> Result<bool, Failure> {
    let period = args.metrics.filter(|seconds| *seconds > 0);
    let mut next = period.map(|seconds| time::Instant::now() + Duration::from_secs(seconds));
    loop {
        tokio::select! {
            () = signals.next() => return Ok(true),
            () = time::sleep(POLL) => {}
        }
        let is_over = match args.once {
            true => !targets.iter().any(Target::is_running),
            // The service manager restarts the process.
            false => !targets.iter().all(Target::is_running),
        };
        if is_over {
            return Ok(false);
        }
        if let (Some(at), Some(seconds)) = (next, period) {
            if time::Instant::now() >= at {
                metrics::print(
                    targets
                        .iter()
                        .map(|target| (target.url(), target.counters())),
                )?;
                next = Some(at + Duration::from_secs(seconds));
            }
        }
    }
}

/// Reports how shipping ended.
fn finish(args: &Args, stopped: target::Stopped, is_interrupted: bool) -> Result<Done, Failure> {
    if args.metrics.is_some() {
        let counters = stopped.counters.iter();
        metrics::print(counters.map(|(url, counters)| (url, *counters)))?;
    }
    if let Some(url) = stopped.late.first() {
        let cause =
            "it did not end in time; what was not acknowledged is sent again by the next start";
        return Err(Failure::cannot(
            format_args!("stop shipping to {url}"),
            cause,
        ));
    }
    if !is_interrupted && !args.once {
        return Err(Failure::cannot("ship", "a destination has ended"));
    }
    let is_whole = stopped
        .counters
        .iter()
        .all(|(_, counters)| target::is_whole(counters));
    Ok(if is_whole { Done::Whole } else { Done::InPart })
}
