//! The command `body-logger`: reads, follows, filters, sums up, redacts and verifies logs of HTTP exchanges.
//!
//! Each command is a module of its own: its arguments, and `run`. What they print to standard output is data, all else goes
//! to standard error.

mod args;
mod completions;
mod failure;
mod inspect;
mod logs;
mod man;
mod notice;
mod output;
mod progress;
mod proofs;
mod redact;
#[cfg(feature = "ship")]
mod ship;
mod show;
mod stats;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use self::args::{Args, Command};

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Show(args) => show::run(&args),
        Command::Stats(args) => stats::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        #[cfg(feature = "ship")]
        Command::Ship(args) => ship::run(&args),
        Command::Redact(args) => redact::run(args),
        Command::Verify(args) => proofs::verify(&args),
        Command::Prove(args) => proofs::prove(&args),
        Command::Check(args) => proofs::check(&args),
        Command::Erase(args) => proofs::erase(&args),
        Command::Key(args) => proofs::key(&args),
        Command::Completions(args) => completions::run(&args, Args::command()),
        Command::Man(args) => man::run(&args, Args::command()),
    };
    match done {
        Ok(done) => done.exit_code(),
        Err(failure) => {
            failure.report();
            failure.exit_code()
        }
    }
}
