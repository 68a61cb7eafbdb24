#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod capture;
mod client;
#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
mod content;
mod delivery;
mod exchange;
mod logger;
mod middleware;
pub mod policy;
mod render;
pub mod replay;
pub mod sink;
mod spool;
mod tap;

pub use body_logger_core::{filter, format};

/// Reading the files of a [`JsonLinesFile`](sink::JsonLinesFile) back, from `body-logger-jsonl`.
///
/// ```no_run
/// use actix_web_body_logger::{filter::Filter, read::Reader, Entry};
///
/// let failed: Filter = "status:5xx".parse()?;
/// for line in Reader::open("audit.jsonl")? {
///     match line?.entry {
///         Entry::Record(record) if failed.matches(&record) => println!("{}", record.id),
///         _ => {}
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub mod read {
    pub use body_logger_jsonl::{
        Line, Position, ReadError, ReadErrorKind, Reader, DEFAULT_MAX_LINE_BYTES,
    };
}

#[cfg(feature = "inspector")]
#[cfg_attr(docsrs, doc(cfg(feature = "inspector")))]
pub use body_logger_inspector as inspector;
#[cfg(feature = "ship")]
#[cfg_attr(docsrs, doc(cfg(feature = "ship")))]
pub use body_logger_ship as ship;
#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub use body_logger_store as store;
#[cfg(feature = "proofs")]
#[cfg_attr(docsrs, doc(cfg(feature = "proofs")))]
pub use body_logger_tlog as proofs;

/// Records and their parts, from `body-logger-core`.
pub mod record {
    pub use body_logger_core::record::*;
}

/// Types of redaction: masked paths, hidden headers, clients, keyed hashes.
pub mod redact {
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    pub use crate::content::{BodyDigest, HashKey};
    pub use crate::{
        client::{ClientAddr, ForwardedHeader, Network, ParseNetworkError},
        render::{FieldPath, HiddenHeaders, ParseFieldPathError, Redact},
    };
}

pub use self::{
    builder::BodyLoggerBuilder,
    capture::RequestId,
    exchange::{Exchange, MAX_ATTRIBUTES},
    logger::BodyLogger,
    middleware::{BodyLoggerMiddleware, ResponseFuture},
    policy::{CaptureLevel, Rule, TailSampling},
    record::{Entry, Outcome, Record},
    redact::FieldPath,
    sink::{FlushGuard, Sink, SinkError},
    tap::ResponseBody,
};
