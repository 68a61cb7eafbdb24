//! Entries as messages of NATS JetStream.

mod connection;
mod credentials;
mod error;
mod outstanding;
mod read;
mod stream;
mod subject;

use std::{collections::HashSet, fmt, io, path::PathBuf, time::Duration};

use async_nats::{
    header::NATS_MESSAGE_ID,
    jetstream::stream::{RawMessageErrorKind, Stream},
    ConnectOptions, ServerAddr,
};
use uuid::Uuid;

use self::{
    connection::Connection, credentials::Credentials, outstanding::Outstanding, stream::Wanted,
    subject::Template,
};
pub use self::{error::JetStreamError, subject::TemplateError};
use crate::{
    batch::Outgoing,
    destination::{Acknowledged, Destination, SendError},
    read_back::StoredEntries,
    tls,
};

/// Headers and subject of a message, at most, beside its payload.
const OVERHEAD: usize = 1024;

/// Publishes entries to a stream of NATS JetStream, each once.
///
/// The id of a message (`Nats-Msg-Id`) is the `entry_id`, by which the server removes duplicates within the stream's
/// duplicate window. Whenever a connection is made, what this instance has stored since the last position is read back
/// before anything is sent. So nothing is stored twice after an outage or a restart that was longer than the window.
///
/// Messages of an instance are in the order of its log, unless the leader of a replicated stream changes while a batch
/// is being sent: then a part of that batch may be stored after what follows it.
///
/// ```
/// use body_logger_ship::JetStream;
///
/// # fn main() -> Result<(), body_logger_ship::JetStreamError> {
/// let destination = JetStream::new("tls://nats.example:4222", "AUDIT", "orders", "orders-7f9c")?
///     .credentials_file("/run/secrets/nats.creds")
///     .replicas(3)
///     .subject("audit.{service}.{instance}.{route}.{status_class}")?;
/// # let _ = destination;
/// # Ok(())
/// # }
/// ```
///
/// # Subjects
///
/// A template has tokens between dots, each a literal or a placeholder. It begins with a literal, and has `{instance}`
/// before all that differs from entry to entry, so that what an instance has stored can be found.
///
/// | placeholder | value |
/// |---|---|
/// | `{service}`, `{instance}` | as given to [`new`](Self::new) |
/// | `{kind}` | `record`, `gap` or `maintenance` |
/// | `{method}` | of the request |
/// | `{route}` | the pattern that matched, as `orders-id` for `/orders/{id}` |
/// | `{status_class}` | such as `5xx` |
///
/// What an entry does not have is `none`. All but letters, digits and `_` of a value is replaced, and 64 characters of it are
/// used at most, so that no client chooses how many tokens a subject has.
#[must_use]
pub struct JetStream {
    servers: Vec<ServerAddr>,
    service: String,
    instance: String,
    template: Template,
    stream: String,
    replicas: usize,
    duplicate_window: Duration,
    credentials: Credentials,
    root_certificates: Option<PathBuf>,
    open: Option<Open>,
}

/// What a connection has.
struct Open {
    connection: Connection,
    outstanding: Outstanding,
    /// Ids of messages behind the checkpoint that the stream has already.
    stored: HashSet<Uuid>,
    /// The highest sequence of the stream that is known.
    sequence: u64,
    max_payload: usize,
}

impl Open {
    /// Waits until all messages before this number are stored.
    async fn take(&mut self, before: u64) -> Result<Acknowledged, SendError> {
        let taken = self.outstanding.take(before).await;
        if let Err(SendError::Refused { .. }) = taken {
            // Until those come again, the server may have forgotten them.
            self.stored.extend(self.outstanding.take_stored());
        }
        self.sequence = taken?.unwrap_or_default().max(self.sequence);
        Ok(self.acknowledged())
    }

    /// What was read back stays behind the checkpoint until it has come.
    fn acknowledged(&self) -> Acknowledged {
        match self.stored.is_empty() {
            true => Acknowledged::default().checkpoint(self.sequence),
            false => Acknowledged::default(),
        }
    }
}

