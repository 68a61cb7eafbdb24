//! `key`: makes the key that signs a log.

use std::path::PathBuf;

use body_logger_tlog::SigningKey;

use crate::{
    failure::{Done, Failure},
    output::Output,
};

/// Make keys for logs with proofs
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Writes a new signing key to a file that only its owner can read, and prints its verifier key
    New {
        /// The file, which must not be there yet.
        file: PathBuf,

        /// The name of the log, such as example.com/audit.
        #[arg(long, value_name = "NAME")]
        origin: String,
    },
}

pub(crate) fn run(args: &Args) -> Result<Done, Failure> {
    let Command::New { file, origin } = &args.command;
    let key = SigningKey::create_file(file, origin)
        .map_err(|error| Failure::cannot("make a key", error))?;
    let mut output = Output::new();
    output.write_line(key.verifier_key().to_string())?;
    output.flush()?;
    Ok(Done::Whole)
}
