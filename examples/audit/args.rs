//! The command line.

use std::{ffi::OsString, net::ToSocketAddrs, path::PathBuf};

use actix_web_body_logger::record::DEFAULT_MAX_RECORD_BYTES;

pub(crate) const USAGE: &str =
    "usage: audit [--listen ADDR] [--records FILE] [--format FORMAT] [--max-record-bytes N] [--tlog KEY] [--spool DIR] [--required PATH] [--off] [--help]";

pub(crate) const HELP: &str = "\
usage: audit [--listen ADDR] [--records FILE] [--format FORMAT] [--max-record-bytes N] [--tlog KEY] [--spool DIR] [--required PATH] [--off] [--help]

A small order API whose exchanges are logged to the terminal and recorded in a file.

  --listen ADDR    where to listen [default: 127.0.0.1:8080]; port 0 takes a free one
  --records FILE   the file that records are appended to [default: audit.jsonl]; a new one is begun
                   each day and every 100 MiB, and of the older ones 1 GiB is kept beside it
  --format FORMAT  what the terminal shows of each exchange: line, text, json or curl
                   [default: line]
  --max-record-bytes N
                   the longest line of a record; longer ones are shortened [default: 262144]
  --tlog KEY       makes the file of records prove itself: checkpoints signed with the key in this file
                   lie in a directory beside it, whose name ends with .tlog
  --spool DIR      keeps bodies whole, RAW AND UNREDACTED, in files of this directory, up to 64 MiB each;
                   records name them, and of the older ones 1 GiB is kept, for a week
  --required PATH  does nothing under this path unrecorded, such as /orders: its requests are handled once
                   they are durably in the file of records, else refused, and its responses end once they are
  --off            serve without the middleware: no log lines, no records
  --help           show this

RUST_LOG chooses what is logged to the terminal [default: info], lines of exchanges among it. The
other formats go to the standard output; NO_COLOR turns the colours of text off. Ctrl-C stops it: it
then says how many records it has written, and how many were lost.";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Serve(Args),
    Help,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Args {
    pub(crate) listen: String,
    /// None where the middleware is off.
    pub(crate) records: Option<PathBuf>,
    pub(crate) format: Format,
    pub(crate) max_record_bytes: usize,
    /// The file with the key that signs the records, where they are to have proofs.
    pub(crate) signing_key: Option<PathBuf>,
    /// The directory in which bodies are kept whole, if they are.
    pub(crate) spool: Option<PathBuf>,
    /// The path below which nothing is done unrecorded.
    pub(crate) required: Option<String>,
}

/// What the terminal shows of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One line, through the `log` crate.
    Line,
    Text,
    Json,
    Curl,
}

/// Reads the arguments; an error says what is wrong with them.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut args = args.into_iter();
    let mut listen = "127.0.0.1:8080".to_owned();
    let mut records = PathBuf::from("audit.jsonl");
    let mut shown = Format::Line;
    let mut max_record_bytes = DEFAULT_MAX_RECORD_BYTES;
    let mut signing_key = None;
    let mut spool = None;
    let mut required = None;
    let mut off = false;
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--listen") => listen = address(args.next())?,
            Some("--records") => records = file("--records", args.next())?,
            Some("--format") => shown = format(args.next())?,
            Some("--max-record-bytes") => max_record_bytes = bytes(args.next())?,
            Some("--tlog") => signing_key = Some(file("--tlog", args.next())?),
            Some("--spool") => spool = Some(directory("--spool", args.next())?),
            Some("--required") => required = Some(route(args.next())?),
            Some("--off") => off = true,
            Some("--help" | "-h") => return Ok(Command::Help),
            _ => return Err(format!("unknown argument {arg:?}")),
        }
    }
    Ok(Command::Serve(Args {
        listen,
        records: (!off).then_some(records),
        format: shown,
        max_record_bytes,
        signing_key,
        spool,
        required,
    }))
}

fn address(value: Option<OsString>) -> Result<String, String> {
    let value = value.ok_or("--listen needs an address")?;
    let address = value.to_string_lossy().into_owned();
    match address.to_socket_addrs() {
        Ok(_) => Ok(address),
        Err(error) => Err(format!(
            "{address:?} is not an address to listen on: {error}"
        )),
    }
}

fn format(value: Option<OsString>) -> Result<Format, String> {
    let value = value.ok_or("--format needs a format")?;
    match value.to_str() {
        Some("line") => Ok(Format::Line),
        Some("text") => Ok(Format::Text),
        Some("json") => Ok(Format::Json),
        Some("curl") => Ok(Format::Curl),
        _ => Err(format!(
            "{value:?} is not a format: line, text, json or curl"
        )),
    }
}

fn bytes(value: Option<OsString>) -> Result<usize, String> {
    let value = value.ok_or("--max-record-bytes needs a number of bytes")?;
    let parsed = value.to_str().and_then(|value| value.parse().ok());
    parsed.ok_or_else(|| format!("{value:?} is not a number of bytes"))
}

fn route(value: Option<OsString>) -> Result<String, String> {
    let value = value.ok_or("--required needs a path")?;
    let path = value.to_str().filter(|path| path.starts_with('/'));
    // Braces would make it a pattern.
    let path = path.filter(|path| !path.contains(['{', '}']));
    let path = path.map(str::to_owned);
    path.ok_or_else(|| format!("{value:?} is not a path: it begins with a slash, as /orders does"))
}

fn file(option: &str, value: Option<OsString>) -> Result<PathBuf, String> {
    path(value).ok_or_else(|| format!("{option} needs a file"))
}

fn directory(option: &str, value: Option<OsString>) -> Result<PathBuf, String> {
    path(value).ok_or_else(|| format!("{option} needs a directory"))
}

fn path(value: Option<OsString>) -> Option<PathBuf> {
    value.filter(|path| !path.is_empty()).map(PathBuf::from)
}
