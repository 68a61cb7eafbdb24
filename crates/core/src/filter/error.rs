//! The error of a filter's text.

use std::{error::Error, fmt, ops::Range};

/// Error: a text is not a filter.
///
/// ```
/// use body_logger_core::filter::Filter;
///
/// let text = "method:get status:9xx";
/// let error = text.parse::<Filter>().unwrap_err();
/// assert_eq!(&text[error.range()], "9xx");
/// assert_eq!(
///     error.to_string(),
///     "`9xx` is not a status: write a code (503), a class (5xx) or a range (500..504)"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    range: Range<usize>,
    message: String,
}

impl FilterError {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            range,
            message: message.into(),
        }
    }

    /// Returns the bytes of the text that are wrong. They may be empty, where something is missing.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for FilterError {}
