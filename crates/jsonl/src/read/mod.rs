//! Reading a log back, through rotated and compressed files, and on as it grows.
//!
//! A reader finds the next file from the one that it holds open, not by its name, which changes. A saved position outlives
//! the file's name, too: it names the file by its first entry.

mod batch;
mod error;
mod files;
mod first_entry;
mod last_line;
mod line;
mod lines;
mod open_file;
mod order;
mod position;
mod raw;
mod reader;
mod skip;
mod source;
mod unparsed;

pub use self::{
    batch::LineBatch,
    error::{ReadError, ReadErrorKind},
    files::logs_in,
    line::Line,
    position::Position,
    raw::{RawFile, RawLine, RawLines},
    reader::{Reader, DEFAULT_MAX_LINE_BYTES},
    unparsed::UnparsedLine,
};
pub(crate) use self::{files::live as live_path, first_entry::first_entry, last_line::last_line};
