//! Entries in a table of PostgreSQL.

mod error;
mod partitions;
mod read;
mod row;
mod schema;

use std::{fmt, fs, io, path::PathBuf, time::Duration};

use futures_util::pin_mut;
use rustls::ClientConfig;
use tokio_postgres::{
    binary_copy::BinaryCopyInWriter, config::SslMode, error::SqlState, Client, Config, Statement,
};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use self::error::PostgresError;
use self::{
    partitions::Partitions,
    row::{Form, Row, TYPES},
    schema::{Table, COPY, STAGING, VERSION},
};
use crate::{
    batch::Outgoing,
    destination::{Acknowledged, Destination, SendError},
    read_back::StoredEntries,
    tls,
};

/// Stores entries in a table of PostgreSQL, each once.
///
/// A batch is copied into a temporary table and inserted from there in one transaction; entries whose `entry_id` is in the
/// table are left out. So a batch is stored whole or not at all, and however often it is sent, once. The columns are what
/// is queried most; the whole entry is in `entry` as `jsonb`. What `jsonb` cannot represent, such as a NUL that a client
/// sent, is in `entry_text` instead.
///
/// ```
/// use body_logger_ship::Postgres;
///
/// # fn main() -> Result<(), body_logger_ship::PostgresError> {
/// let destination = Postgres::new("postgres://logger@db.example/audit?sslmode=require")?
///     .password_file("/run/secrets/db")
///     .table("http_entries")?;
/// // To be reviewed, rather than applied by the shipper.
/// let sql = destination.expect_schema().migrations();
/// assert!(sql.contains("CREATE TABLE http_entries"));
/// # Ok(())
/// # }
/// ```
///
/// # Security
///
/// With `sslmode=require` the connection is encrypted and the server's certificate and name are verified. The default of
/// URLs, `prefer`, protects from nobody who is between: as with libpq and sqlx, it goes on without encryption where the server
/// offers none, and encrypts with any certificate, unless [`root_certificates`](Self::root_certificates) are given.
#[must_use]
pub struct Postgres {
    config: Config,
    password_file: Option<PathBuf>,
    root_certificates: Option<PathBuf>,
    table: Table,
    applies_migrations: bool,
    open: Option<Open>,
    partitions: Partitions,
}

/// What a connection has.
struct Open {
    client: Client,
    copy: Statement,
    insert: Statement,
}

impl Postgres {
    /// Parses a URL, or a text of keys and values, without a password. Passwords are in a
    /// [file](Self::password_file) or in the environment as `PGPASSWORD`.
    ///
    /// # Errors
    ///
    /// Returns an error if it cannot be parsed, or if there is a password in it.
    pub fn new(url: &str) -> Result<Self, PostgresError> {
        let mut config: Config = url.parse().map_err(|_| PostgresError::Url)?;
        if config.get_password().is_some() {
            return Err(PostgresError::PasswordInUrl);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        if config.get_application_name().is_none() {
            config.application_name("body-logger-ship");
        }
        Ok(Self {
            config,
            password_file: None,
            root_certificates: None,
            table: Table::parse("http_entries").ok_or(PostgresError::Table)?,
            applies_migrations: true,
            open: None,
            partitions: Partitions::default(),
        })
    }

    /// A file that contains the password, read whenever a connection is made. White space around it is removed. Defaults to
    /// the variable `PGPASSWORD`, or none.
    pub fn password_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.password_file = Some(path.into());
        self
    }

