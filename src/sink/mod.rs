//! Sinks, and the public types of their delivery.

mod durable;
mod log;
mod memory;
mod retry;
#[cfg(feature = "tracing")]
mod tracing;

#[cfg(feature = "tracing")]
#[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
pub use self::tracing::{Tracing, TRACING_TARGET};
pub use self::{
    durable::{DurableSink, NotDurable},
    log::Log,
    memory::Memory,
    retry::Retry,
};
// Users find the public types of delivery beside the sinks.
pub use crate::delivery::{
    FlushGuard, QueueOptions, Unflushed, UnflushedSink, WhenFull, DEFAULT_QUEUE_RECORDS,
    FLUSH_TIMEOUT, LOG_TARGET,
};
pub use body_logger_core::sink::{
    BatchOptions, Counters, Placement, Sink, SinkCounters, SinkError,
};
pub use body_logger_jsonl::{
    Compression, FileCounters, Fsync, JsonLines, JsonLinesFile, JsonLinesFileBuilder,
};
