//! `body-logger completions`.

use clap_complete::Shell;

use crate::{
    failure::{Done, Failure},
    output::Output,
};

/// Print a script that completes this command in a shell
///
/// For bash:
///
///     body-logger completions bash > ~/.local/share/bash-completion/completions/body-logger
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<Done, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "body-logger", &mut script);
    let mut output = Output::new();
    output.write(script)?;
    output.flush()?;
    Ok(Done::Whole)
}
