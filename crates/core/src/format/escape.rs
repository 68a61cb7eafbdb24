//! Escapes text so that it cannot control a terminal.

use std::fmt::{self, Write};

use crate::scan;

/// Writes text escaped, so that it stays on its line and cannot change how the line is displayed.
pub(super) struct Escaped<'a>(pub(super) &'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = find_unsafe(rest) {
            let (safe, tail) = rest.split_at(at);
            self.0.push_str(safe);
            let mut chars = tail.chars();
            if let Some(char) = chars.next() {
                self.0.extend(char.escape_default());
            }
            rest = chars.as_str();
        }
        self.0.push_str(rest);
        Ok(())
    }
}

/// Escapes a text so that it stays on one line and cannot control a terminal: control characters, line breaks, ANSI
/// escapes and characters that change the direction of text become escapes.
///
/// ```
/// use body_logger_core::format;
///
/// assert_eq!(format::escaped("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
/// ```
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    // Writing to a `String` cannot fail.
    let _ = Escaped(&mut line).write_str(text);
    line
}

/// Finds the first character that is unsafe for a terminal.
pub(super) fn find_unsafe(text: &str) -> Option<usize> {
    // Fast path: most text is plain ASCII. Checking each character takes ten times as long.
    let is_plain = !scan::any(text.as_bytes(), |byte| !(b' '..0x7f).contains(&byte));
    if is_plain {
        return None;
    }
    text.find(is_unsafe)
}

/// Whether it is a control character, a line or paragraph separator, or an invisible character that reorders or joins
/// text (Unicode's bidirectional controls, and the byte order mark).
pub(super) fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_unsafe_characters() {
        for (text, expected) in [
            ("plain “text” 日本", "plain “text” 日本"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("\x1b[31mred", "\\u{1b}[31mred"),
            ("\u{9b}31m\u{7f}\0", "\\u{9b}31m\\u{7f}\\u{0}"),
            ("user\u{202e}gpj.exe", "user\\u{202e}gpj.exe"),
            (
                "\u{2066}\u{2028}\u{200f}\u{feff}",
                "\\u{2066}\\u{2028}\\u{200f}\\u{feff}",
            ),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
