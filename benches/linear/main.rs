//! That no coded body is slow to render, beside plain JSON of its size. Ends with an error where one is.

#![allow(clippy::print_stdout, reason = "it prints a table")]

mod codings;
mod hostile;
#[allow(unreachable_pub, dead_code, reason = "the fuzz targets reach it")]
#[path = "../../fuzz/oracles/served.rs"]
mod served;

use std::process::ExitCode;

fn main() -> ExitCode {
    if codings::are_quick() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
