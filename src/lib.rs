#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod admission;
mod body;
mod budget;
mod buffering;
mod capture;
mod captured;
mod charset;
mod client;
mod config;
#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
mod decode;
mod delivery;
mod events;
mod exchange;
#[cfg(feature = "hash")]
mod hash;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
mod known_headers;
mod media_type;
mod middleware;
mod payload;
mod policy;
mod redact;
pub mod replay;
mod request_id;
pub mod sink;
mod span;

#[cfg(feature = "hash")]
#[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
pub use self::hash::{BodyDigest, HashKey};
pub use self::{
    body::ResponseBody,
    budget::{Budget, DEFAULT_MEMORY_BUDGET},
    captured::{MAX_HEAD, MAX_HEAD_VALUE},
    client::{ClientAddr, ForwardedHeader, Network, ParseNetworkError},
    config::{
        BodyLogger, BodyLoggerBuilder, BodyMode, OverLimit, StartRecords, DEFAULT_BUFFER_DEADLINE,
        DEFAULT_BUFFER_LIMIT, DEFAULT_MAX_BODY_BYTES,
    },
    exchange::{Exchange, MAX_ATTRIBUTES},
    middleware::{BodyLoggerMiddleware, ResponseFuture},
    policy::{KeepBodies, Level, Otherwise, Rule, Summary},
    redact::{FieldPath, HiddenHeaders, ParseFieldPathError, Redact},
    request_id::RequestId,
    sink::{Counters, FlushGuard, Sink, SinkError, WhenFull},
};

/// Records and their parts: [`body_logger_core::record`].
pub mod record {
    pub use body_logger_core::record::*;
}
pub use body_logger_core::{
    format::{self, LINE_BODY_LIMIT},
    record::{
        missing_entries, missing_entries_of_lines, Body, BodyFile, BodyState, Client, Entry,
        ErrorKind, ErrorRecord, Gap, GapRecord, Json, Maintenance, MaintenanceKind,
        MaintenanceRecord, Outcome, Part, Reason, Record, RecordText, RequestRecord, Resource,
        ResponseRecord, RunReport, Stage, Trace, DEFAULT_MAX_RECORD_BYTES, MASK,
        MIN_MAX_RECORD_BYTES, RECORD_VERSION,
    },
};
