//! Who a client says that it is.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use async_nats::ConnectOptions;

/// Where credentials are. They are read whenever a connection is made.
#[derive(Debug, Default)]
pub(super) enum Credentials {
    /// The variables that the command `nats` takes, too.
    #[default]
    Environment,
    /// A JWT and the seed of a key.
    File(PathBuf),
    Password {
        user: String,
        file: PathBuf,
    },
    Token(PathBuf),
}

impl Credentials {
    pub(super) fn apply(&self, options: ConnectOptions) -> io::Result<ConnectOptions> {
        match self {
            Self::Environment => from_environment(options),
            Self::File(path) => from_file(options, path),
            Self::Password { user, file } => {
                Ok(options.user_and_password(user.clone(), secret(file)?))
            }
            Self::Token(path) => Ok(options.token(secret(path)?)),
        }
    }
}

fn from_environment(options: ConnectOptions) -> io::Result<ConnectOptions> {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(path) = variable("NATS_CREDS") {
        return from_file(options, path.as_ref());
    }
    if let (Some(user), Some(password)) = (variable("NATS_USER"), variable("NATS_PASSWORD")) {
        return Ok(options.user_and_password(user, password));
    }
    Ok(match variable("NATS_TOKEN") {
        Some(token) => options.token(token),
        None => options,
    })
}

fn from_file(options: ConnectOptions, path: &Path) -> io::Result<ConnectOptions> {
    // The client looks for a line feed behind the seed.
    let text = secret(path)? + "\n";
    // Its error may quote the file.
    options.credentials(&text).map_err(|_| {
        let message = format!("no credentials in {}", path.display());
        io::Error::new(io::ErrorKind::InvalidData, message)
    })
}

fn secret(path: &Path) -> io::Result<String> {
    let text = fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read the credentials {}: {error}", path.display());
        io::Error::new(error.kind(), message)
    })?;
    Ok(text.trim().to_owned())
}