    /// A PEM file with the certificates to trust. Defaults to those that the operating system trusts.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(path.into());
        self
    }

    /// The table, with or without its schema. Defaults to `http_entries`.
    ///
    /// # Errors
    ///
    /// Returns an error if the name would need quotes, or has more than 40 characters.
    pub fn table(mut self, name: &str) -> Result<Self, PostgresError> {
        let by_day = self.table.by_day;
        self.table = Table::parse(name).ok_or(PostgresError::Table)?;
        self.table.by_day = by_day;
        Ok(self)
    }

    /// Has a partition for each day, in UTC, so that old days are removed by `DROP TABLE http_entries_20261128`. The shipper
    /// makes them as entries of a day arrive, which locks the table for a moment; where it [expects](Self::expect_schema) the
    /// table, somebody else does. Defaults to a table without partitions.
    pub fn partitions_by_day(mut self) -> Self {
        self.table.by_day = true;
        self
    }

    /// Expects the table in the current version, rather than applying migrations. Defaults to applying them.
    pub fn expect_schema(mut self) -> Self {
        self.applies_migrations = false;
        self
    }

    /// Returns the statements that make the table, from its first version to the current one.
    #[must_use]
    pub fn migrations(&self) -> String {
        let versions = self.table.versions();
        format!("{versions};\n{}", self.table.migrations_after(0))
    }

    /// Returns a reader of the entries in the table, which needs no more than `SELECT` on it.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system gives no resources for it. It connects later.
    pub fn read(self) -> io::Result<StoredEntries> {
        StoredEntries::new(read::Rows::of(self))
    }

    fn password(&self) -> io::Result<Option<Vec<u8>>> {
        let Some(path) = &self.password_file else {
            let password = std::env::var_os("PGPASSWORD");
            return Ok(password.map(|it| it.into_encoded_bytes()));
        };
        let text = fs::read(path).map_err(|error| {
            let message = format!("cannot read the password file {}: {error}", path.display());
            io::Error::new(error.kind(), message)
        })?;
        Ok(Some(text.trim_ascii().to_vec()))
    }

    fn tls(&self) -> io::Result<ClientConfig> {
        match (self.config.get_ssl_mode(), &self.root_certificates) {
            // It would go on without encryption, to any server.
            (SslMode::Prefer, None) => tls::any_server::client_config(),
            (_, roots) => tls::client_config(roots.as_deref()),
        }
    }

    async fn connection(&self) -> Result<Client, SendError> {
        let mut config = self.config.clone();
        if let Some(password) = self.password().map_err(SendError::unavailable)? {
            config.password(password);
        }
        let tls = self.tls().map_err(SendError::unavailable)?;
        let connected = config.connect(MakeRustlsConnect::new(tls)).await;
        let (client, connection) = connected.map_err(cannot_connect)?;
        // It ends when the client is dropped, which receives its errors.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(client)
    }

    async fn check_schema(&self, client: &mut Client) -> Result<(), SendError> {
        let transaction = client.transaction().await.map_err(SendError::unavailable)?;
        if self.applies_migrations {
            let statements = format!("{};{}", self.table.lock(), self.table.versions());
            let applied = transaction.batch_execute(&statements).await;
            applied.map_err(SendError::unavailable)?;
        }
        let version = transaction
            .query_one(&self.table.current_version(), &[])
            .await;
        let version: i32 = version.map_err(SendError::unavailable)?.get(0);
        if version > VERSION || (version < VERSION && !self.applies_migrations) {
            let table = self.table.name();
            let message =
                format!("table {table} has version {version}, and this shipper needs {VERSION}");
            return Err(SendError::unavailable(message));
        }
        let migrations = self.table.migrations_after(version);
        let applied = transaction.batch_execute(&migrations).await;
        applied.map_err(SendError::unavailable)?;
        let row = transaction
            .query_opt(&self.table.is_partitioned(), &[])
            .await;
        let Some(row) = row.map_err(SendError::unavailable)? else {
            let table = self.table.name();
            let message = format!(
                "table {table} is gone; an empty one is made if {table}_version is dropped, too"
            );
            return Err(SendError::unavailable(message));
        };
        if self.table.by_day && !row.get::<_, bool>(0) {
            let message = format!("table {} has no partitions", self.table.name());
            return Err(SendError::unavailable(message));
        }
        transaction.commit().await.map_err(SendError::unavailable)
    }

    /// Makes the temporary table, and prepares what is done with it for each batch.
    async fn stage(&self, client: Client) -> Result<Open, tokio_postgres::Error> {
        client.batch_execute(STAGING).await?;
        Ok(Open {
            copy: client.prepare(COPY).await?,
            insert: client.prepare(&self.table.insert()).await?,
            client,
        })
    }

    /// Makes the partitions of a batch that are not known to be there.
    async fn make_partitions(&mut self, batch: &[Outgoing]) -> Result<(), tokio_postgres::Error> {
        let Some(Open { client, .. }) = &mut self.open else {
            return Ok(());
        };
        let times = batch.iter().map(Outgoing::time);
        let wanted = times.filter_map(|time| self.table.partition(time));
        for statement in self.partitions.unknown(wanted) {
            let transaction = client.transaction().await?;
            // Of two that make the same one at once, one would fail.
            transaction.batch_execute(&self.table.lock()).await?;
            transaction.batch_execute(&statement).await?;
            transaction.commit().await?;
            self.partitions.know(statement);
        }
        Ok(())
    }

    async fn insert(
        &mut self,
        batch: &[Outgoing],
        form: impl Fn(&Outgoing) -> Form,
    ) -> Result<(), tokio_postgres::Error> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let transaction = open.client.transaction().await?;
        let sink = transaction.copy_in(&open.copy).await?;
        let writer = BinaryCopyInWriter::new(sink, &TYPES);
        pin_mut!(writer);
        for (entry, ordinal) in batch.iter().zip(0..) {
            let row = Row::new(ordinal, entry, form(entry));
            writer.as_mut().write(&row.values()).await?;
        }
        writer.finish().await?;
        transaction.execute(&open.insert, &[]).await?;
        transaction.commit().await
    }
}

