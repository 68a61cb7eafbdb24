//! Redaction of the application's own.

use body_logger_core::Record;

/// Redaction of the application's own, run on each record, stages included, after the built-in redaction and before
/// any sink. Closures `Fn(&mut Record)` do, too.
///
/// If it panics, the record loses every field of free form, which it could have meant to hide: all
/// texts that a client, the handler or the application chose, among them the client's address, the
/// host, the route and an id that is no UUID v7. Its bodies then say `redaction`. It cannot change
/// what numbers entries: `entry_id`, `run` and `seq` stay as they were.
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
    /// Changes what must not be seen.
    fn redact(&self, record: &mut Record);
}

impl<F: Fn(&mut Record) + Send + Sync + 'static> Redact for F {
    fn redact(&self, record: &mut Record) {
        self(record);
    }
}
