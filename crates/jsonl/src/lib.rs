#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod batch;
mod closed;
mod file;
mod file_id;
mod lines;
mod paths;
mod permissions;
mod read;
mod registration;

pub use self::{
    file::{
        AppendedLines, Compression, FileCounters, FileObserver, Fsync, JsonLinesFile,
        JsonLinesFileBuilder, LineToErase,
    },
    lines::JsonLines,
    read::{
        logs_in, Line, LineBatch, Position, RawFile, RawLine, RawLines, ReadError, ReadErrorKind,
        Reader, UnparsedLine, DEFAULT_MAX_LINE_BYTES,
    },
    registration::Registration,
};