impl JetStream {
    /// Creates a destination at one or more servers, as URLs with commas between them; `tls://` demands encryption. The
    /// instance must differ from all others of the service that ship at the same time, and stay the same after a restart.
    ///
    /// # Errors
    ///
    /// Returns an error if a URL cannot be parsed, or if credentials are in it.
    pub fn new(
        servers: &str,
        stream: impl Into<String>,
        service: impl Into<String>,
        instance: impl Into<String>,
    ) -> Result<Self, JetStreamError> {
        let servers = servers.split(',').map(|url| {
            let server: ServerAddr = url.trim().parse().map_err(|_| JetStreamError::Url)?;
            match server.has_user_pass() {
                true => Err(JetStreamError::CredentialsInUrl),
                false => Ok(server),
            }
        });
        let template = Template::parse("audit.{service}.{instance}.{route}.{status_class}");
        Ok(Self {
            servers: servers.collect::<Result<_, _>>()?,
            service: service.into(),
            instance: instance.into(),
            template: template.map_err(JetStreamError::Subject)?,
            stream: stream.into(),
            replicas: 1,
            duplicate_window: Duration::from_secs(120),
            credentials: Credentials::default(),
            root_certificates: None,
            open: None,
        })
    }

    /// The [template](Self#subjects) of subjects. Defaults to `audit.{service}.{instance}.{route}.{status_class}`.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not a template.
    pub fn subject(mut self, template: &str) -> Result<Self, JetStreamError> {
        self.template = Template::parse(template).map_err(JetStreamError::Subject)?;
        Ok(self)
    }

    /// Number of replicas that the stream must have at least. Defaults to 1.
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// How long the stream must remember ids at least. Defaults to two minutes.
    pub fn duplicate_window(mut self, window: Duration) -> Self {
        self.duplicate_window = window;
        self
    }

