//! `body-logger man`.

use clap_mangen::Man;

use crate::{
    failure::{Done, Failure},
    output::Output,
};

/// Print a manual page
///
///     body-logger man > ~/.local/share/man/man1/body-logger.1
///     body-logger man show > ~/.local/share/man/man1/body-logger-show.1
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The command that the page is about; without it, the page is about all of them.
    command: Option<String>,
}

pub(crate) fn run(args: &Args, mut all: clap::Command) -> Result<Done, Failure> {
    // Gives the commands their whole names.
    all.build();
    let command = match &args.command {
        None => all,
        Some(name) => all
            .find_subcommand(name)
            .ok_or_else(|| Failure::Usage(format!("there is no command `{name}`")))?
            .clone(),
    };
    let mut page = Vec::new();
    Man::new(command)
        .render(&mut page)
        .map_err(Failure::of_output)?;
    let mut output = Output::new();
    output.write(page)?;
    output.flush()?;
    Ok(Done::Whole)
}
