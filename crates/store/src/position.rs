//! Places of entries in a store.

use std::{error::Error, fmt, str::FromStr};

/// The place of an entry in its store. Entries that arrive later have higher positions; no position is used twice.
///
/// Its text, a number, can be put into a link.
///
/// ```
/// use body_logger_store::Position;
///
/// let position: Position = "42".parse()?;
/// assert_eq!(position.to_string(), "42");
/// assert!("newest".parse::<Position>().is_err());
/// # Ok::<(), body_logger_store::InvalidPosition>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub(crate) i64);

/// Error: a text is no [`Position`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidPosition;

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let number = text.parse().ok().filter(|number| *number >= 0);
        number.map(Self).ok_or(InvalidPosition)
    }
}

impl fmt::Display for InvalidPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a position in a store is a number")
    }
}

impl Error for InvalidPosition {}
