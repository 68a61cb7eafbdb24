//! What is wrong with the description of a destination.

use std::{error::Error, fmt};

/// Why a [`Postgres`](super::Postgres) cannot be made.
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
