//! Destinations as URLs.

mod error;
mod parts;
mod target;

use std::{fmt, str::FromStr};

pub use self::error::UrlError;
use self::target::Target;
#[cfg(any(feature = "jetstream", feature = "postgres"))]
use crate::read_back::StoredEntries;
use crate::{
    batch::Outgoing,
    destination::{Acknowledged, Destination, SendError},
};

/// A destination as one URL, for commands and configuration. It contains no credentials: those are in files, whose paths it
/// may have, or in the environment.
///
/// ```
/// use body_logger_ship::DestinationUrl;
///
/// # fn main() -> Result<(), body_logger_ship::UrlError> {
/// let url: DestinationUrl = "postgres://logger@db.example/audit?sslmode=require&table=http_entries".parse()?;
/// let destination = url.destination()?;
/// assert!(DestinationUrl::is_url("nats://nats.example?stream=AUDIT"));
/// assert!(!DestinationUrl::is_url("logs/audit.jsonl"));
/// # let _ = destination;
/// # Ok(())
/// # }
/// ```
///
/// Values are percent-encoded. A parameter does what the setter of its name does, and has the default of that.
///
/// # `nats://` and `tls://`
///
/// `nats://one:4222,two:4222?stream=AUDIT&service=orders&instance=orders-7f9c`
///
/// | parameter | |
/// |---|---|
/// | `stream` | needed |
/// | `service`, `instance` | needed to ship; where `instance` is given, only its entries are read back |
/// | `subject` | the template of subjects |
/// | `replicas`, `duplicate_window` | a number; seconds |
/// | `credentials_file`, `token_file`, `user` with `password_file` | paths; else `NATS_CREDS`, `NATS_TOKEN`, or `NATS_USER` and `NATS_PASSWORD` |
/// | `root_certificates` | a path |
///
/// # `postgres://` and `postgresql://`
///
/// `postgres://logger@db.example/audit?sslmode=require`
///
/// | parameter | |
/// |---|---|
/// | `table` | |
/// | `schema` | `apply`, or `expect` for a table that somebody else made |
/// | `partitions` | `day` |
/// | `password_file`, `root_certificates` | paths; else `PGPASSWORD` |
/// | others | those of libpq: `sslmode`, `connect_timeout`, `application_name` and so on |
///
/// # `http://` and `https://`
///
/// A receiver of OTLP: `https://collector.example:4318/v1/logs?header_file=authorization:/run/secrets/collector`
///
/// | parameter | |
/// |---|---|
/// | `header_file` | the name of a header, a colon and a path; any number of times; else `OTEL_EXPORTER_OTLP_LOGS_HEADERS` or `OTEL_EXPORTER_OTLP_HEADERS` |
/// | `root_certificates` | a path |
#[derive(Clone, PartialEq, Eq)]
pub struct DestinationUrl(String);

impl DestinationUrl {
    /// Whether a text is to be parsed as a URL, rather than as the path of a log.
    #[must_use]
    pub fn is_url(text: &str) -> bool {
        text.split_once("://").is_some_and(|(scheme, _)| {
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    }

    /// Returns the destination.
    ///
    /// # Errors
    ///
    /// Returns an error if a parameter is missing that is needed to ship.
    pub fn destination(&self) -> Result<AnyDestination, UrlError> {
        let target = Target::parse(&self.0)?;
        target.check_names()?;
        Ok(AnyDestination(target))
    }

    /// Returns a reader of what was shipped there.
    ///
    /// # Errors
    ///
    /// Returns an error if it is the URL of a receiver of OTLP, or if the operating system gives no resources for it. It
    /// connects later.
    #[cfg(any(feature = "jetstream", feature = "postgres"))]
    #[cfg_attr(docsrs, doc(cfg(any(feature = "jetstream", feature = "postgres"))))]
    pub fn read(&self) -> Result<StoredEntries, UrlError> {
        Target::parse(&self.0)?.read()
    }

    /// Returns the statements that make the table, for a reviewer. None where the destination has no table.
    #[must_use]
    pub fn migrations(&self) -> Option<String> {
        // It was parsed before.
        Target::parse(&self.0).ok()?.migrations()
    }
}

impl FromStr for DestinationUrl {
    type Err = UrlError;

    /// Parses a URL.
    ///
    /// # Errors
    ///
    /// Returns an error if it has another scheme, credentials, an unknown parameter, or a value that cannot be parsed.
    fn from_str(url: &str) -> Result<Self, UrlError> {
        Target::parse(url)?;
        Ok(Self(url.to_owned()))
    }
}

/// The URL. It has no credentials.
impl fmt::Display for DestinationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DestinationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DestinationUrl").field(&self.0).finish()
    }
}

/// A destination of any kind, made from a [`DestinationUrl`].
#[derive(Debug)]
#[must_use]
pub struct AnyDestination(Target);

impl Destination for AnyDestination {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        match &mut self.0 {
            #[cfg(feature = "jetstream")]
            Target::JetStream(destination) => destination.connect(checkpoint).await,
            #[cfg(feature = "otlp")]
            Target::Otlp(destination) => destination.connect(checkpoint).await,
            #[cfg(feature = "postgres")]
            Target::Postgres(destination) => destination.connect(checkpoint).await,
        }
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        match &mut self.0 {
            #[cfg(feature = "jetstream")]
            Target::JetStream(destination) => destination.send(batch).await,
            #[cfg(feature = "otlp")]
            Target::Otlp(destination) => destination.send(batch).await,
            #[cfg(feature = "postgres")]
            Target::Postgres(destination) => destination.send(batch).await,
        }
    }

    async fn finish(&mut self) -> Result<Acknowledged, SendError> {
        match &mut self.0 {
            #[cfg(feature = "jetstream")]
            Target::JetStream(destination) => destination.finish().await,
            #[cfg(feature = "otlp")]
            Target::Otlp(destination) => destination.finish().await,
            #[cfg(feature = "postgres")]
            Target::Postgres(destination) => destination.finish().await,
        }
    }
}
