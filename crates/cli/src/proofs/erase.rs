//! `erase`: erases single lines of a log with proofs.

use std::{io, path::PathBuf};

use body_logger_jsonl::{Fsync, JsonLinesFile};
use body_logger_tlog::{find_lines, log_state, Proofs, SigningKey};

use crate::{
    failure::{Done, Failure},
    output::Output,
};

/// Erase what a log with proofs holds of an exchange or of an entry
///
/// Its lines are overwritten by which entry it was, after the log has announced that; the log still verifies. No application may
/// have the log open meanwhile: it erases by itself (`JsonLinesFile::erase`). Copies that others hold of the log, such as a store,
/// are not erased.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The log: its live file, with the closed files and LOG.tlog beside it.
    log: PathBuf,

    /// The id of an exchange, all of whose lines are erased, or of an entry.
    id: String,

    /// The file with the log's signing key, as `key new` has written it.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    /// Only this line, or which exchange if several have this id: the number of a line in the log, from 0 on.
    #[arg(long)]
    index: Option<u64>,

    /// Writes the new checkpoint to this file, as the application publishes its own.
    #[arg(long, value_name = "FILE")]
    publish: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Done, Failure> {
    let what = format!("erase {} in {}", args.id, args.log.display());
    let key = SigningKey::from_file(&args.key)
        .map_err(|error| Failure::cannot("read the signing key", error))?;
    // Nothing is opened, and so made, that is no log of this key.
    log_state(&args.log, &[key.verifier_key().clone()])
        .map_err(|error| Failure::cannot(&what, error))?;
    if let Some(index) = args.index {
        let found = find_lines(&args.log, &args.id);
        let found = found.map_err(|error| Failure::cannot(&what, error))?;
        if !found.contains(&index) {
            let error = format!("line {index} has not the id {}", args.id);
            return Err(Failure::cannot(&what, error));
        }
    }
    let mut proofs = Proofs::new(key);
    if let Some(path) = &args.publish {
        proofs = proofs.publish_to(path);
    }
    let file = JsonLinesFile::at(&args.log).fsync(Fsync::EveryBatch);
    let erased = file
        .observer(proofs)
        .open()
        .and_then(|file| match args.index {
            Some(index) => file.erase_line(index).map(|()| vec![index]),
            None => file.erase(&args.id),
        });
    let erased = erased.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => {
            Failure::Usage(format!("cannot {what}: {error}; --index chooses one"))
        }
        _ => Failure::cannot(&what, error),
    })?;
    let mut output = Output::new();
    for number in erased {
        output.write_line(format!("line {number} is erased"))?;
    }
    output.flush()?;
    Ok(Done::Whole)
}
