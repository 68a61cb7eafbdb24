//! Messages to people, on standard error.

use std::io::{self, Write};

use body_logger_core::format;

/// Writes a message, of which no line can control the terminal: names of files and of members may hold anything.
pub(crate) fn notice(message: &str) {
    let lines: Vec<String> = message.lines().map(format::escaped).collect();
    // If standard error is closed, there is nowhere to report that.
    let _ = writeln!(io::stderr(), "body-logger: {}", lines.join("\n"));
}

/// From now on, what our libraries log is a notice, too.
#[cfg(feature = "ship")]
pub(crate) fn log() {
    struct Notices;

    impl log::Log for Notices {
        fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
            metadata.target().starts_with("body_logger")
        }

        fn log(&self, record: &log::Record<'_>) {
            if self.enabled(record.metadata()) {
                let message = record.args().to_string();
                let message = message.strip_prefix("body logger: ").unwrap_or(&message);
                notice(message);
            }
        }

        fn flush(&self) {}
    }

    // Only the first one counts; there is no other here.
    if log::set_logger(&Notices).is_ok() {
        log::set_max_level(log::LevelFilter::Info);
    }
}
