//! What was shipped, as lines of JSON.

use std::time::SystemTime;

use body_logger_core::{format, rfc3339};
use body_logger_ship::{DestinationUrl, ShipCounters};

use crate::{failure::Failure, output::Output};

/// Prints a line for each destination.
pub(super) fn print<'d>(
    destinations: impl Iterator<Item = (&'d DestinationUrl, ShipCounters)>,
) -> Result<(), Failure> {
    let mut output = Output::new();
    let time = rfc3339::text(SystemTime::now());
    for (url, counters) in destinations {
        let line = serde_json::json!({
            "time": time,
            "to": url.to_string(),
            "shipped": counters.shipped,
            "shipped_bytes": counters.shipped_bytes,
            "filtered": counters.filtered,
            "retries": counters.retries,
            "dead_letters": counters.dead_letters,
            "rejected": counters.rejected,
            "unreadable_lines": counters.unreadable_lines,
            "losses": counters.losses,
            "lag_entries": counters.lag_entries,
            "lag_bytes": counters.lag_bytes,
            "lag_seconds": counters.lag.as_secs_f64(),
        });
        output.write_line(format::escaped_json(line.to_string()))?;
    }
    output.flush()
}
