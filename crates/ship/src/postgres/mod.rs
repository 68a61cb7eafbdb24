//! Entries in a table of PostgreSQL.

mod read;
mod row;
mod schema;

use std::{
    error::Error,
    fmt, fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::pin_mut;
use tokio_postgres::{binary_copy::BinaryCopyInWriter, Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use self::{
    row::{Form, Row, TYPES},
    schema::{Table, COPY, STAGING, VERSION},
};
use crate::{tls, Acknowledged, Destination, Outgoing, SendError, StoredEntries};

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
/// URLs, `prefer`, goes on without encryption where the server offers none.
#[must_use]
pub struct Postgres {
    config: Config,
    password_file: Option<PathBuf>,
    root_certificates: Option<PathBuf>,
    table: Table,
    applies_migrations: bool,
    client: Option<Client>,
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
            client: None,
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
        self.table = Table::parse(name).ok_or(PostgresError::Table)?;
        Ok(self)
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

    async fn open(&self) -> Result<Client, SendError> {
        let mut config = self.config.clone();
        if let Some(password) = self.password().map_err(SendError::unavailable)? {
            config.password(password);
        }
        let roots: Option<&Path> = self.root_certificates.as_deref();
        let tls = tls::client_config(roots).map_err(SendError::unavailable)?;
        let connected = config.connect(MakeRustlsConnect::new(tls)).await;
        let (client, connection) = connected.map_err(SendError::unavailable)?;
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
        transaction.commit().await.map_err(SendError::unavailable)
    }

    async fn insert(
        &mut self,
        batch: &[Outgoing],
        form: impl Fn(&Outgoing) -> Form,
    ) -> Result<(), tokio_postgres::Error> {
        let Some(client) = &mut self.client else {
            return Ok(());
        };
        let transaction = client.transaction().await?;
        let sink = transaction.copy_in(COPY).await?;
        let writer = BinaryCopyInWriter::new(sink, &TYPES);
        pin_mut!(writer);
        for (entry, ordinal) in batch.iter().zip(0..) {
            let row = Row::new(ordinal, entry, form(entry));
            writer.as_mut().write(&row.values()).await?;
        }
        writer.finish().await?;
        transaction.execute(&self.table.insert(), &[]).await?;
        transaction.commit().await
    }
}

impl Destination for Postgres {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        self.client = None;
        let mut client = self.open().await?;
        self.check_schema(&mut client).await?;
        let staged = client.batch_execute(STAGING).await;
        staged.map_err(SendError::unavailable)?;
        self.client = Some(client);
        Ok(checkpoint)
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
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

/// Whether the server refuses the data, and would always: classes "data exception", "integrity constraint violation" and
/// "program limit exceeded".
fn is_about_data(error: &tokio_postgres::Error) -> bool {
    let class = error.code().and_then(|code| code.code().get(..2));
    matches!(class, Some("22" | "23" | "54"))
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

/// Why a [`Postgres`] cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PostgresError {
    /// The URL cannot be parsed.
    Url,
    /// There is a password in the URL, where other users of the machine can see it.
    PasswordInUrl,
    /// The name of the table would need quotes, or is too long.
    Table,
}

impl fmt::Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "not a URL of PostgreSQL",
            Self::PasswordInUrl => {
                "a password in the URL can be seen by others; put it into a file or into PGPASSWORD"
            }
            Self::Table => {
                "the table's name may have lower-case letters, digits and underscores, up to 40 of them"
            }
        })
    }
}

impl Error for PostgresError {}