impl Destination for Postgres {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        (self.open, self.partitions) = (None, Partitions::default());
        let mut client = self.connection().await?;
        self.check_schema(&mut client).await?;
        self.open = Some(self.stage(client).await.map_err(SendError::unavailable)?);
        Ok(checkpoint)
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        if self.table.by_day && self.applies_migrations {
            let made = self.make_partitions(batch).await;
            made.map_err(SendError::unavailable)?;
        }
        let mut inserted = self.insert(batch, Form::of).await;
        if batch.len() == 1 && inserted.as_ref().is_err_and(is_about_data) {
            // Such as a number of too many digits.
            inserted = self.insert(batch, |_| Form::Text).await;
        }
        match inserted {
            Ok(()) => Ok(Acknowledged::default()),
            // Its message may quote the entry, which is redacted, and in the dead letters anyway; its detail is not shown.
            Err(error) if is_about_data(&error) => Err(SendError::refused(reason(&error))),
            Err(error) => Err(SendError::unavailable(error)),
        }
    }
}

fn cannot_connect(error: tokio_postgres::Error) -> SendError {
    match tls::advice(&error) {
        Some(advice) => SendError::unavailable(advice),
        None => SendError::unavailable(error),
    }
}

/// Whether the server refuses the data, and would always: classes "data exception", "integrity constraint violation" and
/// "program limit exceeded".
fn is_about_data(error: &tokio_postgres::Error) -> bool {
    let class = error.code().and_then(|code| code.code().get(..2));
    matches!(class, Some("22" | "23" | "54")) && !is_about_table(error)
}

/// Each entry has all that the table needs, unless somebody has added a column that must not be null. That, and a missing
/// partition, would make dead letters of them all.
fn is_about_table(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::NOT_NULL_VIOLATION) || is_about_partitions(error)
}

/// A partition is missing. It is the only check that has no name.
fn is_about_partitions(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::CHECK_VIOLATION)
        && error
            .as_db_error()
            .is_some_and(|error| error.constraint().is_none())
}

fn reason(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} ({})", error.message(), error.code().code()),
        None => error.to_string(),
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The configuration shows no password by itself.
        f.debug_struct("Postgres")
            .field("config", &self.config)
            .field("table", &self.table.name())
            .finish_non_exhaustive()
    }
}
