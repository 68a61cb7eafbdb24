//! That no body is slow to render, beside plain JSON of its size, however it is coded and whatever repeats in it. Ends with an
//! error where one is.

#![allow(clippy::print_stdout, reason = "it prints a table")]

mod codings;
mod hostile;
mod measure;
#[allow(unreachable_pub, dead_code, reason = "the fuzz targets reach it")]
#[path = "../../fuzz/oracles/served.rs"]
mod served;
mod texts;

use std::process::ExitCode;

fn main() -> ExitCode {
    let bodies = codings::bodies().into_iter();
    let bodies = bodies.chain(hostile::bodies(measure::SIZE));
    if measure::are_quick(bodies.chain(texts::bodies(measure::SIZE))) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
