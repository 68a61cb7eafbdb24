#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod batch;
mod closed;
mod file;
mod lines;
mod permissions;

pub use self::{
    file::{Compression, FileCounters, Fsync, JsonLinesFile, JsonLinesFileBuilder},
    lines::JsonLines,
};
