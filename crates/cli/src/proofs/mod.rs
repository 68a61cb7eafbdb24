//! The commands for proofs: keys, and logs, lines and checkpoints that are verified with them.

mod check;
mod erase;
mod key;
mod prove;
mod verify;

use std::{fs, path::Path};

use body_logger_tlog::VerifierKey;

pub(crate) use self::{
    check::{run as check, Args as CheckArgs},
    erase::{run as erase, Args as EraseArgs},
    key::{run as key, Args as KeyArgs},
    prove::{run as prove, Args as ProveArgs},
    verify::{run as verify, Args as VerifyArgs},
};
use crate::failure::Failure;

/// Whose signatures are trusted.
#[derive(Debug, clap::Args)]
struct Keys {
    /// A verifier key, as text or in a file. May be repeated, as after a change of keys.
    #[arg(long = "key", value_name = "VKEY", required = true)]
    keys: Vec<String>,
}

impl Keys {
    fn parse(&self) -> Result<Vec<VerifierKey>, Failure> {
        let parse = |text: &String| match text.parse() {
            Ok(key) => Ok(key),
            Err(_) if Path::new(text).exists() => VerifierKey::from_file(text),
            Err(error) => Err(error),
        };
        let keys: Result<_, _> = self.keys.iter().map(parse).collect();
        keys.map_err(|error| Failure::Usage(error.to_string()))
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let read = fs::read_to_string(path);
    read.map_err(|error| Failure::cannot(format_args!("read {}", path.display()), error))
}
