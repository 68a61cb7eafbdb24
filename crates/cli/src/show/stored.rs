//! Prints what was shipped.

use std::thread;

use super::{
    format::{Formatted, Formatter},
    printer::Printer,
    Args,
};
use crate::{
    failure::{Done, Failure},
    logs::{Stored, Unreadable},
};

/// How many bytes of text are printed at once.
const BATCH_BYTES: usize = 64 * 1024;

pub(super) fn show(args: &Args, stored: Stored, mut formatter: Formatter) -> Result<Done, Failure> {
    // They are from many hosts.
    formatter.shows_origin = true;
    let mut stored = match formatter.filter.clone() {
        Some(filter) => stored.filter(filter),
        None => stored,
    };
    if args.follow {
        stored = stored.follow();
    }
    let mut printer = Printer::new(args.format);
    // What cannot be read was reported before it gets here.
    let mut unreadable = Unreadable::default();
    loop {
        let mut formatted = Formatted::default();
        for entry in &mut stored {
            formatter.entry_if_wanted(&entry.json, entry.entry, &mut formatted);
            formatted.end_piece();
            if formatted.text.len() >= BATCH_BYTES {
                printer.print(std::mem::take(&mut formatted), &mut unreadable)?;
            }
        }
        printer.print(formatted, &mut unreadable)?;
        if !args.follow {
            break;
        }
        thread::sleep(Stored::POLL);
    }
    printer.finish()?;
    stored.done()
}
