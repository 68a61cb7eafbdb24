//! The command line.

use clap::{Parser, Subcommand};

use crate::{completions, inspect, man, proofs, redact, show, stats};

/// Reads, follows, filters, sums up and redacts logs of HTTP exchanges.
///
/// The logs are those that the middleware actix-web-body-logger writes: lines of JSON, one for each exchange. Nothing that
/// a log holds can control the terminal.
#[derive(Debug, Parser)]
#[command(name = "body-logger", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done; also if whoever reads the output has closed it
  1  done, but something could not be read, understood or shipped; standard error says what and
     where; or a log was verified and does not hold
  2  the arguments are wrong, such as a filter with an unknown key; nothing was done
  3  failed, such as for a file that is not there

Environment:
  NO_COLOR  not empty: no colours. There are none either where the output is no terminal.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Show(show::Args),
    Stats(stats::Args),
    Inspect(inspect::Args),
    #[cfg(feature = "ship")]
    Ship(crate::ship::Args),
    Redact(redact::Args),
    Verify(proofs::VerifyArgs),
    Prove(proofs::ProveArgs),
    Check(proofs::CheckArgs),
    Erase(proofs::EraseArgs),
    Key(proofs::KeyArgs),
    Completions(completions::Args),
    Man(man::Args),
}
