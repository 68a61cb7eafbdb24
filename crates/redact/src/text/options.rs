//! Options of commands: `--password value`, `-u user:secret`.

use memchr::{memchr_iter, memmem};

use super::{
    value::{self, skip, Style},
    Scanner,
};
use crate::names::Secrecy;

fn starts_option(bytes: &[u8], dash: usize) -> bool {
    let starts_word =
        dash == 0 || matches!(bytes[dash - 1], b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'[');
    starts_word
        && matches!(&bytes[dash..], [b'-', b'-', b'a'..=b'z' | b'A'..=b'Z', ..] | [b'-', b'u', b' ' | b'=' | b'"' | b'\'' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z', ..])
}

/// Finds the values of options with secret names, and the secret of a user.
pub(super) fn find(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    let mut read = 0;
    let mut commands = Commands::default();
    for dash in memchr_iter(b'-', bytes) {
        if dash >= scanner.limit {
            break;
        }
        if dash >= read && starts_option(bytes, dash) {
            let known = scanner.found.len();
            let is_attached = bytes.get(dash + 2).is_some_and(u8::is_ascii_alphanumeric)
                && bytes[dash + 1] == b'u';
            read = match is_attached {
                false => option(scanner, dash),
                true if commands.is_near(bytes, dash) => attached_user(scanner, dash),
                true => dash,
            };
            if scanner.found.len() > known {
                scanner.note_secret(read);
            }
        }
    }
}

/// Where commands are whose options have a user attached: `curl -uann:secret`.
#[derive(Default)]
struct Commands {
    /// Up to where they were looked for.
    read: usize,
    last: Option<usize>,
}

impl Commands {
    /// Whether the option at `dash` is of such a command.
    fn is_near(&mut self, bytes: &[u8], dash: usize) -> bool {
        const COMMAND: &[u8] = b"curl ";
        /// The longest distance from the command to its option.
        const LONGEST: usize = 200;
        let from = self.read.max(dash.saturating_sub(LONGEST));
        if let Some(at) = memmem::rfind(&bytes[from..dash], COMMAND) {
            self.last = Some(from + at);
        }
        self.read = dash;
        self.last.is_some_and(|last| dash - last <= LONGEST)
    }
}

/// Hides the secret of `-uann:secret`; returns where to go on.
fn attached_user(scanner: &mut Scanner<'_>, dash: usize) -> usize {
    let bytes = scanner.bytes;
    let end = skip(bytes, dash, |b| b > b' ' && !value::is_quote(b));
    match bytes[dash..end].iter().position(|b| *b == b':') {
        Some(colon) => {
            scanner.found.push(dash + colon + 1..end);
            end
        }
        None => option(scanner, dash),
    }
}

/// Reads the option at `dash`; returns where to go on.
fn option(scanner: &mut Scanner<'_>, dash: usize) -> usize {
    let bytes = scanner.bytes;
    let name_start = skip(bytes, dash, |b| b == b'-');
    let name_end = skip(bytes, name_start, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')
    });
    let name = &scanner.text[name_start..name_end];
    // A list of arguments has the value in quotes of its own: `["--password", "value"]`.
    let start = skip(bytes, name_end, |b| {
        matches!(b, b' ' | b'\t' | b'=' | b'"' | b'\'' | b',')
    });
    if start == name_end || bytes.get(start).is_none_or(|b| *b == b'-') {
        return name_end;
    }
    let quoted = value::is_quote(bytes[start - 1]);
    let end = match quoted {
        true => value::quoted_end(bytes, start),
        false => skip(bytes, start, |b| b > b' ' && !value::is_quote(b)),
    };
    if matches!(name, "u" | "user") {
        if let Some(colon) = bytes[start..end].iter().position(|b| *b == b':') {
            scanner.found.push(start + colon + 1..end);
            return end;
        }
        return name_end;
    }
    let class = scanner.rules.names.class(name);
    let style = if quoted || class.secrecy >= Secrecy::Strong {
        Style::Quoted
    } else {
        Style::Token
    };
    if class.is_secret() && scanner.hide_if(class, start..end, style) {
        return end;
    }
    name_end
}
