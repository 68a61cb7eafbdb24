//! Entries as logs of OpenTelemetry, over HTTP.

mod convert;
mod headers;

use std::{
    error::Error,
    fmt,
    io::{self, Write},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use flate2::{write::GzEncoder, Compression};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use prost::Message;
use reqwest::{header::RETRY_AFTER, redirect::Policy, Client, Response, StatusCode, Url};

use self::headers::HeaderFiles;
use crate::{
    batch::Outgoing,
    destination::{Acknowledged, Destination, SendError},
    tls,
};

/// No receiver puts shipping off for longer.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// Sends entries to whatever receives [OTLP] over HTTP: a collector, and from there Kafka, ClickHouse, Loki and others.
///
/// The protocol has no means against duplicates: each entry arrives at least once. Its id is the attribute
/// `log.record.uid`, by which others can remove them. The whole entry is the body, as JSON; attributes have the names of the
/// semantic conventions.
///
/// ```
/// use body_logger_ship::Otlp;
///
/// # fn main() -> Result<(), body_logger_ship::OtlpError> {
/// let destination = Otlp::new("https://collector.example:4318")?
///     .header_file("authorization", "/run/secrets/collector")?;
/// # let _ = destination;
/// # Ok(())
/// # }
/// ```
///
/// # Failures
///
/// As the specification says, 429, 502, 503 and 504 are retried, after `Retry-After` at least, and of a partial success nothing is sent
/// again: what was rejected is counted. A batch that is answered with 400, 413 or 422 is split, and the one entry that is refused is a
/// dead letter. Other statuses, such as 401, 404 and 500, are retried as well, other than the specification says: they are about the receiver
/// rather than about an entry, and a log that is kept is not thrown away for them.
///
/// [OTLP]: https://opentelemetry.io/docs/specs/otlp/#otlphttp
#[must_use]
pub struct Otlp {
    url: Url,
    headers: HeaderFiles,
    root_certificates: Option<PathBuf>,
    client: Option<Client>,
}

impl Otlp {
    /// Creates a destination at the URL of a receiver. `/v1/logs` is added if it has no path.
    ///
    /// # Errors
    ///
    /// Returns an error if it is no URL of HTTP, or if credentials are in it.
    pub fn new(url: &str) -> Result<Self, OtlpError> {
        let mut url: Url = url.parse().map_err(|_| OtlpError::Url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OtlpError::Url);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OtlpError::CredentialsInUrl);
        }
        if url.path() == "/" {
            url.set_path("/v1/logs");
        }
        Ok(Self {
            url,
            headers: HeaderFiles::default(),
            root_certificates: None,
            client: None,
        })
    }

    /// Adds a header whose value is in a file, such as `authorization`. It is read whenever a connection is made. White space
    /// around it is removed. Defaults to those in `OTEL_EXPORTER_OTLP_LOGS_HEADERS`, or else in `OTEL_EXPORTER_OTLP_HEADERS`,
    /// of which one with the same name does not count.
    ///
    /// # Errors
    ///
    /// Returns an error if it is no name of a header.
    pub fn header_file(mut self, name: &str, path: impl Into<PathBuf>) -> Result<Self, OtlpError> {
        let name = name.parse().map_err(|_| OtlpError::Header)?;
        self.headers.push(name, path.into());
        Ok(self)
    }

    /// A PEM file with the certificates to trust. Defaults to those that the operating system trusts.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(path.into());
        self
    }

    fn client(&self) -> io::Result<Client> {
        Client::builder()
            .default_headers(self.headers.read()?)
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ))
            // Credentials are for one receiver.
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .tls_backend_preconfigured(tls::client_config(self.root_certificates.as_deref())?)
            .build()
            .map_err(io::Error::other)
    }
}

impl Destination for Otlp {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        self.client = Some(self.client().map_err(SendError::unavailable)?);
        Ok(checkpoint)
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        let Some(client) = &self.client else {
            return Err(SendError::unavailable("not connected"));
        };
        let body =
            gzip(&convert::request(batch).encode_to_vec()).map_err(SendError::unavailable)?;
        let sent = client.post(self.url.clone()).body(body).send().await;
        let response = sent.map_err(cannot_send)?;
        let status = response.status();
        if status.is_success() {
            return acknowledged(response).await;
        }
        let message = format!("the receiver answered {status}");
        match status {
            StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNPROCESSABLE_ENTITY => Err(SendError::refused(message)),
            _ => Err(SendError::Unavailable {
                cause: message.into(),
                retry_after: retry_after(&response),
            }),
        }
    }
}

fn cannot_send(error: reqwest::Error) -> SendError {
    match tls::advice(&error) {
        Some(advice) => SendError::unavailable(advice),
        None => SendError::unavailable(error.without_url()),
    }
}

async fn acknowledged(response: Response) -> Result<Acknowledged, SendError> {
    let bytes = response
        .bytes()
        .await
        .map_err(|error| SendError::unavailable(error.without_url()))?;
    // A receiver that answers something else has taken all, by the status.
    let answer = ExportLogsServiceResponse::decode(bytes).unwrap_or_default();
    let Some(partial) = answer.partial_success else {
        return Ok(Acknowledged::default());
    };
    let rejected = u64::try_from(partial.rejected_log_records).unwrap_or(0);
    if rejected > 0 || !partial.error_message.is_empty() {
        let message = partial.error_message.escape_debug();
        log::warn!("body logger: the receiver rejected {rejected} entries: {message}");
    }
    Ok(Acknowledged::default().rejected(rejected))
}

/// Seconds, or a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let after = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = httpdate::parse_http_date(value).ok()?;
            at.duration_since(SystemTime::now()).unwrap_or_default()
        }
    };
    Some(after.min(MAX_RETRY_AFTER))
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes)?;
    gzip.finish()
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp")
            .field("url", &self.url.as_str())
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// Why an [`Otlp`] cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtlpError {
    /// Not a URL of HTTP.
    Url,
    /// There are credentials in the URL, where other users of the machine can see them.
    CredentialsInUrl,
    /// Not the name of a header.
    Header,
}

impl fmt::Display for OtlpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "not a URL of HTTP",
            Self::CredentialsInUrl => {
                "credentials in the URL can be seen by others; put a header into a file"
            }
            Self::Header => "not the name of a header",
        })
    }
}

impl Error for OtlpError {}
