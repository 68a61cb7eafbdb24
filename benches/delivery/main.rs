//! What delivery costs a server and what it may cost at most, whatever the sink does.
//!
//! ```sh
//! cargo bench --bench delivery                         # 60 seconds for each sink
//! cargo bench --bench delivery -- soak --minutes 10    # mixed traffic, for a long time
//! cargo bench --bench delivery -- required             # clients that wait for their records, for 60 seconds
//! cargo bench --features ship --bench delivery -- shipping  # a log that is shipped meanwhile, for 60 seconds
//! ```
//!
//! Every server runs in a process of its own, whose memory, descriptors and threads are read from
//! `/proc`; so this is for Linux. It ends with an error where something does not hold.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it prints tables"
)]

mod compare;
mod load;
mod process;
mod required;
mod server;
#[cfg(feature = "ship")]
mod shipping;
mod sinks;
mod soak;
mod traffic;

use std::{env, process::ExitCode};

const USAGE: &str =
    "usage: delivery [--seconds N] | delivery soak [--minutes N] | delivery required [--seconds N] | \
     delivery shipping [--seconds N], with the feature `ship`";

fn main() -> ExitCode {
    // Cargo adds one of its own.
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let held = match args.as_slice() {
        ["server", sink, directory] => return server::run(sink, directory.as_ref()),
        [] => compare::run(60),
        ["--seconds", seconds] => number(seconds).and_then(compare::run),
        ["required"] => required::run(60),
        ["required", "--seconds", seconds] => number(seconds).and_then(required::run),
        #[cfg(feature = "ship")]
        ["shipping"] => shipping::run(60),
        #[cfg(feature = "ship")]
        ["shipping", "--seconds", seconds] => number(seconds).and_then(shipping::run),
        ["soak"] => soak::run(10),
        ["soak", "--minutes", minutes] => number(minutes).and_then(soak::run),
        _ => Err(USAGE.to_owned()),
    };
    match held {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is no number; {USAGE}"))
}
