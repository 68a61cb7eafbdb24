#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
mod contain;
pub mod filter;
pub mod format;
pub mod record;
pub mod rfc3339;
mod scan;
pub mod sink;
mod unrecorded;

pub use self::{
    contain::{contain, Panicked},
    filter::Filter,
    record::{Entry, Record},
    sink::{Sink, SinkError},
    unrecorded::Unrecorded,
};
