//! Downloads that are kept whole: whether the file is what the client got, what the server's memory does meanwhile, and
//! how fast it is beside the same disk and the same server alone.
//!
//! ```sh
//! cargo bench --features hash --bench spool                                     # 8 GiB, and 1 GiB without a length
//! cargo bench --features hash --bench spool -- --sized 64M --chunked 64M --dir /mnt/disk
//! ```
//!
//! The server runs in a process of its own, whose memory is read from `/proc`; so this is for Linux. It ends with an error
//! where a file is not what the client got, where memory grows by more than 8 MiB, or where a download of 1 GiB or more
//! is slower than 70 % of the slower of disk and server.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it prints a table"
)]

mod client;
mod compare;
mod disk;
mod process;
mod server;

use std::{env, path::PathBuf, process::ExitCode};

const USAGE: &str =
    "usage: spool [--sized BYTES] [--chunked BYTES] [--dir DIR]; a number may end in M or G";

/// What is measured, and where.
struct Options {
    /// Size of the download with a `Content-Length`, and of the one without.
    sized: u64,
    chunked: u64,
    /// Where files are kept: on the disk that is measured.
    directory: PathBuf,
}

fn main() -> ExitCode {
    // Cargo adds one of its own.
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["server", mode, directory] = args.as_slice() {
        return server::run(mode, directory.as_ref());
    }
    match options(&args).and_then(|options| compare::run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn options(args: &[&str]) -> Result<Options, String> {
    let mut options = Options {
        sized: 8 << 30,
        chunked: 1 << 30,
        directory: env::temp_dir(),
    };
    for pair in args.chunks(2) {
        match pair {
            ["--sized", size] => options.sized = bytes(size)?,
            ["--chunked", size] => options.chunked = bytes(size)?,
            ["--dir", directory] => options.directory = directory.into(),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

fn bytes(text: &str) -> Result<u64, String> {
    let (number, shift) = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((number, "M")) => (number, 20),
        Some((number, "G")) => (number, 30),
        _ => (text, 0),
    };
    let number: u64 = number.parse().map_err(|_| USAGE.to_owned())?;
    Ok(number << shift)
}
