//! Errors of sinks, and the entries lost by them.

use std::{error::Error, fmt, io};

/// Error: a sink failed, and some or all entries of the batch are lost.
///
/// By default all of the batch counts as lost: entries of it that were written nevertheless are both in the sink and
/// named by the next gap record, which the sink gets once it works again.
///
/// ```
/// use body_logger_core::SinkError;
///
/// let error = SinkError::new("the table is locked");
/// assert_eq!(error.to_string(), "the table is locked");
/// assert_eq!(error.lost(3).collect::<Vec<_>>(), [0, 1, 2]);
/// ```
#[derive(Debug)]
pub struct SinkError {
    cause: Box<dyn Error + Send + Sync>,
    lost: Lost,
}

/// Lost entries, by their indices in the batch.
#[derive(Debug)]
enum Lost {
    All,
    From(usize),
    /// Sorted.
    At(Vec<usize>),
}

impl SinkError {
    /// Wraps any error, or a text. All entries of the batch count as lost.
    #[must_use]
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: error.into(),
            lost: Lost::All,
        }
    }

    /// Declares that the first `written` entries of the batch were written, and only the others are lost.
    ///
    /// ```
    /// use body_logger_core::SinkError;
    ///
    /// let error = SinkError::new("the disk is full").after(2);
    /// assert_eq!(error.lost(4).collect::<Vec<_>>(), [2, 3]);
    /// ```
    #[must_use]
    pub fn after(mut self, written: usize) -> Self {
        self.lost = Lost::From(written);
        self
    }

    /// Declares that only the entries at these indices of the batch are lost.
    ///
    /// ```
    /// use body_logger_core::SinkError;
    ///
    /// let error = SinkError::new("the third of four rows was refused").losing([2]);
    /// assert_eq!(error.lost(4).collect::<Vec<_>>(), [2]);
    /// ```
    #[must_use]
    pub fn losing(mut self, indices: impl IntoIterator<Item = usize>) -> Self {
        let mut indices: Vec<usize> = indices.into_iter().collect();
        indices.sort_unstable();
        self.lost = Lost::At(indices);
        self
    }

    /// Returns the indices of the lost entries in a batch of `entries`, in ascending order.
    pub fn lost(&self, entries: usize) -> impl Iterator<Item = usize> + '_ {
        (0..entries).filter(|index| match &self.lost {
            Lost::All => true,
            Lost::From(written) => index >= written,
            Lost::At(indices) => indices.binary_search(index).is_ok(),
        })
    }
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl Error for SinkError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}

impl From<io::Error> for SinkError {
    fn from(error: io::Error) -> Self {
        Self::new(error)
    }
}

impl From<serde_json::Error> for SinkError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error)
    }
}
