#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod backoff;
mod batch;
mod counters;
mod dead_letters;
mod delivery;
mod destination;
mod error;
#[cfg(feature = "jetstream")]
mod jetstream;
mod loss;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod permissions;
mod position;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "jetstream", feature = "postgres"))]
mod read_back;
mod reading;
mod report;
mod saving;
mod shipper;
mod stop;
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
mod tls;
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
mod url;

pub use body_logger_jsonl::Registration;

pub use self::{
    backoff::Backoff,
    batch::Outgoing,
    counters::ShipCounters,
    destination::{Acknowledged, Destination, SendError},
    error::{StartError, StillRunning},
    shipper::{ShipHandle, Shipper},
};

#[cfg(feature = "jetstream")]
#[cfg_attr(docsrs, doc(cfg(feature = "jetstream")))]
pub use self::jetstream::{JetStream, JetStreamError, TemplateError};
#[cfg(feature = "otlp")]
#[cfg_attr(docsrs, doc(cfg(feature = "otlp")))]
pub use self::otlp::{Otlp, OtlpError};
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use self::postgres::{Postgres, PostgresError};
#[cfg(any(feature = "jetstream", feature = "postgres"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "jetstream", feature = "postgres"))))]
pub use self::read_back::{StoredEntries, StoredEntry, StoredError};
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
#[cfg_attr(
    docsrs,
    doc(cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres")))
)]
pub use self::url::{AnyDestination, DestinationUrl, UrlError};
