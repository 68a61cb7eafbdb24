//! What people are told on standard error.

use std::io::{self, Write};

use body_logger_core::format;

/// Writes a message, of which no line can control the terminal: names of files and of members may hold anything.
pub(crate) fn notice(message: &str) {
    let lines: Vec<String> = message.lines().map(format::escaped).collect();
    // There is nobody to tell if standard error is closed.
    let _ = writeln!(io::stderr(), "body-logger: {}", lines.join("\n"));
}
