//! The destination that a URL describes.

#[cfg(feature = "jetstream")]
use std::time::Duration;

use super::{parts::Parts, UrlError};
#[cfg(feature = "jetstream")]
use crate::jetstream::JetStream;
#[cfg(feature = "otlp")]
use crate::otlp::Otlp;
#[cfg(feature = "postgres")]
use crate::postgres::Postgres;
#[cfg(any(feature = "jetstream", feature = "postgres"))]
use crate::read_back::StoredEntries;

#[derive(Debug)]
pub(super) enum Target {
    #[cfg(feature = "jetstream")]
    JetStream(Box<JetStream>),
    #[cfg(feature = "otlp")]
    Otlp(Box<Otlp>),
    #[cfg(feature = "postgres")]
    Postgres(Box<Postgres>),
}

impl Target {
    pub(super) fn parse(url: &str) -> Result<Self, UrlError> {
        let parts = Parts::of(url)?;
        match parts.scheme {
            "nats" | "tls" => jetstream(parts),
            "postgres" | "postgresql" => postgres(parts, url),
            "http" | "https" => otlp(parts),
            _ => Err(UrlError::Scheme),
        }
    }

    /// An error if it is not said who ships.
    pub(super) fn check_names(&self) -> Result<(), UrlError> {
        match self {
            #[cfg(feature = "jetstream")]
            Self::JetStream(destination) => match destination.names() {
                ("", _) => Err(UrlError::Missing("service")),
                (_, "") => Err(UrlError::Missing("instance")),
                _ => Ok(()),
            },
            #[cfg(feature = "otlp")]
            Self::Otlp(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(()),
        }
    }

    #[cfg(any(feature = "jetstream", feature = "postgres"))]
    pub(super) fn read(self) -> Result<StoredEntries, UrlError> {
        match self {
            #[cfg(feature = "jetstream")]
            Self::JetStream(destination) => destination.read().map_err(UrlError::Reader),
            #[cfg(feature = "otlp")]
            Self::Otlp(_) => Err(UrlError::WriteOnly),
            #[cfg(feature = "postgres")]
            Self::Postgres(destination) => destination.read().map_err(UrlError::Reader),
        }
    }

    pub(super) fn migrations(&self) -> Option<String> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(destination) => Some(destination.migrations()),
            #[allow(unreachable_patterns, reason = "where it is the only destination")]
            _ => None,
        }
    }
}

#[cfg(feature = "jetstream")]
fn jetstream(mut parts: Parts<'_>) -> Result<Target, UrlError> {
    let stream = parts.take("stream").ok_or(UrlError::Missing("stream"))?;
    let service = parts.take("service").unwrap_or_default();
    let instance = parts.take("instance").unwrap_or_default();
    let made = JetStream::new(parts.base, stream, service, instance);
    let mut destination = made.map_err(UrlError::destination)?;
    if let Some(template) = parts.take("subject") {
        let made = destination.subject(&template);
        destination = made.map_err(UrlError::destination)?;
    }
    if let Some(replicas) = parts.take_number("replicas")? {
        destination = destination.replicas(replicas);
    }
    if let Some(seconds) = parts.take_number("duplicate_window")? {
        destination = destination.duplicate_window(Duration::from_secs(seconds));
    }
    if let Some(path) = parts.take("credentials_file") {
        destination = destination.credentials_file(path);
    }
    if let Some(path) = parts.take("token_file") {
        destination = destination.token_file(path);
    }
    if let Some(user) = parts.take("user") {
        let file = parts.take("password_file");
        let file = file.ok_or(UrlError::Missing("password_file"))?;
        destination = destination.password_file(user, file);
    }
    if let Some(path) = parts.take("root_certificates") {
        destination = destination.root_certificates(path);
    }
    parts.finish()?;
    Ok(Target::JetStream(Box::new(destination)))
}

#[cfg(not(feature = "jetstream"))]
fn jetstream(_: Parts<'_>) -> Result<Target, UrlError> {
    Err(UrlError::Feature("jetstream"))
}

#[cfg(feature = "postgres")]
fn postgres(mut parts: Parts<'_>, url: &str) -> Result<Target, UrlError> {
    let table = parts.take("table");
    let schema = parts.take("schema");
    let partitions = parts.take("partitions");
    let password_file = parts.take("password_file");
    let root_certificates = parts.take("root_certificates");
    let made = Postgres::new(&parts.rest(url));
    let mut destination = made.map_err(UrlError::destination)?;
    if let Some(table) = table {
        destination = destination.table(&table).map_err(UrlError::destination)?;
    }
    destination = match schema.as_deref() {
        None | Some("apply") => destination,
        Some("expect") => destination.expect_schema(),
        Some(_) => return Err(UrlError::Value("schema".to_owned())),
    };
    destination = match partitions.as_deref() {
        None => destination,
        Some("day") => destination.partitions_by_day(),
        Some(_) => return Err(UrlError::Value("partitions".to_owned())),
    };
    if let Some(path) = password_file {
        destination = destination.password_file(path);
    }
    if let Some(path) = root_certificates {
        destination = destination.root_certificates(path);
    }
    Ok(Target::Postgres(Box::new(destination)))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: Parts<'_>, _: &str) -> Result<Target, UrlError> {
    Err(UrlError::Feature("postgres"))
}

#[cfg(feature = "otlp")]
fn otlp(mut parts: Parts<'_>) -> Result<Target, UrlError> {
    let mut destination = Otlp::new(parts.base).map_err(UrlError::destination)?;
    while let Some(header) = parts.take("header_file") {
        let Some((name, path)) = header.split_once(':') else {
            return Err(UrlError::Value("header_file".to_owned()));
        };
        let made = destination.header_file(name, path);
        destination = made.map_err(UrlError::destination)?;
    }
    if let Some(path) = parts.take("root_certificates") {
        destination = destination.root_certificates(path);
    }
    parts.finish()?;
    Ok(Target::Otlp(Box::new(destination)))
}

#[cfg(not(feature = "otlp"))]
fn otlp(_: Parts<'_>) -> Result<Target, UrlError> {
    Err(UrlError::Feature("otlp"))
}
