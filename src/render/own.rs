//! The application's own redaction.

use body_logger_core::Record;

/// The application's own redaction. It runs on each record, including stages, after the built-in redaction and before
/// any sink. Closures `Fn(&mut Record)` implement it.
///
/// If it panics, the record loses every free-form field, as it might have hidden any of them: all texts that a client,
/// the handler or the application chose, such as the client's address, the host, the route, and an id that is no
/// UUID v7. Its bodies then have the reason `redaction`. Changes of `entry_id`, `run` and `seq`, which number entries,
/// are undone.
///
/// ```
/// use actix_web_body_logger::{BodyLogger, Record};
///
/// let logger = BodyLogger::builder()
///     .redact_with(|record: &mut Record| {
///         if record.request.path.starts_with("/internal/") {
///             record.request.body.text = None;
///         }
///     })
///     .build();
/// # drop(logger);
/// ```
pub trait Redact: Send + Sync + 'static {
    /// Masks or removes what must not be logged.
    fn redact(&self, record: &mut Record);
}

impl<F: Fn(&mut Record) + Send + Sync + 'static> Redact for F {
    fn redact(&self, record: &mut Record) {
        self(record);
    }
}
