//! Error messages, truncated to a byte limit.

use std::fmt;

/// Returns the text of `message`, truncated at `limit` bytes. Formatting stops there, so the rest is never produced.
pub(super) fn truncated_message(limit: usize, message: impl fmt::Display) -> String {
    struct Truncated {
        text: String,
        remaining: usize,
    }

    impl fmt::Write for Truncated {
        fn write_str(&mut self, more: &str) -> fmt::Result {
            if more.len() <= self.remaining {
                self.remaining -= more.len();
                self.text.push_str(more);
                return Ok(());
            }
            let end = (0..=self.remaining)
                .rev()
                .find(|&end| more.is_char_boundary(end))
                .unwrap_or(0);
            self.text.push_str(&more[..end]);
            self.remaining = 0;
            Err(fmt::Error)
        }
    }

    let mut truncated = Truncated {
        text: String::new(),
        remaining: limit,
    };
    // Returns an error when it truncates.
    let _ = fmt::Write::write_fmt(&mut truncated, format_args!("{message}"));
    truncated.text.shrink_to_fit();
    truncated.text
}
