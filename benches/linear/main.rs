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

use std::{env, process::ExitCode};

/// The argument of the process in which bodies are rendered.
const RENDER: &str = "render";

fn main() -> ExitCode {
    let mut bodies = codings::bodies();
    bodies.extend(hostile::bodies(measure::SIZE));
    bodies.extend(texts::bodies(measure::SIZE));
    if env::args().any(|argument| argument == RENDER) {
        measure::render(bodies);
        ExitCode::SUCCESS
    } else if measure::are_quick(&bodies, RENDER) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
