//! Which log is read, and what of it.

use std::path::PathBuf;

use body_logger_core::filter::Filter;

use super::Source;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct LogArgs {
    /// The log: a file, with the rotated and compressed files beside it; one of those alone; or a directory, for all logs
    /// whose names end with .jsonl in it, one after the other. With the feature `ship` also what was shipped there:
    /// nats://one:4222?stream=AUDIT or postgres://reader@db.example/audit?table=entries.
    #[arg(value_name = "FILE|DIR|URL")]
    log: PathBuf,

    #[command(flatten)]
    filter: FilterArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FilterArgs {
    /// Which exchanges: conditions that must all hold, such as status:5xx, method:post, path:/orders, slower:200ms,
    /// outcome:panicked, @user:42, from:2026-11-21, or words. Put quotes around the words that must follow each other, and
    /// quotes for the shell around it all: '"refused card" status:402'.
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
}

impl LogArgs {
    /// Opens the log.
    pub(crate) fn open(&self) -> Result<Source, Failure> {
        Source::open(&self.log)
    }

    /// Parses the filter. `None` if there is none.
    pub(crate) fn filter(&self) -> Result<Option<Filter>, Failure> {
        self.filter.parse()
    }
}

impl FilterArgs {
    /// Parses the filter. `None` if there is none.
    pub(crate) fn parse(&self) -> Result<Option<Filter>, Failure> {
        let text = self.filter.join(" ");
        if text.trim().is_empty() {
            return Ok(None);
        }
        let filter = text.parse::<Filter>().map_err(|error| {
            let range = error.range();
            let before = text[..range.start].chars().count();
            let wrong = text[range].chars().count().max(1);
            let (space, marks) = (" ".repeat(before), "^".repeat(wrong));
            Failure::Usage(format!("{error}\n  {text}\n  {space}{marks}"))
        })?;
        Ok(Some(filter))
    }
}
