//! How a command ends, and the exit codes for it.

use std::{fmt::Display, io, process::ExitCode};

use crate::notice::notice;

/// A command did what it was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// All of it.
    Whole,
    /// Except for what could not be read or understood, of which a notice tells.
    InPart,
}

impl Done {
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Self::Whole => ExitCode::SUCCESS,
            Self::InPart => ExitCode::from(1),
        }
    }
}

/// A command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Whoever reads the output has closed it, as `head` does.
    ClosedOutput,
    /// The arguments are wrong.
    Usage(String),
    /// What failed, on what, and why.
    Failed(String),
}

impl Failure {
    /// What could not be done, such as "read audit.jsonl", and why.
    pub(crate) fn cannot(action: impl Display, cause: impl Display) -> Self {
        Self::Failed(format!("cannot {action}: {cause}"))
    }

    pub(crate) fn of_output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedOutput,
            _ => Self::cannot("write to standard output", error),
        }
    }

    pub(crate) fn report(&self) {
        match self {
            Self::ClosedOutput => {}
            Self::Usage(message) | Self::Failed(message) => notice(message),
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::ClosedOutput => ExitCode::SUCCESS,
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::from(3),
        }
    }
}
