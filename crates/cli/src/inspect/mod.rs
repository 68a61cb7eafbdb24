//! `body-logger inspect`.

mod import;
mod server;

use std::{path::PathBuf, thread};

use body_logger_store::Store;

use self::server::Server;
use crate::{
    failure::{Done, Failure},
    logs::Source,
};

/// How many bytes the entries take that are kept in memory: 1 GiB.
const STORE_BYTES: u64 = 1024 * 1024 * 1024;

/// Look at a log in the browser: a page that lists, filters and compares exchanges, live.
///
/// The log is imported into memory, rotated and compressed files included, and followed. The page is served to this
/// machine only, at the address that is printed; nothing is sent anywhere. Interrupt it (Ctrl-C) to end it.
///
/// Of the entries, as many of the newest are kept as take 1 GiB; standard error says how many.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The log: a file, with the rotated and compressed files beside it; one of those alone; or a directory, for all logs
    /// whose names end with .jsonl in it. With the feature `ship` also what was shipped there, by a whole fleet:
    /// nats://one:4222?stream=AUDIT or postgres://reader@db.example/audit?table=entries.
    #[arg(value_name = "FILE|DIR|URL")]
    log: PathBuf,

    /// The port to listen on, of 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

pub(crate) fn run(args: &Args) -> Result<Done, Failure> {
    let source = Source::open(&args.log)?;
    let store = Store::in_memory(STORE_BYTES);
    let store = store.map_err(|error| Failure::cannot("keep entries in memory", error))?;
    let server = Server::bind(store.clone(), args.port)?;
    let completeness = source.completeness();
    // It ends with the process, as it follows the log.
    thread::spawn(move || import::import(source, &store));
    server.run()?;
    Ok(completeness.done())
}
