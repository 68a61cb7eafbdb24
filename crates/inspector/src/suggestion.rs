//! Commands that the page suggests while nothing is recorded yet.

use serde::Serialize;

/// A command that the page suggests while nothing is recorded yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Try {
    /// What it shows, in two or three words.
    pub title: String,
    /// One sentence about that.
    pub about: String,
    /// The command.
    pub command: String,
}

impl Try {
    /// Creates a suggestion.
    #[must_use]
    pub fn new(
        title: impl Into<String>,
        about: impl Into<String>,
        command: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            about: about.into(),
            command: command.into(),
        }
    }
}
