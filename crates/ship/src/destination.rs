//! Where entries are shipped to.

use std::{error::Error, fmt, future::Future, time::Duration};

use crate::batch::Outgoing;

/// A place that stores entries. A [`Shipper`](crate::Shipper) gives it batches, one after the other.
///
/// The shipper repeats whatever was not acknowledged, so an entry may arrive more than once. A destination that stores it
/// once removes duplicates by [`Outgoing::entry_id`].
///
/// ```
/// use body_logger_ship::{Acknowledged, Destination, Outgoing, SendError};
///
/// /// Appends each entry to a text.
/// struct Text(String);
///
/// impl Destination for Text {
///     async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
///         Ok(checkpoint)
///     }
///
///     async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
///         for entry in batch {
///             self.0.push_str(&String::from_utf8_lossy(entry.json()));
///         }
///         Ok(Acknowledged::default())
///     }
/// }
/// ```
pub trait Destination: Send + 'static {
    /// Connects, or finds that the connection is still good. Called before the first batch, and after each
    /// [`SendError::Unavailable`] before the batch is sent again.
    ///
    /// `checkpoint` is what the destination returned last, also before a restart. A destination that cannot remove all
    /// duplicates by itself reads back from there what it has stored since. The first checkpoint is saved before anything
    /// is sent. A destination without checkpoints returns what it was given.
    ///
    /// # Errors
    ///
    /// Returns an error if the destination cannot be used now. The shipper connects again after a delay.
    fn connect(
        &mut self,
        checkpoint: Option<u64>,
    ) -> impl Future<Output = Result<Option<u64>, SendError>> + Send;

    /// Stores a batch, in its order, and returns when all of it is durable.
    ///
    /// Or it returns as soon as the batch is on its way and all batches before it are durable, and says that this one is
    /// [pending](Acknowledged::pending). So the next batch is sent while this one is acknowledged.
    ///
    /// The future may be dropped at any point when the shipper stops; the batch is sent again after the next start.
    ///
    /// # Errors
    ///
    /// Returns an error if not all of the batch, or of the pending one before it, is known to be stored. A part of it may
    /// be. The shipper sends both again, one after the other.
    fn send(
        &mut self,
        batch: &[Outgoing],
    ) -> impl Future<Output = Result<Acknowledged, SendError>> + Send;

    /// Waits until the pending batch is durable. Called where no other batch follows for now. Defaults to returning at once,
    /// for destinations that leave none pending.
    ///
    /// The future is dropped when another batch is there to be sent meanwhile: nothing may be lost by that.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    fn finish(&mut self) -> impl Future<Output = Result<Acknowledged, SendError>> + Send {
        std::future::ready(Ok(Acknowledged::default()))
    }
}

/// What a destination says of the batches that it has stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acknowledged {
    /// A number by which the destination finds this place again; kept with the position, and given to
    /// [`Destination::connect`].
    pub checkpoint: Option<u64>,
    /// Number of entries that the destination discarded for good without saying which.
    pub rejected: u64,
    /// Whether the batch that was sent last is still on its way. Then all else that is said here is of those before it.
    pub pending: bool,
}

impl Acknowledged {
    /// Sets the number by which the destination finds this place again. Defaults to none.
    #[must_use]
    pub fn checkpoint(mut self, checkpoint: u64) -> Self {
        self.checkpoint = Some(checkpoint);
        self
    }

    /// Sets how many entries were discarded for good without saying which. Defaults to 0.
    #[must_use]
    pub fn rejected(mut self, entries: u64) -> Self {
        self.rejected = entries;
        self
    }

    /// Says that the batch that was sent last is still on its way, so that only those before it are durable. Defaults to
    /// all being durable.
    #[must_use]
    pub fn pending(mut self) -> Self {
        self.pending = true;
        self
    }
}

/// Why a batch was not stored. Its text must not contain credentials, as it is logged.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The destination cannot be reached or cannot store anything now. The shipper connects and sends the batch again.
    Unavailable {
        /// What happened.
        cause: Box<dyn Error + Send + Sync>,
        /// How long the destination asks to wait at least.
        retry_after: Option<Duration>,
    },
    /// The destination refuses the batch because of an entry in it, and would always. The shipper splits the batch, and
    /// writes the one entry that is refused to the dead letters. Not for errors that any entry would meet, such as
    /// missing permissions: they would turn the whole log into dead letters.
    Refused {
        /// What the destination said. It is written to the dead letters and to the log.
        reason: String,
    },
}

impl SendError {
    /// Creates an error after which the batch is sent again.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable {
            cause: cause.into(),
            retry_after: None,
        }
    }

    /// Creates an error after which the batch is split.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable { cause, .. } => {
                let mut text = cause.to_string();
                // The causes of an I/O or TLS error are where the useful part is. Some errors show their cause themselves.
                let mut source = cause.source();
                while let Some(error) = source {
                    let cause = error.to_string();
                    if !text.contains(&cause) {
                        text.push_str(": ");
                        text.push_str(&cause);
                    }
                    source = error.source();
                }
                f.write_str(&text)
            }
            Self::Refused { reason } => f.write_str(reason),
        }
    }
}

impl Error for SendError {}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn each_cause_is_shown_once() {
        let refused = io::Error::other("connection refused");
        let shown = |cause: Box<dyn Error + Send + Sync>| SendError::unavailable(cause).to_string();
        assert_eq!(
            shown(Box::new(io::Error::other(refused))),
            "connection refused"
        );

        #[derive(Debug)]
        struct Outer(io::Error);

        impl fmt::Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("cannot connect")
            }
        }

        impl Error for Outer {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }

        let refused = Outer(io::Error::other(Outer(io::Error::other("no route"))));
        assert_eq!(shown(Box::new(refused)), "cannot connect: no route");
    }
}