    /// A file with a JWT and the seed of a key, as `nsc` writes it. It is read whenever a connection is made. Defaults to
    /// what the environment has: `NATS_CREDS` with a path, or `NATS_USER` and `NATS_PASSWORD`, or `NATS_TOKEN`.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials = Credentials::File(path.into());
        self
    }

    /// A user, and a file that contains the password. Defaults as [`credentials_file`](Self::credentials_file).
    pub fn password_file(mut self, user: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.credentials = Credentials::Password {
            user: user.into(),
            file: path.into(),
        };
        self
    }

    /// A file that contains a token. Defaults as [`credentials_file`](Self::credentials_file).
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials = Credentials::Token(path.into());
        self
    }

    /// A PEM file with the certificates to trust. Defaults to those that the operating system trusts.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(path.into());
        self
    }

    /// Returns a reader of the entries in the stream: of this instance, or of all instances if its name is empty.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system gives no resources for it. It connects later.
    pub fn read(self) -> io::Result<StoredEntries> {
        StoredEntries::new(read::Messages::of(self))
    }

    /// The service and the instance.
    pub(crate) fn names(&self) -> (&str, &str) {
        (&self.service, &self.instance)
    }

    fn options(&self) -> io::Result<ConnectOptions> {
        let options = ConnectOptions::new()
            .name("body-logger-ship")
            .connection_timeout(Duration::from_secs(10))
            .tls_client_config(tls::client_config(self.root_certificates.as_deref())?);
        self.credentials.apply(options)
    }

    async fn open(&self, checkpoint: Option<u64>) -> Result<Open, SendError> {
        let options = self.options().map_err(SendError::unavailable)?;
        let connection = Connection::open(options, self.servers.clone()).await?;
        let broken = connection.broken();
        tokio::select! {
            open = self.prepare(connection, checkpoint) => open,
            error = broken => Err(error),
        }
    }

    /// Checks the stream, and reads back what a connection before this one may have stored.
    async fn prepare(
        &self,
        connection: Connection,
        checkpoint: Option<u64>,
    ) -> Result<Open, SendError> {
        let wanted = Wanted {
            name: self.stream.clone(),
            subjects: self.template.all(),
            replicas: self.replicas,
            duplicate_window: self.duplicate_window,
        };
        let stream = wanted.get(&connection.jetstream).await?;
        let last = stream.cached_info().state.last_sequence;
        let stored = match checkpoint {
            // Nothing was ever sent.
            None => HashSet::new(),
            Some(checkpoint) if checkpoint > last => {
                let name = &self.stream;
                log::error!(
                    "body logger: stream {name} ends at {last}, and message {checkpoint} was stored before: it was created anew, or \
                     its server has lost messages; what was shipped is not shipped again, unless the position file is deleted"
                );
                // All that is in it was sent since.
                self.stored_since(&stream, 0).await?
            }
            Some(checkpoint) => self.stored_since(&stream, checkpoint).await?,
        };
        let client = connection.jetstream.client();
        Ok(Open {
            max_payload: client.server_info().max_payload,
            outstanding: Outstanding::new(client).await?,
            connection,
            stored,
            sequence: last,
        })
    }

    /// The ids of what this instance has stored behind a place in the stream: of the batches that a crash costs, at most.
    async fn stored_since(&self, stream: &Stream, place: u64) -> Result<HashSet<Uuid>, SendError> {
        let subjects = self.template.of_instance(&self.service, &self.instance);
        let mut stored = HashSet::new();
        let mut next = place + 1;
        loop {
            let message = stream
                .raw_message_builder()
                .sequence(next)
                .next_by_subject(subjects.clone())
                .send()
                .await;
            match message {
                Ok(message) => {
                    next = message.sequence + 1;
                    let id = message.headers.get(NATS_MESSAGE_ID);
                    // What has another id was not sent by a shipper.
                    stored.extend(id.and_then(|id| id.as_str().parse::<Uuid>().ok()));
                }
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => {
                    return Ok(stored)
                }
                Err(error) => return Err(SendError::unavailable(error)),
            }
        }
    }

    /// Publishes a batch, and waits until the one before it is stored, or all.
    async fn publish(
        &self,
        open: &mut Open,
        batch: &[Outgoing],
    ) -> Result<Acknowledged, SendError> {
        let before = open.outstanding.next();
        let is_too_long = |entry: &&Outgoing| entry.json().len() + OVERHEAD > open.max_payload;
        if let Some(entry) = batch.iter().find(is_too_long) {
            let (bytes, most) = (entry.json().len(), open.max_payload);
            let reason = format!("{bytes} bytes are too long, the server takes {most}");
            open.outstanding.refuse(reason);
            return open.take(before).await;
        }
        for entry in batch {
            if !open.stored.contains(&entry.entry_id()) {
                let subject = self.template.subject(&self.service, &self.instance, entry);
                open.outstanding.publish(subject, entry).await?;
            }
        }
        if open.stored.is_empty() {
            return Ok(open.take(before).await?.pending());
        }
        open.take(open.outstanding.next()).await?;
        for entry in batch {
            open.stored.remove(&entry.entry_id());
        }
        Ok(open.acknowledged())
    }
}

fn not_connected() -> SendError {
    SendError::unavailable("not connected")
}

impl Destination for JetStream {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        self.open = None;
        let open = self.open(checkpoint).await?;
        let checkpoint = match checkpoint {
            // Whether or not something of the batch is stored: what is behind it was read back.
            Some(checkpoint) if checkpoint <= open.sequence => checkpoint,
            Some(_) => 0,
            None => open.sequence,
        };
        self.open = Some(open);
        Ok(Some(checkpoint))
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        let mut open = self.open.take().ok_or_else(not_connected)?;
        let broken = open.connection.broken();
        let sent = tokio::select! {
            sent = self.publish(&mut open, batch) => sent,
            error = broken => Err(error),
        };
        if !is_unavailable(&sent) {
            self.open = Some(open);
        }
        sent
    }

    async fn finish(&mut self) -> Result<Acknowledged, SendError> {
        let open = self.open.as_mut().ok_or_else(not_connected)?;
        let (broken, all) = (open.connection.broken(), open.outstanding.next());
        let taken = tokio::select! {
            taken = open.take(all) => taken,
            error = broken => Err(error),
        };
        if is_unavailable(&taken) {
            self.open = None;
        }
        taken
    }
}

/// What fails leaves no connection behind.
fn is_unavailable(result: &Result<Acknowledged, SendError>) -> bool {
    matches!(result, Err(SendError::Unavailable { .. }))
}

impl fmt::Debug for JetStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JetStream")
            .field("stream", &self.stream)
            .field("service", &self.service)
            .field("instance", &self.instance)
            .finish_non_exhaustive()
    }
}
