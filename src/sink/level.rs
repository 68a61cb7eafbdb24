//! The log level of a record.

use log::Level;

use body_logger_core::record::{Outcome, Record};

pub(super) fn of(record: &Record) -> Level {
    match (record.outcome, record.status().unwrap_or(0)) {
        (Some(Outcome::Panicked | Outcome::BodyError), _) | (_, 500..) => Level::Error,
        (Some(Outcome::Cancelled | Outcome::ResponseAborted | Outcome::ServiceError), _)
        | (_, 400..) => Level::Warn,
        _ => Level::Info,
    }
}
